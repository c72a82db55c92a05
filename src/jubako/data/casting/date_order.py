"""The order of day, month and year in a text column of dates.

A column is read in one order, a name in `ORDERS`, which is inferred once and stored in the model.
"""

import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc

from .date_formats import DURATIONS, NAMES, ORDERS, normalized
from .date_parsing import SECONDS_PER_DAY, encoded, parsed, seconds_in, shapes

__all__ = ["NAMES", "ORDERS", "likely_orders", "orders_of", "seconds_in"]


SAMPLE = 100  # texts that suffice to recognize most columns without dates
BAD_SHARE = 0.1  # maximum fraction of texts that are not dates; see `likely_orders`
WIDER = 4  # ratio of ranges that excludes a reading of two-digit years

# not a date in any order, unlike 20260331.0
HOPELESS = re.compile(r"\D*|\d{1,5}|(?!\d{6}(?:\d\d)?\.0+$)[-+]?\d*[.,]\d+(?:e[-+]?\d+)?")

NO_DATES = ("0", "99999999")  # numbers that stand for missing dates
NO_DATE = r"^(?:0+[-/.年]0+[-/.月]0+日?(?:[ T][0:.]+)?|0|0{8}|9{8})$"

WORD = r"(?:^|[^a-z])(?:{})(?:$|[^a-z])"
DATE_NAME = re.compile(
    WORD.format("date|day|dt|ymd|yyyymmdd|datetime|timestamp|dob|birthday|calendar")
    + r"|(?:date|day|datetime)s?$|日(?![本数曜])"
)
MONTH_NAME = re.compile(WORD.format("ym|yyyymm|yearmonth|year_month|month|period") + "|年月(?!日)")
DURATION_NAME = re.compile(
    WORD.format("duration|elapsed|runtime|run_time|lap|pace|length|latency|span")
    + "|所要|経過|継続|間隔|タイム"
)


def orders_of(texts: pa.ChunkedArray, name: str = "") -> list[str]:
    """Return the orders in which each text is a date, the most likely first.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of strings
        Missing values are ignored.
    name : str
        Column name. Plain digits such as 20230819 are dates only if it suggests dates.

    Returns
    -------
    list of str
        Names in `ORDERS`.
    """
    return likely_orders(texts, name, 0.0)[0]


