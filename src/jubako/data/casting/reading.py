"""Readings: how the texts of a column are cast, inferred once from the whole column.

All text values of a column, from any format, are cast by one `Reading`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.types as types

from jubako.data.arrow_compute import pc
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .date_order import ORDERS
from .numbers import PLAIN, numbers_in
from .values import EXACT, as_texts, is_number, is_text, plain

Kind = Literal["numeric", "categorical", "boolean", "date", "drop"]
KINDS: tuple[str, ...] = get_args(Kind)
TRUE, FALSE = ("true", "t", "yes", "y", "on", "1"), ("false", "f", "no", "n", "off", "0")
RATES = ("%", "‰")  # units that are never assumed for a number without one


@dataclass(frozen=True)
class Reading:
    """How the values of one column are read.

    Parameters
    ----------
    kind : {"numeric", "categorical", "boolean", "date", "drop"}
    decimal : {".", ","}
        Decimal mark of numbers.
    grouping : {"", ".", ","}
        The other mark, if it is a thousands separator in the column. Spaces and apostrophes always
        may be.
    unit : str
        Unit of numbers; empty for none.
    missing : tuple of str
        Texts that stand for missing values.
    order : str
        Order of day, month and year in dates, a name in `ORDERS`; empty for typed dates.
    levels : tuple of str
        Levels of an ordered category, lowest first; empty without an order.
    declared : bool
        Whether the kind was declared instead of inferred.

    Raises
    ------
    ValueError
        If a setting has none of these values.
    """

    kind: str = "numeric"
    decimal: str = "."
    grouping: str = ""
    unit: str = ""
    missing: tuple[str, ...] = ()
    order: str = ""
    levels: tuple[str, ...] = ()
    declared: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(Message("There is no type of column {kind!r}.", kind=self.kind))
        if self.decimal not in (".", ",") or self.grouping not in ("", other_mark(self.decimal)):
            raise ValueError(
                Message(
                    "Numbers can't have the marks {decimal!r} and {grouping!r}.",
                    decimal=self.decimal,
                    grouping=self.grouping,
                )
            )
        if self.order not in ("", *ORDERS):
            raise ValueError(Message("There is no order of dates {order!r}.", order=self.order))
        if len(set(self.levels)) < len(self.levels):
            raise ValueError(Message("A level of an ordered category appears twice."))


def other_mark(decimal: str) -> str:
    """Return the mark that is not the decimal mark."""
    return "," if decimal == "." else "."


NUMERIC, CATEGORICAL, BOOLEAN, DATE = map(Reading, ("numeric", "categorical", "boolean", "date"))


def cast(values: pa.ChunkedArray, reading: Reading, name: str) -> pa.ChunkedArray:
    """Cast the values of a column by its reading.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
        Texts or typed values.
    reading : Reading
    name : str
        Column name, for messages.

    Returns
    -------
    pyarrow.ChunkedArray, shape (N,)
        Of float64, string or bool, null where missing. Dates are of their type, or strings.

    Raises
    ------
    TableError
        If a value can't be cast, with its row, counted from 1.
    """
    values = plain(values)
    if reading.kind == "categorical":
        texts = as_texts(values, name)
        if reading.declared and is_text(values.type):  # the canonical text of the number
            return pc.replace_substring_regex(texts, r"^(-?(?:0|[1-9]\d*))\.0+$", r"\1")
        return texts
    if not is_text(values.type):
        if is_number(values.type) and reading.unit in RATES and values.null_count < len(values):
            row = pc.index(pc.is_valid(values), True).as_py()
            raise needs_unit(name, row, values[row].as_py(), reading.unit)
        return values
    if reading.missing:
        is_missing = pc.is_in(values, value_set=pa.array(reading.missing, values.type))
        values = pc.if_else(is_missing, None, values)
    if reading.kind == "numeric":
        return numbers_of(values, reading, name)
    return booleans_of(values, name) if reading.kind == "boolean" else values


def numbers_of(texts: pa.ChunkedArray, reading: Reading, name: str) -> pa.ChunkedArray:
    """Cast texts to numbers.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of N strings
    reading : Reading
    name : str
        Column name, for messages.

    Returns
    -------
    pyarrow.ChunkedArray of float64, shape (N,)

    Raises
    ------
    TableError
        If a text is not a number, is ambiguous, or has another unit; with its row.
    """
    as_programs = reading.decimal == "." and not reading.unit
    if as_programs and pc.all(pc.match_substring_regex(texts, PLAIN), min_count=0).as_py():
        return texts.cast(pa.float64())
    column = texts.combine_chunks().dictionary_encode()
    words = column.dictionary
    found = numbers_in(words, reading.decimal)
    values, doubtful = found.values, found.doubtful & (not reading.grouping)
    units = found.units
    wrong = np.isnan(values)
    if wrong.any():  # 0.5 is unambiguous for any decimal mark
        other = numbers_in(words, other_mark(reading.decimal))
        values = np.where(wrong, other.values, values)
        units = np.where(wrong, other.units, units)
        wrong = np.isnan(values)
    strange = ~wrong & ~np.isin(units, ["", reading.unit])
    bare = ~wrong & (units == "") & (values != 0) & (reading.unit in RATES)
    for bad, refuse in (
        (wrong, lambda row, word: no_number(name, row, word)),
        (doubtful, lambda row, word: two_readings(name, row, word)),
        (strange, lambda row, word: other_unit(name, row, word, reading.unit)),
        (bare, lambda row, word: needs_unit(name, row, word, reading.unit)),
    ):
        if bad.any():
            codes = np.asarray(column.indices.fill_null(-1))
            row = int(np.isin(codes, np.flatnonzero(bad)).argmax())
            raise refuse(row, words[int(codes[row])].as_py())
    return pa.chunked_array([pa.array(values).take(column.indices)])


def booleans_of(texts: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Cast texts to booleans.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of N strings
    name : str
        Column name, for messages.

    Returns
    -------
    pyarrow.ChunkedArray of bool, shape (N,)

    Raises
    ------
    TableError
        If a text is neither true nor false, with its row.
    """
    words = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    yes = pc.is_in(words, value_set=pa.array(TRUE))
    known = pc.or_(yes, pc.is_in(words, value_set=pa.array(FALSE)))
    row = pc.index(pc.if_else(pc.is_null(texts), True, known), False).as_py()
    if row >= 0:
        raise TableError(
            Message(
                "Column {name!r}, row {row}: {value!r} is neither true nor false, but the others "
                "are. Correct it, or leave it empty.",
                name=name,
                row=row + 1,
                value=texts[row].as_py(),
            )
        )
    return pc.if_else(pc.is_null(texts), None, yes)


