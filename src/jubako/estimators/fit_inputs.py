"""Validation of the arguments of `fit`: tables, targets, weights, groups, times."""

import warnings

import numpy as np
import pyarrow as pa
from sklearn.exceptions import DataConversionWarning

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.dataset import Dataset
from jubako.data.errors import TableError
from jubako.data.readers.frames import to_table
from jubako.data.validation import as_target, counted, ordered
from jubako.search.targets import check_enough, in_range

from .validation import check_weights


def open_rows(X: object, y: object, of: str = "") -> tuple[pa.Table, Array]:
    """Return a table and its target. `of` is the name of the table in messages, X or X_val.

    Raises
    ------
    TableError
        If they are invalid, or differ in length.
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


def check_fit_inputs(
    X: object,
    y: object,
    sample_weight: object,
    groups: object,
    time: object,
    X_val: object,
    y_val: object,
) -> tuple[Dataset, Dataset | None]:
    """Return the training rows, without those of weight 0, and the validation rows, if any.

    Each validation row has the mean weight of the training rows.

    Raises
    ------
    ParameterError, TableError
        If the inputs are incompatible, or there are fewer than 4 training rows.
    """
    table, target = open_rows(X, y)
    w = check_weights(sample_weight, len(target))
    groups, time = counted(groups, "groups", len(target)), ordered(time, "time", len(target))
    if (X_val is None) != (y_val is None):
        raise ParameterError("X_val and y_val go together: pass both of them, or neither.")
    check_one_split(groups, time, X_val)
    w, positive = in_range(w), np.flatnonzero(w)
    train = Dataset(table, target, w, groups, time).take(positive)
    check_enough(train)
    if X_val is None:
        return train, None
    table, target = open_rows(X_val, y_val, "_val")
    if not len(target):
        raise TableError("X_val has no rows: give some to validate on, or leave it out.")
    return train, Dataset(table, target, np.full(len(target), w[positive].mean()))


def check_one_split(groups: object, time: object, X_val: object) -> None:
    """Refuse more than one definition of the validation rows.

    Raises
    ------
    ParameterError
        If there are several.
    """
    if sum(given is not None for given in (groups, time, X_val)) > 1:
        raise ParameterError(
            "groups, time and X_val each define the validation rows: pass one of them."
        )