def likely_orders(
    texts: pa.ChunkedArray, name: str = "", bad_share: float = BAD_SHARE
) -> tuple[list[str], Array]:
    """Return the orders in which most texts are dates, and the texts that are not dates.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of N strings
        Missing values are ignored.
    name : str
        Column name, as in `orders_of`.
    bad_share : float in [0, 1)
        Maximum fraction of texts that are not dates.

    Returns
    -------
    orders : list of str
        Names in `ORDERS`, the most likely first. Empty if in each order too many texts are not
        dates.
    bad : array of bool, shape (N,)
        True for texts that are not dates in the first of these orders.
    """
    distinct, codes = encoded(texts)
    present, nothing = codes[codes >= 0], np.zeros(len(texts), bool)
    sample = distinct.take(pa.array(present[:: max(1, len(present) // SAMPLE)]))
    fitting = plausible_orders(normalized(sample).to_pylist(), 0.5 if bad_share else 0)
    if not fitting:
        return [], nothing
    words, counts = normalized(distinct), np.bincount(present, minlength=len(distinct))
    if are_plain_digits(words, counts, bad_share, name):
        return [], nothing
    clear = parsed(words, "year first")
    dates = {
        order: clear[0] if order == "year first" else parsed(words, order, clear)[0]
        for order in fitting
    }
    no_dates = np.all([np.isnan(seconds) for seconds in dates.values()], 0)  # in any order
    n_no_dates = count_of_bad(no_dates, counts, bad_share)
    bad_counts = {
        order: n_no_dates + int(counts[np.isnan(seconds) & ~no_dates].sum())
        for order, seconds in dates.items()
    }
    fewest = min(bad_counts.values())
    if fewest > bad_share * len(present):
        return [], nothing
    dates = {order: seconds for order, seconds in dates.items() if bad_counts[order] == fewest}
    orders = by_likelihood(dates, words, name)
    if not orders:
        return [], nothing
    return orders, np.r_[np.isnan(dates[orders[0]]), False][codes]


def count_of_bad(bad: Array, counts: Array, bad_share: float) -> int:
    """Count the texts that are not dates; one repeated text may stand for missing values.

    Parameters
    ----------
    bad : array of bool, shape (n,)
        Which distinct texts are not dates.
    counts : array of int, shape (n,)
        Number of rows of each distinct text.
    bad_share : float
        Zero if no text may stand for missing values.

    Returns
    -------
    int
        Number of rows.
    """
    count, repeated = int(counts[bad].sum()), int(counts[bad].max(initial=0))
    tolerated = bad_share and repeated > 1 and 2 * count < counts.sum()
    return count - repeated if tolerated else count


def mean_no_date(texts: pa.Array) -> Array:
    """Return which texts (N,) stand for a missing date, such as 0000-00-00.

    Parameters
    ----------
    texts : pyarrow.Array of N strings

    Returns
    -------
    array of bool, shape (N,)
    """
    found = pc.match_substring_regex(pc.utf8_normalize(texts, "NFKC"), NO_DATE)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def plausible_orders(words: list[str], bad_share: float) -> list[str]:
    """Return the orders in which enough of the texts look like dates.

    Parameters
    ----------
    words : list of str
        Normalized texts.
    bad_share : float
        Maximum fraction of other texts.

    Returns
    -------
    list of str
        Names in `ORDERS`.
    """
    fitting = dict.fromkeys(ORDERS, 0) if words else {}
    for word, count in Counter(words).items():
        hopeless = HOPELESS.fullmatch(word)
        for order in list(fitting):
            if hopeless or not any(shape.fullmatch(word) for shape in shapes(order)):
                fitting[order] += count
                if fitting[order] > bad_share * len(words):
                    del fitting[order]
        if not fitting:
            break
    return list(fitting)


def are_plain_digits(words: pa.Array, counts: Array, bad_share: float, name: str) -> bool:
    """Return whether texts are whole numbers in a column whose name does not suggest dates.

    Parameters
    ----------
    words : pyarrow.Array of n strings
        Distinct normalized texts.
    counts : array of int, shape (n,)
        Number of rows of each.
    bad_share : float
        Maximum fraction of other texts.
    name : str
        Column name.
    """
    digits = np.asarray(pc.match_substring_regex(words, r"^\d+(\.0+)?$").to_numpy(False), bool)
    if count_of_bad(~digits, counts, bad_share) > bad_share * counts.sum():
        return False
    lengths = pc.utf8_length(pc.replace_substring_regex(words, r"\.0+$", ""))
    long = np.median(lengths.to_numpy()) >= 8
    return not is_named_like_dates(name, (DATE_NAME if long else MONTH_NAME,))


def is_named_like_dates(name: str, names: Any = (DATE_NAME, MONTH_NAME)) -> bool:
    """Return whether a column name suggests dates, so that digits such as 20230819 are dates.

    Parameters
    ----------
    name : str
    names : iterable of re.Pattern
        Expressions for such names.
    """
    name = re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
    return any(known.search(name) for known in names)


def by_likelihood(dates: dict[str, Array], words: pa.Array, name: str) -> list[str]:
    """Return the plausible orders among those in which the same texts are dates, the best first.

    If the day may come before or after the month, dates are more likely to be the first days of
    months, and else to be close together.

    Parameters
    ----------
    dates : dict of str to array
        Seconds of each distinct text in each of these orders.
    words : pyarrow.Array of strings
        The distinct texts, normalized.
    name : str
        Column name.

    Returns
    -------
    list of str
        Names in `ORDERS`.
    """
    if "year first" in dates:  # all texts are unambiguous
        return ["year first"]
    if "duration" in dates or "duration, minutes first" in dates:
        return clock_orders(list(dates), words, name)
    if len(dates) < 2:
        return list(dates)
    ranges = {order: float(np.ptp(np.nanquantile(s, [0.05, 0.95]))) for order, s in dates.items()}
    if "two-digit year first" in dates:  # days that are read as years spread over decades
        limit = WIDER * max(min(ranges.values()), SECONDS_PER_DAY)
        dates = {order: seconds for order, seconds in dates.items() if ranges[order] <= limit}
    return sorted(dates, key=lambda order: (not are_firsts(dates[order]), ranges[order]))


def are_firsts(seconds: Array) -> bool:
    """Return whether all dates are the first day of a month.

    Parameters
    ----------
    seconds : array, shape (N,)
        NaN where missing.
    """
    days = (seconds[~np.isnan(seconds)] // SECONDS_PER_DAY).astype("datetime64[D]")
    return bool((days == days.astype("datetime64[M]")).all())


def clock_orders(orders: list[str], words: pa.Array, name: str) -> list[str]:
    """Return whether texts such as 1:23:45 are times of day or durations, the more likely first.

    They are times of day unless there are hours from 24 on, the column name suggests durations, or
    there are seconds but all hours are below 10 and have no leading zero. Two fields of a duration
    are hours and minutes, unless other texts have three or there are fractions (only seconds have
    them): then minutes and seconds. Numbers that all have the same unit, such as 5 h, are read as
    numbers with a unit.

    Parameters
    ----------
    orders : list of str
        Those in which the texts can be read.
    words : pyarrow.Array of strings
        Normalized texts.
    name : str
        Column name.

    Returns
    -------
    list of str
        Names in `ORDERS`.
    """
    spans = [order for order in DURATIONS if order in orders]
    fields = pc.count_substring(words, ":").to_numpy(zero_copy_only=False)
    if not (fields > 0).any():
        units = pc.extract_regex(words, r"^[-+]?[\d.]+\s*(?P<unit>[a-z]+|時間|[日分秒])$")
        units = pc.unique(pc.struct_field(units, "unit")).to_pylist()
        return [] if len(units) == 1 and units[0] not in (None, "day", "days") else spans[:1]
    if not (fields == 1).any():
        spans = spans[:1]
    if (fields == 2).any():
        spans = spans[::-1]
    if "time of day" not in orders:
        return spans
    small = pc.all(pc.match_substring_regex(words, r"^\d:\d\d:\d\d")).as_py()
    lasting = small or DURATION_NAME.search(name.lower())
    return [*spans, "time of day"] if lasting else ["time of day", *spans]
