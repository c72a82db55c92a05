"""Encoded targets and weights of the rows of a search."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from jubako.core.activations import Array
from jubako.data.dataset import Dataset
from jubako.data.errors import TableError, rows_of_file
from jubako.data.target import ClassTarget, NumericTarget
from jubako.i18n.messages import Message

LEAST = float(np.finfo(np.float32).tiny)  # minimum weight relative to the largest


def encode_targets(
    train: Dataset,
    val: Dataset | None,
    target: ClassTarget | NumericTarget,
    class_weight: Mapping[object, float] | str | None = None,
) -> tuple[Dataset, Dataset | None]:
    """Encode the targets as (N, 1), and drop rows with a negligible weight.

    Parameters
    ----------
    train : Dataset
    val : Dataset or None
    target : ClassTarget or NumericTarget
    class_weight : dict, "balanced" or None

    Returns
    -------
    train : Dataset
    val : Dataset or None

    Raises
    ------
    ParameterError, TableError
        If a target can't be encoded, or too few rows are left.
    """
    with rows_of_file(train.row_numbers):
        y = target.encode(train.target)
    y_val = np.empty((0, 1), y.dtype) if val is None else target.encode(val.target, "y_val")
    w, w_val = train.w, np.empty(0) if val is None else val.w
    if class_weight is not None and isinstance(target, ClassTarget):
        factors = np.ones(len(target.classes))
        factors[y[:, 0]] = target.weights(y, w, class_weight)
        factors = in_range(factors)
        w, w_val = w * factors[y[:, 0]], w_val * factors[y_val[:, 0]]
    n, w = len(w), in_range(np.r_[w, w_val])
    counts = w >= LEAST * w.max()
    train = replace(train, target=y.astype(np.float64), weights=w[:n])
    train = train.take(np.flatnonzero(counts[:n]))
    check_enough(train)
    if val is not None:
        if not counts[n:].any():
            raise TableError("All rows of X_val are of classes whose class_weight is zero.")
        val = replace(val, target=y_val.astype(np.float64), weights=w[n:])
        val = val.take(np.flatnonzero(counts[n:]))
    return train, val


def check_enough(train: Dataset) -> None:
    """Check that there are at least 4 training rows.

    Parameters
    ----------
    train : Dataset

    Raises
    ------
    TableError
        If not.
    """
    n_rows = len(train.target)
    if n_rows < 4:
        raise TableError(
            Message(
                "{n} rows are too few to learn from (n_samples={n}): give at least 4.", n=n_rows
            )
        )


def in_range(w: Array) -> Array:
    """Return weights, rescaled if their sum would overflow or underflow."""
    return w if 1e-100 < w.max() < 1e100 else w / w.max()
