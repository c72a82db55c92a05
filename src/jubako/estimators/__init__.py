"""Layer 6: the scikit-learn API. Estimators validate, delegate and expose, without computation.

`validation` and `fit_inputs` validate parameters and data. `mlp` trains one network on arrays,
`single_network` one on tables, and `tabular` searches for an ensemble. A fitted estimator has a
`jubako.model.model.Model` as `model_`; `saving` and `loading` write and read it with the
parameters, and `tracing` records a step of its training.
"""

from .loading import load
from .mlp import MLPClassifier, MLPRegressor
from .single_network import SingleNetworkClassifier, SingleNetworkRegressor
from .tabular import TabularClassifier, TabularRegressor
from .tracing import trace

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "SingleNetworkClassifier",
    "SingleNetworkRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "load",
    "trace",
]
