"""Floor 5: models in forms that work without Jubako. Each form is a folder or file of its own.

An entry for each layer, activation, loss and type of column says how it is computed there; a test
finds those that are missing.
"""
