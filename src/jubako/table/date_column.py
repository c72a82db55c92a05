"""Columns of dates and of times of day as numbers, from texts and from the types that hold them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types

from jubako.core.activations import Array

from .date_formats import DURATIONS, NAMES
from .date_parsing import SECONDS_PER_DAY, seconds_and_zones
from .dates import is_named_like_dates, orders_of
from .errors import TableError
from .reading import DATE, Reading
from .sentence import Sentence
from .values import EXACT, is_text

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

FIRST, LAST = 1, 9999  # dates of these years mean that there is none yet, or no end
FARTHEST = 2.0**62  # seconds from 1970; NumPy can count twice as many
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class Date:
    """The time that has passed, scaled, and its place in the year, the week and the day.

    The first number is z / sqrt(1 + (z/3)²) with z = (seconds - center) / scale, so that no date,
    such as 9999-12-31, is farther than 3 from the median. Places in a circle are two numbers, sine
    and cosine: December lies beside January. All are 0 where the date is missing.
    """

    name: str
    center: float  # the median, seconds since 1970
    scale: float  # the distance of the quartiles, seconds, > 0
    first: float  # the beginning of the month of the first and the last date, seconds since 1970
    last: float
    times: bool = False  # whether the time of day says anything
    order: str = ""  # how texts are read, a name in `DATES`; none if there were no texts
    zoned: bool = False  # whether dates name their time zone
    reading: Reading = DATE

    @property
    def width(self) -> int:
        return 7 if self.times else 5

    @property
    def numbers(self) -> tuple[str, ...]:
        circles = ("year", "week", "day") if self.times else ("year", "week")
        waves = (f"{self.name} {wave} {circle}" for circle in circles for wave in ("sin", "cos"))
        return (self.name, *waves)

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        seconds = self.seconds(values)
        gone = np.isnan(seconds)
        seconds = np.where(gone, self.center, seconds)
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
        out[gone] = 0

    def seconds(self, values: pa.ChunkedArray) -> Array:
        """Return seconds since 1970, NaN where missing, shape (N,).

        Raises
        ------
        TableError
            If values are no dates, or name their zone although those of `fit` did not, or the
            reverse.
        """
        seconds, zoned = seconds_of(values, self.name, "date", self.order)
        wrong = (zoned != self.zoned) & ~np.isnan(seconds)
        if wrong.any():
            row = int(wrong.argmax())
            value = shown(values, row)
            if self.zoned:
                raise TableError(
                    Sentence(
                        "Column {name!r}, row {row}: {value!r} does not say its time zone, but "
                        "the dates in training did. Add it, as in 2026-03-31 09:00+09:00.",
                        name=self.name, row=row + 1, value=value,
                    )
                )  # fmt: skip
            raise TableError(
                Sentence(
                    "Column {name!r}, row {row}: {value!r} says its time zone, but the dates in "
                    "training did not. Convert it to their zone, and leave the zone out.",
                    name=self.name, row=row + 1, value=value,
                )
            )  # fmt: skip
        return seconds

    def typed(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return texts as values of a type of dates."""
        times = typed_seconds(
            self.seconds(values), pa.timestamp("us", "UTC" if self.zoned else None)
        )
        return times if self.times or self.zoned else times.cast(pa.date32())

    def describe(self) -> str:
        kind = Sentence("date and time") if self.times else Sentence("date")
        if self.zoned:
            kind = Sentence("{kind} in UTC", kind=kind)
        if self.order not in ("", "year first"):
            kind = Sentence("{kind}, {order}", kind=kind, order=NAMES[self.order])
        return Sentence(
            "{kind}, median {day}, range {first} to {last}",
            kind=kind, day=iso(self.center)[:10],
            first=iso(self.first)[:7], last=iso(self.last)[:7],
        )  # fmt: skip


