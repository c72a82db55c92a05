"""Tables of scores, as `train` and `evaluate` print them."""

from typing import Any

from rich.table import Table

from jubako.i18n.numbers import format_decimal

MOST_CLASSES = 20  # whose recall is shown


def score_table(title: str, rows: dict[str, dict[str, Any]]) -> Table:
    """Compare the scores of several models."""
    first = next(iter(rows.values()))
    names = [name for name, value in first.items() if not isinstance(value, dict)]
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(READABLE[name], justify="right")
    for label, measured in rows.items():
        table.add_row(label, *(format_decimal(measured[name], 3) for name in names))
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
            table.add_row(label, str(counts.get(label, 0)), format_decimal(recall, 3))
        return table
    table.add_column("of the rows")
    table.add_column("are predicted within", justify="right")
    for name, error in measured["error_within"].items():
        table.add_row(name, format_decimal(error, 3))
    return table
