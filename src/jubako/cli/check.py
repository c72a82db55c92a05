"""`jubako check`: a table looked over before training."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from rich.table import Table

from jubako.core.activations import Array
from jubako.table.builtin import BUILT_IN
from jubako.table.columns import Column, Dropped, fit_column
from jubako.table.dataset import with_target
from jubako.table.errors import TableError
from jubako.table.inference import Declared, Readings, check_types, infer_table
from jubako.table.reading import Reading, cast
from jubako.table.sentence import Sentence
from jubako.table.target_column import (
    SIGNS,
    class_counts,
    find_target,
    left_out,
    read_target,
)
from jubako.table.values import as_numbers, as_texts, is_number, is_text, plain

from .console import err, out
from .reading import TextFormat

GIVEN_AWAY = 0.999  # share of the target that one column must explain to be suspected
MOST_LEVELS_OF_A_LEAK = 1000


def run(
    data: str,
    target: str | None,
    text: TextFormat,
    types: Mapping[str, Declared],
    as_json: bool,
) -> None:
    """Print what was found."""
    table, taken_for, notes = text.table(data, {target: SIGNS} if target else {})
    if target is not None or data in BUILT_IN:
        target = find_target(table, data, target)
    refused = dict[str, TableError]()
    types = check_types(types, table.column_names)
    declared = types.pop(target, None) if target else None
    found = infer_table(table.drop_columns([target] if target else []), types, refused=refused)
    notes = [*notes, *found.notes]
    columns = [
        look(name, table[name], target, refused.get(name) or found.readings.get(name))
        for name in table.column_names
    ]
    remarks = [
        *doubles(table),
        *(remark for column in columns for remark in column["remarks"]),
        *(about_target(table, target, found, declared) if target else []),
    ]
    if as_json:
        answer = {
            "schema_version": 1,
            "data": data,
            "read_as": taken_for,
            "rows": table.num_rows,
            "notes": notes,
            "columns": columns,
            "remarks": remarks,
        }
        print(json.dumps(answer, ensure_ascii=False))
        return
    shown = Table(title=f"{data}: {taken_for}, {table.num_rows} rows", title_justify="left")
    for head in ("column", "type", "missing", "taken for"):
        shown.add_column(head, justify="right" if head == "missing" else "left")
    for column in columns:
        missing = f"{column['missing']}" if column["missing"] else ""
        shown.add_row(column["name"], column["type"], missing, column["taken_for"])
    out.print(shown)
    for remark in [*notes, *remarks]:
        out.print(f"- {remark}", soft_wrap=True)
    if not notes and not remarks:
        out.print("Nothing stands in the way.")
    if target is None:
        err.print("With --target COLUMN the target is looked at too: classes, leaks, order.")


def look(
    name: str,
    values: pa.ChunkedArray,
    target: str | None,
    reading: Reading | TableError | None = None,
) -> dict[str, Any]:
    """Say what one column is, and what is odd about it.

    `reading` says how its values are read, or why they can't be; it is inferred if not given.
    """
    remarks = list[str]()
    fitted: Column | Dropped | None = None
    try:
        if isinstance(reading, TableError):
            raise reading
        fitted = Dropped(name, "") if name == target else fit_column(name, values, True, reading)
    except TableError as error:
        remarks.append(error.args[0])
    if fitted is None:
        taken_for = Sentence("not usable as it is")
    elif name == target:
        taken_for = Sentence("the target")
    elif isinstance(fitted, Dropped):
        taken_for = Sentence("left out: {reason}", reason=fitted.reason)
    else:
        taken_for = fitted.describe()
    values = plain(values)
    missing = values.null_count
    if isinstance(reading, Reading) and reading.missing:
        missing = cast(values, reading, name).null_count
    if missing * 2 > len(values):
        remarks.append(Sentence("{name!r} is missing in more than half of the rows.", name=name))
    return {
        "name": name,
        "type": str(values.type),
        "missing": missing,
        "taken_for": taken_for,
        "remarks": remarks,
    }


def doubles(table: pa.Table) -> list[str]:
    """Say how many rows stand more than once."""
    try:
        groups = table.group_by(table.column_names).aggregate([([], "count_all")])
    except (pa.ArrowException, TypeError):
        return []  # of types that can't be compared
    n = table.num_rows - groups.num_rows
    if not n:
        return []
    if n == 1:
        return [
            Sentence(
                "1 row stands in the table more than once: test rows may be among the rows to "
                "learn."
            )
        ]
    return [
        Sentence(
            "{n} rows stand in the table more than once: test rows may be among the rows to learn.",
            n=n,
        )
    ]


def about_target(
    table: pa.Table, target: str, found: Readings | None = None, declared: Declared = None
) -> list[str]:
    """Say what is odd about the target: missing, classes, order, columns that give it away."""
    if found is None:
        found = infer_table(table.drop_columns([target]), refused={})
    task, (reading, notes, *_) = read_target(table[target], target, "auto", declared, found.decimal)
    remarks = list[str](notes)
    why = left_out(table, target, reading)
    if why:
        remarks.append(why)
    rows, _ = with_target(table, target, task, reading=reading)
    y = rows.target
    if task == "classify":
        counts = class_counts(y)
        largest = max(counts.values()) / len(y)
        smallest = min(counts, key=lambda label: counts[label])
        remarks.append(
            Sentence(
                "{target!r} has {n} classes; always saying the commonest is right in {share:.1%} "
                "of the rows.",
                target=target, n=len(counts), share=largest,
            )
        )  # fmt: skip
        if len(counts) == 1:
            remarks.append(
                Sentence(
                    "{target!r} has one class only: there is nothing to tell apart.", target=target
                )
            )
        elif counts[smallest] < 5:
            remarks.append(
                Sentence("Class {name!r} has only {n} rows.", name=smallest, n=counts[smallest])
            )
        codes = np.unique(y, return_inverse=True)[1].astype(float)
    else:
        codes = y
        remarks.append(
            Sentence(
                "{target!r} is a number from {low:.6g} to {high:.6g}, mean {mean:.6g}.",
                target=target, low=codes.min(), high=codes.max(), mean=codes.mean(),
            )
        )  # fmt: skip
    if len(codes) > 20 and (np.diff(codes) >= 0).all() and codes[0] < codes[-1]:
        remarks.append(
            Sentence(
                "The rows are sorted by {target!r}: no harm, they are shuffled, but a file cut off "
                "at the end would lack classes or values.",
                target=target,
            )
        )
    for name in rows.table.column_names:
        reading = found.readings.get(name)
        if reading and gives_away(rows.table[name], codes, task == "classify", reading):
            remarks.append(
                Sentence(
                    "{name!r} gives {target!r} away nearly alone: is it known when predicting?",
                    name=name, target=target,
                )
            )  # fmt: skip
    return remarks


def gives_away(values: pa.ChunkedArray, y: Array, classify: bool, reading: Reading) -> bool:
    """Tell whether one column alone nearly determines the target."""
    if len(values) < 20 or reading.kind == "drop":
        return False
    values = cast(values, reading, "x")
    if values.null_count:
        return False
    if not classify and reading.kind == "numeric":
        x = as_numbers(values, "x")
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            return False
        return bool(np.corrcoef(x, y)[0, 1] ** 2 > GIVEN_AWAY)
    if not (is_number(values.type) or is_text(values.type)):
        return False
    levels = as_texts(values, "x").dictionary_encode().combine_chunks()
    n_levels = len(levels.dictionary) if isinstance(levels, pa.DictionaryArray) else 0
    if not 1 < n_levels <= min(MOST_LEVELS_OF_A_LEAK, len(y) // 5):
        return False
    codes = np.asarray(levels.indices.to_numpy(), np.intp)
    counts = np.bincount(codes, minlength=n_levels)
    if classify:
        n_classes = int(y.max()) + 1
        if n_classes < 2:
            return False
        cells = np.zeros((n_levels, n_classes))
        np.add.at(cells, (codes, y.astype(int)), 1)
        return bool(cells.max(1).sum() / len(y) > GIVEN_AWAY)
    means = np.bincount(codes, y, n_levels) / np.maximum(counts, 1)
    return bool(1 - np.var(y - means[codes]) / (np.var(y) or 1) > GIVEN_AWAY)
