"""Types of columns: how the values of each become the inputs of a network, one file a type."""