@dataclass(frozen=True)
class TimeOfDay:
    """A time of day, scaled as in `Date`, and its place in the day; all 0 where it is missing."""

    name: str
    center: float  # the median, seconds since midnight
    scale: float  # the distance of the quartiles, seconds, > 0
    reading: Reading = DATE

    @property
    def width(self) -> int:
        return 3

    @property
    def numbers(self) -> tuple[str, ...]:
        return self.name, f"{self.name} sin day", f"{self.name} cos day"

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        seconds = self.seconds(values)
        gone = np.isnan(seconds)
        seconds = np.where(gone, self.center, seconds)
        out[:, 0] = bent((seconds - self.center) / self.scale)
        out[:, 1] = np.sin(2 * np.pi * seconds / SECONDS_PER_DAY)
        out[:, 2] = np.cos(2 * np.pi * seconds / SECONDS_PER_DAY)
        out[gone] = 0

    def seconds(self, values: pa.ChunkedArray) -> Array:
        """Return seconds since midnight, NaN where missing, shape (N,)."""
        return seconds_of(values, self.name, "time of day", "time of day")[0]

    def typed(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return texts as values of a type of times of day."""
        return typed_seconds(self.seconds(values), pa.time64("us"))

    def describe(self) -> str:
        return Sentence("time of day, median {time}", time=iso(self.center)[11:16])


def fit_date(name: str, values: pa.ChunkedArray, order: str) -> Date | TimeOfDay | None:
    """Fit a column of dates or of times of day; None where all are the same.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray
        Of a type in which `kind_of` sees dates or times of day, or texts, or digits as 20230819.
    order : str
        A name in `ORDERS` in which texts are read.

    Raises
    ------
    TableError
        If a value is of another kind, or some dates name their time zone and others do not.
    """
    kind = kind_of(values.type, order)
    seconds, zoned = seconds_of(values, name, kind, order)
    known = ~np.isnan(seconds)
    if np.ptp(seconds[known]) == 0 and known.all():
        return None
    if kind == "time of day":
        return TimeOfDay(name, *center_and_scale(seconds[known]))
    check_zones(values, name, known, zoned)
    real = known & ~stand_for_no_date(seconds)
    usual = seconds[real if real.any() else known].clip(-FARTHEST, FARTHEST)
    times = bool((usual % SECONDS_PER_DAY).any())
    center, scale = center_and_scale(usual)
    first, last = beginning_of_month(usual.min()), beginning_of_month(usual.max())
    return Date(name, center, scale, first, last, times, order, bool(zoned[known].any()))


def check_zones(values: pa.ChunkedArray, name: str, known: Array, zoned: Array) -> None:
    """Refuse dates of which some name their time zone and others do not."""
    if zoned[known].any() and not zoned[known].all():
        with_zone, without = int((known & zoned).argmax()), int((known & ~zoned).argmax())
        raise TableError(
            Sentence(
                "Column {name!r}: {value!r} in row {row} says its time zone, but {other!r} in row "
                "{other_row} does not. Write it in all rows, or in none.",
                name=name, value=shown(values, with_zone), row=with_zone + 1,
                other=shown(values, without), other_row=without + 1,
            )
        )  # fmt: skip


def seconds_to_sort(values: pa.ChunkedArray, name: str, orders: list[str]) -> Array:
    """Return seconds by which rows can be put in the order of time, shape (N,), NaN where missing.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    name : str
        Of the column.
    orders : list of str
        What `orders_in` has returned for them.

    Raises
    ------
    TableError
        If another reading of the texts gives another order, or only some dates have a time zone.
    """
    order = orders[0] if orders else ""
    seconds, zoned = seconds_of(values, name, kind_of(values.type, order), order)
    check_zones(values, name, ~np.isnan(seconds), zoned)
    for other in orders[1:]:
        others = as_seconds(values, name, other)
        by_time = np.argsort(seconds, kind="stable")
        steps, other_steps = np.diff(seconds[by_time]), np.diff(others[by_time])
        if ((steps > 0) != (other_steps > 0)).any() or (other_steps < 0).any():
            row = int((seconds != others).argmax())
            raise TableError(
                Sentence(
                    "Rows can't be put in the order of {name!r}: {value!r} may be ({order}) or "
                    "({other}). Write the year first, as in 2026-03-31.",
                    name=name, value=shown(values, row), order=NAMES[order], other=NAMES[other],
                )
            )  # fmt: skip
    return seconds


def shown(values: pa.ChunkedArray, row: int) -> str:
    """Write a value; Python's own dates end with the year 9999."""
    return values[row : row + 1].cast(pa.string())[0].as_py()


def center_and_scale(seconds: Array) -> tuple[float, float]:
    """Return the median and the distance of the quartiles, or of others where these are equal."""
    scale = 0.0
    for share in (0.25, 0.1, 0.01, 0):
        scale = scale or float(np.ptp(np.quantile(seconds, [share, 1 - share])))
    return float(np.median(seconds)), scale or float(SECONDS_PER_DAY)


def stand_for_no_date(seconds: Array) -> Array:
    """Tell which dates are in year 1 or from year 9999 on: they mean that there is none."""
    begin, end = np.array([f"{FIRST + 1:04}", f"{LAST:04}"], "datetime64[s]").astype(float)
    return (seconds < begin) | (seconds >= end)


def bent(z: Array) -> Array:
    """Return z / sqrt(1 + (z/3)²), which lies between -3 and 3."""
    return z / np.sqrt(1 + (z / 3) ** 2)


def beginning_of_month(seconds: float) -> float:
    """Return the seconds since 1970 at which a month begins."""
    return float(
        np.datetime64(int(seconds), "s").astype("datetime64[M]").astype("datetime64[s]").astype(int)
    )


def iso(seconds: float) -> str:
    """Write seconds since 1970 as 2026-03-31T09:00:00."""
    return str(np.datetime64(int(np.floor(seconds)), "s"))


def is_date(kind: pa.DataType) -> bool:
    """Tell whether values of this type are dates, times of day or durations."""
    return types.is_temporal(kind) and not types.is_interval(kind)


def kind_of(kind: pa.DataType, order: str) -> str:
    """Return what values of a type, or texts in an order, are: a name in `KINDS`."""
    if types.is_time(kind) or order == "time of day":
        return "time of day"
    return "duration" if types.is_duration(kind) or order in DURATIONS else "date"


KINDS = {
    "date": Sentence("dates"),
    "time of day": Sentence("times of day"),
    "duration": Sentence("durations"),
}


def seconds_of(
    values: pa.ChunkedArray, name: str, kind: str, order: str = ""
) -> tuple[Array, Array]:
    """Return seconds since 1970 (UTC), since midnight or of a duration, and what has a time zone.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Of the column.
    kind : str
        A name in `KINDS`.
    order : str
        How texts are read, a name in `ORDERS`; by default as where each has one reading only.

    Returns
    -------
    seconds : array, shape (N,)
        NaN where missing.
    zoned : array of bool, shape (N,)

    Raises
    ------
    TableError
        If values are of another kind.
    """
    n = len(values)
    if types.is_null(values.type):
        return np.full(n, np.nan), np.zeros(n, bool)
    texts = values if is_text(values.type) else None
    if texts is None and kind == "date":
        texts = as_digits(values)
    if texts is not None:
        return seconds_of_texts(texts, name, kind, order)
    if not is_date(values.type) or kind_of(values.type, "") != kind:
        raise TableError(
            Sentence(
                "Column {name!r} holds values of type {type}, but must hold {kind}.",
                name=name, type=str(values.type), kind=KINDS[kind],
            )
        )  # fmt: skip
    zoned = np.full(n, types.is_timestamp(values.type) and values.type.tz is not None)
    return seconds_of_counts(values), zoned


def as_seconds(values: pa.ChunkedArray, name: str, order: str = "") -> Array:
    """Return the seconds of dates, times of day or durations alike, whatever their zone."""
    return seconds_of(values, name, kind_of(values.type, order), order)[0]


def seconds_of_counts(values: pa.ChunkedArray) -> Array:
    """Return the same of types that count days, seconds or parts of them, whatever the year."""
    kind = values.type
    if types.is_date32(kind) or types.is_time32(kind):
        values = values.cast(pa.int32())
    counts = np.asarray(pc.fill_null(values.cast(pa.int64()), 0).to_numpy(), np.int64)
    missing = np.asarray(pc.is_null(values).to_numpy(), bool)
    if types.is_date32(kind):
        return np.where(missing, np.nan, SECONDS_PER_DAY * counts.astype(float))
    per_second = 1000 if types.is_date64(kind) else UNITS[kind.unit]
    whole, part = np.divmod(counts, per_second)
    return np.where(missing, np.nan, whole + np.round(part / per_second, 6))


def typed_seconds(seconds: Array, kind: pa.DataType) -> pa.ChunkedArray:
    """Return seconds as values of a type that counts microseconds."""
    counts = pa.array(np.round(1e6 * seconds), from_pandas=True).cast(pa.int64())
    return pa.chunked_array([counts.cast(kind)])


def orders_in(values: pa.ChunkedArray, name: str) -> list[str]:
    """Return what `orders_of` does; also of numbers, if the column is named like one of dates."""
    if is_text(values.type):
        return orders_of(values, name)
    digits = as_digits(values) if is_named_like_dates(name) else None
    return [] if digits is None else orders_of(digits, name)


def as_digits(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Write whole numbers as digits; None if their type can't hold eight of them."""
    if types.is_integer(values.type):
        return values.cast(pa.string())
    if not types.is_float64(values.type):
        return None
    whole = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), EXACT))
    digits = values.cast(pa.int64(), safe=False).cast(pa.string())
    return pc.if_else(pc.fill_null(whole, False), digits, values.cast(pa.string()))


