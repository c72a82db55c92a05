"""The canvas: the points at which a network is evaluated."""

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.values import is_number, plain
from jubako.data.inference import read_numbers
from jubako.lab.data import PreparedData
from jubako.lab.snapshot import Snapshot

FINE, COARSE = 48, 20  # pixels along the side of the large picture, and of a unit's


class Canvas:
    """The points at which a network is evaluated for pictures; fixed for given data and axes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.data: PreparedData = snapshot.data
        names = snapshot.data.axes
        chosen = [name for name in snapshot.setup.axes if name in names]
        chosen += [name for name in names if name not in chosen]
        # "" is no column: with one of numbers, the picture is over that alone
        self.axes: tuple[str, str] | None = None
        self.fine: Array
        self.coarse: Array
        self.edges: tuple[float, ...]
        if chosen:
            self.axes = chosen[0], chosen[1] if len(chosen) > 1 else ""
            self.fine, self.edges = grid(snapshot.data, self.axes, FINE)
            self.coarse, _ = grid(snapshot.data, self.axes, COARSE)
        else:  # no column of numbers: a pixel is a row
            n = COARSE * COARSE
            self.coarse = self.fine = snapshot.data.x[np.arange(n) % len(snapshot.data.x)]


def grid(data: PreparedData, axes: tuple[str, str], n: int) -> tuple[Array, tuple[float, ...]]:
    """Return the n * n points of a picture, and its edges.

    If the second axis is "", there is one numeric column: all rows of the picture are the same, and
    the vertical axis is the target, as classes or numbers.

    The other columns are fixed at the median of the training set, or its most frequent value.

    Returns
    -------
    x : array, shape (n * n, n_in)
        Row by row, from the highest value of the second axis.
    edges : tuple of float
        Left, right, bottom, top.
    """
    table, columns, edges = data.train.table, dict[str, pa.ChunkedArray | pa.Array](), list[float]()
    sides = list[Array]()
    for name in axes:
        if not name and data.task == "classify":
            edges += [0.0, float(len(data.outputs))]
        else:
            values = read_numbers(table[name], name) if name else data.train.target
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            margin = 0.08 * (high - low) or 1.0
            edges += [low - margin, high + margin]
        step = (edges[-1] - edges[-2]) / n
        sides.append(edges[-2] + step * (np.arange(n) + 0.5))  # the middle of each pixel
    for name in table.column_names:
        if name == axes[0]:
            columns[name] = pa.array(np.tile(sides[0], n))
        elif name == axes[1]:
            columns[name] = pa.array(np.repeat(sides[1][::-1], n))
        else:
            columns[name] = pa.chunked_array([pa.repeat(typical_value(plain(table[name])), n * n)])
    return data.encode(pa.table(columns)), tuple(edges)


def typical_value(values: pa.ChunkedArray) -> pa.Scalar:
    """Return the median of numbers, or the most frequent value."""
    counted = values.drop_null()
    if is_number(values.type) and len(counted):
        ordered = np.sort(counted.to_numpy())
        return pa.scalar(ordered[len(ordered) // 2], values.type)
    if not len(counted):
        return pa.scalar(None, values.type)
    counts = counted.value_counts()
    return counts.field(0)[int(np.argmax(counts.field(1).to_numpy()))]
