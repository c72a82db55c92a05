"""Folds: which rows each network learns from, and on which it is judged."""

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from jubako.core.activations import Array
from jubako.data.errors import TableError

FEW = 500  # rows up to which folds are drawn several times,
FEW_CELLS = 10**6  # unless each of them is long
MANY = 40_000  # rows from which a tenth is enough to judge by
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
) -> list[Array]:
    """Return the rows on which each network is validated.

    They are the validation rows, if there are any; or the latest, if there are times; or folds.

    Parameters
    ----------
    n_val : int
        The number of validation rows, which come after the `n_rows` to learn from.
    classes, groups, n_in, few
        See `folds`.
    times : array, shape (n_rows,), or None
    """
    if n_val:
        return same(np.arange(n_rows, n_rows + n_val), n_rows + n_val, n_folds)
    if times is not None:
        return latest(times, n_folds)
    return folds(n_rows, classes, groups, seed, n_folds, n_in, few)


def folds(
    n_rows: int,
    classes: Array | None,
    groups: Array | None,
    seed: int,
    n_folds: int = 5,
    n_in: int = 1,
    few: float = FEW,
) -> list[Array]:
    """Return the rows that each network is judged on; it learns from all others.

    Up to `few` rows are split `REPEATS` times into folds, more of them once. With `MANY` or more
    there are but two networks, each judged on a tenth.

    Parameters
    ----------
    classes : array of int, shape (n_rows,), or None
        If given, each fold has its share of each class, as far as there are enough.
    groups : array, shape (n_rows,), or None
        If given, rows of one group are in one fold.
    n_in : int
        Numbers in a row: rows of very many are split once, even if they are few.
    """
    n_folds = 10 if n_rows >= MANY else min(n_folds, n_rows)
    held = list[Array]()
    rows = np.zeros(n_rows)
    often = n_rows <= min(few, MANY - 1) and n_rows * n_in <= FEW_CELLS
    for repeat in range(REPEATS if often else 1):
        random = np.random.RandomState(seed + repeat)
        if groups is not None:
            n_groups = len(np.unique(groups))
            if n_groups < 2:
                raise TableError("All rows are of one group: groups must differ to be held out.")
            cut = GroupKFold(min(n_folds, n_groups), shuffle=True, random_state=random)
            splits = cut.split(rows, groups=groups)
        elif classes is not None and np.bincount(classes).max() >= n_folds:
            splits = StratifiedKFold(n_folds, shuffle=True, random_state=random).split(
                rows, merge_rare(classes, n_folds)
            )
        else:
            splits = KFold(n_folds, shuffle=True, random_state=random).split(rows)
        held += [judged for _, judged in splits]
    return held[:2] if n_rows >= MANY else held


def latest(times: Array, n_folds: int = 5) -> list[Array]:
    """Return the rows of the latest fifth or so: networks that know what came before predict them.

    Parameters
    ----------
    times : array, shape (n_rows,)
        When each row was, in any unit. Rows of one time stay together.

    Raises
    ------
    TableError
        If all rows are of one time.
    """
    n_rows = len(times)
    n_off = max(1, n_rows // (10 if n_rows >= MANY else n_folds))
    first = max(np.sort(times)[-n_off], np.unique(times)[:2].max())  # somebody must come before
    judged = np.flatnonzero(times >= first)
    if len(judged) == n_rows:
        raise TableError("No row is earlier than the others: times must differ to be held out.")
    return same(judged, n_rows, n_folds)


def same(judged: Array, n_rows: int, n_folds: int = 5) -> list[Array]:
    """Return the same rows for each of as many networks as there would be folds."""
    return [judged] * (2 if n_rows >= MANY else n_folds)


def merge_rare(classes: Array, n_folds: int) -> Array:
    """Count classes with fewer rows than folds as the majority class, which can be split."""
    counts = np.bincount(classes)
    return np.where(counts[classes] < n_folds, counts.argmax(), classes)


def n_learned(n_rows: int, held: list[Array]) -> int:
    """Return how many rows the network that learns from most of them sees in an epoch."""
    return n_rows - min(map(len, held))


def learned(n_rows: int, held: list[Array]) -> list[Array]:
    """Return the rows that each network learns from in an epoch: all that it is not judged on.

    Where folds differ much, because groups do, a network that may see fewer rows than the others
    sees each of them several times in an epoch, so that all make about as many steps.
    """
    n = n_learned(n_rows, held)
    rows = [np.setdiff1d(np.arange(n_rows), judged) for judged in held]
    return [np.tile(own, max(1, round(n / len(own)))) for own in rows]
