"""Columns of durations: a number of seconds."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.date_formats import DURATIONS
from jubako.data.casting.date_values import as_seconds, seconds_of, typed_seconds
from jubako.data.casting.reading import DATE, Reading
from jubako.data.casting.values import is_text
from jubako.i18n.messages import Message

from .base import CONSTANT, Dropped
from .numeric import Numeric, center_and_scale, described, quantiles_of

TIME_UNITS = ((Message("days"), 86400), (Message("h"), 3600), (Message("min"), 60))


@dataclass(frozen=True)
class Duration(Numeric):
    """A duration, encoded as a `Numeric` in seconds.

    Parameters
    ----------
    name : str
    center : float
        As in `Numeric`, in seconds.
    scale : float > 0
        As in `Numeric`, in seconds.
    missing : bool
        As in `Numeric`.
    knots : tuple of float
        As in `Numeric`, in seconds.
    reading : Reading
    statistics : str
        As in `Numeric`.
    order : str
        Order of texts, a name in `DURATIONS`; empty for typed durations.

    Raises
    ------
    ValueError
        If the order is unknown.
    """

    reading: Reading = DATE
    order: str = ""
    kind: ClassVar[str] = Message("duration")
    reading_kind: ClassVar[str] = "date"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.order not in ("", *DURATIONS):
            raise ValueError(Message("There is no order of dates {order!r}.", order=self.order))

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write durations in seconds into out as `Numeric` does."""
        numbers = pa.chunked_array([pa.array(self.seconds(values), from_pandas=True)])
        super().encode(numbers, out, quantiles)

    def seconds(self, values: pa.ChunkedArray) -> Array:
        """Return seconds, NaN where missing, shape (N,)."""
        return seconds_of(values, self.name, "duration", self.order)[0]

    def sizes(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return durations in microseconds."""
        if not is_text(values.type):
            return values
        return typed_seconds(self.seconds(values), pa.duration("us"))

    def numbers(self, values: pa.ChunkedArray) -> Array:
        """Return seconds as float64, shape (N,), NaN where missing."""
        return self.seconds(values)

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n durations as `Numeric.sample_numbers`, in seconds."""
        return typed_seconds(self.sample_numbers(n, rng), pa.duration("us")).chunk(0)

    def typical(self) -> pa.Array:
        """Return the median, rounded to microseconds, shape (1,)."""
        return pa.array([round(1e6 * self.median)]).cast(pa.duration("us"))

    def describe(self) -> str:
        """Return the type with its statistics in the largest unit that is not above the center."""
        fitting = [(unit, size) for unit, size in TIME_UNITS if abs(self.center) >= size]
        unit, size = fitting[0] if fitting else (Message("s"), 1)
        center, scale = self.center / size, self.scale / size
        kind = Message("duration in {unit}", unit=unit)
        return described(kind, center, scale, self.statistics)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a text or null."""
        return {"type": ["string", "null"]}


def fit_duration(name: str, values: pa.ChunkedArray, reading: Reading) -> Duration | Dropped:
    """Fit a column of durations.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray, shape (N,)
        Durations or texts.
    reading : Reading

    Returns
    -------
    Duration or Dropped
        Dropped if constant.
    """
    seconds = as_seconds(values, name, reading.order)
    missing = bool(np.isnan(seconds).any())
    seconds = seconds[~np.isnan(seconds)]
    if np.ptp(seconds) == 0 and not missing:
        return Dropped(name, CONSTANT)
    center, scale, statistics = center_and_scale(seconds)
    quantiles = quantiles_of(seconds)
    return Duration(name, center, scale, missing, quantiles, reading, statistics, reading.order)
