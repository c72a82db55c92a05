"""A small problem, and small networks for it that never stop by themselves."""

import numpy as np

from jubako import MLPClassifier, MLPRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
SCORE = X @ [1, -1, 0.5] + 0.5 * RNG.normal(size=120)
Y = np.digitize(SCORE, [-0.7, 0.7])
HALF = np.arange(120) < 60


def classifier(**settings):
    return MLPClassifier(**{**SMALL, **settings})


def regressor(loss="squared_error", **settings):
    return MLPRegressor(loss, **{**SMALL, **settings})


SMALL = {
    "hidden_layer_sizes": 8,
    "learning_rate_init": 0.02,
    "max_iter": 10,
    "n_iter_no_change": np.inf,
    "random_state": 0,
}
