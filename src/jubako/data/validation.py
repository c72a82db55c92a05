"""Check and convert the targets, groups, times and validation rows that users pass in Python."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from pyarrow import types

from jubako.core.activations import Array

from .casting.reading import Reading, cast
from .casting.values import is_number, is_text
from .columns import check_names
from .errors import TableError
from .inference import read_order
from .readers.frames import to_array

pc: Any = pyarrow.compute


def as_target(y: Any, name: str = "y") -> Array:
    """Return a target as an array of shape (n_samples,): numbers, truths or texts.

    Raises
    ------
    TableError
        If it is no column, lacks a value, or holds values of several kinds.
    """
    target = np.asarray(y)
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    if target.ndim != 1:
        raise TableError(f"{name} must be one column, but has the shape {target.shape}.")
    column = to_array(target, name)
    if column.null_count:
        row = pc.index(column.is_null(), True).as_py() + 1
        raise TableError(
            f"{name} lacks {column.null_count} of {len(target)} values, the first in row {row}: "
            "leave those rows out."
        )
    if target.dtype != object or is_text(column.type):
        return target
    if types.is_decimal(column.type):
        column = column.cast(pa.float64())
    return column.to_numpy(zero_copy_only=False)


def counted(values: Any, name: str, n_rows: int) -> Array | None:
    """Return which of the distinct values each row has, counted from 0; None for None.

    Raises
    ------
    TableError
        If there is not one for each row, or they are of several kinds.
    """
    if values is None:
        return None
    column = as_target(values, name)
    if len(column) != n_rows:
        raise TableError(f"{name} has {len(column)} values, but X has {n_rows} rows.")
    return np.unique(column, return_inverse=True)[1]


def ordered(values: Any, name: str, n_rows: int) -> Array | None:
    """Return the same, counted from the lowest number or the first date.

    Raises
    ------
    TableError
        Also if they are other texts than numbers and dates.
    """
    if values is None:
        return None
    column = as_target(values, name)
    texts = pa.chunked_array([to_array(column, name)])
    return counted(read_order(texts, name) if is_text(texts.type) else column, name, n_rows)


def joined(table: pa.Table, more: pa.Table, readings: Mapping[str, Reading]) -> pa.Table:
    """Put the rows of one table below those of another.

    Raises
    ------
    TableError
        If they do not have the same columns, of types that go together.
    """
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
                f"Column {name!r} holds values of type {table[name].type} in X, but of type "
                f"{more[name].type} in X_val: give both the same type."
            )
    used = [name for name in table.column_names if readings[name].kind != "drop"]
    try:
        return pa.concat_tables(
            [table.select(used), more.select(used)], promote_options="permissive"
        )
    except pa.ArrowException as error:
        raise TableError("X_val has columns of other types than X: give both the same.") from error
