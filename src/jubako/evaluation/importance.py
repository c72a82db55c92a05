"""Permutation importance and Shapley values of the columns of a table.

They are computed from predictions of modified tables, so they apply to any model. They describe the
model, not causes.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array

Predict = Callable[[pa.Table], Array]
"""From a table to predictions, shape (N, n_out)."""


@dataclass(frozen=True, slots=True)
class Importance:
    """The decrease of the score when a column is shuffled (Breiman 2001).

    Parameters
    ----------
    name : str
    mean : float
        Mean over the repeats.
    error : float
        Standard error of the mean; NaN for a single repeat.
    repeats : int
    """

    name: str
    mean: float
    error: float
    repeats: int


def importances(
    score: Callable[[pa.Table], float],
    table: pa.Table,
    names: Sequence[str],
    rng: np.random.Generator,
    repeats: int = 5,
    seconds: float = np.inf,
    report: Callable[[float], None] = lambda fraction: None,
) -> list[Importance]:
    """Compute the permutation importance of columns, in descending order.

    Parameters
    ----------
    score : callable
        From a table to a score of its predictions; higher is better.
    table : pyarrow.Table
    names : sequence of str
        The columns to shuffle.
    rng : Generator
    repeats : int >= 1
        Shuffles of each column.
    seconds : float
        Time limit, after which no further column is shuffled. Columns that were not shuffled are
        left out of the result; the first column always is shuffled.
    report : callable
        Called with the fraction of the work that is done, from 0 to 1.

    Returns
    -------
    list of Importance
    """
    end, base = time.perf_counter() + seconds, score(table)
    drops: dict[str, list[float]] = {name: [] for name in names}
    for repeat in range(repeats):
        order = rng.permutation(table.num_rows)
        for i, name in enumerate(names):
            if drops[names[0]] and time.perf_counter() >= end:
                break
            shuffled = with_column(table, name, table[name].take(order))
            drops[name].append(base - score(shuffled))
            report((repeat + (i + 1) / len(names)) / repeats)
    found = [
        Importance(name, float(np.mean(drop)), standard_error(drop), len(drop))
        for name, drop in drops.items()
        if drop
    ]
    return sorted(found, key=lambda one: -one.mean)


def standard_error(values: Sequence[float]) -> float:
    """Return the standard error of the mean; NaN for one value."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def contributions(
    predict: Predict,
    table: pa.Table,
    row: int,
    groups: Sequence[Sequence[str]],
    rng: np.random.Generator,
    samples: int = 50,
) -> tuple[Array, Array]:
    """Estimate the Shapley values of a row: the contributions of its columns to its prediction.

    Other rows are changed into this one, group by group in a random order; the change of the
    prediction is the contribution of the group (Štrumbelj & Kononenko 2014, algorithm 1). They sum
    to the prediction of the row minus the mean prediction of the other rows, exactly.

    Parameters
    ----------
    predict : callable
        From a table to predictions, shape (N, n_out).
    table : pyarrow.Table
    row : int
        Number of the row, from 0.
    groups : sequence of sequences of str
        Columns that are changed together, usually one; the time grows with the number of groups.
    rng : Generator
    samples : int >= 1
        Random orders, each with a random other row.

    Returns
    -------
    shares : array, shape (len(groups), n_out)
        Shapley values.
    start : array, shape (n_out,)
        Mean prediction of the other rows.
    """
    n, d = samples, len(groups)
    others = rng.integers(table.num_rows, size=n)
    place = np.stack([rng.permutation(d) for _ in range(n)])  # when each group is changed
    # step s of a walk has the groups with place < s already: d + 1 tables of n rows, in one
    steps = np.repeat(np.arange(d + 1), n)
    background = np.tile(others, d + 1)
    columns = dict(zip(table.column_names, table.take(background).columns, strict=True))
    for i, names in enumerate(groups):
        rows = np.where(np.tile(place[:, i], d + 1) < steps, row, background)
        columns |= {name: table[name].take(rows) for name in names}
    walked = pa.Table.from_arrays(list(columns.values()), list(columns))
    b = predict(walked).reshape(d + 1, n, -1)
    gains = b[1:] - b[:-1]  # of the group whose place is s
    shares = np.stack([gains[place[:, i], np.arange(n)].mean(0) for i in range(d)])
    return shares, b[0].mean(0)


def with_column(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return the table with other values in one column."""
    return table.set_column(table.column_names.index(name), name, values)
