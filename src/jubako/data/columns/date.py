"""Columns of dates and of times of day."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.date_formats import DATES, NAMES
from jubako.data.casting.date_parsing import SECONDS_PER_DAY
from jubako.data.casting.date_values import (
    LARGEST_SECOND,
    center_and_scale,
    check_zones,
    iso,
    kind_of,
    seconds_of,
    shown,
    stand_for_no_date,
    typed_seconds,
)
from jubako.data.casting.reading import DATE, Reading
from jubako.data.casting.values import is_text
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .base import CONSTANT, Distribution, Dropped


@dataclass(frozen=True)
class Date:
    """A date: elapsed time, scaled, and the position in the year, in the week and in the day.

    The first input is z / sqrt(1 + (z/3)²) with z = (seconds - center) / scale, which keeps dates
    such as 9999-12-31 within 3 of the median. Positions in a cycle have two inputs, sine and
    cosine, so that December is close to January. All are 0 where the date is missing.

    Parameters
    ----------
    name : str
    center : float
        Median, seconds since 1970.
    scale : float > 0
        IQR, seconds.
    first, last : float
        First and last date, seconds since 1970; models of older versions have the start of its
        month.
    times : bool
        Whether the time of day varies.
    order : str
        Order of texts, a name in `DATES`; empty for typed dates.
    zoned : bool
        Whether dates have a time zone.
    reading : Reading

    Raises
    ------
    ValueError
        If the order is unknown, or dates are out of range.
    """

    name: str
    center: float
    scale: float
    first: float
    last: float
    times: bool = False
    order: str = ""
    zoned: bool = False
    reading: Reading = DATE
    kind: ClassVar[str] = Message("date")
    reading_kind: ClassVar[str] = "date"

    def __post_init__(self) -> None:
        if self.order not in ("", *DATES):
            raise ValueError(Message("There is no order of dates {order!r}.", order=self.order))
        if not max(map(abs, (self.center, self.first, self.last))) < 2 * LARGEST_SECOND:
            raise ValueError(Message("A date lies outside of the calendar."))
        if self.first > self.last:
            raise ValueError(Message("A range of dates ends before it begins."))

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network: 5, or 7 if the time of day varies."""
        return 7 if self.times else 5

    @property
    def input_names(self) -> tuple[str, ...]:
        """The column name, then sine and cosine of the position in year, week and day."""
        circles = (
            Message("{name} sin year", name=self.name),
            Message("{name} cos year", name=self.name),
            Message("{name} sin week", name=self.name),
            Message("{name} cos week", name=self.name),
            *sin_and_cos_of_day(self.name),
        )
        return (self.name, *circles)[: self.n_inputs]

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the scaled date and its positions in year, week and day into out."""
        seconds = self.seconds(values)
        is_missing = np.isnan(seconds)
        seconds = np.where(is_missing, self.center, seconds)
        days = np.floor(seconds / SECONDS_PER_DAY)
        year = days.astype("datetime64[D]").astype("datetime64[Y]")
        into_year = days - year.astype("datetime64[D]").astype(float)
        out[:, 0] = bent((seconds - self.center) / self.scale)
        circles = [into_year / 366, (days + 3) % 7 / 7]  # 1970 began on a Thursday
        if self.times:
            circles.append(seconds % SECONDS_PER_DAY / SECONDS_PER_DAY)
        for i, share in enumerate(circles):
            out[:, 1 + 2 * i] = np.sin(2 * np.pi * share)
            out[:, 2 + 2 * i] = np.cos(2 * np.pi * share)
        out[is_missing] = 0

    def seconds(self, values: pa.ChunkedArray) -> Array:
        """Return seconds since 1970, NaN where missing, shape (N,).

        Raises
        ------
        TableError
            If values are not dates, or have a time zone where those in training had none, or vice
            versa.
        """
        seconds, zoned = seconds_of(values, self.name, "date", self.order)
        wrong = (zoned != self.zoned) & ~np.isnan(seconds)
        if wrong.any():
            row = int(wrong.argmax())
            value = shown(values, row)
            if self.zoned:
                raise TableError(
                    Message(
                        "Column {name!r}, row {row}: {value!r} has no time zone, but the dates in "
                        "training had one. Add it, as in 2026-03-31 09:00+09:00.",
                        name=self.name,
                        row=row + 1,
                        value=value,
                    )
                )
            raise TableError(
                Message(
                    "Column {name!r}, row {row}: {value!r} has a time zone, but the dates in "
                    "training had none. Convert it to their zone, and leave the zone out.",
                    name=self.name,
                    row=row + 1,
                    value=value,
                )
            )
        return seconds

    def sizes(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the dates; texts as dates, or as timestamps with times or a time zone."""
        if not is_text(values.type):
            return values
        times = typed_seconds(
            self.seconds(values), pa.timestamp("us", "UTC" if self.zoned else None)
        )
        return times if self.times or self.zoned else times.cast(pa.date32())

    def numbers(self, values: pa.ChunkedArray) -> Array:
        """Return seconds since 1970 as float64, shape (N,), NaN where missing."""
        return self.seconds(values)

    def distribution(self) -> Distribution:
        """Return median, IQR and range in seconds since 1970."""
        return Distribution(center=self.center, scale=self.scale, range=(self.first, self.last))

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n dates, uniform in the range of training."""
        seconds = rng.uniform(self.first, self.last, n)
        if not self.times:
            seconds = np.floor(seconds / SECONDS_PER_DAY) * SECONDS_PER_DAY
        kind = pa.timestamp("us", "UTC" if self.zoned else None)
        return typed_seconds(seconds, kind).chunk(0)

    def typical(self) -> pa.Array:
        """Return the median as a timestamp, shape (1,); at midnight if times of day do not vary."""
        seconds = round(self.center)
        if not self.times:
            seconds = int(self.center // SECONDS_PER_DAY * SECONDS_PER_DAY)
        return pa.array([seconds]).cast(pa.timestamp("s", "UTC" if self.zoned else None))

    def describe(self) -> str:
        """Return the type with the order of texts, the median and the range."""
        kind = Message("date and time") if self.times else Message("date")
        if self.zoned:
            kind = Message("{kind} in UTC", kind=kind)
        if self.order not in ("", "year first"):
            kind = Message("{kind}, {order}", kind=kind, order=NAMES[self.order])
        n_characters = len("2026-03-31 09:00" if self.times else "2026-03-31")
        center, first, last = (
            iso(seconds)[:n_characters].replace("T", " ")
            for seconds in (self.center, self.first, self.last)
        )
        return Message(
            "{kind}, median {center}, range {first} to {last}",
            kind=kind,
            center=center,
            first=first,
            last=last,
        )

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a text in the format of dates, or null."""
        return {"type": ["string", "null"], "format": "date-time" if self.times else "date"}


