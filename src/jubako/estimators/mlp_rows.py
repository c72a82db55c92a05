"""The rows of a multilayer perceptron: validated, encoded, and split for validation."""

from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils.validation import column_or_1d, validate_data

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.network import Network
from jubako.training.engines.base import Problem
from jubako.training.validation import Validation

from .validation import as_floats, check_fits, check_weights


def check_rows(
    estimator: object, X: Any, y: Any, sample_weight: Any, *, reset: bool = False, where: str = "y"
) -> tuple[Any, Any, Array, str]:
    """Return validated X, y and weights, without the rows of weight 0, and the name of y.

    Raises
    ------
    TableError, ValueError
        If they are invalid.
    """
    x, y = validate_data(
        estimator,
        X,
        y,
        reset=reset,
        accept_sparse="csr",
        multi_output=True,
        y_numeric=is_regressor(estimator),
    )
    x = as_floats(x, "X")
    if is_regressor(estimator):
        if hasattr(y, "toarray"):
            y = y.toarray() if y.shape[1] > 1 else column_or_1d(y)  # which refuses it
        y = as_floats(y, where)
    w = check_weights(sample_weight, x.shape[0])
    if not w.all():
        x, y, w = x[w > 0], y[w > 0], w[w > 0]
    return x, y, w, where


def encode_rows(
    estimator: Any, net: Network, targets: Any, X: Any, y: Any, w: Array, where: str, dtype: Any
) -> Problem:
    """Return validated rows as a problem for the engine, without those of weight 0."""
    x, y = check_fits(X, dtype, "X"), targets.encode(y, where)
    if net.loss.target != "class":
        y = check_fits(y, dtype, where)
    w = check_fits(estimator._weigh(targets, y, w), dtype, "sample_weight")
    problem = Problem(net, x, y, w, estimator.alpha)
    return problem if w.all() else problem.only(np.flatnonzero(w))


def validation_of(estimator: Any, targets: Any, held_out: Problem) -> Validation:
    """Return the validation of held-out rows, after each epoch."""
    return Validation(
        held_out.x,
        held_out.y,
        held_out.w,
        score=lambda prediction: estimator._score(targets, held_out.y, prediction, held_out.w),
        stops=estimator.early_stopping,
    )


def hold_out(problem: Problem, target: Any, fraction: float, seed: Any) -> tuple[Problem, Problem]:
    """Return the training rows and the validation rows."""
    rng = np.random.default_rng(seed)
    strata = problem.y if target.split_evenly else None
    kept, held = split_rows(strata, len(problem.y), fraction, rng)
    return problem.only(kept), problem.only(held)


def split_rows(
    codes: Array | None, n_rows: int, fraction: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Split rows for training and validation, stratified by the classes of `codes` (N, 1).

    Of a class with m rows, about fraction * m are held out, and at least one is kept for training.

    Raises
    ------
    ParameterError
        If fewer than two rows would be held out.
    """
    order = rng.permutation(n_rows)
    groups = [order] if codes is None else [order[codes[order, 0] == c] for c in np.unique(codes)]
    n_val = min(int(np.ceil(fraction * n_rows)), n_rows - len(groups))
    if n_val < 2:
        raise ParameterError(
            f"The validation set is too small: validation_fraction={fraction} of {n_rows} rows. "
            "Raise it, pass X_val and y_val, or set early_stopping=False."
        )
    # Spread the rows of each class evenly over (0, 1) and hold out those that come first: each
    # class then gives its share, to within one row. The last of each class comes after all.
    place = np.empty(n_rows)
    for rows in groups:
        place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
        place[rows[-1]] += 1
    by_place = np.argsort(place)
    return by_place[n_val:], by_place[:n_val]
