"""Columns of numbers and of durations as nodes of a graph, all at once."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from jubako.core.activations import Array
from jubako.data.columns.duration import Duration
from jubako.data.columns.numeric import Numeric

from .graph import Graph, integers

MISSING_TIME = np.int64(-(2**63))
MICROSECONDS = integers(10**6)


def seconds_of(g: Graph, microseconds: str) -> tuple[str, str]:
    """Add seconds, double, and where they are missing, of microseconds.

    Parameters
    ----------
    g : Graph
    microseconds : str
        Name of microseconds, int64; the smallest number where missing.

    Returns
    -------
    seconds : str
        Name of the seconds.
    is_missing : str
        Name of whether they are missing.
    """
    is_missing = g.add("Equal", microseconds, MISSING_TIME)
    counts = g.where(is_missing, np.int64(0), microseconds)
    part = g.add("Mod", counts, MICROSECONDS)
    # `Div` rounds to zero; what is left is rounded to the smaller number
    below = g.add("And", g.add("Less", counts, np.int64(0)), g.add("Greater", part, np.int64(0)))
    whole = g.add("Sub", g.add("Div", counts, MICROSECONDS), g.cast(below, "int64"))
    fraction = g.add("Div", g.cast(part, "double"), np.float64(1e6))
    return g.add("Add", g.cast(whole, "double"), fraction), is_missing


def numeric(g: Graph, columns: Sequence[Numeric], quantiles: bool) -> str:
    """Add the inputs of columns of numbers: first all values, then what of some is missing.

    An infinite number gives NaN, so that it can't look like any other.

    Parameters
    ----------
    g : Graph
    columns : sequence of Numeric
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    values = [number_of(g, column) for column in columns]
    numbers = values[0] if len(values) == 1 else g.add("Concat", *values, axis=1)
    is_missing = g.add("IsNaN", numbers)
    by_quantiles = np.array([quantiles and bool(column.knots) for column in columns])
    known = g.where(is_missing, np.array([[column.center for column in columns]]), numbers)
    if by_quantiles.all():
        encoded = normal_quantiles(g, columns, known)
    elif not by_quantiles.any():
        encoded = standardized(g, columns, known)
    else:
        parts = []
        for chosen, encode in ((by_quantiles, normal_quantiles), (~by_quantiles, standardized)):
            some = [column for column, use in zip(columns, chosen, strict=True) if use]
            places = np.flatnonzero(chosen)
            parts.append(encode(g, some, g.add("Gather", known, places, axis=1)))
        order = np.argsort(np.r_[np.flatnonzero(by_quantiles), np.flatnonzero(~by_quantiles)])
        encoded = g.add("Gather", g.add("Concat", *parts, axis=1), order, axis=1)
    encoded = g.where(is_missing, np.float64(0), encoded)
    encoded = g.cast(g.where(g.add("IsInf", numbers), np.float64("nan"), encoded), "float")
    flagged = [i for i, column in enumerate(columns) if column.missing]
    if not flagged:
        return encoded
    flags = g.add("Gather", g.cast(is_missing, "float"), integers(*flagged), axis=1)
    return g.add("Concat", encoded, flags, axis=1)


def number_of(g: Graph, column: Numeric) -> str:
    """Add the numbers of a column, double, NaN where missing.

    Parameters
    ----------
    g : Graph
    column : Numeric

    Returns
    -------
    str
        Name of the numbers, shape (N, 1).
    """
    if not isinstance(column, Duration):
        return column.name
    seconds, is_missing = seconds_of(g, column.name)
    return g.where(is_missing, np.float64("nan"), seconds)


def standardized(g: Graph, columns: Sequence[Numeric], numbers: str) -> str:
    """Add z / sqrt(1 + (z/3)²) with z = (number - center) / scale, limited to a million.

    Parameters
    ----------
    g : Graph
    columns : sequence of Numeric
    numbers : str
        Name of the numbers, double, shape (N, n_columns).

    Returns
    -------
    str
        Name of the encoded numbers, double, shape of the numbers.
    """
    center, scale = (
        np.array([[getattr(column, name) for column in columns]]) for name in ("center", "scale")
    )
    z = g.add("Div", g.add("Sub", numbers, center), scale)
    return g.bent(g.add("Min", g.add("Max", z, np.float64(-1e6)), np.float64(1e6)))


def normal_quantiles(g: Graph, columns: Sequence[Numeric], numbers: str) -> str:
    """Add the normal quantile of the share of smaller values, as `Numeric.normal_quantiles` does.

    The knots of the columns stand in tables, one after the other, and a binary search finds the
    last knot that is not above each number.

    Parameters
    ----------
    g : Graph
    columns : sequence of Numeric
    numbers : str
        Name of the numbers, double, shape (N, n_columns).

    Returns
    -------
    str
        Name of the encoded numbers, double, shape of the numbers.
    """
    tables = [Knots(column) for column in columns]
    size = 2 ** int(np.ceil(np.log2(max(len(table.knots) for table in tables) + 1)))
    knots = np.concatenate([np.r_[t.knots, [np.inf] * (size - len(t.knots))] for t in tables])
    starts, ends = (np.array([[table.knots[i] for table in tables]]) for i in (0, -1))
    is_below, is_above = g.add("Less", numbers, starts), g.add("Greater", numbers, ends)
    numbers = g.add("Min", g.add("Max", numbers, starts), ends)
    place = g.add("Expand", size * np.arange(len(columns), dtype=np.int32), g.add("Shape", numbers))
    step = size // 2
    while step:
        further = g.add("Add", place, np.int32(step))
        reached = g.add("LessOrEqual", g.add("Gather", knots, further), numbers)
        place = g.where(reached, further, place)
        step //= 2

    def at(name: str) -> str:
        padded = [np.r_[v, [0.0] * (size - len(v))] for v in (getattr(t, name) for t in tables)]
        return g.add("Gather", np.concatenate(padded), place)

    low, high, slope = at("knots"), at("next_knots"), at("slopes")
    below = g.add("Add", g.add("Mul", slope, g.add("Sub", numbers, low)), at("scores"))
    above = g.add("Sub", at("next_scores"), g.add("Mul", slope, g.add("Sub", high, numbers)))
    between = g.add("Mul", g.add("Add", below, above), np.float64(0.5))
    within = g.where(g.add("Equal", low, numbers), at("tied_scores"), between)
    # beyond the knots the first and the last score count, even where several knots are equal
    first, last = (np.array([[table.scores[i] for table in tables]]) for i in (0, -1))
    return g.where(is_below, first, g.where(is_above, last, within))


class Knots:
    """The quantiles of a column, and what is computed from those next to each other.

    Parameters
    ----------
    column : Numeric
        With knots.
    """

    def __init__(self, column: Numeric) -> None:
        self.knots: Array = np.array(column.knots)
        n = len(self.knots) - 2
        shares = np.r_[1 / (16 * n), (np.arange(n) + 0.5) / n, 1 - 1 / (16 * n)]
        self.scores: Array = ndtri(shares)
        first = np.searchsorted(self.knots, self.knots)  # of equal knots
        self.tied_scores: Array = (self.scores + self.scores[first]) / 2
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            slopes = np.diff(self.scores) / np.diff(self.knots)
        self.slopes: Array = np.r_[np.where(np.isfinite(slopes), slopes, 0), 0]
        self.next_knots: Array = np.r_[self.knots[1:], self.knots[-1]]
        self.next_scores: Array = np.r_[self.scores[1:], self.scores[-1]]
