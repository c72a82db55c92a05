"""Baselines: the metrics of a constant prediction and of a linear model on the same rows."""

import warnings
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

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
    result = dict[str, Metrics]()
    for name, model in new_baselines(classify).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge to be compared with
            model.fit(x, y)
        result[name] = evaluate(model, x_test, y_test)
    return result


def cross_validated_predictions(
    x: Array, y: Array, classify: bool, n_folds: int = 5, seed: int = 0
) -> dict[str, Array]:
    """Predict rows with the baselines, each fitted on the other folds.

    Parameters
    ----------
    x : array of finite numbers, shape (N, n_in)
    y : array of labels or numbers, shape (N,)
    classify : bool
    n_folds : int >= 2
        Fewer are used if there are fewer rows.
    seed : int
        Of the random folds, which are stratified by class.

    Returns
    -------
    dict of str to array
        Probabilities of the sorted labels in y, (N, n_labels), or numbers, (N,). Baselines for
        which there are too few rows are left out, and all if y is constant.
    """
    counts = np.unique(y, return_counts=True)[1] if classify else np.array([len(y)])
    n_folds = min(n_folds, int(counts.max(initial=0)))
    if n_folds < 2 or (y == y[0]).all():
        return {}
    folds = (StratifiedKFold if classify else KFold)(n_folds, shuffle=True, random_state=seed)
    result = dict[str, Array]()
    for name, model in new_baselines(classify).items():
        if name == LINEAR and not x.shape[1]:
            continue
        if classify and name == LINEAR and np.sort(counts)[-2] < 2:
            continue  # a fold would have a single class to train on
        method = "predict_proba" if classify else "predict"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge; a class may be rare
            predicted: Any = cross_val_predict(model, x, y, cv=folds, method=method)
        result[name] = predicted
    return result


def new_baselines(classify: bool) -> dict[str, Any]:
    """Return the unfitted baselines by their names.

    Parameters
    ----------
    classify : bool

    Returns
    -------
    dict of str to estimator
    """
    if classify:
        constant, linear = DummyClassifier(strategy="prior"), LogisticRegression(max_iter=300)
        return {MAJORITY: constant, LINEAR: linear}
    return {MEAN: DummyRegressor(), LINEAR: RidgeCV(np.logspace(-2, 4, 7))}
