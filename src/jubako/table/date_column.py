"""A column of dates as numbers, from texts and from the types that hold dates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types

from jubako.core.activations import Array

from .dates import NAMES, orders_of, seconds_in
from .errors import TableError
from .sentence import Sentence
from .values import is_text

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers


@dataclass(frozen=True, slots=True)
class Date:
    """The time that has passed, scaled, and where in the year, the week and the day that is.

    Places in a circle are two numbers, its sine and cosine: December lies beside January. All are 0
    where the date is missing.
    """

    name: str
    center: float  # seconds since 1970
    scale: float  # seconds, > 0
    times: bool = False  # whether the time of day says anything
    order: str = ""  # how texts are read, a name in `ORDERS`; none if there were no texts

    @property
    def width(self) -> int:
        return 7 if self.times else 5

    @property
    def numbers(self) -> tuple[str, ...]:
        circles = ("year", "week", "day") if self.times else ("year", "week")
        waves = (f"{self.name} {wave} {circle}" for circle in circles for wave in ("sin", "cos"))
        return (self.name, *waves)

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        seconds = as_seconds(values, self.name, self.order)
        gone = np.isnan(seconds)
        seconds = np.where(gone, 0, seconds)
        days = np.floor(seconds / 86400)
        year = days.astype("datetime64[D]").astype("datetime64[Y]")
        into_year = days - year.astype("datetime64[D]").astype(float)
        out[:, 0] = (seconds - self.center) / self.scale
        circles = [into_year / 366, (days + 3) % 7 / 7]  # 1970 began on a Thursday
        if self.times:
            circles.append(seconds % 86400 / 86400)
        for i, share in enumerate(circles):
            out[:, 1 + 2 * i] = np.sin(2 * np.pi * share)
            out[:, 2 + 2 * i] = np.cos(2 * np.pi * share)
        out[gone] = 0

    def describe(self) -> str:
        day = str(np.datetime64(int(self.center), "s"))[:10]
        if self.order in ("month first", "day first"):
            return Sentence("date, {order}, around {day}", order=NAMES[self.order], day=day)
        if self.times:
            return Sentence("date with time, around {day}", day=day)
        return Sentence("date, around {day}", day=day)


def fit_date(name: str, values: pa.ChunkedArray, order: str) -> Date | None:
    """Fit a column of dates, texts in the given order; None where all are the same."""
    seconds = as_seconds(values, name, order)
    spread = float(np.nanstd(seconds))
    times = bool((seconds[~np.isnan(seconds)] % 86400).any())
    if not spread:
        return None
    return Date(name, float(np.nanmean(seconds)), spread, times, order)


def is_date(kind: pa.DataType) -> bool:
    """Tell whether values of this type are dates, times or spans of time that are one number."""
    return types.is_temporal(kind) and not types.is_interval(kind)


def as_seconds(values: pa.ChunkedArray, name: str, order: str = "") -> Array:
    """Return seconds since 1970, or since midnight, or of a span of time; NaN where missing.

    Texts are read in the given order, a name in `ORDERS`.

    Raises
    ------
    TableError
        If the values are no dates and no times, or texts that can be read in several orders while
        none is given.
    """
    kind = values.type
    if is_text(kind):
        return seconds_of_texts(values, name, order)
    if types.is_null(kind):
        return np.full(len(values), np.nan)
    if not is_date(kind):
        raise TableError(
            Sentence(
                "Column {name!r} must hold dates, but holds {value!r}.",
                name=name, value=values[0].as_py(),
            )
        )  # fmt: skip
    if types.is_date(kind) or types.is_timestamp(kind):
        per_second = 1e6
        values = values.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
    else:
        per_second = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        if types.is_time32(kind):
            values = values.cast(pa.int32())
    missing = np.asarray(pc.is_null(values).to_numpy(), bool)
    counts = np.asarray(pc.fill_null(values.cast(pa.int64()), 0).to_numpy(), float)
    return np.where(missing, np.nan, counts / per_second)


def seconds_of_texts(texts: pa.ChunkedArray, name: str, order: str) -> Array:
    """Return seconds since 1970, or since midnight; see `as_seconds`."""
    if not order:
        orders = orders_of(texts) or ["year first"]
        if len(orders) > 1:
            raise TableError(
                Sentence(
                    "Column {name!r}: {value!r} may have the month first or the day. Write the "
                    "year first, as in 2026-03-31.",
                    name=name, value=texts.drop_null()[0].as_py(),
                )
            )  # fmt: skip
        order = orders[0]
    seconds = seconds_in(texts, order)
    wrong = np.isnan(seconds) & np.asarray(pc.is_valid(texts).to_numpy(), bool)
    if wrong.any():
        row = int(wrong.argmax())
        raise TableError(
            Sentence(
                "Column {name!r}, row {row}: {value!r} is no date ({order}), as the others are. "
                "Correct it, or leave it empty.",
                name=name, row=row + 1, value=texts[row].as_py(), order=NAMES[order],
            )
        )  # fmt: skip
    return seconds
