"""Dates, times of day and durations of any type as seconds."""

import numpy as np
import pyarrow as pa
import pyarrow.types as types

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .date_formats import DURATIONS, NAMES
from .date_order import NO_DATES, is_named_like_dates, orders_of
from .date_parsing import SECONDS_PER_DAY, seconds_and_zones
from .values import EXACT, is_text

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
LARGEST_SECOND = 2.0**62  # the largest that datetime64 can represent
FIRST, LAST = 1, 9999  # years that stand for missing dates, or no end

KINDS = {
    "date": Message("dates"),
    "time of day": Message("times of day"),
    "duration": Message("durations"),
}


def is_date(kind: pa.DataType) -> bool:
    """Return whether values of this type are dates, times of day or durations."""
    return types.is_temporal(kind) and not types.is_interval(kind)


def kind_of(kind: pa.DataType, order: str) -> str:
    """Return whether values of a type, or texts in an order, are dates, times of day or durations.

    Parameters
    ----------
    kind : pyarrow.DataType
    order : str
        A name in `ORDERS`, or "".

    Returns
    -------
    str
        A name in `KINDS`.
    """
    if types.is_time(kind) or order == "time of day":
        return "time of day"
    return "duration" if types.is_duration(kind) or order in DURATIONS else "date"


def seconds_of(values: pa.ChunkedArray, name: str, kind: str, order: str) -> tuple[Array, Array]:
    """Return the seconds of dates, times of day or durations, and which have a time zone.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Column name.
    kind : str
        A name in `KINDS`.
    order : str
        Order of texts, a name in `ORDERS`, or "": then only unambiguous texts are read.

    Returns
    -------
    seconds : array, shape (N,)
        Since 1970 (UTC), since midnight, or of a duration; NaN where missing.
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
            Message(
                "Column {name!r} holds values of type {type}, but must hold {kind}.",
                name=name,
                type=str(values.type),
                kind=KINDS[kind],
            )
        )
    zoned = np.full(n, types.is_timestamp(values.type) and values.type.tz is not None)
    return seconds_of_counts(values), zoned


def as_seconds(values: pa.ChunkedArray, name: str, order: str) -> Array:
    """Return the seconds of dates, times of day or durations, without their time zones."""
    return seconds_of(values, name, kind_of(values.type, order), order)[0]


def seconds_of_texts(
    texts: pa.ChunkedArray, name: str, kind: str, order: str
) -> tuple[Array, Array]:
    """Return the seconds of texts; see `seconds_of`.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of N strings
    name : str
        Column name.
    kind : str
        A name in `KINDS`.
    order : str
        A name in `ORDERS`, or "".

    Returns
    -------
    seconds : array, shape (N,)
        NaN where missing.
    zoned : array of bool, shape (N,)

    Raises
    ------
    TableError
        If a text is of another kind, with its row.
    """
    read_as = order or {"date": "year first"}.get(kind, kind)
    seconds, zoned = seconds_and_zones(texts, read_as)
    wrong = np.isnan(seconds) & np.asarray(pc.is_valid(texts).to_numpy(), bool)
    if wrong.any():
        row = int(wrong.argmax())
        value = texts[row].as_py()
        if kind != "date":
            raise TableError(
                Message(
                    "Column {name!r}, row {row}: {value!r} is not one of {kind}, but the "
                    "others are. Correct it, or leave it empty.",
                    name=name,
                    row=row + 1,
                    value=value,
                    kind=KINDS[kind],
                )
            )
        if read_as == "year first" and not orders_of(texts[row : row + 1]):
            raise TableError(
                Message(
                    "Column {name!r}, row {row}: {value!r} is not a date, but the others are. "
                    "Correct it, or leave it empty.",
                    name=name,
                    row=row + 1,
                    value=value,
                )
            )
        if not order:
            raise TableError(
                Message(
                    "Column {name!r}, row {row}: {value!r} may have the month first or the day: "
                    "the dates in training were not texts. Write the year first, as in 2026-03-31.",
                    name=name,
                    row=row + 1,
                    value=value,
                )
            )
        raise TableError(
            Message(
                "Column {name!r}, row {row}: {value!r} is not a date ({order}), but the others "
                "are. Correct it, or leave it empty.",
                name=name,
                row=row + 1,
                value=value,
                order=NAMES[read_as],
            )
        )
    return seconds, zoned


def seconds_of_counts(values: pa.ChunkedArray) -> Array:
    """Return the seconds of values of temporal types, for any year.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)

    Returns
    -------
    array, shape (N,)
        NaN where missing.
    """
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


def orders_in(values: pa.ChunkedArray, name: str) -> list[str]:
    """Return the orders as `orders_of`, also of numbers if the column name suggests dates.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    name : str
        Column name.

    Returns
    -------
    list of str
        Names in `ORDERS`.
    """
    if is_text(values.type):
        return orders_of(values, name)
    digits = as_digits(values) if is_named_like_dates(name) else None
    return [] if digits is None else orders_of(digits, name)


def as_digits(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return whole numbers as texts of digits, null for `NO_DATES`.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray of strings, or None
        None for types other than integers and float64.
    """
    if types.is_float64(values.type):
        whole = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), EXACT))
        digits = values.cast(pa.int64(), safe=False).cast(pa.string())
        digits = pc.if_else(pc.fill_null(whole, False), digits, values.cast(pa.string()))
    elif types.is_integer(values.type):
        digits = values.cast(pa.string())
    else:
        return None
    return pc.if_else(pc.is_in(digits, value_set=pa.array(NO_DATES)), None, digits)


