"""How good predictions are: the figures that `train` and `evaluate` show."""

from typing import Any

import numpy as np
from rich.table import Table
from sklearn.base import is_classifier
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score

from jubako.core.activations import Array

MOST_CLASSES = 20  # whose recall is shown
QUANTILES = {"half": 0.5, "nine in ten": 0.9, "all": 1.0}  # of rows, for the size of errors


def scores(model: Any, X: Any, y: Array) -> dict[str, Any]:
    """Measure a model on rows with their truth.

    Returns
    -------
    dict
        For classes accuracy, log_loss and the recall of each class; for numbers r2,
        mean_absolute_error and the errors that a share of the rows stay within.
    """
    if not is_classifier(model):
        prediction = model.predict(X)
        errors = np.abs(prediction - y)
        return {
            "r2": float(r2_score(y, prediction)) if len(y) > 1 else None,
            "mean_absolute_error": float(mean_absolute_error(y, prediction)),
            "error_within": {
                name: float(np.quantile(errors, share)) for name, share in QUANTILES.items()
            },
        }
    known = np.isin(y, model.classes_)
    probabilities = model.predict_proba(X)
    prediction = model.classes_[probabilities.argmax(1)]
    recalls = [
        float(np.mean(prediction[y == label] == label)) if label in y else None
        for label in model.classes_
    ]
    return {
        "accuracy": float(accuracy_score(y, prediction)),
        "log_loss": float(log_loss(y[known], probabilities[known], labels=model.classes_))
        if known.any()
        else None,
        "recall": dict(zip(map(str, model.classes_), recalls, strict=True)),
    }


def main_score(measured: dict[str, Any]) -> tuple[str, float | None]:
    """Return the score that counts, and its name; higher is better."""
    name = "accuracy" if "accuracy" in measured else "r2"
    return name, measured[name]


def score_table(title: str, rows: dict[str, dict[str, Any]]) -> Table:
    """Compare the scores of several models."""
    first = next(iter(rows.values()))
    names = [name for name, value in first.items() if not isinstance(value, dict)]
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(READABLE[name], justify="right")
    for label, measured in rows.items():
        table.add_row(label, *(figure(measured[name]) for name in names))
    return table


READABLE = {
    "accuracy": "accuracy",
    "log_loss": "log loss",
    "r2": "R²",
    "mean_absolute_error": "mean error",
}


def detail_table(measured: dict[str, Any], counts: dict[str, int]) -> Table | None:
    """Show the recall of each class, or how large the errors are."""
    table = Table()
    if "recall" in measured:
        if len(measured["recall"]) > MOST_CLASSES:
            return None
        table.add_column("class")
        table.add_column("rows", justify="right")
        table.add_column("of them found", justify="right")
        for label, recall in measured["recall"].items():
            table.add_row(label, str(counts.get(label, 0)), figure(recall))
        return table
    table.add_column("of the rows")
    table.add_column("are predicted within", justify="right")
    for name, error in measured["error_within"].items():
        table.add_row(name, figure(error))
    return table


def figure(value: float | None) -> str:
    """Return a number as it stands in a table."""
    if value is None:
        return "-"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.4g}"
