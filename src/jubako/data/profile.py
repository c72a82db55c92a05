"""Profile of a table: how each column is used, missing values, duplicates, leaks, the target."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.reading import Reading, cast
from .casting.values import as_numbers, as_texts, is_number, is_text, plain
from .dataset import with_target
from .errors import TableError
from .inference import Declared, Readings, check_types, infer_table
from .schema import Column, Dropped, fit_column
from .target_column import class_counts, left_out, read_target

DETERMINED = 0.999  # share of the target that one column must explain to be suspected
MOST_LEVELS_OF_A_LEAK = 1000


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column is.

    Parameters
    ----------
    name : str
    type : str
        The type of its values in the file, as Arrow calls it.
    missing : int
        The number of rows without a value.
    taken_for : str
        How the column is used: a Message.
    remarks : tuple of str
        What is odd about it.
    """

    name: str
    type: str
    missing: int
    taken_for: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableProfile:
    """What a table is, and what is odd about it, before training.

    Parameters
    ----------
    columns : tuple of ColumnProfile
    notes : tuple of str
        One for each choice between two readings.
    remarks : tuple of str
        On duplicate rows, columns and the target.
    """

    columns: tuple[ColumnProfile, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]


def profile(
    table: pa.Table, target: str | None = None, column_types: Mapping[str, Declared] | None = None
) -> TableProfile:
    """Look over a table before training.

    Parameters
    ----------
    table : pyarrow.Table
        With the target, if there is one.
    target : str, optional
        With it, classes, leaks and the order of the rows are looked at too.
    column_types : mapping of column name to type, optional
        As in `infer_table`.

    Raises
    ------
    TableError
        If there is no such column or type, or the target can't be predicted.
    """
    types = check_types(column_types or {}, table.column_names)
    declared = types.pop(target, None) if target else None
    refused = dict[str, TableError]()
    found = infer_table(table.drop_columns([target] if target else []), types, refused=refused)
    columns = tuple(
        profile_column(name, table[name], target, refused.get(name) or found.readings.get(name))
        for name in table.column_names
    )
    remarks = duplicate_remarks(table)
    remarks += [remark for column in columns for remark in column.remarks]
    remarks += target_remarks(table, target, found, declared) if target else []
    return TableProfile(columns, found.notes, tuple(remarks))


def profile_column(
    name: str,
    values: pa.ChunkedArray,
    target: str | None,
    reading: Reading | TableError | None = None,
) -> ColumnProfile:
    """Return what one column is, and what is odd about it.

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
        taken_for = Message("not usable as it is")
    elif name == target:
        taken_for = Message("the target")
    elif isinstance(fitted, Dropped):
        taken_for = Message("left out: {reason}", reason=fitted.reason)
    else:
        taken_for = fitted.describe()
    values = plain(values)
    missing = values.null_count
    if isinstance(reading, Reading) and reading.missing:
        missing = cast(values, reading, name).null_count
    if missing * 2 > len(values):
        remarks.append(Message("{name!r} is missing in more than half of the rows.", name=name))
    return ColumnProfile(name, str(values.type), missing, taken_for, tuple(remarks))


def duplicate_remarks(table: pa.Table) -> list[str]:
    """Return a remark on how many rows stand more than once, if any do."""
    try:
        groups = table.group_by(table.column_names).aggregate([([], "count_all")])
    except (pa.ArrowException, TypeError):
        return []  # of types that can't be compared
    n = table.num_rows - groups.num_rows
    if not n:
        return []
    if n == 1:
        return [
            Message(
                "1 row stands in the table more than once: test rows may be among the rows to "
                "learn."
            )
        ]
    return [
        Message(
            "{n} rows stand in the table more than once: test rows may be among the rows to learn.",
            n=n,
        )
    ]


def target_remarks(
    table: pa.Table, target: str, found: Readings | None = None, declared: Declared = None
) -> list[str]:
    """Return what is odd about the target: missing, classes, order, columns that give it away."""
    if found is None:
        found = infer_table(table.drop_columns([target]), refused={})
    task, (reading, notes, *_) = read_target(table[target], target, "auto", declared, found.decimal)
    remarks = list[str](notes)
    why = left_out(table, target, reading)
    if why:
        remarks.append(why)
    dataset, _ = with_target(table, target, task, reading=reading)
    y = dataset.target
    if task == "classify":
        counts = class_counts(y)
        largest = max(counts.values()) / len(y)
        smallest = min(counts, key=lambda label: counts[label])
        remarks.append(
            Message(
                "{target!r} has {n} classes; always saying the commonest is right in {share:.1%} "
                "of the rows.",
                target=target, n=len(counts), share=largest,
            )
        )  # fmt: skip
        if len(counts) == 1:
            remarks.append(
                Message(
                    "{target!r} has one class only: there is nothing to tell apart.", target=target
                )
            )
        elif counts[smallest] < 5:
            remarks.append(
                Message("Class {name!r} has only {n} rows.", name=smallest, n=counts[smallest])
            )
        codes = np.unique(y, return_inverse=True)[1].astype(float)
    else:
        codes = y
        remarks.append(
            Message(
                "{target!r} is a number from {low:.6g} to {high:.6g}, mean {mean:.6g}.",
                target=target, low=codes.min(), high=codes.max(), mean=codes.mean(),
            )
        )  # fmt: skip
    if len(codes) > 20 and (np.diff(codes) >= 0).all() and codes[0] < codes[-1]:
        remarks.append(
            Message(
                "The rows are sorted by {target!r}: no harm, they are shuffled, but a file cut off "
                "at the end would lack classes or values.",
                target=target,
            )
        )
    for name in dataset.table.column_names:
        reading = found.readings.get(name)
        if reading and determines_target(dataset.table[name], codes, task == "classify", reading):
            remarks.append(
                Message(
                    "{name!r} gives {target!r} away nearly alone: is it known when predicting?",
                    name=name, target=target,
                )
            )  # fmt: skip
    return remarks


def determines_target(values: pa.ChunkedArray, y: Array, classify: bool, reading: Reading) -> bool:
    """Return whether one column alone nearly determines the target."""
    if len(values) < 20 or reading.kind == "drop":
        return False
    values = cast(values, reading, "x")
    if values.null_count:
        return False
    if not classify and reading.kind == "numeric":
        x = as_numbers(values, "x")
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            return False
        return bool(np.corrcoef(x, y)[0, 1] ** 2 > DETERMINED)
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
        return bool(cells.max(1).sum() / len(y) > DETERMINED)
    means = np.bincount(codes, y, n_levels) / np.maximum(counts, 1)
    return bool(1 - np.var(y - means[codes]) / (np.var(y) or 1) > DETERMINED)
