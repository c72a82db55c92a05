"""Dataset: the rows of a table with their target, weights, groups and times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.reading import Reading, cast
from .casting.values import as_numbers, is_number, plain
from .column_encoding import check_names
from .errors import TableError, rows_of_file
from .inference import Declared, check_types, infer_table
from .target import check_tails
from .target_column import (
    SIGNS,
    Task,
    cast_target,
    labels,
    labels_like,
    missing_target_note,
    read_target,
)
from .validation import counted, ordered
from .weight_column import find_weights


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows for training, validation or evaluation.

    Parameters
    ----------
    table : pyarrow.Table of N rows
        Without the target.
    target : array, shape (N,)
        Labels, or numbers in float64.
    weights : array, shape (N,), optional
        Sample weights >= 0; None if all are equal.
    groups : array of int, shape (N,), optional
        Group of each row: groups are never split.
    time : array of int, shape (N,), optional
        Rank of each row in time: models are tested on the latest rows.
    row_numbers : array of int, shape (N,), optional
        Number of each row in the user's file or array, from 0, for messages; None if these are all
        of its rows.
    """

    table: pa.Table
    target: Array
    weights: Array | None = None
    groups: Array | None = None
    time: Array | None = None
    row_numbers: Array | None = None

    @property
    def w(self) -> Array:
        """The sample weights, shape (N,): 1 if none are given."""
        return np.ones(len(self.target)) if self.weights is None else self.weights

    def take(self, rows: Array) -> "Dataset":
        """Return the rows with these numbers, from 0; the dataset itself for all rows in order."""
        if len(rows) == len(self.target) and (rows[1:] > rows[:-1]).all():
            return self
        weights, groups, time = (
            None if values is None else values[rows]
            for values in (self.weights, self.groups, self.time)
        )
        numbers = rows if self.row_numbers is None else self.row_numbers[rows]
        return Dataset(self.table.take(rows), self.target[rows], weights, groups, time, numbers)


class Prepared(NamedTuple):
    """A dataset, and how its columns were read.

    Parameters
    ----------
    dataset : Dataset
    task : {"classify", "regress"}
    readings : dict of str to Reading
        One for each column besides the target.
    target_reading : Reading
    n_dropped : int
        Number of rows without a target.
    notes : list of str
        On each ambiguity, and on rows without a target.
    """

    dataset: Dataset
    task: Task
    readings: dict[str, Reading]
    target_reading: Reading
    n_dropped: int
    notes: list[str]


def prepare(
    table: pa.Table, target: str, wanted: str, column_types: Mapping[str, Declared] | None = None
) -> Prepared:
    """Decide how all columns are read, on all rows, and split off the target.

    Parameters
    ----------
    table : pyarrow.Table
    target : str
        Name of the target column.
    wanted : {"auto", "classify", "regress"}
    column_types : mapping of str to type, optional
        As in `infer_table`.

    Returns
    -------
    Prepared

    Raises
    ------
    TableError
        If a value does not fit the type of its column, or a number in the target is far from all
        others; with its row in the file.
    """
    column_types = {**(column_types or {})}
    check_types(column_types, table.column_names)
    declared = column_types.pop(target, None)
    readings, notes, decimal = infer_table(table.drop_columns([target]), column_types)
    task, inferred = read_target(table[target], target, wanted, declared, decimal)
    dataset, n_dropped = with_target(table, target, task, reading=inferred.reading)
    why = missing_target_note(table, target, inferred.reading)
    if task == "regress":
        with rows_of_file(dataset.row_numbers):
            check_tails(dataset.target)
    else:
        signs = [label for label in np.unique(dataset.target).tolist() if label in SIGNS]
        if signs:
            notes += (
                Message(
                    "{target!r}: {signs} is a class. Leave the target empty where it is missing.",
                    target=target,
                    signs=", ".join(map(repr, signs)),
                ),
            )
    said = list[str]([*notes, *inferred.notes, *([why] if why else [])])
    return Prepared(dataset, task, readings, inferred.reading, n_dropped, said)


