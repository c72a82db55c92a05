"""The rows that early stopping validates on."""

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError


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
