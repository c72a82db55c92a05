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


def is_missing(kind: object) -> bool:
    """Return whether NaN is a missing value in a column of pandas.

    Parameters
    ----------
    kind : dtype
    """
    pandas = sys.modules["pandas"]
    return isinstance(kind, np.dtype | pandas.StringDtype | pandas.CategoricalDtype)


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
        return cls(X.column_names, values, lambda name: to_table(X.select([name]))[name], table)

    @classmethod
    def of_frame(cls, X: Any, table: Callable[[], pa.Table]) -> Self:
        """Return a DataFrame of pandas with one row; `table` is as above."""
        values = X.iloc[0].tolist()
        if any(type(value) in FLOATS and value != value for value in values):
            values = [
                None if value != value and is_missing(kind) else value
                for value, kind in zip(values, X.dtypes, strict=True)
            ]
        return cls(X.columns, values, lambda name: to_table(X[[name]])[name], table)

    @classmethod
    def of_array(cls, X: Any, names: list[str], table: Callable[[], pa.Table]) -> Self:
        """Return an array of NumPy of shape (1, n), with n names, as a row."""
        values = [None if type(v) is float and v != v else v for v in X[0].tolist()]
        return cls(names, values, lambda name: table()[name], table)
