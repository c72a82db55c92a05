"""What the estimators for raw tables share: columns, their encoding, and how they are saved."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from pyarrow import types
from sklearn.base import BaseEstimator

from jubako.core.activations import Array
from jubako.storage.plain import from_plain, to_plain
from jubako.table.columns import Column, Dropped, fit_columns, is_text
from jubako.table.errors import TableError
from jubako.table.read import to_array, to_table

from .saving import Saving

pc: Any = pyarrow.compute


class RawTable(Saving, BaseEstimator):
    """An estimator that is given tables as they are, and decides how columns become numbers."""

    codes = False  # whether categories become codes, or else places

    if TYPE_CHECKING:  # set by fit
        columns_: list[Column]
        dropped_: list[Dropped]
        n_features_in_: int

    def _learn_columns(self, table: pa.Table) -> None:
        """Decide how each column becomes numbers."""
        columns, dropped = fit_columns(table, self.codes)
        if not columns:
            raise TableError("There is no column to learn from: all are empty or always the same.")
        self.columns_, self.dropped_ = columns, dropped
        self.n_features_in_ = table.num_columns

    def describe_columns(self) -> dict[str, Any]:
        """Return the columns as plain words."""
        return {
            "columns": [to_plain(column) for column in self.columns_],
            "dropped": [[column.name, column.reason] for column in self.dropped_],
        }

    def restore_columns(self, words: dict[str, Any]) -> None:
        """Take back what `describe_columns` has returned."""
        self.columns_ = [from_plain("column", column) for column in words["columns"]]
        self.dropped_ = [Dropped(str(name), str(reason)) for name, reason in words["dropped"]]
        self.n_features_in_ = len(self.columns_) + len(self.dropped_)


def open_rows(X: Any, y: Any, of: str = "") -> tuple[pa.Table, Array]:
    """Return a table and its target; `of` tells which in messages: X, or X_val.

    Raises
    ------
    ValueError, TableError
        If they are none, or differ in length.
    """
    table, target = to_table(X), as_target(y, f"y{of}")
    if table.num_rows != len(target):
        raise ValueError(f"X{of} has {table.num_rows} rows, but y{of} has {len(target)} values.")
    return table, target


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


def as_numbers(y: Array) -> Array:
    """Return a target as finite numbers.

    Raises
    ------
    TableError
        If it has dates, or a value that is no number.
    """
    if y.dtype.kind in "mM":
        raise TableError("y holds dates, and not numbers: predict the days since one of them.")
    try:
        numbers = y.astype(float)
    except ValueError:
        numbers = np.array([number_in(value) for value in y])
    good = np.isfinite(numbers)
    if not good.all():
        row = int(good.argmin())
        raise TableError(
            f"y, row {row + 1}: {y.tolist()[row]!r} is not a number: classes are for a classifier, "
            "and rows without a number must be left out."
        )
    return numbers


def number_in(value: Any) -> float:
    """Return the number that a text is, or NaN."""
    try:
        return float(value)
    except ValueError:
        return np.nan