def cast_table(table: pa.Table, readings: Mapping[str, Reading]) -> pa.Table:
    """Cast the numeric and boolean columns of a table; other columns are unchanged.

    Parameters
    ----------
    table : pyarrow.Table
    readings : mapping of str to Reading

    Returns
    -------
    pyarrow.Table
    """
    for i, name in enumerate(table.column_names):
        if name in readings and readings[name].kind in ("numeric", "boolean"):
            table = table.set_column(i, name, whole(cast(table[name], readings[name], name)))
    return table


def cast_numbers(table: pa.Table, readings: Mapping[str, Reading]) -> pa.Table:
    """Cast texts that are read as numbers to float64, so that this is done only once.

    Percentages and the like stay texts, since models require their sign.

    Parameters
    ----------
    table : pyarrow.Table
    readings : mapping of str to Reading
        One for each column.

    Returns
    -------
    pyarrow.Table
    """
    columns = [
        cast(table[name], reading, name)
        if (reading := readings[name]).kind == "numeric" and reading.unit not in RATES
        else table[name]
        for name in table.column_names
    ]
    return pa.table(columns, table.column_names)


def whole(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return floats that are all whole numbers as integers, and other values unchanged.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray
    """
    if not types.is_floating(values.type) or values.null_count == len(values):
        return values
    numbers = values.drop_null().to_numpy()
    is_whole = (np.isfinite(numbers) & (abs(numbers) < EXACT)).all()
    return values.cast(pa.int64()) if is_whole and (numbers % 1 == 0).all() else values


# Refusals


def unlike_others(kind: Message, name: str, row: int, value: object, more: int = 0) -> TableError:
    """Return the error that a value is not a number, or not a date.

    Parameters
    ----------
    kind : Message
        "number" or "date".
    name : str
        Column name.
    row : int
        Row of the value, from 0.
    value : object
    more : int
        Number of further such values.

    Returns
    -------
    TableError
    """
    if more:
        return TableError(
            Message(
                "Column {name!r}, row {row}: {value!r} is not a {kind}, nor are {more} more "
                "values, but the others are. Correct them, or leave them empty.",
                name=name,
                row=row + 1,
                value=value,
                kind=kind,
                more=more,
            )
        )
    return TableError(
        Message(
            "Column {name!r}, row {row}: {value!r} is not a {kind}, but the others are. "
            "Correct it, or leave it empty.",
            name=name,
            row=row + 1,
            value=value,
            kind=kind,
        )
    )


no_number: Callable[..., TableError] = partial(unlike_others, Message("number"))
no_date: Callable[..., TableError] = partial(unlike_others, Message("date"))


def two_readings(name: str, row: int, value: object) -> TableError:
    """Return the error that a mark may be a thousands separator or a decimal mark."""
    return TableError(
        Message(
            "Column {name!r}, row {row}: {value!r} can be read in two ways, since no such mark "
            "separated thousands when the model was trained. Write it without thousands separator.",
            name=name,
            row=row + 1,
            value=value,
        )
    )


def other_unit(name: str, row: int, value: object, unit: str) -> TableError:
    """Return the error that a value has another unit than the column.

    Parameters
    ----------
    name : str
        Column name.
    row : int
        Row of the value, from 0.
    value : object
    unit : str
        Unit of the column; empty for none.

    Returns
    -------
    TableError
    """
    if not unit:
        return TableError(
            Message(
                "Column {name!r}, row {row}: {value!r} has a unit, but the numbers of this column "
                "had none. Write the number alone, in the unit of the others.",
                name=name,
                row=row + 1,
                value=value,
            )
        )
    return TableError(
        Message(
            "Column {name!r}, row {row}: {value!r} has another unit than the column, which is in "
            "{unit}. Convert it.",
            name=name,
            row=row + 1,
            value=value,
            unit=unit,
        )
    )


def needs_unit(name: str, row: int, value: object, unit: str) -> TableError:
    """Return the error that a percentage without its sign is ambiguous."""
    return TableError(
        Message(
            "Column {name!r}, row {row}: {value!r} lacks the sign {unit}, which the others have: "
            "50{unit} can be meant by 50 and by 0.5. Write it with the sign.",
            name=name,
            row=row + 1,
            value=value,
            unit=unit,
        )
    )
