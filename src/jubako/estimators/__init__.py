"""Floor 6: scikit-learn's manners. Estimators check, delegate and expose; no arithmetic.

`validation` and `fit_inputs` check what users pass. `mlp` trains one network on arrays,
`single_network` one on tables, and `tabular` searches for an ensemble. What they have learned is
their `model_`, a `jubako.model.model.Model`; `saving` and `loading` write and read it with the
parameters, and `tracing` shows a step of its training.
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
