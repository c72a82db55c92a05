"""Layer 1: messages in the languages of the command line and the lab."""
