"""Notes on columns of dates that can be read in several ways."""

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .date_formats import DURATIONS, NAMES, ORDERS, PIVOT, normalized
from .date_order import NO_DATES, are_firsts
from .date_parsing import SECONDS_PER_DAY, encoded, parsed
from .date_values import (
    as_digits,
    center_and_scale,
    iso,
    kind_of,
    seconds_of,
    stand_for_no_date,
)
from .values import is_text

FAR, FAR_YEARS = 20, 20  # times the scale, and years: a date farther from the median is odd


def date_notes(name: str, values: pa.ChunkedArray, orders: list[str]) -> list[Message]:
    """Return notes on how a column of dates, times of day or durations is read.

    Parameters
    ----------
    name : str
        Column name.
    values : pyarrow.ChunkedArray
        All of the same kind, or missing.
    orders : list of str
        As returned by `orders_in`.

    Returns
    -------
    list of Message
    """
    order = orders[0] if orders else ""
    kind = kind_of(values.type, order)
    notes = list[Message]()
    if orders:
        texts = values if is_text(values.type) else as_digits(values)
        assert texts is not None
        distinct, _ = encoded(texts)
        notes += text_notes(name, distinct, orders)
        n = texts.null_count - values.null_count
        if n:
            notes.append(
                Message(
                    "Column {name!r}: {numbers} mean that the date is missing ({rows}).",
                    name=name,
                    numbers=", ".join(NO_DATES),
                    rows=Message("1 row") if n == 1 else Message("{n} rows", n=n),
                )
            )
    if kind == "date":
        notes += far_notes(name, seconds_of(values, name, kind, order)[0])
    return notes


def text_notes(name: str, distinct: pa.Array, orders: list[str]) -> list[Message]:
    """Return notes on texts that can be read in more than one way.

    Parameters
    ----------
    name : str
        Column name.
    distinct : pyarrow.Array of strings
        The distinct texts.
    orders : list of str
        As returned by `orders_in`.

    Returns
    -------
    list of Message
    """
    order, words = orders[0], normalized(distinct)
    seconds, notes = parsed(words, order)[0], list[Message]()

    def example(where: Array) -> tuple[str, str]:
        row = int(where.argmax())
        return distinct[row].as_py(), written(seconds[row], order)

    if len(orders) > 1:
        others = parsed(words, orders[1])[0]
        differ = others != seconds
        notes.append(two_orders(name, example(differ), seconds, others, orders))
        if order == "time of day" or order in DURATIONS:
            return notes
    short = np.zeros(len(words), bool)
    for pattern in ORDERS[order]:
        if "short_year" in pattern:
            short |= matches(words, f"^(?:{pattern})$")
    if short.any():
        notes.append(
            Message(
                "Column {name!r}: {value!r} is read as {date}: years of two digits from {pivot} "
                "on are 19.., and those before it 20...",
                name=name,
                value=example(short)[0],
                date=example(short)[1],
                pivot=PIVOT,
            )
        )
    digits = matches(words, r"^\d+(\.0+)?$")
    if digits.any():
        notes.append(
            Message(
                "Column {name!r}: the digits {value!r} are read as the date {date}, because of the "
                "name or the declared type of the column.",
                name=name,
                value=example(digits)[0],
                date=example(digits)[1],
            )
        )
    return notes


def two_orders(
    name: str, example: tuple[str, str], seconds: Array, others: Array, orders: list[str]
) -> Message:
    """Return a note on texts that have another value in the second order.

    Parameters
    ----------
    name : str
        Column name.
    example : pair of str
        A text, and how it is read.
    seconds, others : array, shape (N,)
        Values in the first and in the second order.
    orders : list of str
        At least two names in `ORDERS`.

    Returns
    -------
    Message
    """
    first, second = orders[:2]
    other = written(others[int((others != seconds).argmax())], second)
    value, date = example
    if first == "time of day" or first in DURATIONS:
        return Message(
            "Column {name!r}: {value!r} is read as {date} ({order}); it could also be "
            "{other_date} ({other}).",
            name=name,
            value=value,
            date=date,
            order=NAMES[first],
            other_date=other,
            other=NAMES[second],
        )
    return Message(
        "Column {name!r}: {value!r} is read as {date} ({order}), {why}; it could also be "
        "{other_date} ({other}). Write the year first to be sure.",
        name=name,
        value=value,
        date=date,
        order=NAMES[first],
        why=reason(seconds, others),
        other_date=other,
        other=NAMES[second],
    )


def matches(words: pa.Array, pattern: str) -> Array:
    """Return which texts match a regular expression.

    Parameters
    ----------
    words : pyarrow.Array of N strings
    pattern : str

    Returns
    -------
    array of bool, shape (N,)
    """
    found = pc.match_substring_regex(words, pattern)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def reason(seconds: Array, others: Array) -> Message:
    """Return why dates are more plausible than others.

    Parameters
    ----------
    seconds, others : array, shape (N,)
        Values in the first and in the second order.

    Returns
    -------
    Message
    """
    if are_firsts(seconds) and not are_firsts(others):
        return Message("because all dates are first days of months then")
    if np.ptp(seconds) < np.ptp(others):
        return Message("because the dates lie closer together then")
    return Message("though nothing in the column decides")


def far_notes(name: str, seconds: Array) -> list[Message]:
    """Return a note on dates such as 9999-12-31, which are far from all others.

    Parameters
    ----------
    name : str
        Column name.
    seconds : array, shape (N,)
        NaN where missing.

    Returns
    -------
    list of Message
        At most one.
    """
    known = seconds[~np.isnan(seconds)]
    unreal = stand_for_no_date(known)
    if unreal.all():
        return []
    center, scale = center_and_scale(known[~unreal])
    distance = abs(known - center)
    far = unreal | (distance > np.maximum(FAR * scale, FAR_YEARS * 366 * SECONDS_PER_DAY))
    if not far.any():
        return []
    return [
        Message(
            "Column {name!r}: {n} dates such as {date} lie far from all others; they count as very "
            "early or very late, and do not change the scale of the others.",
            name=name,
            n=int(far.sum()),
            date=iso(known[far][0])[:10],
        )
    ]


def written(seconds: float, order: str) -> str:
    """Format a date, a time of day or a duration.

    Parameters
    ----------
    seconds : float
    order : str
        A name in `ORDERS`.

    Returns
    -------
    str
    """
    if order in DURATIONS:
        return f"{seconds:.15g} s"
    text = iso(seconds)
    if order == "time of day":
        return text[11:]
    return text[:10] if text.endswith("T00:00:00") else text.replace("T", " ")
