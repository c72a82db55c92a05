"""Numeric columns: standardized or quantile-transformed numbers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from jubako.core.activations import Array
from jubako.data.casting.reading import NUMERIC, Reading
from jubako.data.casting.values import as_numbers
from jubako.i18n.messages import Message

from .base import CONSTANT, Dropped

MOST_KNOTS = 256  # values that say where a number ranks
TOGETHER = 4  # numbers of which such a value is at least the mean
LARGEST = float(np.finfo(float).max)
SMALLEST = 1e-300  # range or scale of numbers: less can't be told apart
FEW_ROWS = 20  # a table must have more before a column of distinct values is taken for names


@dataclass(frozen=True)
class Numeric:
    """z / sqrt(1 + (z/3)²) with z = (value - center) / scale, and 0 where it is missing.

    This bends what lies far out towards -3 and 3 (Holzmüller et al. 2024, arXiv:2407.04491). The
    second number, if there is one, is 1 where the value is missing, else 0.
    """

    name: str
    center: float
    scale: float  # > 0
    missing: bool = False  # whether there is that second number
    knots: tuple[float, ...] = ()  # see `quantiles_of`; none if there are only two values
    reading: Reading = NUMERIC
    kind: ClassVar[str] = "numeric"
    reading_kind: ClassVar[str] = "numeric"

    def __post_init__(self) -> None:
        if 0 < len(self.knots) < 3 or any(a > b for a, b in pairwise(self.knots)):
            raise ValueError(Message("Quantiles of a column do not rise, or are too few."))

    @property
    def n_inputs(self) -> int:
        return 1 + self.missing

    @property
    def input_names(self) -> tuple[str, ...]:
        return self.name, *([Message("{name} missing", name=self.name)] * self.missing)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        numbers = as_numbers(values, self.name)
        gone = np.isnan(numbers)
        if quantiles and self.knots:
            out[:, 0] = np.where(gone, 0, self.normal_quantiles(numbers))
        else:
            with np.errstate(over="ignore"):
                z = np.where(gone, 0, (numbers - self.center) / self.scale).clip(-1e6, 1e6)
            out[:, 0] = z / np.sqrt(1 + (z / 3) ** 2)
        if self.missing:
            out[:, 1] = gone

    def normal_quantiles(self, numbers: Array) -> Array:
        """Return the normal quantile of each number's share of smaller values.

        Equal values have the share in the middle of theirs. So crowded ranges are spread out, and
        a number's unit does not matter, nor its logarithm.
        """
        knots, n = np.array(self.knots), len(self.knots) - 2
        shares = np.r_[1 / (16 * n), (np.arange(n) + 0.5) / n, 1 - 1 / (16 * n)]
        scores = ndtri(shares)
        below = np.interp(numbers, knots, scores)
        above = np.interp(-numbers, -knots[::-1], -scores[::-1])
        return (below - above) / 2

    def describe(self) -> str:
        if self.reading.unit:
            return Message(
                "number in {unit}, around {center:.4g}, spread {scale:.4g}",
                unit=self.reading.unit, center=self.center, scale=self.scale,
            )  # fmt: skip
        return Message(
            "number, around {center:.4g}, spread {scale:.4g}", center=self.center, scale=self.scale
        )


def fit_numeric(
    name: str, values: pa.ChunkedArray, reading: Reading, keep_identifiers: bool = False
) -> Numeric | Dropped:
    """Fit a column of numbers; those that count 1, 2, 3 ... are kept only if that is asked for."""
    numbers = as_numbers(values, name)
    missing, n_rows = bool(np.isnan(numbers).any()), len(numbers)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return Dropped(name, Message("empty"))
    if np.ptp(numbers / 2) > np.finfo(float).max / 2:
        return Dropped(name, Message("its numbers are too large"))
    if np.ptp(numbers) < SMALLEST and not missing:
        return Dropped(name, CONSTANT)
    identifies = n_rows > FEW_ROWS and not missing and are_row_numbers(numbers)
    if identifies and not keep_identifiers and not reading.declared:
        return Dropped(name, Message("it only numbers the rows"))
    center, scale = center_and_scale(numbers)
    scale = max(scale, SMALLEST)
    return Numeric(name, center, scale, missing, quantiles_of(numbers), reading)


def center_and_scale(numbers: Array) -> tuple[float, float]:
    """Return the median and the distance of the quartiles.

    Where most numbers are the same, or there are only two, the mean and the standard deviation: a
    rare value then stands far out, and the common one near 0.
    """
    first, middle, third = np.quantile(numbers, [0.25, 0.5, 0.75])
    if third > first and len(np.unique(numbers)) > 2:
        return float(middle), float(third - first)
    size = float(abs(numbers).max()) or 1.0  # squares of huge numbers would overflow
    mean, deviation = (numbers / size).mean() * size, (numbers / size).std() * size
    return float(mean), float(deviation) or 1.0


def quantiles_of(numbers: Array) -> tuple[float, ...]:
    """Return values at equal steps of rank, and one beyond them at each end.

    Each is the mean of several, so that nobody's own number is in a saved model.
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


def are_row_numbers(numbers: Array) -> bool:
    """Tell whether these are whole numbers like 1, 2, 3 ...: all different, with few left out."""
    steps = np.diff(np.sort(numbers))
    whole = (numbers == np.floor(numbers)).all()
    return bool(whole and (steps > 0).all() and np.ptp(numbers) < 2 * len(numbers))
