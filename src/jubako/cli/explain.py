"""`jubako explain`: feature importance, partial dependence and Shapley values."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from rich.table import Table
from sklearn.metrics import log_loss, r2_score

from jubako.core.activations import Array
from jubako.data.casting.reading import cast, whole
from jubako.data.casting.values import as_texts, is_text, plain
from jubako.data.dataset import Dataset
from jubako.data.errors import TableError
from jubako.data.schema import Categorical, Column, Date, Duration, Numeric, TimeOfDay
from jubako.evaluation.importance import (
    Dependence,
    Importance,
    Predict,
    contributions,
    dependence,
    importances,
)
from jubako.i18n.messages import Message
from jubako.i18n.numbers import format_decimal

from .console import err, out, print_json
from .explain_picture import between, picture
from .loading import Loaded, load_with_rows
from .output_files import check_output, whole_file
from .progress import progress_bar
from .table_options import TextFormat

pc: Any = pyarrow.compute
Sized = Numeric | Date | TimeOfDay

MOST_ROWS = 2000  # to measure on: a random part of larger tables
ROWS_OF_CURVES = 300
MOST_COLUMNS = 15  # shown
MOST_ALONE = 30  # columns with a Shapley value of their own; the others have one together
POINTS = 9  # of a curve
BARS = 24  # characters


def run(
    path: Path,
    data: str,
    target: str | None,
    n_curves: int,
    n_rows: int,
    seconds: float,
    picture_path: Path | None,
    seed: int,
    text: TextFormat,
    as_json: bool,
    force: bool,
) -> None:
    """Compute, print and draw the explanations."""
    if picture_path is not None:
        check_output(picture_path, [data, path], (".svg",), force)
    loaded = load_with_rows(path, data, target, text)
    check_rows(loaded, data)
    model, rows = loaded.model, loaded.rows
    names = [column.name for column in model.columns_]
    rng = np.random.default_rng(seed)
    first = rows.table.slice(0, n_rows)
    sample = rows.take(rng.permutation(len(rows.target))[:MOST_ROWS])
    measured = Measured(model, sample)
    found = measured.importances(names, rng, seconds)
    few = sample.table.slice(0, ROWS_OF_CURVES)
    by_name = {column.name: column for column in model.columns_}
    curves = [
        curve
        for column in found[:n_curves]
        if (curve := curve_of(measured.predict, few, by_name[column.name]))
    ]
    labels = [f"p({label})" for label in model.classes_] if measured.classify else [loaded.target]
    background = pa.concat_tables([first, few])
    groups = groups_of(names, [column.name for column in found])
    values = [
        contributions(measured.predict, background, row, list(groups.values()), rng)
        for row in range(len(first))
    ]
    if picture_path is not None:
        with whole_file(picture_path) as part:
            drawn = picture(found[:MOST_COLUMNS], curves, labels, measured.head)
            part.write_text(drawn, "utf-8")
    if as_json:
        answer = {"model": str(path), "metric": measured.metric, "metric_value": measured.value}
        answer |= as_object(found, curves, labels, list(groups), values)
        print_json(answer | {"notes": loaded.notes})
        return
    out.print(importance_table(found, measured.title, measured.head))
    for curve in curves:
        out.print(curve_table(curve, labels))
    for row, (shares, start) in enumerate(values):
        b = measured.predict(first.slice(row, 1))[0]
        out.print(shapley_table(row, first, groups, shares, start, b, labels))
    err.print(
        Message("These values describe the model; a column that matters need not be a cause.")
    )
    if picture_path is not None:
        err.print(Message("Drawn as {path}.", path=str(picture_path)))


def groups_of(names: list[str], by_importance: list[str]) -> dict[str, list[str]]:
    """Return the columns whose Shapley values are computed, by what they are shown as.

    If there are many, the most important ones are by themselves, and all others together.
    """
    if len(names) <= MOST_ALONE:
        return {name: [name] for name in names}
    alone = by_importance[: MOST_ALONE - 1]
    others = [name for name in names if name not in set(alone)]
    return {name: [name] for name in alone} | {
        Message("({n} other columns)", n=len(others)): others
    }


def check_rows(loaded: Loaded, data: str) -> None:
    """Refuse rows on which the metric is undefined.

    Raises
    ------
    TableError
        With the reason.
    """
    y = loaded.rows.target
    if len(y) < 2:
        raise TableError(
            Message(
                "{data!r} has only one row with a value of {target!r}: nothing to compare.",
                data=data,
                target=loaded.target,
            )
        )
    if loaded.model.model_.task == "regress" and np.ptp(y) == 0:
        raise TableError(
            Message(
                "{target!r} is {value:g} in all rows of {data!r}: R² is undefined.",
                target=loaded.target,
                value=float(y[0]),
                data=data,
            )
        )


class Measured:
    """A model and the rows on which its feature importance is computed.

    Attributes
    ----------
    metric : {"log_loss", "r2"}
    value : float
        The metric with all columns as they are.
    """

    def __init__(self, model: Any, sample: Dataset) -> None:
        self.model, self.sample = model, sample
        self.classify = model.model_.task == "classify"
        # accuracy would be the same for every column where one class prevails
        self.metric = "log_loss" if self.classify else "r2"
        self.value = abs(self.score(sample.table)) if self.classify else self.score(sample.table)

    def predict(self, table: pa.Table) -> Array:
        """Return probabilities (N, n_classes), or numbers (N, 1)."""
        if self.classify:
            return self.model.predict_proba(table)
        return self.model.predict(table)[:, None]

    def score(self, table: pa.Table) -> float:
        """Return the negative log loss or R²; higher is better."""
        y = self.sample.target
        if self.classify:
            return -float(log_loss(y, self.predict(table), labels=self.model.classes_))
        return float(r2_score(y, self.predict(table)))

    def importances(
        self, names: Sequence[str], rng: np.random.Generator, seconds: float
    ) -> list[Importance]:
        """Return the permutation importance of columns, and show the progress."""
        with progress_bar(Message("shuffling columns"), "") as bar:
            task = bar.add_task("", total=1)
            found = importances(
                self.score,
                self.sample.table,
                names,
                rng,
                seconds=seconds,
                report=lambda fraction: bar.update(task, completed=fraction),
            )
        if len(found) < len(names):
            err.print(
                Message(
                    "Only {n} of {total} columns were shuffled in time; a longer --time covers "
                    "more.",
                    n=len(found),
                    total=len(names),
                )
            )
        return found

    @property
    def head(self) -> Message:
        """The heading of the importances."""
        return Message("log loss increase") if self.classify else Message("R² decrease")

    @property
    def title(self) -> Message:
        """The title of the importances."""
        name = Message("log loss") if self.classify else "R²"
        return Message(
            "Permutation importance on {n} rows ({metric} {value:.3f})",
            n=len(self.sample.target),
            metric=name,
            value=self.value,
        )


def curve_of(predict: Predict, table: pa.Table, column: Column) -> Dependence | None:
    """Return the mean predictions for some values of a column; None where all are missing."""
    values = plain(table[column.name])
    if isinstance(column, Sized):
        # the model is given the values as they are written, with their units; sizes are shown
        rows, sizes = points_by_size(sizes_of(column, values))
        written = values.take(rows).to_pylist()
    else:
        written = sizes = points(column, values)
    if not written:
        return None
    return replace(dependence(predict, table, column.name, written), values=sizes)


def points_by_size(sizes: pa.ChunkedArray) -> tuple[Array, list[object]]:
    """Return rows at quantiles of a column, in ascending order, and their values."""
    n = len(sizes) - sizes.null_count
    order = np.asarray(pc.array_sort_indices(sizes))[:n]  # nulls are last
    if not n:
        return order[:0], []
    order = order[np.linspace(0, n - 1, POINTS + 2)[1:-1].round().astype(int)]
    rows = {size: row for row, size in zip(order, sizes.take(order).to_pylist(), strict=True)}
    return np.array(list(rows.values())), list(rows)


def points(column: Column, values: pa.ChunkedArray) -> list[object]:
    """Return the values of a column for which a curve is computed: the most frequent."""
    if isinstance(column, Categorical):
        counts = as_texts(values, column.name).drop_null().value_counts()
        order = np.argsort(-np.asarray(counts.field(1)), kind="stable")[:POINTS]
        texts: list[object] = counts.field(0).take(order).to_pylist()
        return pa.array(texts, pa.string()).cast(values.type).to_pylist()
    return list(dict.fromkeys(values.drop_null().to_pylist()))[:POINTS]


def sizes_of(column: Sized, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values of a column as numbers or dates, also where they are texts."""
    if not is_text(values.type):
        return values
    values = cast(values, column.reading, column.name)
    if isinstance(column, Date | TimeOfDay | Duration):
        return column.typed(values)
    return whole(values)


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
    """Return a value as a table shows it."""
    if value is None:
        return Message("(missing)")
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def as_object(
    found: Sequence[Importance],
    curves: Sequence[Dependence],
    labels: Sequence[str],
    names: Sequence[str],
    values: Sequence[tuple[Array, Array]],
) -> dict[str, Any]:
    """Return the explanations as JSON holds them."""
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
