"""Features: the columns that a model was fitted on, and how to find them in other tables."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa

from jubako.data.column_encoding import check_names
from jubako.data.errors import TableError
from jubako.data.one_row import OneRow, is_pandas
from jubako.data.readers.frames import to_table


@dataclass(frozen=True)
class Features:
    """The features that a model was fitted on.

    Parameters
    ----------
    names : tuple of str
        Names of all columns, in their order; x1, x2, ... for an array.
    named : bool
        Whether they are the column names of a frame, all strings.
    """

    names: tuple[str, ...]
    named: bool

    @classmethod
    def of(cls, X: object, table: pa.Table) -> Self:
        """Return the features of X, which was converted to the table."""
        return cls(tuple(table.column_names), has_feature_names(X))

    def find(
        self, X: object, needed: Iterable[str], owner: str, source: str = "X", warn: bool = True
    ) -> pa.Table:
        """Return X as a table that has the needed columns under the names of the fit.

        They are found by name in a frame if the model was fitted on one, else by position. A frame
        may have more columns, in any order.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
        needed : iterable of str
            The columns that the model uses.
        owner, source : str
            Names of the model and of X in messages.
        warn : bool
            Whether to warn of an array where the model was fitted on named columns.

        Returns
        -------
        pyarrow.Table

        Raises
        ------
        TableError
            If a column is missing, or X has another number of features where they are found by
            position.
        """
        table, needed = to_table(X), list(needed)
        named = has_feature_names(X)
        if named and not self.named:
            warnings.warn(
                f"{source} has feature names, but {owner} was fitted without feature names",
                stacklevel=4,
            )
        if self.named and not named and warn:
            warnings.warn(
                f"{source} does not have valid feature names, but {owner} was fitted with feature "
                "names",
                stacklevel=4,
            )
        if is_frame(X) and (set(needed) <= set(table.column_names) or (named and self.named)):
            check_names(needed, table, source)
            return table
        if table.num_columns != len(self.names):
            raise TableError(
                f"{source} has {table.num_columns} features, but {owner} is expecting "
                f"{len(self.names)} features as input."
            )
        return table.rename_columns(list(self.names))

    def find_row(self, X: Any, table: Callable[[], pa.Table]) -> OneRow | None:
        """Return X as one row, if it is one whose columns are found without a warning.

        Parameters
        ----------
        X : any object
        table : callable
            Returns the result of `find`, or raises its error.

        Returns
        -------
        OneRow or None
        """
        try:
            if self.named and type(X) is pa.Table and X.num_rows == 1:
                return OneRow.of_table(X, table)
            if self.named and is_pandas(X) and len(X) == 1:
                return OneRow.of_frame(X, table)
            if not self.named and type(X) is np.ndarray and X.shape == (1, len(self.names)):
                return OneRow.of_array(X, list(self.names), table)
        except (ValueError, TypeError, OverflowError, pa.ArrowException):
            pass  # a value that Python does not have
        except AttributeError:  # another version of pandas may have no such blocks
            pass
        return None


def is_frame(X: object) -> bool:
    """Return whether X has named columns, whatever the type of their names.

    Parameters
    ----------
    X : any object
    """
    streams = ("__arrow_c_stream__", "__arrow_c_array__")
    return nw.dependencies.is_into_dataframe(X) or any(hasattr(X, name) for name in streams)


def has_feature_names(X: Any) -> bool:
    """Return whether X is a frame whose columns all have strings as names.

    Parameters
    ----------
    X : any object
    """
    if nw.dependencies.is_dask_dataframe(X):
        return all(isinstance(name, str) for name in X.columns)
    if nw.dependencies.is_into_dataframe(X):
        return all(isinstance(name, str) for name in nw.from_native(X).columns)
    return is_frame(X)
