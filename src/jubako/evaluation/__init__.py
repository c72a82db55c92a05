"""Layer 4: metrics, baselines, feature importance, partial dependence.

Its functions take arrays, predictions or prediction functions, so they apply to any model.
"""
