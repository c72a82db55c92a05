"""One row of a table as it was given, without a conversion to Arrow."""

import sys
from collections.abc import Callable
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
    values = [None] * len(frame.columns)
    for block in frame._mgr.blocks:
        for place, value in zip(block.mgr_locs, values_in(block), strict=True):
            values[place] = value
    return values


def values_in(block: Any) -> list[Any]:
    """Return the values of some columns of one type.

    Parameters
    ----------
    block : Block of a DataFrame with one row

    Returns
    -------
    list
    """
    array = block.values
    if isinstance(array, np.ndarray):
        values = array[:, 0].tolist()
    elif type(array.dtype) is sys.modules["pandas"].StringDtype:
        return [array.__arrow_array__()[0].as_py()]
    elif array.ndim == 1:
        values = [array[0]]
    else:
        values = array[:, 0].tolist()
    if isinstance(array.dtype, np.dtype | sys.modules["pandas"].CategoricalDtype):
        return [None if type(v) in FLOATS and v != v else v for v in values]
    return values


class OneRow(NamedTuple):
    """A row of a table.

    Parameters
    ----------
    names : list of str, or pandas.Index
        Names of its columns.
    values : list
        Their values.
    column : callable
        From the name of a column to its value in an Arrow array, as `to_table` returns it.
    table : callable
        Returns the table of this row, or raises the error of what is wrong with it.
    """

    names: Any
    values: list[Any]
    column: Callable[[str], pa.ChunkedArray]
    table: Callable[[], pa.Table]

    @property
    def num_rows(self) -> int:
        """The number of rows, as that of a table."""
        return 1

    @classmethod
    def of_table(cls, X: pa.Table, table: Callable[[], pa.Table]) -> Self:
        """Return an Arrow table with one row; `table` is as above."""
        values = [column[0].as_py() for column in X.itercolumns()]
        return cls(X.schema.names, values, lambda name: to_table(X.select([name]))[name], table)

    @classmethod
    def of_frame(cls, X: Any, table: Callable[[], pa.Table]) -> Self:
        """Return a DataFrame of pandas with one row; `table` is as above."""
        return cls(X.columns, values_of(X), lambda name: to_table(X[[name]])[name], table)

    @classmethod
    def of_array(cls, X: Any, names: list[str], table: Callable[[], pa.Table]) -> Self:
        """Return an array of NumPy of shape (1, n), with n names, as a row."""
        values = [None if type(v) is float and v != v else v for v in X[0].tolist()]
        return cls(names, values, lambda name: table()[name], table)
