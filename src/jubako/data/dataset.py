"""Rows to learn from or to measure on: a table with its target, weights, groups and times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.reading import Reading
from .casting.values import as_numbers, plain
from .columns import check_names
from .errors import TableError
from .inference import Declared, check_types, infer_table
from .target_column import SIGNS, Task, labels, labels_like, left_out, read_target, truth_of
from .validation import counted, ordered


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows to learn from, or to measure on.

    Parameters
    ----------
    table : pyarrow.Table of N rows
        Without the target.
    target : array, shape (N,)
        Labels, or numbers in float64.
    weights : array, shape (N,), optional
        Of the rows, >= 0; None if all count alike.
    groups : array of int, shape (N,), optional
        The number of each row's group: groups are never split.
    time : array of int, shape (N,), optional
        The place of each row in time: models are measured on the latest rows.
    """

    table: pa.Table
    target: Array
    weights: Array | None = None
    groups: Array | None = None
    time: Array | None = None

    def take(self, rows: Array) -> "Dataset":
        """Return the rows with these numbers, counted from 0."""
        weights, groups, time = (
            None if values is None else values[rows]
            for values in (self.weights, self.groups, self.time)
        )
        return Dataset(self.table.take(rows), self.target[rows], weights, groups, time)


class Prepared(NamedTuple):
    """Rows to learn from, and how they were read."""

    dataset: Dataset
    task: Task
    readings: dict[str, Reading]  # of the columns besides the target
    target_reading: Reading
    left_out: int  # rows without a target
    notes: list[str]  # one for each choice between two readings, and why rows are left out


def prepare(
    table: pa.Table, target: str, wanted: str, column_types: Mapping[str, Declared] | None = None
) -> Prepared:
    """Decide how all columns are read, on all rows, and split off the target.

    Raises
    ------
    TableError
        If a value can't be read as its column must be, with its row in the file.
    """
    column_types = {**(column_types or {})}
    check_types(column_types, table.column_names)
    declared = column_types.pop(target, None)
    readings, notes, decimal = infer_table(table.drop_columns([target]), column_types)
    task, inferred = read_target(table[target], target, wanted, declared, decimal)
    dataset, n_left_out = with_target(table, target, task, reading=inferred.reading)
    why = left_out(table, target, inferred.reading)
    if task == "classify":
        signs = [label for label in np.unique(dataset.target).tolist() if label in SIGNS]
        if signs:
            notes += (
                Message(
                    "{target!r}: {signs} is a class. Leave the target empty where it is missing.",
                    target=target, signs=", ".join(map(repr, signs)),
                ),
            )  # fmt: skip
    said = list[str]([*notes, *inferred.notes, *([why] if why else [])])
    return Prepared(dataset, task, readings, inferred.reading, n_left_out, said)


def with_target(
    table: pa.Table,
    target: str,
    task: Task,
    classes: Array | None = None,
    reading: Reading | None = None,
) -> tuple[Dataset, int]:
    """Split off the target, and leave out the rows that lack it; return how many those were.

    Labels get the type of `classes`, if these are given. Without a `reading`, it is inferred.

    Raises
    ------
    TableError
        If the target is not what the task needs.
    """
    if reading is None:
        reading = read_target(table[target], target, task)[1].reading
    values = truth_of(table[target], target, reading, classes)
    if task == "regress":
        y = as_numbers(values, target)
        present = ~np.isnan(y)
    else:
        present = np.asarray(values.is_valid().to_numpy(), bool)
        y = labels(values, target) if classes is None else labels_like(classes, values, target)
    rows = np.flatnonzero(present)
    kept = table if present.all() else table.take(rows)
    if len(y) == len(present):
        y = y[rows]
    return Dataset(kept.drop_columns([target]), y), int((~present).sum())


def with_splitting(dataset: Dataset, groups: str | None, time: str | None) -> Dataset:
    """Take groups or times from a column; that of groups is then no longer learned from.

    Raises
    ------
    TableError
        If there is no such column, a value is missing, or there is only one group.
    """
    for name in (groups, time):
        if name is not None:
            check_names([name], dataset.table, "DATA")
    n_rows = len(dataset.target)
    if groups is not None:
        codes = counted(plain(dataset.table[groups]).to_pylist(), groups, n_rows)
        if codes is None or codes.max() < 1:
            raise TableError(
                Message(
                    "All rows are of one group: choose another column than {groups!r}.",
                    groups=groups,
                )
            )
        return replace(dataset, table=dataset.table.drop_columns([groups]), groups=codes)
    if time is not None:
        values = plain(dataset.table[time]).to_pylist()
        return replace(dataset, time=ordered(values, time, n_rows))
    return dataset
