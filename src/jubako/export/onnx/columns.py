"""Columns as nodes of a graph, by their classes: from values to the inputs of networks.

Values of a column have the shape (N, 1): numbers are double, with NaN where missing; categories and
booleans are strings, "" where missing; dates, times of day and durations are int64, a number of
microseconds, the smallest number where missing.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.data.casting.date_parsing import SECONDS_PER_DAY
from jubako.data.casting.reading import FALSE, TRUE
from jubako.data.columns.base import Column
from jubako.data.columns.boolean import Boolean
from jubako.data.columns.categorical import Categorical, Ordinal
from jubako.data.columns.date import Date, TimeOfDay
from jubako.data.columns.discrete import Discrete
from jubako.data.columns.duration import Duration
from jubako.data.columns.numeric import Numeric
from jubako.export.missing_exporter import exporter_of

from .graph import Graph, integers
from .numbers import numeric, seconds_of

Exporter = Callable[[Graph, Any, bool, bool], str]
"""Adds the inputs (N, n) that a column becomes, given the column, quantiles and codes."""

SPACE = (
    r"\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}"
    r"\x{205f}\x{3000}"
)
BLANK = f"[{SPACE}]*"
WHOLE = r"-?(0|[1-9][0-9]*)\.0+"  # as `cast` writes the values of declared categories


def text_of(g: Graph, column: Categorical | Ordinal) -> str:
    """Add the texts of a category; 7.0 is 7 if the column was declared to be one.

    Parameters
    ----------
    g : Graph
    column : Categorical or Ordinal

    Returns
    -------
    str
        Name of the texts, shape (N, 1).
    """
    if not column.reading.declared:
        return column.name
    whole = g.add("RegexFullMatch", column.name, pattern=WHOLE)
    # a text without a point has none to be split at
    pieces = g.split(g.add("StringConcat", column.name, np.array(".", object)), ".")
    first = g.add("Reshape", g.columns(pieces, 0, 1), integers(-1, 1))
    return g.where(whole, first, column.name)


def codes(g: Graph, column: Categorical) -> str:
    """Add the codes of a category, int64.

    Parameters
    ----------
    g : Graph
    column : Categorical

    Returns
    -------
    str
        Name of the codes, shape (N, 1).
    """
    text = text_of(g, column)
    n = len(column.levels)
    code = g.add(
        "LabelEncoder",
        text,
        domain="ai.onnx.ml",
        keys_strings=column.levels,
        values_int64s=range(1, n + 1),
        default_int64=n + 1 if column.rare else 0,
    )
    is_missing = g.add("RegexFullMatch", text, pattern=BLANK)
    return g.where(is_missing, integers(column.n_inputs if column.missing else 0), code)


def inputs_of_codes(g: Graph, code: str, n_inputs: int, is_code: bool) -> str:
    """Add codes as they are, or an input for each level.

    Parameters
    ----------
    g : Graph
    code : str
        Name of the codes, int64, shape (N, 1).
    n_inputs : int
        Number of levels.
    is_code : bool
        Whether the code is the input.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, 1) or (N, n_inputs).
    """
    if is_code:
        return g.cast(code, "float")
    return g.cast(g.add("Equal", code, integers(*range(1, n_inputs + 1))), "float")


def categorical(g: Graph, column: Categorical, quantiles: bool, is_code: bool) -> str:
    """Add the codes of a category, or an input for each of its levels.

    Parameters
    ----------
    g : Graph
    column : Categorical
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    is_code : bool
        Whether a category becomes its code, or else one input for each level.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    return inputs_of_codes(g, codes(g, column), column.n_inputs, is_code)


def discrete(g: Graph, column: Discrete, quantiles: bool, is_code: bool) -> str:
    """Add the codes of the values of a discrete column, 0 for others.

    Parameters
    ----------
    g : Graph
    column : Discrete
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    is_code : bool
        Whether a value becomes its code, or else one input for each level.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    code = g.add(
        "LabelEncoder",
        g.cast(column.name, "float"),
        domain="ai.onnx.ml",
        keys_floats=column.values,
        values_int64s=range(1, column.n_inputs + 1),
        default_int64=0,
    )
    return inputs_of_codes(g, code, column.n_inputs, is_code)


def ordinal(g: Graph, column: Ordinal, quantiles: bool, is_code: bool) -> str:
    """Add the places of the levels of an ordered category, from -1.5 to 1.5.

    Parameters
    ----------
    g : Graph
    column : Ordinal
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    is_code : bool
        Whether a category becomes its code, or else one input for each level.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    levels = column.reading.levels
    return g.add(
        "LabelEncoder",
        text_of(g, column),
        domain="ai.onnx.ml",
        keys_strings=levels,
        values_floats=[3 * place / (len(levels) - 1) - 1.5 for place in range(len(levels))],
        default_float=0.0,
    )


