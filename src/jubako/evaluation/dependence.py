"""Partial dependence: how the predictions of any model depend on the values of a column."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.reading import cast
from jubako.data.casting.values import as_texts, plain
from jubako.data.columns.base import Column

from .importance import Predict, with_column


@dataclass(frozen=True, slots=True)
class Dependence:
    """The partial dependence on a column: the mean prediction if all rows had the same value.

    See Friedman 2001, section 8.2.

    Parameters
    ----------
    name : str
    values : list of values of the column
    means : array, shape (len(values), n_out)
    """

    name: str
    values: list[object]
    means: Array


def dependence_on(
    predict: Predict, table: pa.Table, column: Column, n_points: int
) -> Dependence | None:
    """Compute the partial dependence on some values of a column; None where all are missing.

    Parameters
    ----------
    predict : callable
        From a table to predictions, shape (N, n_out).
    table : pyarrow.Table
    column : Column
    n_points : int > 0
        Maximum number of values: quantiles of columns whose values have an order, and the most
        frequent values of others.

    Returns
    -------
    Dependence or None
    """
    values = plain(table[column.name])
    sizes = column.sizes(cast(values, column.reading, column.name))
    if sizes is None:
        written = shown = most_frequent(values, column.name, n_points)
    else:  # the model is given the values as they are written, with their units; sizes are shown
        rows, shown = points_by_size(sizes, n_points)
        written = values.take(rows).to_pylist()
    if not written:
        return None
    return replace(dependence(predict, table, column.name, written), values=shown)


def points_by_size(sizes: pa.ChunkedArray, n_points: int) -> tuple[Array, list[object]]:
    """Return rows at quantiles of a column.

    Parameters
    ----------
    sizes : ChunkedArray of N numbers, dates or times
    n_points : int > 0

    Returns
    -------
    rows : array of int, shape (at most n_points,)
        Numbers of rows, in ascending order of their values.
    values : list
        Their values.
    """
    n = len(sizes) - sizes.null_count
    order = np.asarray(pc.array_sort_indices(sizes))[:n]  # nulls are last
    if not n:
        return order[:0], []
    order = order[np.linspace(0, n - 1, n_points + 2)[1:-1].round().astype(int)]
    rows = {size: row for row, size in zip(order, sizes.take(order).to_pylist(), strict=True)}
    return np.array(list(rows.values())), list(rows)


def most_frequent(values: pa.ChunkedArray, name: str, n_points: int) -> list[object]:
    """Return the most frequent values of a column.

    Parameters
    ----------
    values : ChunkedArray
    name : str
        The name of the column, for messages.
    n_points : int > 0

    Returns
    -------
    list
        At most `n_points` values.
    """
    counts = as_texts(values, name).drop_null().value_counts()
    order = np.argsort(-np.asarray(counts.field(1)), kind="stable")[:n_points]
    texts: list[object] = counts.field(0).take(order).to_pylist()
    if not texts:  # the column may have no type
        return []
    return pa.array(texts, pa.string()).cast(values.type).to_pylist()


def dependence(predict: Predict, table: pa.Table, name: str, values: list[object]) -> Dependence:
    """Compute the partial dependence on a column.

    Parameters
    ----------
    predict : callable
        From a table to predictions, shape (N, n_out).
    table : pyarrow.Table
    name : str
        The column.
    values : list
        Its values to evaluate.

    Returns
    -------
    Dependence
    """
    kind, means = table[name].type, list[Array]()
    for value in values:
        column = pa.array([value] * table.num_rows, kind)
        means.append(predict(with_column(table, name, column)).mean(0))
    return Dependence(name, values, np.stack(means))
