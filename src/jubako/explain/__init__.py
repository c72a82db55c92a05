"""Floor 3: a network that shows its working."""
