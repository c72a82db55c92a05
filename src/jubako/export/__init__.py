"""Layer 5: models in formats that work without Jubako. Each format is one folder or file.

An entry for each layer, activation, loss and type of column says how it is computed there; a test
finds those that are missing.
"""
