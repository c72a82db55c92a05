"""The names of metrics, and their values as text."""

from jubako.i18n.messages import Message
from jubako.i18n.numbers import format_decimal

NAMES: dict[str, str] = {
    "accuracy": Message("accuracy"),
    "log_loss": Message("log loss"),
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "brier": "Brier",
    "calibration_error": Message("calibration error"),
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "precision": Message("precision"),
    "recall": Message("recall"),
    "f1": Message("F1 score"),
    "support": Message("support"),
    "50%": "50 %",
    "90%": "90 %",
    "max": Message("maximum"),
}
"""From the name of a metric to its heading."""
BRIEF = ("accuracy", "log_loss", "roc_auc", "r2", "rmse", "mae")
"""The metrics by which `train` compares models."""
RATIOS = (  # which three decimals are enough for
    *("accuracy", "roc_auc", "pr_auc", "brier", "calibration_error"),
    *("share", "r2", "precision", "recall", "f1"),
)


def value_text(name: str, value: float | None) -> str:
    """Return the value of a metric as text for a table.

    Parameters
    ----------
    name : str
        Of the metric.
    value : float or None

    Returns
    -------
    str
        "–" if there is no value.
    """
    if name in RATIOS and value is not None:
        return f"{value:.3f}"
    return format_decimal(value, 3)
