"""Layer 1: the forward and backward pass. Only NumPy and scipy.special, no hidden randomness.

Read in this order: `activations`, `losses`, `layers`, `network`.
"""
