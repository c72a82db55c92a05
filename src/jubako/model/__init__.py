"""Floor 3: one safe file, and the plain words in which it describes a model."""
