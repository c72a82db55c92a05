"""Numeric columns: standardized or quantile-transformed numbers."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import isfinite, sqrt
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from jubako.core.activations import Array
from jubako.data.casting.reading import NUMERIC, RATES, Reading, whole
from jubako.data.casting.values import as_numbers
from jubako.i18n.messages import Message

from .base import CONSTANT, MISSING, Distribution, Dropped

MOST_KNOTS = 256  # quantiles
TOGETHER = 4  # minimum number of values that a quantile averages
ROBUST, MOMENTS = "median and IQR", "mean and standard deviation"
SINGLE = "single value"
LARGEST = float(np.finfo(float).max)
SMALLEST = 1e-300  # range or scale of numbers: a column with less is constant
IDENTIFIER = Message("identifier")
FEW_ROWS = 20  # identifiers are only detected in tables with more rows


@dataclass(frozen=True)
class Numeric:
    """A numeric column: z / sqrt(1 + (z/3)²) with z = (value - center) / scale, 0 where missing.

    This smooth clipping keeps outliers within -3 and 3 (Holzmüller et al. 2024, arXiv:2407.04491).

    Parameters
    ----------
    name : str
    center : float
    scale : float > 0
    missing : bool
        Whether there is a second input: 1 where the value is missing, else 0.
    knots : tuple of float
        As returned by `quantiles_of`; empty for at most two distinct values.
    reading : Reading
    statistics : str
        What center and scale are: `ROBUST`, `MOMENTS` or `SINGLE`.

    Raises
    ------
    ValueError
        If knots decrease, or the statistics are unknown.
    """

    name: str
    center: float
    scale: float
    missing: bool = False
    knots: tuple[float, ...] = ()
    reading: Reading = NUMERIC
    statistics: str = ROBUST
    kind: ClassVar[str] = Message("numeric")
    reading_kind: ClassVar[str] = "numeric"

    def __post_init__(self) -> None:
        if 0 < len(self.knots) < 3 or any(a > b for a, b in pairwise(self.knots)):
            raise ValueError(Message("Quantiles of a column do not rise, or are too few."))
        if self.statistics not in (ROBUST, MOMENTS, SINGLE):
            raise ValueError(
                Message("There are no statistics {statistics!r}.", statistics=self.statistics)
            )

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network: 1, or 2 with one for missing values."""
        return 1 + self.missing

    @property
    def input_names(self) -> tuple[str, ...]:
        """The column name, then that of the input for missing values."""
        return self.name, *([Message("{name} missing", name=self.name)] * self.missing)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write standardized or quantile-transformed numbers, 0 where missing, into out."""
        numbers = as_numbers(values, self.name)
        is_missing = np.isnan(numbers)
        if quantiles and self.knots:
            out[:, 0] = np.where(is_missing, 0, self.normal_quantiles(numbers))
        else:
            out[:, 0] = standardized(numbers, is_missing, self.center, self.scale)
        if self.missing:
            out[:, 1] = is_missing

    def normal_quantiles(self, numbers: Array) -> Array:
        """Return the normal quantile of the fraction of smaller values.

        Ties get the mean of their fractions. The result is invariant under monotonic transforms,
        such as another unit or a logarithm.

        Parameters
        ----------
        numbers : array, shape (N,)

        Returns
        -------
        array, shape (N,)
        """
        knots, scores, knots_reversed, scores_reversed = grid_of(self.knots)
        below = np.interp(numbers, knots, scores)
        above = np.interp(-numbers, knots_reversed, scores_reversed)
        return (below - above) / 2

    def sizes(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the numbers, as integers if all are whole."""
        return whole(values)

    def numbers(self, values: pa.ChunkedArray) -> Array:
        """Return the numbers as float64, shape (N,), NaN where missing."""
        return as_numbers(values, self.name)

    def distribution(self) -> Distribution:
        """Return quantiles, center and scale."""
        return Distribution(
            self.missing,
            knots=self.knots,
            center=self.center,
            scale=self.scale,
            center_is_mean=not self.knots,  # of at most two numbers
        )

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n numbers as `sample_numbers` does; texts with their unit for rates."""
        numbers = self.sample_numbers(n, rng)
        if self.reading.unit not in RATES:
            return pa.array(numbers, from_pandas=True)
        texts = [str(number).replace(".", self.reading.decimal) for number in numbers]
        is_missing = np.isnan(numbers)
        return pa.array([f"{text}{self.reading.unit}" for text in texts], mask=is_missing)

    @property
    def median(self) -> float:
        """The median; of two numbers that are not consecutive integers, the mean."""
        if self.knots and self.statistics == MOMENTS:
            return float(np.interp(0.5, shares_of(len(self.knots)), self.knots))
        share = self.center % 1  # of the larger one of two consecutive integers
        if self.statistics == MOMENTS and abs(self.scale**2 - share * (1 - share)) < 1e-6:
            return float(np.rint(self.center))
        return self.center

    def typical(self) -> pa.Array:
        """Return the median, shape (1,)."""
        return pa.array([self.median])

    def sample_numbers(self, n: int, rng: np.random.Generator) -> Array:
        """Draw n numbers, NaN where missing; whole ones if the quantiles are."""
        if self.knots:
            numbers = np.interp(rng.random(n), shares_of(len(self.knots)), self.knots)
            if self.knots[1:-1] == tuple(np.rint(self.knots[1:-1])):
                numbers = np.rint(numbers)
        elif self.statistics == SINGLE:
            numbers = np.full(n, self.center)
        elif abs(self.scale**2 - self.center * (1 - self.center)) < 1e-6:  # of 0 and 1
            numbers = (rng.random(n) < self.center) * 1.0
        else:
            numbers = self.center + self.scale * np.where(rng.random(n) < 0.5, -1, 1)
        return np.where(self.missing & (rng.random(n) < MISSING), np.nan, numbers)

    def describe(self) -> str:
        """Return the type with its unit and statistics."""
        unit = self.reading.unit
        kind = Message("numeric in {unit}", unit=unit) if unit else Message("numeric")
        return described(kind, self.center, self.scale, self.statistics)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a number, a text or null; no number for rates."""
        unit = self.reading.unit
        if unit in RATES:
            return {"type": ["string", "null"], "examples": [f"50{unit}"]}
        return {"type": ["number", "string", "null"]}


