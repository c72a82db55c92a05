"""The encoding of one value without Arrow, whose calls take a hundred times as long as a number.

It is that of `column_encoding`: a number goes through the formulas of `columns.numeric`, a date
through those of `columns.date`. The inputs of a text are those that the column itself returns, kept
for the next row that has it. Whatever else a row holds is left to `column_encoding`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from math import floor, isfinite, nan, sqrt
from typing import Any

import numpy as np
import pyarrow as pa

from .casting.date_parsing import DAY_OF_1970, SECONDS_PER_DAY
from .casting.one_date import moment_of
from .casting.reading import RATES, cast
from .casting.values import EXACT, as_numbers
from .column_encoding import Column, encode_values, has_code
from .columns.boolean import Boolean
from .columns.categorical import Categorical, Ordinal
from .columns.date import Date
from .columns.discrete import Discrete
from .columns.numeric import Numeric, QuantileOfOne, standardized_number
from .one_row import FLOATS
from .readers.frames import to_table

MOST_KEPT = 10_000  # values of a column whose inputs are kept

WHOLE = frozenset(
    [int, *(np.dtype(f"{sign}int{n}").type for sign in ("", "u") for n in (8, 16, 32, 64))]
)
TRUTHS = frozenset([bool, np.bool_])
DATES = frozenset([date, datetime])
KEYS = frozenset([str, float, int, bool, type(None)])  # of values that may be kept

Inputs = tuple[Sequence[float], Sequence[float]]
"""The inputs of a value: with numbers standardized, and quantile-transformed."""


class Unusual(ValueError):
    """A value that is left to Arrow."""


class NumberEncoder:
    """The encoding of a number by its formula.

    Parameters
    ----------
    column : Numeric
        Its numbers have no unit such as %.
    """

    def __init__(self, column: Numeric) -> None:
        self.column: Column = column
        self.n_inputs: int = column.n_inputs
        self.center: float = column.center
        self.scale: float = column.scale
        self.missing: bool = column.missing
        self.quantile: QuantileOfOne | None = QuantileOfOne(column.knots) if column.knots else None
        self.kept: dict[str, float] = {}

    def inputs(self, value: Any, quantiles: bool) -> Sequence[float]:
        """Return the inputs of a value.

        Parameters
        ----------
        value : any object
        quantiles : bool
            Whether the number is quantile-transformed instead of standardized.

        Returns
        -------
        sequence of float

        Raises
        ------
        Unusual
            If the value is left to Arrow.
        TableError
            If a text is no number.
        """
        kind = type(value)
        if (kind is float and isfinite(value)) or (kind is int and -EXACT < value < EXACT):
            number = float(value)
        else:
            number = self._number(value)
        if quantiles and self.quantile:
            x = self.quantile(number)
        else:
            x = standardized_number(number, self.center, self.scale)
        return (x, number != number) if self.missing else (x,)

    def _number(self, value: Any) -> float:
        """Return the number of a value, NaN if it is missing."""
        if type(value) is not str:
            return number_in(value)
        number = self.kept.get(value)
        if number is None:
            (number,) = as_numbers(cast_value(value, self.column), self.column.name).tolist()
            keep(self.kept, value, number)
        return number


class KeptEncoder:
    """The encoding of levels, and of other values that are frequent, by the column itself.

    It is kept for the next rows.

    Parameters
    ----------
    column : Column
    codes : bool
        As in `column_encoding.encode`.
    """

    def __init__(self, column: Column, codes: bool) -> None:
        self.column: Column = column
        self.codes: bool = codes
        self.n_inputs: int = 1 if has_code(column, codes) else column.n_inputs
        self.kept: dict[Any, Inputs] = {}

    def inputs(self, value: Any, quantiles: bool) -> Sequence[float]:
        """Return the inputs of a value; see `NumberEncoder.inputs`."""
        found = self.kept.get(value) if type(value) in KEYS else None
        return (found or self._find(value))[quantiles]

    def _find(self, value: Any) -> Inputs:
        """Return the inputs of a value that may not be kept yet."""
        key = key_of(value, self.column)
        found = self.kept.get(key)
        if found is None:
            found = self._encode(key)
            keep(self.kept, key, found)
        return found

    def _encode(self, key: Any) -> Inputs:
        """Return the inputs of a value that `key_of` returns."""

        def values_of(column: Column) -> pa.ChunkedArray:
            return cast_value(key, column)

        arrays = encode_values([self.column], values_of, 1, (False, True), self.codes)
        return arrays[False][0].tolist(), arrays[True][0].tolist()


class DateEncoder(KeptEncoder):
    """The encoding of a date by its formula.

    Parameters
    ----------
    column : Date
    """

    def __init__(self, column: Date) -> None:
        super().__init__(column, False)
        self.date: Date = column

    def inputs(self, value: Any, quantiles: bool) -> Sequence[float]:
        """Return the inputs of a value; see `NumberEncoder.inputs`."""
        moment = moment_of(value, self.date.order)
        if moment is None or moment[1] != self.date.zoned or value in self.date.reading.missing:
            return super().inputs(value, quantiles)
        return inputs_of_date(moment[0], self.date)


ValueEncoder = NumberEncoder | KeptEncoder


def encoder_of(column: Column, codes: bool) -> ValueEncoder:
    """Return the encoder of the values of a column.

    Parameters
    ----------
    column : Column
    codes : bool
        As in `column_encoding.encode`.

    Returns
    -------
    ValueEncoder
    """
    if isinstance(column, Date):
        return DateEncoder(column)
    # At most two numbers return, but 0 and -0 would share what is kept: their inputs differ in sign
    # where the center is 0.
    if is_plain(column) and type(column) is Numeric and (column.knots or not column.center):
        return NumberEncoder(column)
    return KeptEncoder(column, codes)


def is_plain(column: Column) -> bool:
    """Return whether a column has numbers without a sign such as %, which they need."""
    return type(column) in (Numeric, Discrete) and column.reading.unit not in RATES


def keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    """Add a value to those that are kept, which are at most `MOST_KEPT`.

    Parameters
    ----------
    kept : dict
    key : hashable
    value : any object
    """
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = value


def cast_value(key: Any, column: Column) -> pa.ChunkedArray:
    """Return a text, number, truth value or None as `cast` does.

    Parameters
    ----------
    key : str, float, bool or None
    column : Column

    Returns
    -------
    pyarrow.ChunkedArray, shape (1,)
    """
    kind = {float: pa.float64(), bool: pa.bool_()}.get(type(key), pa.string())
    values = to_table(pa.table({column.name: pa.array([key], kind)}))[column.name]
    return cast(values, column.reading, column.name)


def key_of(value: Any, column: Column) -> Any:
    """Return a text, number, truth value or None that has the inputs of a value.

    Parameters
    ----------
    value : any object
    column : Column

    Returns
    -------
    str, float, bool or None

    Raises
    ------
    Unusual
        If there is none.
    """
    kind = type(value)
    if kind is str or value is None:
        return value
    if is_plain(column):
        number = number_in(value)
        return None if number != number else number
    if isinstance(column, Categorical | Ordinal):
        is_whole = kind in WHOLE or (kind in FLOATS and isfinite(value) and value == int(value))
        if is_whole and abs(value) < EXACT:
            return str(int(value))
    if isinstance(column, Boolean) and kind in TRUTHS:
        return bool(value)
    raise Unusual


def number_in(value: Any) -> float:
    """Return a number as `casting.values.as_numbers` does.

    Parameters
    ----------
    value : any object

    Returns
    -------
    float
        NaN if it is missing.

    Raises
    ------
    Unusual
        If it is infinite, too large, or no number.
    """
    kind = type(value)
    if kind in FLOATS:
        number = float(value)
        if isfinite(number) or number != number:
            return number
    elif (kind in WHOLE or kind in TRUTHS) and abs(int(value)) < EXACT:
        return float(value)
    elif value is None:
        return nan
    raise Unusual


def inputs_of_date(seconds: float, column: Date) -> Sequence[float]:
    """Return the inputs of a date as `Date.encode` does.

    Parameters
    ----------
    seconds : float
        Since 1970.
    column : Date

    Returns
    -------
    sequence of float
    """
    z = (seconds - column.center) / column.scale
    days = floor(seconds / SECONDS_PER_DAY)
    day = date.fromordinal(days + DAY_OF_1970)
    into_year = (day - day.replace(month=1, day=1)).days
    inputs = [z / sqrt(1 + (z / 3) * (z / 3))]
    inputs += on_circle(into_year / 366)
    inputs += on_circle((days + 3) % 7 / 7)
    if column.times:
        inputs += on_circle(seconds % SECONDS_PER_DAY / SECONDS_PER_DAY)
    return inputs


@lru_cache(maxsize=4096)  # there are few days of the year and of the week
def on_circle(share: float) -> tuple[float, float]:
    """Return sine and cosine of a position in a cycle, as NumPy computes them for arrays.

    Parameters
    ----------
    share : float in [0, 1)

    Returns
    -------
    sine, cosine : float
    """
    angle = np.array([2 * np.pi * share])
    return float(np.sin(angle)[0]), float(np.cos(angle)[0])
