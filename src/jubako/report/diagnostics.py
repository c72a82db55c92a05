"""How predictions and true values agree: curves, confusion, calibration, residuals, coverage."""

from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from jubako.core.activations import Array
from jubako.data.dataset import Dataset
from jubako.evaluation.metrics import calibration_bins
from jubako.model.model import Model

from .predictions import Predictions
from .report import ClassDiagnostics, Coverage, Curve, NumberDiagnostics

MOST_CURVES = 6  # classes with a curve, if there are more than two
MOST_POINTS = 60  # of a curve
MOST_CLASSES = 30  # of a confusion matrix
MOST_CONFUSED = 10  # pairs of classes
N_BINS = 20  # of predictions, at most
LEAST_ROWS = 5  # of such a bin
N_RESIDUALS = 24  # bins
COVERAGES = 0.5, 0.8, 0.9, 0.95


def class_diagnostics(predictions: Predictions) -> ClassDiagnostics:
    """Compute ROC and precision-recall curves, calibration and confusion.

    Parameters
    ----------
    predictions : Predictions
        Of labels.

    Returns
    -------
    ClassDiagnostics
        Of the rows whose label the model knows.
    """
    at = predictions.take(predictions.known)
    p, classes = at.probabilities, at.classes
    assert p is not None
    assert classes is not None
    counts = (at.true[:, None] == classes).sum(0)
    chosen = [1] if len(classes) == 2 else np.argsort(-counts, kind="stable")[:MOST_CURVES].tolist()
    chosen = [k for k in chosen if 0 < counts[k] < len(at.true)]  # else they are undefined
    roc, pr = list[Curve](), list[Curve]()
    for k in chosen:
        truth, label = at.true == classes[k], str(classes[k])
        false_positive, recall, _ = roc_curve(truth, p[:, k])
        roc.append(thinned(label, false_positive, recall))
        precision, recall, _ = precision_recall_curve(truth, p[:, k])
        pr.append(thinned(label, recall[::-1], precision[::-1]))
    labels = classes if len(classes) <= MOST_CLASSES else classes[:0]
    matrix = confusion_matrix(at.true, at.predicted, labels=classes)
    return ClassDiagnostics(
        roc=roc,
        pr=pr,
        calibration=calibration_bins(at.true, p, classes),
        labels=[str(label) for label in labels],
        confusion=matrix.tolist() if len(labels) else [],
        confused=most_confused(matrix, classes),
    )


def thinned(label: str, x: Array, y: Array) -> Curve:
    """Return a curve with at most `MOST_POINTS` points at about equal distances.

    Parameters
    ----------
    label : str
    x, y : arrays, shape (N,)

    Returns
    -------
    Curve
    """
    way = np.r_[0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]
    stops = np.linspace(0, way[-1], MOST_POINTS)
    kept = np.unique(np.searchsorted(way, stops).clip(0, len(x) - 1))
    kept = np.unique(np.r_[0, kept, len(x) - 1])
    return Curve(label, x[kept].tolist(), y[kept].tolist())


def most_confused(matrix: Array, classes: Array) -> list[dict[str, Any]]:
    """Return the most frequent errors.

    Parameters
    ----------
    matrix : array of int, shape (n_classes, n_classes)
        Rows are true classes, columns are predicted ones.
    classes : array, shape (n_classes,)

    Returns
    -------
    list of dict
        "true", "predicted", "rows".
    """
    wrong = matrix * (1 - np.eye(len(classes), dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CONFUSED]
    pairs = [np.unravel_index(i, wrong.shape) for i in order]
    return [
        {"true": str(classes[i]), "predicted": str(classes[j]), "rows": int(wrong[i, j])}
        for i, j in pairs
        if wrong[i, j]
    ]


def number_diagnostics(predictions: Predictions) -> NumberDiagnostics:
    """Compare predicted and true numbers in bins.

    Parameters
    ----------
    predictions : Predictions

    Returns
    -------
    NumberDiagnostics
    """
    true, predicted = predictions.true, predictions.predicted
    n_bins = max(1, min(N_BINS, len(true) // LEAST_ROWS))
    order = np.argsort(predicted, kind="stable")
    bins = [
        {
            "rows": len(rows),
            "predicted": float(predicted[rows].mean()),
            "true": float(true[rows].mean()),
            "low": float(np.quantile(true[rows], 0.1)),
            "high": float(np.quantile(true[rows], 0.9)),
        }
        for rows in np.array_split(order, n_bins)
    ]
    return NumberDiagnostics(bins, histogram(true - predicted))


def histogram(values: Array) -> list[dict[str, Any]]:
    """Count values in bins of equal width, with an open bin at each end.

    Parameters
    ----------
    values : array, shape (N,)

    Returns
    -------
    list of dict
        "low", "high" (None at the ends), "rows".
    """
    low, high = np.quantile(values, [0.01, 0.99])
    if high <= low:
        return [{"low": None, "high": None, "rows": len(values)}]
    n_bins = int(np.clip(np.sqrt(len(values)), 4, N_RESIDUALS))
    edges = np.linspace(low, high, n_bins - 1)
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=n_bins)
    ends = [None, *edges.tolist(), None]
    return [
        {"low": ends[i], "high": ends[i + 1], "rows": int(count)} for i, count in enumerate(counts)
    ]


def compute_coverage(model: Model, rows: Dataset) -> list[Coverage]:
    """Compute the coverage of intervals or sets, at several nominal coverages.

    Parameters
    ----------
    model : Model
    rows : Dataset
        Of labels that the model knows.

    Returns
    -------
    list of Coverage
        Empty if the model has no intervals or sets.
    """
    if model.conformal is None or not len(rows.target):
        return []
    nominal = [c for c in COVERAGES if c <= model.conformal.scores.highest_coverage]
    if not nominal:
        return []
    y = rows.target
    if model.classes is None:
        ends = model.predict_interval(rows.table, nominal)
        inside = (ends[:, 0] <= y[:, None]) & (y[:, None] <= ends[:, 1])
        sizes = (ends[:, 1] - ends[:, 0]).mean(0)
    else:
        sets = model.predict_set(rows.table, nominal)
        inside = sets[np.arange(len(y)), np.searchsorted(model.classes, y)]
        sizes = sets.sum(1).mean(0)
    covered = inside.mean(0)
    errors = 2 * np.sqrt(covered * (1 - covered) / len(y))
    return [
        Coverage(c, float(covered[i]), float(errors[i]), float(sizes[i]))
        for i, c in enumerate(nominal)
    ]
