"""Floor 4: scikit-learn's face. Estimators validate, encode, train and expose: no arithmetic."""

from .mlp import MLPClassifier, MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
