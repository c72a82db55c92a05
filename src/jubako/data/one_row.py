"""One row of a table as it was given, without a conversion to Arrow."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa

from .readers.frames import to_table

FLOATS = frozenset([float, np.float64, np.float32])


def is_pandas(X: object) -> bool:
    """Return whether X is a DataFrame of pandas, which is not imported for that.

    Parameters
    ----------
    X : any object
    """
    return type(X) is getattr(sys.modules.get("pandas"), "DataFrame", None)


def values_of(frame: Any) -> list[Any]:
    """Return the values of a DataFrame with one row, with None for a NaN that is a missing value.

    They are read from the blocks of the frame, as by `frame.iloc[0]`, which takes several times as
    long: pandas has no faster public way.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    list
    """
    manager, pandas = frame._mgr, sys.modules["pandas"]
    blocks = [values_in(block.values, pandas) for block in manager.blocks]
    places = zip(manager.blknos.tolist(), manager.blklocs.tolist(), strict=True)
    return [blocks[block][place] for block, place in places]


def values_in(array: Any, pandas: Any) -> list[Any]:
    """Return the values of some columns of one type.

    Parameters
    ----------
    array : array of NumPy or pandas
        Of a block of a DataFrame with one row.
    pandas : module

    Returns
    -------
    list
    """
    if isinstance(array, pandas.arrays.ArrowExtensionArray):  # such as texts
        chunked = array.__arrow_array__()
        return (chunked.chunk(0) if chunked.num_chunks == 1 else chunked).to_pylist()
    if isinstance(array, np.ndarray):
        values = array[:, 0].tolist()
        return without_nan(values) if array.dtype.kind in "fO" else values
    if isinstance(array, pandas.arrays.DatetimeArray):
        return dates_in(array)
    if array.ndim > 1:
        return array[:, 0].tolist()
    value = array[0]
    if value is pandas.NA:
        return [None]
    values = [value.item() if isinstance(value, np.generic) else value]
    is_nan_missing = isinstance(array.dtype, pandas.CategoricalDtype | pandas.StringDtype)
    return without_nan(values) if is_nan_missing else values


def without_nan(values: list[Any]) -> list[Any]:
    """Return values with None instead of NaN."""
    return [None if type(v) in FLOATS and v != v else v for v in values]


def dates_in(array: Any) -> list[Any]:
    """Return dates of pandas as those of Python, with None for missing ones.

    Parameters
    ----------
    array : DatetimeArray

    Returns
    -------
    list
        Parts of a microsecond remain: then these are dates of pandas.
    """
    counts = np.asarray(array, f"datetime64[{array.unit}]").reshape(-1)
    dates = counts.astype("datetime64[us]")
    if array.unit == "ns" and not np.all((dates == counts) | np.isnat(counts)):
        return list(array.reshape(-1))
    if array.tz is None:
        return dates.tolist()
    return [v.replace(tzinfo=UTC) if type(v) is datetime else v for v in dates.tolist()]


class OneRow(NamedTuple):
    """A row of a table.

    Parameters
    ----------
    names : list of str, or pandas.Index
        Names of its columns.
    values : list
        Their values.
    columns : callable
        From names of columns to a table of at least these, as `to_table` returns it.
    table : callable
        Returns the table of this row, or raises the error of what is wrong with it.
    """

    names: Any
    values: list[Any]
    columns: Callable[[list[str]], pa.Table]
    table: Callable[[], pa.Table]

    @property
    def num_rows(self) -> int:
        """The number of rows, as that of a table."""
        return 1

    @classmethod
    def of_table(cls, X: pa.Table, table: Callable[[], pa.Table]) -> Self:
        """Return an Arrow table with one row; `table` is as above."""
        (batch,) = [batch for batch in X.to_batches() if batch.num_rows]
        columns = batch.to_struct_array().flatten()  # sooner than batch.columns
        values = [column.to_pylist()[0] for column in columns]
        return cls(X.schema.names, values, lambda names: to_table(X.select(names)), table)

    @classmethod
    def of_frame(cls, X: Any, table: Callable[[], pa.Table]) -> Self:
        """Return a DataFrame of pandas with one row; `table` is as above."""
        return cls(X.columns, values_of(X), lambda names: to_table(X[names]), table)

    @classmethod
    def of_array(cls, X: Any, names: list[str], table: Callable[[], pa.Table]) -> Self:
        """Return an array of NumPy of shape (1, n), with n names, as a row."""
        return cls(names, without_nan(X[0].tolist()), lambda names: table(), table)
