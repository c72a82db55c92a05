"""Floor 1: the mathematics of one pass. NumPy and scipy.special only, and no hidden randomness.

Read in this order: `activations`, `losses`, `layers`, `network`.
"""
