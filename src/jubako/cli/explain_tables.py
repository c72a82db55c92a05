"""The tables and the JSON object of `jubako explain`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from rich.table import Table

from jubako.core.activations import Array
from jubako.evaluation.dependence import Dependence
from jubako.evaluation.importance import Importance
from jubako.i18n.messages import Message
from jubako.i18n.numbers import format_decimal

from .explain_picture import between

MOST_COLUMNS = 15  # shown
BARS = 24  # characters


def importance_table(found: Sequence[Importance], title: str, head: str) -> Table:
    """Draw the importance of each column, with its standard error."""
    table = Table(title=title, title_justify="left")
    table.add_column(Message("column"))
    table.add_column(head, justify="right")
    table.add_column("±", justify="right")
    table.add_column("")
    most = max((one.mean for one in found), default=0)
    for one in found[:MOST_COLUMNS]:
        bar = "█" * round(BARS * max(one.mean, 0) / most) if most > 0 else ""
        error = "" if np.isnan(one.error) else f"{one.error:.3f}"
        table.add_row(one.name, f"{one.mean:.3f}", error, bar)
    if len(found) > MOST_COLUMNS:
        table.add_row(Message("... and {n} more", n=len(found) - MOST_COLUMNS))
    return table


def curve_table(curve: Dependence, labels: Sequence[str]) -> Table:
    """Show the mean predictions for some values of a column; that of the first output as a dot."""
    title = Message("Partial dependence: mean prediction by {name}", name=curve.name)
    table = Table(title=title, title_justify="left")
    table.add_column(curve.name)
    shown = labels[-1:] if len(labels) == 2 else labels[:6]
    for label in shown:
        table.add_column(label, justify="right")
    shares, low, high = between(curve.means[:, labels.index(shown[0])])
    width = BARS if len(shown) == 1 else BARS // 2
    left, right = format_decimal(low, 3), format_decimal(high, 3)
    table.add_column(left + right.rjust(width - len(left)))
    for value, means, share in zip(curve.values, curve.means, shares, strict=True):
        cells = [format_decimal(float(means[labels.index(label)]), 3) for label in shown]
        scale = "●".rjust(1 + round((width - 1) * share), "┈").ljust(width, "┈")
        table.add_row(value_text(value), *cells, scale)
    return table


def shapley_table(
    row: int,
    table: pa.Table,
    groups: dict[str, list[str]],
    shares: Array,
    start: Array,
    b: Array,
    labels: list[str],
) -> Table:
    """Show the Shapley value of each column for the prediction of one row."""
    k = int(b.argmax()) if len(labels) > 1 else 0
    label = str(labels[k])
    title = Message(
        "Shapley values of row {row}: {label} is {value}",
        row=row + 1,
        label=label,
        value=format_decimal(float(b[k]), 3),
    )
    shown = Table(title=title, title_justify="left")
    shown.add_column(Message("column"))
    shown.add_column(Message("value"))
    shown.add_column(Message("Shapley value"), justify="right")
    shown.add_row(Message("(mean prediction)"), "", format_decimal(float(start[k]), 3))
    order = np.argsort(-abs(shares[:, k]))
    shown_as = list(groups)
    for i in order[:MOST_COLUMNS]:
        name, columns = shown_as[int(i)], groups[shown_as[int(i)]]
        value = value_text(table[name][row].as_py()) if columns == [name] else ""
        shown.add_row(name, value, f"{shares[i, k]:+.3f}")
    rest = shares[order[MOST_COLUMNS:], k].sum()
    if len(order) > MOST_COLUMNS:
        shown.add_row(Message("... and {n} more", n=len(order) - MOST_COLUMNS), "", f"{rest:+.3f}")
    return shown


def value_text(value: object) -> str:
    """Format a value for a table."""
    if value is None:
        return Message("(missing)")
    if isinstance(value, str):
        return value  # maybe a message
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def as_object(
    found: Sequence[Importance],
    curves: Sequence[Dependence],
    labels: Sequence[str],
    names: Sequence[str],
    values: Sequence[tuple[Array, Array]],
) -> dict[str, Any]:
    """Return the explanations as JSON values."""
    return {
        "feature_importance": [
            {
                "column": column.name,
                "mean": column.mean,
                "standard_error": None if np.isnan(column.error) else column.error,
                "repeats": column.repeats,
            }
            for column in found
        ],
        "partial_dependence": [
            {
                "column": curve.name,
                "values": [value_text(value) for value in curve.values],
                "mean_prediction": {
                    label: means.tolist()
                    for label, means in zip(labels, curve.means.T, strict=True)
                },
            }
            for curve in curves
        ],
        "shapley_values": [
            {
                "row": row,
                "mean_prediction": dict(zip(labels, start.tolist(), strict=True)),
                "columns": {
                    name: dict(zip(labels, part.tolist(), strict=True))
                    for name, part in zip(names, shares, strict=True)
                },
            }
            for row, (shares, start) in enumerate(values, 1)
        ],
    }