def typed_seconds(seconds: Array, kind: pa.DataType) -> pa.ChunkedArray:
    """Return seconds as values of a temporal type.

    Parameters
    ----------
    seconds : array, shape (N,)
        NaN where missing.
    kind : pyarrow.DataType
        In microseconds.

    Returns
    -------
    pyarrow.ChunkedArray, shape (N,)
    """
    counts = pa.array(np.round(1e6 * seconds), from_pandas=True).cast(pa.int64())
    return pa.chunked_array([counts.cast(kind)])


def check_zones(values: pa.ChunkedArray, name: str, known: Array, zoned: Array) -> None:
    """Check that either all dates have a time zone, or none.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Column name.
    known : array of bool, shape (N,)
        Which rows have a date.
    zoned : array of bool, shape (N,)
        Which rows have a time zone.

    Raises
    ------
    TableError
        If not, with two rows.
    """
    if zoned[known].any() and not zoned[known].all():
        with_zone, without = int((known & zoned).argmax()), int((known & ~zoned).argmax())
        raise TableError(
            Message(
                "Column {name!r}: {value!r} in row {row} has a time zone, but {other!r} in row "
                "{other_row} does not. Write it in all rows, or in none.",
                name=name,
                value=shown(values, with_zone),
                row=with_zone + 1,
                other=shown(values, without),
                other_row=without + 1,
            )
        )


def seconds_to_sort(values: pa.ChunkedArray, name: str, orders: list[str]) -> Array:
    """Return seconds by which rows can be ordered in time.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Column name.
    orders : list of str
        As returned by `orders_in`.

    Returns
    -------
    array, shape (N,)
        NaN where missing.

    Raises
    ------
    TableError
        If another reading of the texts gives another order of rows, or only some dates have a time
        zone.
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
                Message(
                    "Rows can't be ordered by {name!r}: {value!r} may be ({order}) or ({other}). "
                    "Write the year first, as in 2026-03-31.",
                    name=name,
                    value=shown(values, row),
                    order=NAMES[order],
                    other=NAMES[other],
                )
            )
    return seconds


def shown(values: pa.ChunkedArray, row: int) -> str:
    """Format a value; Python's dates end with the year 9999."""
    return values[row : row + 1].cast(pa.string())[0].as_py()


def iso(seconds: float) -> str:
    """Format seconds since 1970 as 2026-03-31T09:00:00.

    Parameters
    ----------
    seconds : float
        Clipped to 2^62 seconds.

    Returns
    -------
    str
    """
    whole = np.clip(np.floor(seconds), -LARGEST_SECOND, LARGEST_SECOND)
    return str(np.datetime64(int(whole), "s"))


def center_and_scale(seconds: Array) -> tuple[float, float]:
    """Return the median and the IQR, or a wider quantile range if the IQR is 0.

    Parameters
    ----------
    seconds : array, shape (N,)
        Without NaN.

    Returns
    -------
    center : float
    scale : float > 0
    """
    scale = 0.0
    for share in (0.25, 0.1, 0.01, 0):
        scale = scale or float(np.ptp(np.quantile(seconds, [share, 1 - share])))
    return float(np.median(seconds)), scale or float(SECONDS_PER_DAY)


def stand_for_no_date(seconds: Array) -> Array:
    """Return which dates are in year 1, or in or after year 9999: they stand for missing dates.

    Parameters
    ----------
    seconds : array, shape (N,)

    Returns
    -------
    array of bool, shape (N,)
    """
    begin, end = np.array([f"{FIRST + 1:04}", f"{LAST:04}"], "datetime64[s]").astype(float)
    return (seconds < begin) | (seconds >= end)
