"""Floor 4: how good predictions are, what they are compared with, and which columns matter.

It takes arrays, predictions and functions that predict, and so works for any model.
"""
