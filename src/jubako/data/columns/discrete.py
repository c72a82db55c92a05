"""The distinct values of a numeric column as levels, for relations that are not smooth."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import NUMERIC, Reading
from jubako.data.casting.values import as_numbers
from jubako.i18n.messages import Message

from .base import Distribution
from .numeric import Numeric

FEWEST, MOST = 9, 128  # distinct values
ROWS = 20  # minimum number of rows for each distinct value, in the mean
RARE = 3  # minimum number of rows of a value that is a level
LARGEST = 1e37  # of a value; they are compared as float32


@dataclass(frozen=True)
class Discrete:
    """The values of a numeric column with few distinct ones, as levels.

    It complements the `Numeric` of the same column, for relations that are not smooth: an hour of
    the day with rush hours, an amount that stands for one kind of contract. Other and missing
    numbers have no level. Values are compared as float32, also by exported models.

    Parameters
    ----------
    name : str
    values : tuple of float
        Ascending.
    reading : Reading

    Raises
    ------
    ValueError
        If the values do not rise, or are too large.
    """

    name: str
    values: tuple[float, ...]
    reading: Reading = NUMERIC
    kind: ClassVar[str] = Message("discrete")
    reading_kind: ClassVar[str] = "numeric"

    def __post_init__(self) -> None:
        is_rising = all(a < b for a, b in pairwise(self.values))
        if not self.values or not is_rising or max(map(abs, self.values)) > LARGEST:
            raise ValueError(Message("Discrete values of a column do not rise, or are too large."))

    @property
    def n_inputs(self) -> int:
        """The number of levels."""
        return len(self.values)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each level: "column=value"."""
        return tuple(f"{self.name}={value:g}" for value in self.values)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the one-hot encoding of the values into out (N, n_inputs)."""
        out[...] = self.codes(values)[:, None] == np.arange(1, self.n_inputs + 1)

    def codes(self, values: pa.ChunkedArray) -> Array:
        """Return the number of each value's level, from 1, shape (N,); 0 for none."""
        with np.errstate(over="ignore"):
            numbers = as_numbers(values, self.name).astype(np.float32)
        levels = array_of(self.values)
        places = np.minimum(np.searchsorted(levels, numbers), len(levels) - 1)
        return np.where(levels[places] == numbers, places + 1, 0)

    def sizes(self, values: pa.ChunkedArray) -> None:
        """Return None: `Numeric` describes the same column."""
        return None

    def numbers(self, values: pa.ChunkedArray) -> None:
        """Return None: `Numeric` describes the same column."""
        return None

    def distribution(self) -> Distribution:
        """Return an empty distribution: `Numeric` describes the same column."""
        return Distribution()

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n values with equal probability."""
        return pa.array(rng.choice(self.values, n))

    def typical(self) -> pa.Array:
        """Return a missing value, shape (1,)."""
        return pa.nulls(1, pa.float64())

    def describe(self) -> str:
        """Return the number of values, the first and the last."""
        return Message(
            "discrete, {n} values: {first:g} < ... < {last:g}",
            n=len(self.values),
            first=self.values[0],
            last=self.values[-1],
        )

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a number, a text or null."""
        return {"type": ["number", "string", "null"]}


@lru_cache(maxsize=1024)
def array_of(values: tuple[float, ...]) -> Array:
    """Return values as an array of float32, which is kept for the next rows."""
    return np.array(values, np.float32)


def fit_discrete(column: Numeric, values: pa.ChunkedArray) -> Discrete | None:
    """Fit the levels of a numeric column.

    Parameters
    ----------
    column : Numeric
    values : pyarrow.ChunkedArray, shape (N,)
        As `cast` returns them.

    Returns
    -------
    Discrete or None
        None if there are fewer than `FEWEST` or more than `MOST` distinct values, or fewer than
        `ROWS` rows for each in the mean.
    """
    numbers = as_numbers(values, column.name)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers) or abs(numbers).max() > LARGEST:
        return None
    levels, counts = np.unique(numbers.astype(np.float32), return_counts=True)
    if not FEWEST <= len(levels) <= min(MOST, len(numbers) / ROWS):
        return None
    common = levels[counts >= RARE]
    if len(common) < FEWEST:
        return None
    return Discrete(column.name, tuple(common.tolist()), column.reading)
