"""Targets of an `MLPRegressor`, and the rows to validate on."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.validation import column_or_1d

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.errors import TableError


@dataclass(frozen=True)
class Numbers:
    """Targets of a regression.

    Parameters
    ----------
    n_outputs : int
        Columns of y.
    counts : bool
        Whether negative ones make no sense.
    """

    n_outputs: int
    counts: bool = False
    split_evenly = False

    def encode(self, y: Array, where: str = "y") -> Array:
        """Return shape (N, n_outputs).

        Raises
        ------
        TableError
            If y has another number of columns, or negative counts.
        """
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = y.reshape(len(y), -1)
        if y.shape[1] != self.n_outputs:
            raise TableError(
                f"`{where}` has {y.shape[1]} columns, but the network has {self.n_outputs} outputs."
            )
        if self.counts and (y < 0).any():
            raise TableError(
                f"loss='poisson' is for counts, but `{where}` holds a negative one: {y.min()}."
            )
        return y


def split_rows(
    codes: Array | None, n_rows: int, fraction: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Choose rows to train on and to validate on, with every class of `codes` (N, 1) in both.

    Of a class with m rows, about fraction * m are held out, and at least one is kept to train on.

    Raises
    ------
    ParameterError
        If fewer than two rows could be held out.
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
