"""Validation of targets, groups, times and validation rows that users pass in Python."""

import numpy as np
import pyarrow as pa
from pyarrow import types

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.values import is_text
from .errors import TableError
from .inference import read_order
from .readers.frames import to_array


def as_target(y: object, name: str = "y") -> Array:
    """Convert a target to an array of numbers, booleans or texts.

    Parameters
    ----------
    y : array-like, shape (N,) or (N, 1)
    name : str
        For messages.

    Returns
    -------
    array, shape (N,)

    Raises
    ------
    TableError
        If it has several columns, lacks a value, or holds values of several types.
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


def counted(values: object, name: str, n_rows: int) -> Array | None:
    """Return the number of each row's value among the sorted distinct values.

    Parameters
    ----------
    values : array-like, shape (n_rows,), or None
    name : str
        For messages.
    n_rows : int

    Returns
    -------
    array of int, shape (n_rows,), or None

    Raises
    ------
    TableError
        If the number of values differs, or they are of several types.
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


def ordered(values: object, name: str, n_rows: int) -> Array | None:
    """Return the same as `counted`, in the order of numbers or dates.

    Parameters
    ----------
    values : array-like, shape (n_rows,), or None
        Numbers, dates, or texts of these.
    name : str
        For messages.
    n_rows : int

    Returns
    -------
    array of int, shape (n_rows,), or None

    Raises
    ------
    TableError
        As in `counted`, or if texts are neither numbers nor dates.
    """
    if values is None:
        return None
    column = as_target(values, name)
    texts = pa.chunked_array([to_array(column, name)])
    return counted(read_order(texts, name) if is_text(texts.type) else column, name, n_rows)
