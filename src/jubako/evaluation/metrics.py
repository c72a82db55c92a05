"""Metrics of predictions: accuracy, log loss and recall; R² and absolute errors."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score

from jubako.core.activations import Array

QUANTILES = {"half": 0.5, "nine in ten": 0.9, "all": 1.0}  # of rows, for the size of errors

Metrics = dict[str, Any]
"""From the name of a metric to its value; a dict of values for "recall" and "error_within"."""


def classification_metrics(y: Array, probabilities: Array, classes: Array) -> Metrics:
    """Compute the accuracy, the log loss and the recall of each class.

    Parameters
    ----------
    y : array of labels, shape (N,)
        Rows of other labels than `classes` count as wrong, and not for the log loss.
    probabilities : array, shape (N, n_classes)
        From 0 to 1; each row sums to 1.
    classes : array of labels, shape (n_classes,)

    Returns
    -------
    dict
        "accuracy" : float from 0 to 1; "log_loss" : float >= 0, or None if no label is known;
        "recall" : dict from class to a float from 0 to 1, or None where `y` lacks the class.
    """
    known = np.isin(y, classes)
    prediction = classes[probabilities.argmax(1)]
    recalls = [
        float(np.mean(prediction[y == label] == label)) if label in y else None for label in classes
    ]
    return {
        "accuracy": float(accuracy_score(y, prediction)),
        "log_loss": float(log_loss(y[known], probabilities[known], labels=classes))
        if known.any()
        else None,
        "recall": dict(zip(map(str, classes), recalls, strict=True)),
    }


def regression_metrics(y: Array, prediction: Array) -> Metrics:
    """Compute R², the mean absolute error and quantiles of the absolute error.

    Parameters
    ----------
    y, prediction : arrays of numbers, shape (N,)

    Returns
    -------
    dict
        "r2" : float up to 1, or None for a single row; "mean_absolute_error" : float, in the unit
        of `y`; "error_within" : dict of the errors that half, nine in ten and all rows stay within.
    """
    errors = np.abs(prediction - y)
    return {
        "r2": float(r2_score(y, prediction)) if len(y) > 1 else None,
        "mean_absolute_error": float(mean_absolute_error(y, prediction)),
        "error_within": {
            name: float(np.quantile(errors, share)) for name, share in QUANTILES.items()
        },
    }


def evaluate(model: Any, X: Any, y: Array) -> Metrics:
    """Compute the metrics of a fitted scikit-learn estimator on rows X with the target y (N,).

    Returns
    -------
    dict
        As `classification_metrics` for classifiers, or else as `regression_metrics`.
    """
    if is_classifier(model):
        return classification_metrics(y, model.predict_proba(X), model.classes_)
    return regression_metrics(y, model.predict(X))


def main_metric(metrics: Metrics) -> float | None:
    """Return the metric that models are compared by, accuracy or R²; higher is better."""
    return metrics["accuracy" if "accuracy" in metrics else "r2"]


def has_better_probabilities(metrics: Metrics, others: Metrics, margin: float) -> bool:
    """Return whether the log loss is lower than that of the others by more than a margin."""
    log_loss, other = metrics.get("log_loss"), others.get("log_loss")
    return log_loss is not None and other is not None and log_loss < other - margin
