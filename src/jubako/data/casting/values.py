"""Typed values of a column: their types, and their conversion to numbers or texts."""

import numpy as np
import pyarrow as pa
import pyarrow.types as types

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

EXACT = 2.0**53  # float64 represents whole numbers below it exactly


def plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decode dictionary-encoded values, and convert all string types to one.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray
    """
    if types.is_dictionary(values.type):
        return plain(values.cast(values.type.value_type))
    if types.is_string_view(values.type) or types.is_large_string(values.type):
        return values.cast(pa.string())
    return values


def is_number(kind: pa.DataType) -> bool:
    """Return whether values of this type are numbers."""
    return types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)


def is_text(kind: pa.DataType) -> bool:
    """Return whether values of this type are texts."""
    return types.is_string(kind) or types.is_large_string(kind)


def as_numbers(values: pa.ChunkedArray, name: str) -> Array:
    """Return values as numbers.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
        Of numbers or booleans.
    name : str
        Column name, for messages.

    Returns
    -------
    array of float64, shape (N,)
        NaN where missing.

    Raises
    ------
    TableError
        If they are of another type, or one is infinite.
    """
    if not (is_number(values.type) or types.is_boolean(values.type) or types.is_null(values.type)):
        raise TableError(
            Message(
                "Column {name!r} holds values of type {kind}, but must be numbers.",
                name=name,
                kind=str(values.type),
            )
        )
    if values.null_count or not types.is_primitive(values.type):
        values = values.cast(pa.float64(), safe=False)
    numbers = np.array(values.to_numpy(), float)
    wrong = np.isinf(numbers)
    if wrong.any():
        raise infinite(name, int(wrong.argmax()))
    return numbers


def infinite(name: str, row: int) -> TableError:
    """Return the error that a number is infinite, in a row counted from 0."""
    return TableError(
        Message(
            "Column {name!r}, row {row}: a number is infinite. Correct it, or leave it empty.",
            name=name,
            row=row + 1,
        )
    )


def as_texts(values: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return values as strings; a whole number has the same text for 1, 1.0 and "1".

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Column name, for messages.

    Returns
    -------
    pyarrow.ChunkedArray of strings, shape (N,)

    Raises
    ------
    TableError
        If values of this type, such as lists, have no text.
    """
    if types.is_floating(values.type):
        values = values.cast(pa.float32()) if types.is_float16(values.type) else values
        exact = pc.less(pc.abs(values), EXACT)
        whole = pc.all(pc.and_(exact, pc.equal(pc.floor(values), values))).as_py()
        values = values.cast(pa.int64()) if whole else values
    if is_text(values.type):
        return values
    try:
        return values.cast(pa.string())
    except pa.ArrowException as error:
        raise TableError(
            Message(
                "Column {name!r} holds values of type {kind}, but must be texts.",
                name=name,
                kind=str(values.type),
            )
        ) from error