@dataclass(frozen=True)
class TimeOfDay:
    """A time of day, scaled as in `Date`, and its position in the day; all 0 where it is missing.

    Parameters
    ----------
    name : str
    center : float in [0, 86400)
        Median, seconds since midnight.
    scale : float > 0
        IQR, seconds.
    reading : Reading

    Raises
    ------
    ValueError
        If the median is out of range.
    """

    name: str
    center: float
    scale: float
    reading: Reading = DATE
    kind: ClassVar[str] = Message("time of day")
    reading_kind: ClassVar[str] = "date"

    def __post_init__(self) -> None:
        if not 0 <= self.center < SECONDS_PER_DAY:
            raise ValueError(Message("A time of day lies outside of the day."))

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network: 3."""
        return 3

    @property
    def input_names(self) -> tuple[str, ...]:
        """The column name, then sine and cosine of the position in the day."""
        return self.name, *sin_and_cos_of_day(self.name)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the scaled time of day, and its position in the day, into out (N, 3)."""
        seconds = self.seconds(values)
        is_missing = np.isnan(seconds)
        seconds = np.where(is_missing, self.center, seconds)
        out[:, 0] = bent((seconds - self.center) / self.scale)
        out[:, 1] = np.sin(2 * np.pi * seconds / SECONDS_PER_DAY)
        out[:, 2] = np.cos(2 * np.pi * seconds / SECONDS_PER_DAY)
        out[is_missing] = 0

    def seconds(self, values: pa.ChunkedArray) -> Array:
        """Return seconds since midnight, NaN where missing, shape (N,)."""
        return seconds_of(values, self.name, "time of day", "time of day")[0]

    def sizes(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return times of day."""
        if not is_text(values.type):
            return values
        return typed_seconds(self.seconds(values), pa.time64("us"))

    def numbers(self, values: pa.ChunkedArray) -> Array:
        """Return seconds since midnight as float64, shape (N,), NaN where missing."""
        return self.seconds(values)

    def distribution(self) -> Distribution:
        """Return median and IQR in seconds."""
        return Distribution(center=self.center, scale=self.scale)

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n times of day, uniform within one IQR of the median, but of at most half a day."""
        reach = min(self.scale, SECONDS_PER_DAY / 2)
        seconds = np.floor(self.center + rng.uniform(-reach, reach, n)) % SECONDS_PER_DAY
        return typed_seconds(seconds, pa.time64("us")).chunk(0)

    def typical(self) -> pa.Array:
        """Return the median, rounded to seconds, shape (1,)."""
        seconds = round(self.center) % SECONDS_PER_DAY
        return pa.array([int(seconds)], pa.int32()).cast(pa.time32("s"))

    def describe(self) -> str:
        """Return the type with the median."""
        return Message("time of day, median {time}", time=iso(self.center)[11:16])

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a text or null."""
        return {"type": ["string", "null"]}


def sin_and_cos_of_day(name: str) -> tuple[Message, Message]:
    """Return the names of the inputs for the position in the day."""
    return Message("{name} sin day", name=name), Message("{name} cos day", name=name)


def fit_date(name: str, values: pa.ChunkedArray, reading: Reading) -> Date | TimeOfDay | Dropped:
    """Fit a column of dates or of times of day.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray, shape (N,)
        Dates or times of day by `kind_of`, texts, or digits such as 20230819.
    reading : Reading
        With the order of texts.

    Returns
    -------
    Date, TimeOfDay or Dropped
        Dropped if constant.

    Raises
    ------
    TableError
        If a value is of another kind, or only some dates have a time zone.
    """
    kind = kind_of(values.type, reading.order)
    seconds, zoned = seconds_of(values, name, kind, reading.order)
    known = ~np.isnan(seconds)
    if np.ptp(seconds[known]) == 0 and known.all():
        return Dropped(name, CONSTANT)
    if kind == "time of day":
        return TimeOfDay(name, *center_and_scale(seconds[known]), reading)
    check_zones(values, name, known, zoned)
    real = known & ~stand_for_no_date(seconds)
    usual = seconds[real if real.any() else known].clip(-LARGEST_SECOND, LARGEST_SECOND)
    times = bool((usual % SECONDS_PER_DAY).any())
    center, scale = center_and_scale(usual)
    first, last = float(usual.min()), float(usual.max())
    zoned = bool(zoned[known].any())
    return Date(name, center, scale, first, last, times, reading.order, zoned, reading)


def bent(z: Array) -> Array:
    """Return z / sqrt(1 + (z/3)²), which lies between -3 and 3."""
    return z / np.sqrt(1 + (z / 3) ** 2)
