"""Baselines: the metrics of a constant prediction and of a linear model on the same rows."""

import warnings

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .metrics import Metrics, evaluate

MAJORITY, MEAN, LINEAR = "majority_class", "mean", "linear_model"
NAMES = {
    MAJORITY: Message("majority class"),
    MEAN: Message("mean"),
    LINEAR: Message("linear model"),
}
"""From a baseline to its name in tables."""


def baselines(
    x: Array, y: Array, x_test: Array, y_test: Array, classify: bool
) -> dict[str, Metrics]:
    """Fit the baselines on training data, and compute their metrics on test data.

    Parameters
    ----------
    x : array of finite numbers, shape (N, n_in)
    y : array of labels or numbers, shape (N,)
    x_test : array of finite numbers, shape (N_test, n_in)
    y_test : array of labels or numbers, shape (N_test,)
    classify : bool
        Whether the task is classification, with the majority class and logistic regression as
        baselines, or else regression, with the mean and ridge regression.

    Returns
    -------
    dict
        From the name of a baseline, "majority_class" or "mean", and "linear_model", to its metrics,
        as in `jubako.evaluation.metrics.evaluate`.
    """
    constant = DummyClassifier(strategy="prior") if classify else DummyRegressor()
    linear = LogisticRegression(max_iter=300) if classify else RidgeCV(np.logspace(-2, 4, 7))
    result = dict[str, Metrics]()
    for name, model in ((MAJORITY if classify else MEAN, constant), (LINEAR, linear)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge to be compared with
            model.fit(x, y)
        result[name] = evaluate(model, x_test, y_test)
    return result
