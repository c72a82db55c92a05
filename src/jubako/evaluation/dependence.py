"""Partial dependence: how the predictions of any model depend on the values of a column."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.reading import cast
from jubako.data.casting.values import as_texts, plain
from jubako.data.columns.base import Column
from jubako.data.columns.categorical import Categorical
from jubako.i18n.messages import Message

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
        frequent values of others, where levels that the model does not know count as one.

    Returns
    -------
    Dependence or None
    """
    values = plain(table[column.name])
    sizes = column.sizes(cast(values, column.reading, column.name))
    if sizes is None:
        written, shown = most_frequent(values, column, n_points)
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


def most_frequent(
    values: pa.ChunkedArray, column: Column, n_points: int
) -> tuple[list[object], list[object]]:
    """Return the most frequent values of a column; one for all levels unknown to the model.

    Parameters
    ----------
    values : ChunkedArray
    column : Column
    n_points : int > 0

    Returns
    -------
    written : list
        At most `n_points` values, as they are written.
    shown : list
        Their names.
    """
    counts = as_texts(values, column.name).drop_null().value_counts()
    frequency = np.asarray(counts.field(1))
    texts: list[Any] = counts.field(0).to_pylist()
    if not texts:  # the column may have no type
        return [], []
    levels = pa.chunked_array([pa.array(texts, pa.string()).cast(values.type)])
    names: list[object] = levels.to_pylist()
    if isinstance(column, Categorical):
        codes = column.codes(cast(levels, column.reading, column.name))
        unknown = np.flatnonzero((codes == 0) | (codes > len(column.levels)))
        if len(unknown):
            first = unknown[frequency[unknown].argmax()]
            names[first] = Message("unseen or rare levels")
            frequency = frequency.copy()
            frequency[first] = frequency[unknown].sum()
            frequency[np.setdiff1d(unknown, first)] = 0
    order = np.argsort(-frequency, kind="stable")[:n_points]
    order = order[frequency[order] > 0]
    return levels.take(order).to_pylist(), [names[i] for i in order]


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