def standardized(numbers: Array, is_missing: Array, center: Any, scale: Any) -> Array:
    """Return z / sqrt(1 + (z/3)²) with z = (number - center) / scale.

    Parameters
    ----------
    numbers : array, shape (N,)
    is_missing : array of bool, shape (N,)
        Which are missing: their result is 0.
    center, scale : float, or array of shape (N,)

    Returns
    -------
    array, shape (N,)
    """
    with np.errstate(over="ignore"):
        z = np.where(is_missing, 0, (numbers - center) / scale).clip(-1e6, 1e6)
    return z / np.sqrt(1 + (z / 3) ** 2)


def shares_of(n_knots: int) -> Array:
    """Return the fraction of smaller values at each knot.

    Parameters
    ----------
    n_knots : int

    Returns
    -------
    array, shape (n_knots,)
    """
    n = n_knots - 2
    return np.r_[1 / (16 * n), (np.arange(n) + 0.5) / n, 1 - 1 / (16 * n)]


@lru_cache(maxsize=1024)  # of a model's columns: for one row this is most of the work
def grid_of(knots: tuple[float, ...]) -> tuple[Array, Array, Array, Array]:
    """Return the knots and their normal quantiles, and both reversed and negated.

    Parameters
    ----------
    knots : tuple of float
        As returned by `quantiles_of`.

    Returns
    -------
    tuple of four arrays, shape (len(knots),)
    """
    numbers, scores = np.array(knots), ndtri(shares_of(len(knots)))
    return numbers, scores, -numbers[::-1], -scores[::-1]


class QuantileOfOne:
    """`Numeric.normal_quantiles` of one number, for which NumPy takes several times as long.

    Parameters
    ----------
    knots : tuple of float
        As returned by `quantiles_of`, not empty.
    """

    def __init__(self, knots: tuple[float, ...]) -> None:
        grid = grid_of(knots)
        self.knots: list[float] = grid[0].tolist()
        self.scores: list[float] = grid[1].tolist()
        self.slopes: list[float] = [
            (s1 - s0) / (k1 - k0) if k1 > k0 else 0.0
            for (k0, k1), (s0, s1) in zip(pairwise(self.knots), pairwise(self.scores), strict=True)
        ]
        """Of the scores after each knot but the last."""
        first = {knot: self.scores[bisect_left(self.knots, knot)] for knot in self.knots}
        last = dict(zip(self.knots, self.scores, strict=True))
        self.at_knots: dict[float, float] = {knot: (last[knot] + first[knot]) / 2 for knot in last}

    def __call__(self, number: float) -> float:
        """Return the normal quantile of a number; 0 if it is NaN."""
        score = self.at_knots.get(number)
        if score is not None:
            return score
        if number != number:
            return 0.0
        i = bisect_right(self.knots, number)
        if i == 0:
            return self.scores[0]
        if i == len(self.knots):
            return self.scores[-1]
        slope = self.slopes[i - 1]
        below = slope * (number - self.knots[i - 1]) + self.scores[i - 1]
        above = slope * (self.knots[i] - number) - self.scores[i]
        score = (below - above) / 2
        return score if isfinite(score) else self.interpolated(number)

    def interpolated(self, number: float) -> float:
        """Return the normal quantile of a number between knots that are very near or very far."""
        knots, scores, knots_reversed, scores_reversed = grid_of(tuple(self.knots))
        below = np.interp(number, knots, scores)
        above = np.interp(-number, knots_reversed, scores_reversed)
        return float(below - above) / 2


