"""Floor 4: scikit-learn's manners. Estimators check, encode, train and expose; no arithmetic.

`door` checks what users pass, `targets` and `table.columns` turn it into numbers, `base` and `mlp`
train one network, `tabular` takes raw tables, `saving` writes and reads the file, `tracing` shows a
step.
"""

from .mlp import MLPClassifier, MLPRegressor
from .saving import load
from .tabular import TabularClassifier, TabularRegressor
from .tracing import trace

ESTIMATORS: dict[str, type] = {
    cls.__name__: cls for cls in (MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor)
}

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "load",
    "trace",
]
