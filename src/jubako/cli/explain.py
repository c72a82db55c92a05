"""`jubako explain`: which columns a model goes by, how, and why it says what it says of a row."""

import json
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
from jubako.i18n.numbers import format_decimal

from .console import err, out
from .explain_picture import between, picture
from .loading import load_with_rows
from .output_files import check_output, whole_file
from .progress import bar_of
from .table_options import TextFormat

pc: Any = pyarrow.compute
Sized = Numeric | Date | TimeOfDay

MOST_ROWS = 2000  # to measure on: a random part of larger tables
ROWS_OF_CURVES = 300
MOST_COLUMNS = 15  # shown
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
    """Measure, print, and draw."""
    if picture_path is not None:
        check_output(picture_path, [data, path], (".svg",), force)
    loaded = load_with_rows(path, data, target, text)
    model, rows, target = loaded.model, loaded.rows, loaded.target
    classify, names = model.model_.task == "classify", [column.name for column in model.columns_]
    if len(rows.target) < 2:
        raise TableError(f"{data!r} has but one row with a {target!r}: nothing to compare.")
    if not classify and np.ptp(rows.target) == 0:
        raise TableError(
            f"{target!r} is {rows.target[0]:g} in all rows of {data!r}: R² can't be said."
        )
    rng = np.random.default_rng(seed)
    first = rows.table.slice(0, n_rows)
    sample = rows.take(rng.permutation(len(rows.target))[:MOST_ROWS])

    def predict(table: pa.Table) -> Array:
        return model.predict_proba(table) if classify else model.predict(table)[:, None]

    def score(table: pa.Table) -> float:
        if classify:  # accuracy would be the same for every column where one class prevails
            return -float(log_loss(sample.target, predict(table), labels=model.classes_))
        return float(r2_score(sample.target, predict(table)))

    with bar_of("shuffling columns") as bar:
        task = bar.add_task("", total=1)
        found = importances(
            score, sample.table, names, rng, seconds=seconds,
            tell=lambda share: bar.update(task, completed=share),
        )  # fmt: skip
    if len(found) < len(names):
        err.print(f"Time for {len(found)} of {len(names)} columns only: --time gives more.")
    few = sample.table.slice(0, ROWS_OF_CURVES)
    by_name = {column.name: column for column in model.columns_}
    curves = [
        curve
        for column in found[:n_curves]
        if (curve := curve_of(predict, few, by_name[column.name]))
    ]
    labels = [f"p({label})" for label in model.classes_] if classify else [target]
    reasons = [contributions(predict, pa.concat_tables([first, few]), row, names, rng)
               for row in range(len(first))]  # fmt: skip
    head = "log loss added" if classify else "R² lost"
    if picture_path is not None:
        with whole_file(picture_path) as part:
            part.write_text(picture(found[:MOST_COLUMNS], curves, labels, head), "utf-8")
    base = abs(score(sample.table)) if classify else score(sample.table)
    if as_json:
        measure = "log_loss" if classify else "R²"
        told = {"schema_version": 1, "model": str(path), "score": measure, "value": base}
        told |= plain_words(found, curves, labels, names, reasons) | {"notes": loaded.notes}
        print(json.dumps(told, ensure_ascii=False))
        return
    what = "the log loss rises" if classify else "R² falls"
    title = f"How much {what} when a column is shuffled (now {base:.3f}, {len(sample.target)} rows)"
    out.print(importance_table(found, title, head))
    for curve in curves:
        out.print(curve_table(curve, labels))
    for row, (shares, start) in enumerate(reasons):
        b = predict(first.slice(row, 1))[0]
        out.print(reason_table(row, first, names, shares, start, b, labels))
    err.print("What the model goes by is not always what causes the target.")
    if picture_path is not None:
        err.print(f"Drawn as {picture_path}.")


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
    """Choose rows at equal shares of a column's values, in their order, and return these values."""
    n = len(sizes) - sizes.null_count
    order = np.asarray(pc.array_sort_indices(sizes))[:n]  # nulls are last
    if not n:
        return order[:0], []
    order = order[np.linspace(0, n - 1, POINTS + 2)[1:-1].round().astype(int)]
    rows = {size: row for row, size in zip(order, sizes.take(order).to_pylist(), strict=True)}
    return np.array(list(rows.values())), list(rows)


