"""Remarks on possible problems of a table: missing values, duplicates, the target, leakage."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.reading import Reading, cast
from .casting.values import as_numbers, as_texts, is_number, is_text
from .dataset import Dataset, with_target
from .target_column import Task, class_counts, missing_target_note

DETERMINED = 0.999  # fraction of the target that one column must explain for a warning
MOST_LEVELS_OF_A_LEAK = 1000


def often_missing(name: str, missing: int, n_rows: int) -> tuple[Message, ...]:
    """Return a remark on a column that is missing in more than half of the rows.

    Parameters
    ----------
    name : str
    missing, n_rows : int
        Number of rows without a value, and of all rows.

    Returns
    -------
    tuple of Message
        At most one.
    """
    if missing * 2 <= n_rows:
        return ()
    return (Message("{name!r} is missing in more than half of the rows.", name=name),)


def duplicate_remarks(table: pa.Table) -> list[str]:
    """Return a remark on duplicate rows.

    Parameters
    ----------
    table : pyarrow.Table

    Returns
    -------
    list of str
        At most one.
    """
    try:
        groups = table.group_by(table.column_names).aggregate([([], "count_all")])
    except (pa.ArrowException, TypeError):
        return []  # types that can't be compared
    n = table.num_rows - groups.num_rows
    if not n:
        return []
    if n == 1:
        return [Message("1 duplicate row: it may be in the training set and in the test set.")]
    return [
        Message("{n} duplicate rows: they may be in the training set and in the test set.", n=n)
    ]


def target_remarks(
    table: pa.Table, target: str, task: Task, reading: Reading, readings: Mapping[str, Reading]
) -> list[str]:
    """Return remarks on the target: missing values, classes, order of the rows, leakage.

    Parameters
    ----------
    table : pyarrow.Table
    target : str
    task : {"classify", "regress"}
    reading : Reading
        Of the target.
    readings : mapping of str to Reading
        Of the other columns.

    Returns
    -------
    list of str
    """
    why = missing_target_note(table, target, reading)
    dataset, _ = with_target(table, target, task, reading=reading)
    return [*([why] if why else []), *dataset_remarks(dataset, target, task, readings)]


def dataset_remarks(
    dataset: Dataset, target: str, task: Task, readings: Mapping[str, Reading]
) -> list[str]:
    """Return remarks on rows with a target: classes, order of the rows, leakage.

    Parameters
    ----------
    dataset : Dataset
    target : str
    task : {"classify", "regress"}
    readings : mapping of str to Reading
        Of the columns besides the target.

    Returns
    -------
    list of str
    """
    remarks = list[str]()
    if task == "classify":
        codes = np.unique(dataset.target, return_inverse=True)[1].astype(float)
        remarks += class_remarks(target, dataset.target)
    else:
        codes = dataset.target
        remarks.append(
            Message(
                "{target!r} is numeric, from {low:.6g} to {high:.6g}, mean {mean:.6g}.",
                target=target,
                low=codes.min(),
                high=codes.max(),
                mean=codes.mean(),
            )
        )
    if len(codes) > 20 and (np.diff(codes) >= 0).all() and codes[0] < codes[-1]:
        remarks.append(
            Message(
                "The rows are sorted by {target!r}. Training shuffles them, but a file that is cut "
                "off lacks the last classes or values.",
                target=target,
            )
        )
    for name in dataset.table.column_names:
        if name in readings and determines_target(
            dataset.table[name], codes, task == "classify", readings[name]
        ):
            remarks.append(
                Message(
                    "{name!r} alone nearly determines {target!r}: is it known at prediction time?",
                    name=name,
                    target=target,
                )
            )
    return remarks


def class_remarks(target: str, y: Array) -> list[str]:
    """Return remarks on the classes of a target.

    Parameters
    ----------
    target : str
    y : array, shape (N,)
        Labels.

    Returns
    -------
    list of str
    """
    counts = class_counts(y)
    remarks: list[str] = [
        Message(
            "{target!r} has {n} classes; {share:.1%} of the rows are of the majority class.",
            target=target,
            n=len(counts),
            share=max(counts.values()) / len(y),
        )
    ]
    smallest = min(counts, key=lambda label: counts[label])
    if len(counts) == 1:
        remarks.append(
            Message("{target!r} has only one class: a classifier needs two.", target=target)
        )
    elif counts[smallest] < 5:
        n = counts[smallest]
        rows = Message("1 row") if n == 1 else Message("{n} rows", n=n)
        remarks.append(Message("Class {name!r} has only {rows}.", name=smallest, rows=rows))
    return remarks


def determines_target(values: pa.ChunkedArray, y: Array, classify: bool, reading: Reading) -> bool:
    """Return whether a column alone nearly determines the target.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    y : array, shape (N,)
        Class numbers, or numbers.
    classify : bool
    reading : Reading
        Of the column.
    """
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
