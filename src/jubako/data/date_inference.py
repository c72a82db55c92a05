"""Inference of dates, times of day and durations in a column of texts or digits."""

import numpy as np
import pyarrow as pa

from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.date_formats import DATES
from .casting.date_notes import date_notes
from .casting.date_order import (
    is_named_like_dates,
    likely_orders,
    mean_no_date,
    orders_of,
    seconds_in,
)
from .casting.date_values import as_digits, kind_of
from .casting.reading import Reading, no_date
from .casting.values import is_number
from .columns.date import fit_date
from .distinct_texts import DistinctTexts, Inferred, decide_missing, missing_notes


def infer_dates(name: str, distinct: DistinctTexts, forced: bool) -> Inferred | None:
    """Decide how texts are read as dates.

    Parameters
    ----------
    name : str
        Column name.
    distinct : DistinctTexts
    forced : bool
        Whether the column is declared as dates.

    Returns
    -------
    Inferred or None
        None if they are not dates.

    Raises
    ------
    TableError
        If a few texts are not dates, or none if `forced`.
    """
    wordless = np.asarray(pc.invert(pc.match_substring_regex(distinct.texts, r"\p{Nd}")))
    odd = distinct.missing | (wordless & (not forced))
    if (
        2 * distinct.counts[odd & ~distinct.missing].sum()
        > distinct.counts[~distinct.missing].sum()
    ):
        return None
    zeros = mean_no_date(distinct.texts)
    name_of_dates = "date" if forced else name  # digits are dates if the column is declared so
    orders, _ = likely_orders(distinct.without(odd | zeros), name_of_dates)
    if not orders:
        if forced:
            value, row = distinct.first(~distinct.missing)
            raise no_date(name, row, value)
        return None
    fits = np.isfinite(seconds_in(pa.chunked_array([distinct.texts]), orders[0]))
    if orders[0] in DATES:
        distinct = distinct._replace(missing=distinct.missing | zeros)
    missing = decide_missing(name, distinct, fits, forced, no_date)
    if missing is None:
        return None
    dates = distinct.without(np.isin(distinct.texts.to_pylist(), missing))
    if missing:
        orders = orders_of(dates, name_of_dates) or orders
    notes = missing_notes(name, distinct, missing)
    return as_dates(name, dates, orders, Reading("date", missing=missing, order=orders[0]), notes)


def orders_of_digits(name: str, values: pa.ChunkedArray, declared: str | None) -> list[str]:
    """Return the orders in which numbers such as 20230819 are dates, in a column of dates.

    Parameters
    ----------
    name : str
        Column name.
    values : pyarrow.ChunkedArray
    declared : str or None
        "date" if the column is declared as dates.

    Returns
    -------
    list of str
        Names in `ORDERS`; empty if they are not dates.

    Raises
    ------
    TableError
        If a few of them are not dates.
    """
    named = declared == "date" or is_named_like_dates(name)
    digits = as_digits(values) if named and is_number(values.type) else None
    if digits is None:
        return []
    orders, bad = likely_orders(digits, "date" if declared else name)
    if bad.any():
        row = int(bad.argmax())
        raise no_date(name, row, digits[row].as_py(), int(bad.sum()) - 1)
    return orders


def as_dates(
    name: str,
    dates: pa.ChunkedArray,
    orders: list[str],
    reading: Reading,
    notes: tuple[Message, ...] = (),
) -> Inferred:
    """Return the reading of a column of dates, with notes.

    Parameters
    ----------
    name : str
        Column name.
    dates : pyarrow.ChunkedArray
    orders : list of str
        The most likely first.
    reading : Reading
    notes : tuple of Message
        Further notes.

    Returns
    -------
    Inferred

    Raises
    ------
    TableError
        If only some dates have a time zone.
    """
    if kind_of(dates.type, reading.order) != "duration" and dates.null_count < len(dates):
        fit_date(name, dates, reading)
    return Inferred(reading, (*notes, *date_notes(name, dates, orders)))