def standardized_number(number: float, center: float, scale: float) -> float:
    """Return `standardized` of one number, or 0 if it is missing.

    Parameters
    ----------
    number, center, scale : float

    Returns
    -------
    float
    """
    if number != number:
        return 0.0
    z = min(max((number - center) / scale, -1e6), 1e6)
    return z / sqrt(1 + (z / 3) * (z / 3))


def fit_numeric(
    name: str, values: pa.ChunkedArray, reading: Reading, keep_identifiers: bool = False
) -> Numeric | Dropped:
    """Fit a numeric column.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray, shape (N,)
    reading : Reading
    keep_identifiers : bool
        Whether to keep row numbers 1, 2, 3, ...

    Returns
    -------
    Numeric or Dropped
        Dropped if empty, constant, too large, or an identifier.
    """
    numbers = as_numbers(values, name)
    missing, n_rows = bool(np.isnan(numbers).any()), len(numbers)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return Dropped(name, Message("empty"))
    if np.ptp(numbers / 2) > np.finfo(float).max / 2:
        return Dropped(name, Message("numbers too large"))
    if np.ptp(numbers) < SMALLEST and not missing:
        return Dropped(name, CONSTANT)
    identifies = n_rows > FEW_ROWS and not missing and are_row_numbers(numbers)
    if identifies and not keep_identifiers and not reading.declared:
        return Dropped(name, IDENTIFIER)
    center, scale, statistics = center_and_scale(numbers)
    scale, quantiles = max(scale, SMALLEST), quantiles_of(numbers)
    return Numeric(name, center, scale, missing, quantiles, reading, statistics)


def center_and_scale(numbers: Array) -> tuple[float, float, str]:
    """Return the median, the IQR, and the name of these statistics.

    If the IQR is zero, or there are at most two distinct numbers, these are the mean and the
    standard deviation: the usual value is then near 0, and a rare one far from it. A single number
    has the scale 1.

    Parameters
    ----------
    numbers : array, shape (N,)

    Returns
    -------
    center : float
    scale : float > 0
    statistics : str
        `ROBUST`, `MOMENTS` or `SINGLE`.
    """
    first, middle, third = np.quantile(numbers, [0.25, 0.5, 0.75])
    if third > first and len(np.unique(numbers)) > 2:
        return float(middle), float(third - first), ROBUST
    size = float(abs(numbers).max()) or 1.0  # squares of huge numbers would overflow
    mean, deviation = (numbers / size).mean() * size, (numbers / size).std() * size
    if not deviation:
        return float(mean), 1.0, SINGLE
    return float(mean), float(deviation), MOMENTS


def described(kind: str, center: float, scale: float, statistics: str) -> Message:
    """Return the type of a column with its statistics.

    Parameters
    ----------
    kind : str
    center, scale : float
    statistics : str
        `ROBUST`, `MOMENTS` or `SINGLE`.

    Returns
    -------
    Message
    """
    if statistics == SINGLE:
        return Message("{kind}, {center:.4g} or missing", kind=kind, center=center)
    if statistics == MOMENTS:
        return Message(
            "{kind}, mean {center:.4g}, standard deviation {scale:.4g}",
            kind=kind,
            center=center,
            scale=scale,
        )
    return Message(
        "{kind}, median {center:.4g}, IQR {scale:.4g}", kind=kind, center=center, scale=scale
    )


def quantiles_of(numbers: Array) -> tuple[float, ...]:
    """Return quantiles at equal steps, and one number beyond them at each end.

    Each is the mean of several numbers, so that a saved model does not contain the number of any
    row.

    Parameters
    ----------
    numbers : array, shape (N,)

    Returns
    -------
    tuple of float
        Ascending; empty for at most two distinct numbers.
    """
    if len(np.unique(numbers)) < 3:
        return ()
    size = float(abs(numbers).max())  # squares of huge numbers would overflow
    n_parts = min(MOST_KNOTS, max(1, len(numbers) // TOGETHER))
    numbers = np.sort(numbers) / size
    lengths = len(numbers) // n_parts + (np.arange(n_parts) < len(numbers) % n_parts)
    ends = np.cumsum(lengths)
    means = np.add.reduceat(numbers, ends - lengths) / lengths
    first = means[0] - 2 * numbers[: lengths[0]].std()
    last = means[-1] + 2 * numbers[-lengths[-1] :].std()
    knots = np.maximum.accumulate([first, *means, last])
    with np.errstate(over="ignore"):
        return tuple((knots * size).clip(-LARGEST, LARGEST).tolist())


def are_row_numbers(numbers: Array, n_rows: int = 0) -> bool:
    """Return whether these are distinct whole numbers with few gaps, such as 1, 2, 3, ...

    Parameters
    ----------
    numbers : array, shape (N,)
    n_rows : int
        Number of all rows, if the numbers are a sample.
    """
    steps = np.diff(np.sort(numbers))
    whole = (numbers == np.floor(numbers)).all()
    return bool(whole and (steps > 0).all() and np.ptp(numbers) < 2 * max(len(numbers), n_rows))