def boolean(g: Graph, column: Boolean, quantiles: bool, is_code: bool) -> str:
    """Add 1 for true, -1 for false, 0 where missing; NaN for any other text.

    Parameters
    ----------
    g : Graph
    column : Boolean
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    is_code : bool
        Whether a category becomes its code, or else one input for each level.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    missing = "|".join([BLANK, *map(re.escape, column.reading.missing)])
    is_missing = g.add("RegexFullMatch", column.name, pattern=missing)
    yes, no = (
        g.add("RegexFullMatch", column.name, pattern=f"{BLANK}({any_case(words)}){BLANK}")
        for words in (TRUE, FALSE)
    )
    sign = g.where(yes, np.float32(1), g.where(no, np.float32(-1), np.float32("nan")))
    return g.where(is_missing, np.float32(0), sign)


def any_case(words: Sequence[str]) -> str:
    """Return the expression for words in small or capital letters."""
    return "|".join("".join(f"[{c}{c.upper()}]" for c in word) for word in words)


def date(g: Graph, column: Date, quantiles: bool, is_code: bool) -> str:
    """Add the time that has passed, and the places in the year, the week and the day.

    Parameters
    ----------
    g : Graph
    column : Date
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    is_code : bool
        Whether a category becomes its code, or else one input for each level.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    seconds, is_missing = seconds_of(g, column.name)
    seconds = g.where(is_missing, np.float64(column.center), seconds)
    days = g.add("Floor", g.add("Div", seconds, np.float64(SECONDS_PER_DAY)))
    week = g.add("Mod", g.add("Add", g.cast(days, "int64"), integers(3)), integers(7))
    shares = [
        g.add("Div", g.cast(days_into_year(g, g.cast(days, "int64")), "double"), np.float64(366)),
        g.add("Div", g.cast(week, "double"), np.float64(7)),
    ]
    if column.times:
        into_day = g.add("Sub", seconds, g.add("Mul", days, np.float64(SECONDS_PER_DAY)))
        shares.append(g.add("Div", into_day, np.float64(SECONDS_PER_DAY)))
    return with_circles(g, column, seconds, shares, is_missing)


def time_of_day(g: Graph, column: TimeOfDay, quantiles: bool, is_code: bool) -> str:
    """Add the time since midnight, and its place in the day.

    Parameters
    ----------
    g : Graph
    column : TimeOfDay
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    is_code : bool
        Whether a category becomes its code, or else one input for each level.

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    seconds, is_missing = seconds_of(g, column.name)
    seconds = g.where(is_missing, np.float64(column.center), seconds)
    share = g.add("Div", seconds, np.float64(SECONDS_PER_DAY))
    return with_circles(g, column, seconds, [share], is_missing)


def with_circles(
    g: Graph, column: Date | TimeOfDay, seconds: str, shares: list[str], is_missing: str
) -> str:
    """Add scaled seconds, and the sine and cosine of shares of a circle; 0 where missing.

    Parameters
    ----------
    g : Graph
    column : Date or TimeOfDay
    seconds : str
        Name of seconds, double, shape (N, 1).
    shares : list of str
        Names of shares of a circle in [0, 1), double, shape (N, 1).
    is_missing : str
        Name of whether values are missing, shape (N, 1).

    Returns
    -------
    str
        Name of the inputs, float, shape (N, n_inputs).
    """
    z = g.add("Div", g.add("Sub", seconds, np.float64(column.center)), np.float64(column.scale))
    parts = [g.bent(z)]
    for share in shares:
        angle = g.add("Mul", share, np.float64(2 * np.pi))
        parts += [g.add("Sin", angle), g.add("Cos", angle)]
    return g.cast(g.where(is_missing, np.float64(0), g.add("Concat", *parts, axis=1)), "float")


def days_into_year(g: Graph, days: str) -> str:
    """Add the days between January 1 and days since 1970, int64.

    Years are counted from March, so that a leap day is their last, in cycles of 400 years (H.
    Hinnant, "chrono-compatible low-level date algorithms").

    Parameters
    ----------
    g : Graph
    days : str
        Name of whole days since 1970, int64.

    Returns
    -------
    str
        Name of the days.
    """
    day = g.add("Mod", g.add("Add", days, integers(719_468)), integers(146_097))  # of the cycle

    def part(value: str, n: int) -> str:
        return g.add("Div", value, integers(n))

    year = g.add("Sub", day, part(day, 1460))
    year = part(g.add("Sub", g.add("Add", year, part(day, 36_524)), part(day, 146_096)), 365)
    leaps = g.add("Sub", part(year, 4), part(year, 100))
    from_march = g.add("Sub", day, g.add("Add", g.add("Mul", year, integers(365)), leaps))

    def divisible(n: int) -> str:
        return g.add("Equal", g.add("Mod", year, integers(n)), integers(0))

    century = g.add("And", divisible(100), g.add("Not", divisible(400)))
    is_leap = g.add("And", divisible(4), g.add("Not", century))
    from_january = g.add("Add", from_march, g.add("Add", integers(59), g.cast(is_leap, "int64")))
    is_next = g.add("GreaterOrEqual", from_march, integers(306))
    return g.where(is_next, g.add("Sub", from_march, integers(306)), from_january)


COLUMNS: dict[type, Exporter] = {
    Categorical: categorical,
    Discrete: discrete,
    Ordinal: ordinal,
    Boolean: boolean,
    Date: date,
    TimeOfDay: time_of_day,
}
TOGETHER = Numeric, Duration
"""Types of columns that `numbers.numeric` adds, all at once."""


def inputs(g: Graph, columns: Sequence[tuple[Column, slice]], quantiles: bool, codes: bool) -> str:
    """Add the inputs of the networks, float, shape (N, n_inputs).

    Parameters
    ----------
    g : Graph
    columns : sequence of (Column, slice)
        With the place of each among the inputs.
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    codes : bool
        Whether a category becomes its code.

    Returns
    -------
    str
        Name of the inputs.
    """
    parts, places = list[str](), list[Array]()
    together = [(column, place) for column, place in columns if isinstance(column, TOGETHER)]
    if together:
        parts.append(numeric(g, [column for column, _ in together], quantiles))
        starts = [place.start for _, place in together]
        flags = [place.start + 1 for column, place in together if column.n_inputs > 1]
        places.append(np.array(starts + flags))
    for column, place in columns:
        if not isinstance(column, TOGETHER):
            parts.append(exporter_of(COLUMNS, type(column), "column")(g, column, quantiles, codes))
            places.append(np.arange(place.start, place.stop))
    joined = g.add("Concat", *parts, axis=1)
    return g.add("Gather", joined, np.argsort(np.concatenate(places)), axis=1)
