"""Floor 3: the model, what was learned as plain data, and the file that holds it."""
