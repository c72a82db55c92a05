"""Metrics of predictions on held-out rows, for classification and for regression."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from jubako.core.activations import Array

QUANTILES = {"50%": 0.5, "90%": 0.9, "max": 1.0}  # of the absolute error

Metrics = dict[str, Any]
"""From the name of a metric to its value; a dict for "per_class" and "absolute_error"."""


def classification_metrics(y: Array, probabilities: Array, classes: Array) -> Metrics:
    """Compute metrics of predicted probabilities, over all rows and for each class.

    Parameters
    ----------
    y : array of labels, shape (N,)
        Rows of other labels than `classes` count as wrong, but not for the log loss and ROC AUC.
    probabilities : array, shape (N, n_classes)
        From 0 to 1; each row sums to 1.
    classes : array of labels, shape (n_classes,)

    Returns
    -------
    dict
        "accuracy" : float in [0, 1]; "log_loss" : float >= 0, or None if no label is known;
        "roc_auc" : float in [0, 1], or None, as in `roc_auc`; "per_class" : dict from class to its
        metrics, as in `class_metrics`.
    """
    known = np.isin(y, classes)
    prediction = classes[probabilities.argmax(1)]
    return {
        "accuracy": float(accuracy_score(y, prediction)),
        "log_loss": float(log_loss(y[known], probabilities[known], labels=classes))
        if known.any()
        else None,
        "roc_auc": roc_auc(y[known], probabilities[known], classes),
        "per_class": {
            str(label): class_metrics(y == label, prediction == label) for label in classes
        },
    }


def roc_auc(y: Array, probabilities: Array, classes: Array) -> float | None:
    """Compute the area under the ROC curve.

    For two classes it is that of the second; for more, the mean over the classes of each against
    the rest (macro average, one-vs-rest).

    Parameters
    ----------
    y : array of labels, shape (N,)
    probabilities : array, shape (N, n_classes)
    classes : array of labels, shape (n_classes,)

    Returns
    -------
    float in [0, 1] or None
        None if a class has no row, or all rows, since it is then undefined.
    """
    truths = y[:, None] == classes
    if not (truths.any(0) & ~truths.all(0)).all():
        return None
    first = 1 if len(classes) == 2 else 0
    areas = [
        roc_auc_score(truth, p)
        for truth, p in zip(truths.T[first:], probabilities.T[first:], strict=True)
    ]
    return float(np.mean(areas))


def class_metrics(truth: Array, prediction: Array) -> Metrics:
    """Compute the precision, recall and F1 score of one class.

    Parameters
    ----------
    truth, prediction : arrays of bool, shape (N,)
        Whether each row is of the class, and is predicted to be.

    Returns
    -------
    dict
        "precision", "recall", "f1" : float in [0, 1], or None where the denominator is zero;
        "support" : int, the number of rows of the class.
    """
    hits, n_true, n_predicted = (
        int(rows.sum()) for rows in (truth & prediction, truth, prediction)
    )
    return {
        "precision": hits / n_predicted if n_predicted else None,
        "recall": hits / n_true if n_true else None,
        "f1": 2 * hits / (n_true + n_predicted) if n_true + n_predicted else None,
        "support": n_true,
    }


def regression_metrics(y: Array, prediction: Array) -> Metrics:
    """Compute R², the root mean squared error, the mean absolute error and quantiles of the latter.

    Parameters
    ----------
    y, prediction : arrays of numbers, shape (N,)

    Returns
    -------
    dict
        "r2" : float up to 1, or None for a single row; "rmse", "mae" : float >= 0, in the unit of
        `y`; "absolute_error" : dict of the quantiles "50%", "90%" and "max", in the unit of `y`.
    """
    errors = np.abs(prediction - y)
    return {
        "r2": float(r2_score(y, prediction)) if len(y) > 1 else None,
        "rmse": float(root_mean_squared_error(y, prediction)),
        "mae": float(mean_absolute_error(y, prediction)),
        "absolute_error": {
            name: float(np.quantile(errors, level)) for name, level in QUANTILES.items()
        },
    }


def evaluate(model: Any, X: Any, y: Array) -> Metrics:
    """Compute the metrics of a fitted scikit-learn estimator.

    Parameters
    ----------
    model : estimator
        With `predict_proba` and `classes_` for classification, or else with `predict`.
    X : array or table, N rows
    y : array of labels or numbers, shape (N,)

    Returns
    -------
    dict
        As `classification_metrics` for classifiers, or else as `regression_metrics`.
    """
    if is_classifier(model):
        return classification_metrics(y, model.predict_proba(X), model.classes_)
    return regression_metrics(y, model.predict(X))


def main_metric(metrics: Metrics) -> str:
    """Return the name of the metric that models are compared by; higher is better."""
    return "accuracy" if "accuracy" in metrics else "r2"


def has_better_probabilities(metrics: Metrics, others: Metrics, margin: float) -> bool:
    """Return whether the log loss is lower than that of the others by more than a margin.

    Parameters
    ----------
    metrics, others : dict
        As in `classification_metrics`.
    margin : float >= 0
    """
    log_loss, other = metrics.get("log_loss"), others.get("log_loss")
    return log_loss is not None and other is not None and log_loss < other - margin
