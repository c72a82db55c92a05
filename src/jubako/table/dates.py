"""Dates and times of day as people write them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from jubako.core.activations import Array

from .sentence import Sentence

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

MINUTE = r"[:時](?P<minute>\d\d)分?(?::?(?P<second>\d\d(?:\.\d+)?)秒?)?(?:\s*(?P<half>[AaPp])[Mm])?"
CLOCK = rf"(?P<hour>\d\d?){MINUTE}"
ZONE = r"(?:Z|UTC|(?P<side>[-+])(?P<hours>\d\d):?(?P<minutes>\d\d))?"
DATED = rf"(?:[T\s]\s*(?P<hour>\d\d?)(?:{MINUTE})?)?\s*{ZONE}"
YEAR = r"(?P<year>[12]\d{3}|9999)"
ORDERS = {
    "year first": rf"(?P<year>\d{{4}})[-/.年](?P<month>\d\d?)[-/.月](?P<day>\d\d?)日?{DATED}",
    "year and month": r"(?P<year>(?:19|20)\d\d)[-/年](?P<month>\d\d?)月?",
    "month first": rf"(?P<month>\d\d?)[-/](?P<day>\d\d?)[-/]{YEAR}{DATED}",
    "day first": rf"(?P<day>\d\d?)[-/.](?P<month>\d\d?)[-/.]{YEAR}{DATED}",
    "time of day": CLOCK,
}
"""Ways of writing a date, or a time of day."""

NAMES = {
    "year first": Sentence("year first"),
    "year and month": Sentence("year and month"),
    "month first": Sentence("month first"),
    "day first": Sentence("day first"),
    "time of day": Sentence("time of day"),
}

SOME = 100  # texts by which most columns that hold no dates are told


def orders_of(texts: pa.ChunkedArray) -> list[str]:
    """Return the names in `ORDERS` of all ways in which each text is a date, the likeliest first.

    Where the day may stand before the month or after it, dates are likelier to be the first days
    of months, and else to lie close together.
    """
    texts = texts.drop_null()
    fitting = list(ORDERS) if len(texts) else []
    for known in (texts[:SOME], texts):
        fitting = [order for order in fitting if not np.isnan(seconds_in(known, order)).any()]
    if len(fitting) < 2:
        return fitting
    return sorted(fitting, key=lambda order: unlikely(seconds_in(texts, order)))


def unlikely(seconds: Array) -> tuple[bool, float]:
    """Return what is lower for dates that are likelier."""
    days = seconds.astype("datetime64[s]").astype("datetime64[D]")
    return bool((days > days.astype("datetime64[M]")).any()), float(np.ptp(seconds))


def seconds_in(texts: pa.ChunkedArray, order: str) -> Array:
    """Return seconds since 1970, or since midnight, shape (N,); NaN where a text is no date."""
    pattern = rf"^\s*{ORDERS[order]}\s*$"
    found = pc.extract_regex(pc.utf8_normalize(texts, "NFKC"), pattern)

    def part(name: str, otherwise: str) -> pa.ChunkedArray:
        if f"(?P<{name}>" not in pattern:
            return pa.chunked_array([pa.repeat(otherwise, len(texts))])
        words = pc.fill_null(pc.struct_field(found, name), "")
        return pc.if_else(pc.equal(words, ""), otherwise, words)

    def number(name: str, otherwise: int = 0) -> Array:
        return part(name, str(otherwise)).cast(pa.float64()).to_numpy()

    def says(name: str, letter: str) -> Array:
        return pc.equal(pc.utf8_lower(part(name, "")), letter).to_numpy()

    month_of_year, day_of_month = number("month", 1), number("day", 1)
    hour, minute, second = number("hour"), number("minute"), number("second")
    month = (12 * (number("year", 1970) - 1970) + month_of_year - 1).astype("datetime64[M]")
    day = month.astype("datetime64[D]") + (day_of_month - 1).astype(int)
    good = (month_of_year >= 1) & (month_of_year <= 12) & (day.astype("datetime64[M]") == month)
    good &= (hour < 24) & (minute < 60) & (second < 61) & np.asarray(pc.is_valid(found))
    hour = np.where(says("half", "p"), hour % 12 + 12, np.where(says("half", "a"), hour % 12, hour))
    west = np.where(says("side", "-"), 1, -1)
    minute = minute + west * (60 * number("hours") + number("minutes"))
    return np.where(good, 86400.0 * day.astype(int) + 3600 * hour + 60 * minute + second, np.nan)