def with_target(
    table: pa.Table,
    target: str,
    task: Task,
    classes: Array | None = None,
    reading: Reading | None = None,
) -> tuple[Dataset, int]:
    """Split off the target, and drop the rows without a target.

    Parameters
    ----------
    table : pyarrow.Table
    target : str
        Name of the target column.
    task : {"classify", "regress"}
    classes : array, optional
        Labels of a model, whose type the labels get.
    reading : Reading, optional
        How the target is read; inferred by default.

    Returns
    -------
    dataset : Dataset
    n_dropped : int

    Raises
    ------
    TableError
        If the target does not fit the task.
    """
    if reading is None:
        reading = read_target(table[target], target, task)[1].reading
    values = cast_target(table[target], target, reading, classes)
    if task == "regress":
        y = as_numbers(values, target)
        present = ~np.isnan(y)
    else:
        present = np.asarray(values.is_valid().to_numpy(), bool)
        y = labels(values, target) if classes is None else labels_like(classes, values, target)
    table = table.drop_columns([target])
    if present.all():
        return Dataset(table, y), 0
    rows = np.flatnonzero(present)
    if len(y) == len(present):
        y = y[rows]
    return Dataset(table.take(rows), y, row_numbers=rows), len(present) - len(rows)


def with_splitting(
    dataset: Dataset, groups: str | None, time: str | None, weights: str | None = None
) -> Dataset:
    """Return the dataset with groups, times or weights from columns.

    Groups and weights are no longer inputs.

    Parameters
    ----------
    dataset : Dataset
    groups, time : str or None
        Column names, of which at most one is given.
    weights : str, optional
        Column name.

    Returns
    -------
    Dataset

    Raises
    ------
    TableError
        If there is no such column, a value is missing, with its row in the file, or there is only
        one group.
    """
    for name in (groups, time, weights):
        if name is not None:
            check_names([name], dataset.table, "DATA")
    if weights is not None:
        with rows_of_file(dataset.row_numbers):
            w = find_weights(dataset.table, weights).read(dataset.table)
        dataset = replace(dataset, table=dataset.table.drop_columns([weights]), weights=w)
    n_rows = len(dataset.target)
    if groups is not None:
        with rows_of_file(dataset.row_numbers):
            codes = counted(plain(dataset.table[groups]).to_pylist(), groups, n_rows)
        if codes is None or codes.max() < 1:
            raise TableError(
                Message(
                    "All rows are in one group: choose another column than {groups!r}.",
                    groups=groups,
                )
            )
        return replace(dataset, table=dataset.table.drop_columns([groups]), groups=codes)
    if time is not None:
        values = plain(dataset.table[time]).to_pylist()
        with rows_of_file(dataset.row_numbers):
            return replace(dataset, time=ordered(values, time, n_rows))
    return dataset


def concatenate(train: Dataset, val: Dataset | None, readings: Mapping[str, Reading]) -> Dataset:
    """Return the training rows, then the validation rows: columns, targets and weights.

    Parameters
    ----------
    train : Dataset
    val : Dataset or None
    readings : mapping of str to Reading
        Columns that are read as "drop" are removed if there are validation rows.

    Returns
    -------
    Dataset

    Raises
    ------
    TableError
        If the columns or their types do not agree.
    """
    if val is None:
        return train
    table, more = train.table, val.table
    check_names(table.column_names, more, "X_val")
    more = more.select(table.column_names)
    for i, name in enumerate(table.column_names):
        if readings[name].kind == "drop":
            continue
        if table[name].type != more[name].type:  # texts on one side, numbers on the other
            both = (cast(part[name], readings[name], name) for part in (table, more))
            table, more = (
                part.set_column(i, name, values)
                for part, values in zip((table, more), both, strict=True)
            )
        if is_number(table[name].type) != is_number(more[name].type):
            raise TableError(
                Message(
                    "Column {name!r} holds values of type {kind} in X, but of type {other} in "
                    "X_val: give both the same type.",
                    name=name,
                    kind=str(table[name].type),
                    other=str(more[name].type),
                )
            )
    used = [name for name in table.column_names if readings[name].kind != "drop"]
    try:
        table = pa.concat_tables(
            [table.select(used), more.select(used)], promote_options="permissive"
        )
    except pa.ArrowException as error:
        raise TableError(
            Message("X_val has columns of other types than X: give both the same.")
        ) from error
    return Dataset(table, np.concatenate([train.target, val.target]), np.r_[train.w, val.w])
