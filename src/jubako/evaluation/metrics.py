"""Metrics of predictions on held-out rows, for classification and for regression."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from jubako.core.activations import Array

QUANTILES = {"50%": 0.5, "90%": 0.9, "max": 1.0}  # of the absolute error

N_BINS = 10  # of probabilities, where their calibration is measured
THRESHOLDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

Metrics = dict[str, Any]
"""From the name of a metric to its value; a dict for "per_class" and "absolute_error"."""


def classification_metrics(
    y: Array, probabilities: Array, classes: Array, prediction: Array | None = None
) -> Metrics:
    """Compute metrics of predicted probabilities, over all rows and for each class.

    Parameters
    ----------
    y : array of labels, shape (N,)
        Rows of other labels than `classes` count as wrong, but not for the log loss and ROC AUC.
    probabilities : array, shape (N, n_classes)
        From 0 to 1; each row sums to 1.
    classes : array of labels, shape (n_classes,)
    prediction : array of labels, shape (N,), optional
        The predicted classes; default the most probable ones.

    Returns
    -------
    dict
        "accuracy" : float in [0, 1]; "log_loss" : float >= 0, or None if no label is known;
        "roc_auc", "pr_auc" : float in [0, 1], or None, as in `area`; "brier", "calibration_error" :
        float >= 0, or None if no label is known; "per_class" : dict from class to its metrics, as
        in `class_metrics`; for two classes "by_threshold" : list of dicts, as in `by_threshold`.
    """
    known = np.isin(y, classes)
    if prediction is None:
        prediction = classes[probabilities.argmax(1)]
    y_known, p = y[known], probabilities[known]
    metrics: Metrics = {
        "accuracy": float(accuracy_score(y, prediction)),
        "log_loss": float(log_loss(y_known, p, labels=classes)) if known.any() else None,
        "roc_auc": area(roc_auc_score, y_known, p, classes),
        "pr_auc": area(average_precision_score, y_known, p, classes),
        "brier": brier(y_known, p, classes),
        "calibration_error": calibration_error(y_known, p, classes),
        "per_class": {
            str(label): class_metrics(y == label, prediction == label) for label in classes
        },
    }
    if len(classes) == 2:
        metrics["by_threshold"] = by_threshold(y == classes[1], probabilities[:, 1])
    return metrics


def brier(y: Array, probabilities: Array, classes: Array) -> float | None:
    """Compute the Brier score: the mean squared error of the probabilities.

    For two classes it is that of the second, from 0 to 1; for more, it is the sum over the classes,
    from 0 to 2, as in scikit-learn.

    Parameters
    ----------
    y : array of labels, shape (N,)
    probabilities : array, shape (N, n_classes)
    classes : array of labels, shape (n_classes,)

    Returns
    -------
    float >= 0 or None
        None without rows.
    """
    if not len(y):
        return None
    squares = (probabilities - (y[:, None] == classes)) ** 2
    return float(squares.sum(1).mean() / (2 if len(classes) == 2 else 1))


def calibration_error(y: Array, probabilities: Array, classes: Array) -> float | None:
    """Compute the expected calibration error of the most probable classes.

    It is the mean difference between their probability and their accuracy, in ten bins of the
    probability (Naeini et al. 2015).

    Parameters
    ----------
    y : array of labels, shape (N,)
    probabilities : array, shape (N, n_classes)
    classes : array of labels, shape (n_classes,)

    Returns
    -------
    float in [0, 1] or None
        None without rows.
    """
    if not len(y):
        return None
    bins = calibration_bins(y, probabilities, classes)
    return sum(b["rows"] * abs(b["probability"] - b["accuracy"]) for b in bins) / len(y)


def calibration_bins(y: Array, probabilities: Array, classes: Array) -> list[Metrics]:
    """Compare the probability of the most probable class with its accuracy, in ten bins.

    Parameters
    ----------
    y : array of labels, shape (N,)
    probabilities : array, shape (N, n_classes)
    classes : array of labels, shape (n_classes,)

    Returns
    -------
    list of dict
        For each bin with rows: "rows" : int; "probability", "accuracy" : float in [0, 1], means.
    """
    highest, right = probabilities.max(1), classes[probabilities.argmax(1)] == y
    bins = np.minimum((highest * N_BINS).astype(int), N_BINS - 1)
    rows, total, hits = (
        np.bincount(bins, w, minlength=N_BINS) for w in (np.ones(len(y)), highest, right)
    )
    return [
        {
            "rows": int(rows[b]),
            "probability": float(total[b] / rows[b]),
            "accuracy": float(hits[b] / rows[b]),
        }
        for b in np.flatnonzero(rows)
    ]


def by_threshold(truth: Array, p: Array) -> list[Metrics]:
    """Compute the metrics of the second of two classes at several thresholds.

    Parameters
    ----------
    truth : array of bool, shape (N,)
        Whether each row is of the second class.
    p : array, shape (N,)
        The probability of that class, above which a row is predicted to be of it.

    Returns
    -------
    list of dict
        "threshold" : 0.1 to 0.9; "share" : float in [0, 1], the share of the rows that are
        predicted to be of the class; "precision", "recall", "f1", as in `class_metrics`.
    """
    return [
        {
            "threshold": threshold,
            "share": float((p > threshold).mean()),
            **{
                name: value
                for name, value in class_metrics(truth, p > threshold).items()
                if name != "support"
            },
        }
        for threshold in THRESHOLDS
    ]


def area(score: Callable[..., Any], y: Array, probabilities: Array, classes: Array) -> float | None:
    """Compute the area under the ROC curve, or under the precision-recall curve.

    For two classes it is that of the second; for more, the mean over the classes of each against
    the rest (macro average, one-vs-rest).

    Parameters
    ----------
    score : callable
        `roc_auc_score`, or `average_precision_score`, of scikit-learn.
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
        score(truth, p) for truth, p in zip(truths.T[first:], probabilities.T[first:], strict=True)
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
        p, prediction = model.predict_proba(X), None
        if hasattr(model, "model_"):  # one of ours, which may decide by costs
            prediction = model.model_.decide(p)
        return classification_metrics(y, p, model.classes_, prediction)
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
