"""The seconds of one date without Arrow, as `date_values.seconds_of` returns them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from .date_formats import MORE_THAN_CLEAR
from .date_parsing import DAY_OF_1970, SECONDS_PER_DAY

EPOCH = datetime(1970, 1, 1)
ZONED_EPOCH = EPOCH.replace(tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?"
    r"([Zz]|[-+](?:0[0-9]|1[0-4]):[0-5][0-9])?)?"
)

READ_ISO = frozenset(["", "year first", *MORE_THAN_CLEAR])  # orders of columns with such texts

Moment = tuple[float, bool]
"""Seconds since 1970 (UTC), and whether there is a time zone."""


def moment_of(value: Any, order: str) -> Moment | None:
    """Return when a date is.

    Parameters
    ----------
    value : any object
    order : str
        Order of texts in the column, a name in `DATES`; empty for typed dates.

    Returns
    -------
    Moment or None
        None for what is left to Arrow: all but ISO texts, and dates of Python or pandas in whole
        microseconds.
    """
    kind = type(value)
    if kind is str:
        return moment_of_text(value) if order in READ_ISO else None
    if kind is date:
        return float(SECONDS_PER_DAY * (value.toordinal() - DAY_OF_1970)), False
    if kind is not datetime:
        if not isinstance(value, datetime) or getattr(value, "nanosecond", None) != 0:
            return None
        timestamp: Any = value  # of pandas
        value = timestamp.to_pydatetime()
    if value.tzinfo is None:
        return seconds_in(value - EPOCH), False
    if type(value.tzinfo) not in (timezone, ZoneInfo) or value.utcoffset() % MINUTE:
        return None
    return seconds_in(value - ZONED_EPOCH), True


def moment_of_text(text: str) -> Moment | None:
    """Return when a date in the format of ISO 8601 is, as `date_parsing.parsed` does.

    Parameters
    ----------
    text : str
        Such as 2026-03-31, 2026-03-31 09:00 or 2026-03-31T09:00:00.5+09:00.

    Returns
    -------
    Moment or None
        None if it is written otherwise, or there is no such day.
    """
    found = ISO.fullmatch(text)
    if not found:
        return None
    day, hour, minute, second, part, zone = found.groups()
    try:
        seconds = SECONDS_PER_DAY * (date.fromisoformat(day).toordinal() - DAY_OF_1970)
    except ValueError:
        return None
    seconds += 3600 * int(hour or 0) + 60 * int(minute or 0)
    if zone and zone not in "Zz":
        minutes = 60 * int(zone[1:3]) + int(zone[4:])
        seconds -= -60 * minutes if zone[0] == "-" else 60 * minutes
    # in this order, for the same rounding
    return seconds + (int(second or 0) + int((part or "").ljust(6, "0")) / 1e6), bool(zone)


def seconds_in(elapsed: timedelta) -> float:
    """Return a time span in seconds, rounded as by `date_values.seconds_of_counts`."""
    return SECONDS_PER_DAY * elapsed.days + elapsed.seconds + elapsed.microseconds / 1e6
