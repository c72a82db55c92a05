"""Floor 5: scikit-learn's manners. Estimators check, encode, train and expose; no arithmetic.

`door` checks what users pass, `targets` and `table.columns` turn it into numbers, `base` and `mlp`
train one network, `raw` takes raw tables, `plain` trains one network on them and `tabular` many,
`saving` and `loading` write and read the file, `tracing` shows a step.
"""

from .loading import load
from .mlp import MLPClassifier, MLPRegressor
from .single_network import PlainClassifier, PlainRegressor
from .tabular import TabularClassifier, TabularRegressor
from .tracing import trace

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "PlainClassifier",
    "PlainRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "load",
    "trace",
]
