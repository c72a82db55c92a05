"""Check and convert the targets, groups, times and validation rows that users pass in Python."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from pyarrow import types

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.values import is_text
from .errors import TableError
from .inference import read_order
from .readers.frames import to_array

pc: Any = pyarrow.compute


def as_target(y: Any, name: str = "y") -> Array:
    """Return a target as an array of shape (n_samples,): numbers, booleans or texts.

    Raises
    ------
    TableError
        If it is no column, lacks a value, or holds values of several kinds.
    """
    target = np.asarray(y)
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    if target.ndim != 1:
        raise TableError(
            Message(
                "{name} must be one column, but has the shape {shape}.",
                name=name,
                shape=str(target.shape),
            )
        )
    column = to_array(target, name)
    if column.null_count:
        row = pc.index(column.is_null(), True).as_py() + 1
        raise TableError(
            Message(
                "{name} lacks {n} of {total} values, the first in row {row}: leave those rows out.",
                name=name,
                n=column.null_count,
                total=len(target),
                row=row,
            )
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
        raise TableError(
            Message(
                "{name} has {n} values, but X has {n_rows} rows.",
                name=name,
                n=len(column),
                n_rows=n_rows,
            )
        )
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
