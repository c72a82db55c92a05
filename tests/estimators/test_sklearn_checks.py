"""scikit-learn's own tests of an estimator, all of them, with no expected failures."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from jubako import MLPClassifier, MLPRegressor

VARIANTS = [
    {},
    {"solver": "lbfgs", "alpha": 1.0},
    {"n_networks": 2, "max_iter": 50},
    {"hidden_layer_sizes": (), "learning_rate_init": 0.1},
]


# the checks are about behaviour; with so few epochs not every loss has come to rest
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([cls(**v) for cls in (MLPClassifier, MLPRegressor) for v in VARIANTS])
def test_estimator_passes(estimator, check):
    check(estimator)