def points(column: Column, values: pa.ChunkedArray) -> list[object]:
    """Choose the values of a column for which a curve is computed: the commonest."""
    if isinstance(column, Categorical):
        counts = as_texts(values, column.name).drop_null().value_counts()
        order = np.argsort(-np.asarray(counts.field(1)), kind="stable")[:POINTS]
        texts: list[object] = counts.field(0).take(order).to_pylist()
        return pa.array(texts, pa.string()).cast(values.type).to_pylist()
    return list(dict.fromkeys(values.drop_null().to_pylist()))[:POINTS]


def sizes_of(column: Sized, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values that have an order by size: numbers and dates as such, where they are texts."""
    if not is_text(values.type):
        return values
    values = cast(values, column.reading, column.name)
    if isinstance(column, Date | TimeOfDay | Duration):
        return column.typed(values)
    return whole(values)


def importance_table(found: Sequence[Importance], title: str, head: str) -> Table:
    """Draw how much each column matters."""
    table = Table(title=title, title_justify="left")
    table.add_column("column")
    table.add_column(head, justify="right")
    table.add_column("±", justify="right")
    table.add_column("")
    most = max((one.mean for one in found), default=0)
    for one in found[:MOST_COLUMNS]:
        bar = "█" * round(BARS * max(one.mean, 0) / most) if most > 0 else ""
        error = "" if np.isnan(one.error) else f"{one.error:.3f}"
        table.add_row(one.name, f"{one.mean:.3f}", error, bar)
    if len(found) > MOST_COLUMNS:
        table.add_row(f"... and {len(found) - MOST_COLUMNS} more")
    return table


def curve_table(curve: Dependence, labels: Sequence[str]) -> Table:
    """Show the mean predictions for some values of a column, and where the first stands."""
    table = Table(title=f"If {curve.name} were ...", title_justify="left")
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
        table.add_row(said(value), *cells, scale)
    return table


def reason_table(
    row: int,
    table: pa.Table,
    names: list[str],
    shares: Array,
    start: Array,
    b: Array,
    labels: list[str],
) -> Table:
    """Show what each column of one row adds to its prediction."""
    k = int(b.argmax()) if len(labels) > 1 else 0
    label = str(labels[k])
    shown = Table(title=f"Row {row + 1}: why {label} is {format_decimal(float(b[k]), 3)}",
                  title_justify="left")  # fmt: skip
    for head in ("column", "value", "adds"):
        shown.add_column(head, justify="right" if head == "adds" else "left")
    shown.add_row("(the mean)", "", format_decimal(float(start[k]), 3))
    order = np.argsort(-abs(shares[:, k]))
    for i in order[:MOST_COLUMNS]:
        value = said(table[names[int(i)]][row].as_py())
        shown.add_row(names[int(i)], value, f"{shares[i, k]:+.3f}")
    rest = shares[order[MOST_COLUMNS:], k].sum()
    if len(order) > MOST_COLUMNS:
        shown.add_row(f"... and {len(order) - MOST_COLUMNS} more", "", f"{rest:+.3f}")
    return shown


def said(value: object) -> str:
    """Return a value as it stands in a table."""
    if value is None:
        return "(missing)"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def plain_words(
    found: Sequence[Importance],
    curves: Sequence[Dependence],
    labels: Sequence[str],
    names: Sequence[str],
    reasons: Sequence[tuple[Array, Array]],
) -> dict[str, Any]:
    """Return what was found as JSON can hold it."""
    return {
        "importances": [
            {
                "column": one.name,
                "mean": one.mean,
                "error": None if np.isnan(one.error) else one.error,
            }
            for one in found
        ],
        "dependences": [
            {
                "column": curve.name,
                "values": [said(value) for value in curve.values],
                "means": {
                    label: means.tolist()
                    for label, means in zip(labels, curve.means.T, strict=True)
                },
            }
            for curve in curves
        ],
        "rows": [
            {
                "start": dict(zip(labels, start.tolist(), strict=True)),
                "adds": {
                    name: dict(zip(labels, part.tolist(), strict=True))
                    for name, part in zip(names, shares, strict=True)
                },
            }
            for shares, start in reasons
        ],
    }
