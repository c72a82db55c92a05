"""Types of columns, and how each is encoded as inputs of the network; one file per type."""
