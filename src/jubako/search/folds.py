"""Folds: the training and validation rows of each network."""

import numpy as np

from jubako.core.activations import Array
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

FEW = 500  # rows up to which cross-validation is repeated,
FEW_CELLS = 10**6  # unless they have many columns
MANY = 40_000  # rows from which a tenth suffices for validation
REPEATS = 3


def hold_out(
    n_rows: int,
    n_val: int,
    classes: Array | None,
    groups: Array | None,
    times: Array | None,
    seed: int,
    n_folds: int = 5,
    n_in: int = 1,
    few: float = FEW,
    many: int = MANY,
) -> list[Array]:
    """Return the rows on which each network is validated.

    They are the validation rows if there are any, else the latest rows if there are times, else
    folds.

    Parameters
    ----------
    n_rows : int
        Number of training rows.
    n_val : int
        Number of validation rows, which follow the training rows.
    classes : array of int, shape (n_rows,), or None
        As in `folds`.
    groups : array, shape (n_rows,), or None
        As in `folds`.
    times : array, shape (n_rows,), or None
    seed : int
    n_folds : int >= 2
    n_in : int
        As in `folds`.
    few : float
        As in `folds`.
    many : int
        As in `folds`.

    Returns
    -------
    list of arrays of int
        One for each network.

    Raises
    ------
    TableError
        If groups or times do not differ.
    """
    if n_val:
        return same(np.arange(n_rows, n_rows + n_val), n_rows + n_val, n_folds, many)
    if times is not None:
        return latest(times, n_folds, many)
    return folds(n_rows, classes, groups, seed, n_folds, n_in, few, many)


def folds(
    n_rows: int,
    classes: Array | None,
    groups: Array | None,
    seed: int,
    n_folds: int = 5,
    n_in: int = 1,
    few: float = FEW,
    many: int = MANY,
) -> list[Array]:
    """Return the rows on which each network is validated; it is trained on all others.

    Up to `few` rows are split into folds `REPEATS` times, more rows once. From `many` rows on there
    are two networks, each validated on a tenth of the rows.

    Parameters
    ----------
    n_rows : int
    classes : array of int, shape (n_rows,), or None
        If given, folds are stratified where there are enough rows of a class.
    groups : array, shape (n_rows,), or None
        If given, all rows of a group are in the same fold.
    seed : int
    n_folds : int >= 2
    n_in : int
        Number of inputs: wide tables are split once, even if they have few rows.
    few : float
        Number of rows.
    many : int
        Number of rows.

    Returns
    -------
    list of arrays of int
        One for each network.

    Raises
    ------
    TableError
        If all rows are of one group.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    is_large = n_rows >= many
    n_folds = min(10 if is_large else n_folds, n_rows)
    held = list[Array]()
    rows = np.zeros(n_rows)
    often = n_rows <= few and not is_large and n_rows * n_in <= FEW_CELLS
    for repeat in range(REPEATS if often else 1):
        random = np.random.RandomState(seed + repeat)
        if groups is not None:
            n_groups = len(np.unique(groups))
            if n_groups < 2:
                raise TableError(
                    Message("All rows are of one group: groups must differ to be held out.")
                )
            cut = GroupKFold(min(n_folds, n_groups), shuffle=True, random_state=random)
            splits = cut.split(rows, groups=groups)
        elif classes is not None and np.bincount(classes).max() >= n_folds:
            splits = StratifiedKFold(n_folds, shuffle=True, random_state=random).split(
                rows, merge_rare(classes, n_folds)
            )
        else:
            splits = KFold(n_folds, shuffle=True, random_state=random).split(rows)
        held += [held_out for _, held_out in splits]
    return held[:2] if is_large else held


def latest(times: Array, n_folds: int = 5, many: int = MANY) -> list[Array]:
    """Return the latest rows, about a fifth, to validate networks that are trained on the others.

    Parameters
    ----------
    times : array, shape (n_rows,)
        Time of each row, in any unit. Rows of the same time stay together.
    n_folds : int
        The latest 1 / n_folds of the rows are held out; a tenth from `many` rows on.
    many : int
        Number of rows.

    Returns
    -------
    list of arrays of int
        One for each network, all the same.

    Raises
    ------
    TableError
        If all rows have the same time.
    """
    n_rows = len(times)
    n_off = max(1, n_rows // (10 if n_rows >= many else n_folds))
    first = max(np.sort(times)[-n_off], np.unique(times)[:2].max())  # some rows must be earlier
    held_out = np.flatnonzero(times >= first)
    if len(held_out) == n_rows:
        raise TableError(
            Message("No row is earlier than the others: times must differ to be held out.")
        )
    return same(held_out, n_rows, n_folds, many)


def same(held_out: Array, n_rows: int, n_folds: int = 5, many: int = MANY) -> list[Array]:
    """Return the same rows for each of as many networks as there would be folds."""
    return [held_out] * (2 if n_rows >= many else n_folds)


def merge_rare(classes: Array, n_folds: int) -> Array:
    """Assign classes with fewer rows than folds to the majority class, for stratification.

    Parameters
    ----------
    classes : array of int, shape (N,)
    n_folds : int

    Returns
    -------
    array of int, shape (N,)
    """
    counts = np.bincount(classes)
    return np.where(counts[classes] < n_folds, counts.argmax(), classes)


def n_learned(n_rows: int, held: list[Array]) -> int:
    """Return the number of training rows of the network with the smallest fold."""
    return n_rows - min(map(len, held))


def learned(n_rows: int, held: list[Array]) -> list[Array]:
    """Return the rows that each network is trained on in an epoch: all outside its fold.

    If folds differ much in size, as with groups, the rows of a network with few rows are repeated,
    so that all networks make about the same number of steps.

    Parameters
    ----------
    n_rows : int
    held : list of arrays of int

    Returns
    -------
    list of arrays of int
    """
    n = n_learned(n_rows, held)
    rows = [np.setdiff1d(np.arange(n_rows), held_out) for held_out in held]
    return [np.tile(own, max(1, round(n / len(own)))) for own in rows]