def seconds_of_texts(
    texts: pa.ChunkedArray, name: str, kind: str, order: str
) -> tuple[Array, Array]:
    """Return the same of texts; see `seconds_of`."""
    read_as = order or {"date": "year first"}.get(kind, kind)
    seconds, zoned = seconds_and_zones(texts, read_as)
    wrong = np.isnan(seconds) & np.asarray(pc.is_valid(texts).to_numpy(), bool)
    if wrong.any():
        row = int(wrong.argmax())
        value = texts[row].as_py()
        if kind != "date":
            raise TableError(
                Sentence(
                    "Column {name!r}, row {row}: {value!r} is not one of {kind}, as the others "
                    "are. Correct it, or leave it empty.",
                    name=name, row=row + 1, value=value, kind=KINDS[kind],
                )
            )  # fmt: skip
        if read_as == "year first" and not orders_of(texts[row : row + 1]):
            raise TableError(
                Sentence(
                    "Column {name!r}, row {row}: {value!r} is no date, as the others are. "
                    "Correct it, or leave it empty.",
                    name=name, row=row + 1, value=value,
                )
            )  # fmt: skip
        if not order:
            raise TableError(
                Sentence(
                    "Column {name!r}, row {row}: {value!r} may have the month first or the day: "
                    "the dates in training were no texts. Write the year first, as in 2026-03-31.",
                    name=name, row=row + 1, value=value,
                )
            )  # fmt: skip
        raise TableError(
            Sentence(
                "Column {name!r}, row {row}: {value!r} is no date ({order}), as the others are. "
                "Correct it, or leave it empty.",
                name=name, row=row + 1, value=value, order=NAMES[read_as],
            )
        )  # fmt: skip
    return seconds, zoned
