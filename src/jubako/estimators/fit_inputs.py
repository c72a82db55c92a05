"""Rows as people have them: tables, targets, groups and times, checked at the door."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.exceptions import DataConversionWarning

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.errors import TableError
from jubako.data.readers.frames import to_table
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.validation import as_target, counted, ordered

from .validation import check_weights

LEAST = float(np.finfo(np.float32).tiny)  # weight of a row, as a share of the largest, that counts


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
        Columns, target (encoded or not) and weights > 0.
    groups, times : arrays of int, shape (N,), or None
        The number of each row's group; or its place in time.
    table_val, y_val, w_val : pyarrow.Table or None, array, array
        Other rows, to judge the networks by.
    """

    table: pa.Table
    y: Array
    w: Array
    groups: Array | None
    times: Array | None
    table_val: pa.Table | None
    y_val: Array
    w_val: Array

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
        y_val, w_val = self.y_val[rows], self.w_val[rows]
        return replace(self, table_val=self.table_val.take(rows), y_val=y_val, w_val=w_val)

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
        if not len(target_val):
            raise TableError("X_val has no rows: give some to validate on, or leave it out.")
    if sum(one is not None for one in (groups, times, val)) > 1:
        raise ParameterError(
            "groups, time and X_val each say which rows judge the networks: pass one of them."
        )
    w_train = in_range(w)
    counts = np.flatnonzero(w)
    w_val = np.full(len(target_val), w_train[counts].mean() if len(counts) else 0.0)
    given = Given(table, target, w_train, groups, times, val, target_val, w_val)
    return given.take(counts).check_enough()


def encode_targets(
    given: Given,
    target: ClassTarget | NumericTarget,
    class_weight: Mapping[Any, float] | str | None = None,
) -> Given:
    """Return the data with encoded targets (N, 1), without rows whose weight is negligible."""
    y, w, w_val = target.encode(given.y), given.w, given.w_val
    y_val = np.empty((0, 1), y.dtype)
    factors = None
    if class_weight is not None and isinstance(target, ClassTarget):
        factors = np.ones(len(target.classes))
        factors[y[:, 0]] = target.weights(y, w, class_weight)
        factors = in_range(factors)
    if given.table_val is not None:
        y_val = target.encode(given.y_val, "y_val")
    if factors is not None:
        w, w_val = w * factors[y[:, 0]], w_val * factors[y_val[:, 0]]
    n, w = len(w), in_range(np.r_[w, w_val])
    y, y_val = y.astype(np.float64), y_val.astype(np.float64)
    given = replace(given, y=y, w=w[:n], y_val=y_val, w_val=w[n:])
    counts = w >= LEAST * w.max()
    given = given.take(np.flatnonzero(counts[:n])).take_val(np.flatnonzero(counts[n:]))
    return given.check_enough()


def in_range(w: Array) -> Array:
    """Return weights that differ by a factor, if need be, so that their sum is neither inf nor 0.

    Only their ratios count.
    """
    return w if 1e-100 < w.max() < 1e100 else w / w.max()
