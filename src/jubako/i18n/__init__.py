"""Floor 1: the languages that the command line and the lab speak."""
