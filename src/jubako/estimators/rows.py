"""Rows as people have them: tables, targets, groups and times, checked at the door."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from sklearn.exceptions import DataConversionWarning

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.table.errors import TableError
from jubako.table.frames import to_array, to_table
from jubako.table.inference import infer_reading
from jubako.table.reading import Reading, cast
from jubako.table.validation import as_target, counted, ordered
from jubako.table.values import as_numbers, is_text

from .door import check_weights

FARTHEST = 1e6  # distances of the quartiles between a target and the median; see `check_tails`

pc: Any = pyarrow.compute


def open_rows(X: Any, y: Any, of: str = "") -> tuple[pa.Table, Array]:
    """Return a table and its target; `of` tells which in messages: X, or X_val.

    Raises
    ------
    TableError
        If they are none, or differ in length.
    """
    if y is None:
        raise TableError(
            f"The estimator requires y{of} to be passed, but the target y{of} is None."
        )
    table, target = to_table(X), as_target(y, f"y{of}")
    if np.asarray(y).ndim == 2:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of "
            f"y{of} to (n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=5,
        )
    if table.num_rows != len(target):
        raise TableError(f"X{of} has {table.num_rows} rows, but y{of} has {len(target)} values.")
    return table, target


@dataclass(frozen=True, slots=True)
class Given:
    """What a Tabular model is to learn from.

    Parameters
    ----------
    table, y, w : pyarrow.Table, array, array, each of N rows
        Columns, target and weights > 0.
    groups, times : arrays of int, shape (N,), or None
        The number of each row's group; or its place in time.
    table_val, y_val : pyarrow.Table or None, array
        Other rows, to judge the networks by.
    """

    table: pa.Table
    y: Array
    w: Array
    groups: Array | None
    times: Array | None
    table_val: pa.Table | None
    y_val: Array

    def take(self, rows: Array) -> "Given":
        """Return the data with some of the rows to learn from."""
        table = self.table if len(rows) == len(self.y) else self.table.take(rows)
        groups, times = (None if a is None else a[rows] for a in (self.groups, self.times))
        y, w = self.y[rows], self.w[rows]
        return replace(self, table=table, y=y, w=w, groups=groups, times=times)

    def take_val(self, rows: Array) -> "Given":
        """Return the data with some of the rows that only judge.

        Raises
        ------
        TableError
            If there were some, and none is left.
        """
        if len(rows) == len(self.y_val):
            return self
        if not len(rows) or self.table_val is None:
            raise TableError("All rows of X_val are of classes whose class_weight is zero.")
        return replace(self, table_val=self.table_val.take(rows), y_val=self.y_val[rows])

    def check_enough(self) -> "Given":
        """Return the same data.

        Raises
        ------
        TableError
            If there are fewer than 4 rows to learn from.
        """
        if len(self.y) < 4:
            n_rows = len(self.y)
            raise TableError(
                f"{n_rows} rows are too few to learn from (n_samples={n_rows}): give at least 4."
            )
        return self


def check_given(
    X: Any, y: Any, sample_weight: Any, groups: Any, times: Any, X_val: Any, y_val: Any
) -> Given:
    """Check what `fit` was given. Rows without weight are left out.

    Raises
    ------
    ParameterError, TableError
        If it does not fit together, or there are fewer than 4 rows.
    """
    table, target = open_rows(X, y)
    w = check_weights(sample_weight, len(target))
    groups, times = counted(groups, "groups", len(target)), ordered(times, "time", len(target))
    val, target_val = None, target[:0]
    if X_val is not None or y_val is not None:
        if X_val is None or y_val is None:
            raise ParameterError("X_val and y_val go together: pass both of them, or neither.")
        val, target_val = open_rows(X_val, y_val, "_val")
    if sum(one is not None for one in (groups, times, val)) > 1:
        raise ParameterError(
            "groups, time and X_val each say which rows judge the networks: pass one of them."
        )
    given = Given(table, target, in_range(w), groups, times, val, target_val)
    return given.take(np.flatnonzero(w)).check_enough()


def in_range(w: Array) -> Array:
    """Return weights that differ by a factor, if need be, so that their sum is neither inf nor 0.

    Only their ratios count.
    """
    return w if 1e-100 < w.max() < 1e100 else w / w.max()


def target_reading(y: Array) -> Reading:
    """Return how the numbers of a target are read, if they are texts.

    Raises
    ------
    TableError
        If they are no numbers.
    """
    return infer_reading("y", pa.chunked_array([to_array(y, "y")]), "numeric").reading


def target_numbers(y: Array, reading: Reading | None = None, name: str = "y") -> Array:
    """Return a target as finite numbers; texts are read as the reading says.

    The name, y or y_val, is for messages.

    Raises
    ------
    TableError
        If it has dates, or a value that is no number.
    """
    if y.dtype.kind in "mM":
        raise TableError(
            f"{name} holds dates, and not numbers: predict the days since one of them."
        )
    values = pa.chunked_array([to_array(y, name)])
    if is_text(values.type):
        reading = reading or target_reading(y)
        values = cast(values, reading, name)
        good = pc.is_valid(values)
    else:
        good = pc.is_finite(y) if y.dtype.kind == "f" else pc.is_valid(values)
    row = pc.index(good, False).as_py()
    if row >= 0:
        n = len(good) - pc.sum(good).as_py()
        more = f" ({n} of them)" if n > 1 else ""
        raise TableError(
            f"{name}, row {row + 1}: {y.tolist()[row]!r} is not a number: classes are for a "
            f"classifier, and rows without a number{more} must be left out."
        )
    return as_numbers(values, name)


def check_tails(y: Array) -> None:
    """Refuse a target beside which all others are as good as equal.

    Raises
    ------
    TableError
        If one lies `FARTHEST` times as far from the median as the quartiles from each other: the
        squared error would be about that row alone.
    """
    first, middle, third = np.quantile(y / 4, [0.25, 0.5, 0.75])  # no difference overflows
    far = abs(y / 4 - middle)
    row = int(far.argmax())
    if third > first and far[row] / FARTHEST > third - first:
        raise TableError(
            f"The target of row {row + 1} is {y[row]:.4g}, but half of them lie between "
            f"{4 * first:.4g} and {4 * third:.4g}: correct it, leave the row out, or predict the "
            "logarithm."
        )
