"""Parsing of dates, times of day and durations as seconds."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc

from .date_formats import DURATIONS, ERAS, MONTHS, MORE_THAN_CLEAR, ORDERS, PIVOT, normalized

Parsed = tuple[Array, Array]

SECONDS_PER_DAY = 86400
DAY_OF_1970 = date(1970, 1, 1).toordinal()
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FEW = 1000  # texts that are parsed one by one
MOST_EAST = 15 * 60  # minutes between UTC and the farthest zone


def seconds_in(texts: pa.ChunkedArray, order: str) -> Array:
    """Return seconds since 1970 (UTC), since midnight, or of a duration.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of strings, shape (N,)
    order : str
        A name in `ORDERS`.

    Returns
    -------
    seconds : array, shape (N,)
        Whole microseconds; NaN where a text is missing or no date.
    """
    return seconds_and_zones(texts, order)[0]


def seconds_and_zones(texts: pa.ChunkedArray, order: str) -> Parsed:
    """Return the seconds as `seconds_in`, and which texts have a time zone.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of N strings
    order : str
        A name in `ORDERS`.

    Returns
    -------
    seconds : array, shape (N,)
        NaN where a text is missing or not a date.
    zoned : array of bool, shape (N,)
    """
    distinct, codes = encoded(texts)
    iso = iso_seconds(distinct, order) if len(distinct) <= FEW else None
    if iso is not None:
        return np.r_[iso, np.nan][codes], np.zeros(len(codes), bool)
    seconds, zoned = parsed(normalized(distinct), order)
    return np.r_[seconds, np.nan][codes], np.r_[zoned, False][codes]


def iso_seconds(words: pa.Array, order: str) -> Array | None:
    """Return the seconds of dates that are all written as 2026-03-31; the same as `parsed`, sooner.

    Parameters
    ----------
    words : pyarrow.Array of N strings
    order : str
        A name in `ORDERS`.

    Returns
    -------
    array, shape (N,), or None
        None if one is written otherwise, or the order has no such dates.
    """
    if order != "year first" and order not in MORE_THAN_CLEAR:
        return None
    texts = words.to_pylist()
    if not all(map(ISO_DATE.fullmatch, texts)):
        return None
    try:
        days = [date.fromisoformat(text).toordinal() - DAY_OF_1970 for text in texts]
    except ValueError:  # no such day
        return None
    return SECONDS_PER_DAY * np.array(days, float)


def encoded(texts: pa.ChunkedArray) -> tuple[pa.Array, Array]:
    """Return the distinct texts, and the code of each text.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of N strings

    Returns
    -------
    distinct : pyarrow.Array of strings
    codes : array of int, shape (N,)
        Position in `distinct`; -1 where missing.
    """
    distinct = pc.unique(texts.drop_null())
    codes = pc.fill_null(pc.index_in(texts, value_set=distinct), -1)
    return distinct.cast(pa.string()), np.asarray(codes.to_numpy(), np.intp)


def parsed(words: pa.Array, order: str, clear: Parsed | None = None) -> Parsed:
    """Parse normalized texts.

    Parameters
    ----------
    words : pyarrow.Array of N strings
    order : str
        A name in `ORDERS`.
    clear : pair of arrays or None
        The result for "year first", if it is known already.

    Returns
    -------
    seconds : array, shape (N,)
        NaN for texts that are not dates in this order.
    zoned : array of bool, shape (N,)
        Which texts have a time zone.
    """
    if order in MORE_THAN_CLEAR:
        seconds, zoned = (a.copy() for a in clear or parsed(words, "year first"))
    else:
        seconds, zoned = np.full(len(words), np.nan), np.zeros(len(words), bool)
    read = duration_seconds if order in DURATIONS else date_seconds
    rest = np.flatnonzero(np.isnan(seconds))
    for pattern in ORDERS[order]:
        if not len(rest):
            break
        found = pc.extract_regex(words.take(pa.array(rest)), f"^(?:{pattern})$")
        hits = np.asarray(pc.is_valid(found).to_numpy(zero_copy_only=False), bool)
        if hits.any():
            seconds[rest[hits]], zoned[rest[hits]] = read(Fields(found.drop_null()))
            rest = rest[~hits]
    return seconds, zoned


@cache
def shapes(order: str) -> list[re.Pattern[str]]:
    """Return the compiled expressions of an order, for few texts: pyarrow compiles at each call.

    Parameters
    ----------
    order : str
        A name in `ORDERS`.

    Returns
    -------
    list of re.Pattern
    """
    clear = ORDERS["year first"] if order in MORE_THAN_CLEAR else ()
    return [re.compile(pattern, re.ASCII) for pattern in (*clear, *ORDERS[order])]


class Fields:
    """The groups of n matches of an expression, as arrays of shape (n,).

    Parameters
    ----------
    found : pyarrow.StructArray
        One field for each named group.
    """

    def __init__(self, found: Any) -> None:
        self.n: int = len(found)
        names = [found.type.field(i).name for i in range(found.type.num_fields)]
        self.words: dict[str, Any] = {name: pc.struct_field(found, name) for name in names}

    def __contains__(self, name: str) -> bool:
        return name in self.words

    def number(self, name: str, otherwise: float = 0) -> Array:
        """Return a group as numbers; `otherwise` where it is empty."""
        if name not in self.words:
            return np.full(self.n, float(otherwise))
        words = pc.replace_substring_regex(self.words[name], r"^\+", "")
        words = pc.replace_substring(words, ",", ".")
        words = pc.if_else(pc.equal(words, ""), str(otherwise), words)
        return np.array(words.cast(pa.float64()).to_numpy(zero_copy_only=False))

    def mapped(self, name: str, meaning: Callable[[str], float]) -> Array:
        """Return the number that `meaning` assigns to each text of a group."""
        if name not in self.words:
            return np.full(self.n, meaning(""))
        distinct = pc.unique(self.words[name])
        codes = pc.index_in(self.words[name], value_set=distinct).to_numpy()
        return np.array([meaning(word) for word in distinct.to_pylist()], float)[codes]

    def seconds(self) -> Array:
        """Return the seconds of the minute, rounded to microseconds."""
        seconds = self.number("second")
        return np.floor(seconds) + np.round(seconds % 1, 6)


def date_seconds(fields: Fields) -> tuple[Array, Array]:
    """Return the seconds of dates or times of day, and which have a time zone.

    Parameters
    ----------
    fields : Fields
        Of n matches.

    Returns
    -------
    seconds : array, shape (n,)
        Since 1970 (UTC) or midnight; NaN where there is no such date.
    zoned : array of bool, shape (n,)
    """
    days, good = days_since_1970(fields)
    hour, minute, second = fields.number("hour"), fields.number("minute"), fields.seconds()
    good &= (hour < 24) & (minute < 60) & (second < 61)
    half = fields.mapped("half", half_of_day) + fields.mapped("noon", half_of_day)
    hour = np.where(half == 0, hour, hour % 12 + 12 * (half > 0))
    zone, date_zone = fields.mapped("zone", zone_minutes), fields.mapped("date_zone", zone_minutes)
    east = np.where(np.isnan(zone), date_zone, zone)
    good &= ~(abs(east) > MOST_EAST)
    zoned = ~np.isnan(east)
    minute = minute - np.where(zoned, east, 0)
    seconds = SECONDS_PER_DAY * days + 3600 * hour + 60 * minute + second
    return np.where(good, seconds, np.nan), zoned


def days_since_1970(fields: Fields) -> tuple[Array, Array]:
    """Return the days of dates.

    Parameters
    ----------
    fields : Fields
        Of n matches.

    Returns
    -------
    days : array, shape (n,)
        Whole days since 1970.
    good : array of bool, shape (n,)
        Whether the date exists in the calendar.
    """
    year = fields.number("year", 1970)
    if "short_year" in fields:
        year = fields.number("short_year")
        year += np.where(year >= PIVOT, 1900, 2000)
    if "era" in fields:
        year = fields.mapped("era", lambda word: ERAS[word]) - 1
        year += fields.mapped("era_year", lambda word: 1 if word == "元" else int(word))
    month, day = fields.number("month", 1), fields.number("day", 1)
    if "name" in fields:
        month = fields.mapped("name", lambda word: 1 + MONTHS.index(word[:3]))
    if "quarter" in fields:
        month = 3 * fields.number("quarter") - 2
    if "week" in fields:  # week 1 is that of January 4, and weeks begin on Mondays
        fourth = months(year, np.ones_like(year)).astype("datetime64[D]").astype(int) + 3
        monday = fourth - (fourth + 3) % 7 + 7 * (fields.number("week") - 1)
        thursday = (monday + 3).astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
        return monday + fields.number("weekday", 1) - 1, thursday == year
    first = months(year, month)
    dates = first.astype("datetime64[D]") + (day - 1).astype(int)
    good = (month >= 1) & (month <= 12) & (dates.astype("datetime64[M]") == first) & (year >= 1)
    return dates.astype(int).astype(float), good


def months(year: Array, month: Array) -> Array:
    """Return months as datetime64."""
    return (12 * (year - 1970) + month - 1).astype("datetime64[M]")


def half_of_day(word: str) -> float:
    """Return -1 before noon, 1 after noon, 0 without such a mark."""
    return {"a": -1, "午前": -1, "p": 1, "午後": 1}.get(word, 0)


def zone_minutes(word: str) -> float:
    """Return the offset of a time zone from UTC.

    Parameters
    ----------
    word : str
        Such as "+09:00", "jst" or "".

    Returns
    -------
    float
        Minutes, positive in the east; NaN without a time zone.
    """
    if not word:
        return np.nan
    found = re.search(r"([-+])(\d\d?):?(\d\d)?$", word)
    if not found:
        return 540 if word == "jst" else 0
    minutes = 60 * int(found[2]) + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes


def duration_seconds(fields: Fields) -> tuple[Array, Array]:
    """Return the seconds of durations, and which have a time zone: none.

    Parameters
    ----------
    fields : Fields
        Of n matches.

    Returns
    -------
    seconds : array, shape (n,)
    zoned : array of bool, shape (n,)
        All False.
    """
    sign = fields.mapped("minus", lambda word: -1 if word == "-" else 1)
    days = fields.number("signed_days") + sign * (
        7 * fields.number("weeks") + fields.number("days")
    )
    clock = 3600 * fields.number("hour") + 60 * fields.number("minute") + fields.seconds()
    seconds = SECONDS_PER_DAY * days + sign * clock
    empty = np.ones(fields.n, bool)
    for name in ("signed_days", "weeks", "days", "hour", "minute", "second"):
        if name in fields:
            empty &= np.asarray(pc.equal(fields.words[name], "").to_numpy(zero_copy_only=False))
    return np.where(empty, np.nan, seconds), np.zeros(fields.n, bool)
