"""How the texts of a column are read: decided once on the whole column, kept, and the same later.

Every value of a column that came as text, from whatever format, is read by one `Reading`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types

from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .date_order import ORDERS
from .numbers import PLAIN, numbers_in
from .values import EXACT, as_texts, is_number, is_text, plain

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

Kind = Literal["numeric", "categorical", "boolean", "date", "drop"]
KINDS: tuple[str, ...] = get_args(Kind)
TRUE, FALSE = ("true", "t", "yes", "y", "on", "1"), ("false", "f", "no", "n", "off", "0")
RATES = ("%", "‰")  # units that a number without one can't be taken to have


@dataclass(frozen=True)
class Reading:
    """How the values of one column are read.

    Parameters
    ----------
    kind : {"numeric", "categorical", "boolean", "date", "drop"}
    decimal : {".", ","}
        The decimal mark of numbers.
    grouping : {"", ".", ","}
        The other mark, if it separates thousands in the column. Spaces and apostrophes may always.
    unit : str
        The unit of numbers; empty if they have none.
    missing : tuple of str
        Words that stand for missing values.
    order : str
        The order of day, month and year in dates, a name in `ORDERS`; empty if they are no texts.
    levels : tuple of str
        The levels of an ordered category, lowest first; empty if it has no order.
    declared : bool
        Whether the kind was declared, and not inferred from the values.

    Raises
    ------
    ValueError
        If a setting is none of these.
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
            raise ValueError(Message("A level of an ordered category is there twice."))


def other_mark(decimal: str) -> str:
    """Return the mark that is not the decimal mark."""
    return "," if decimal == "." else "."


NUMERIC, CATEGORICAL, BOOLEAN, DATE = map(Reading, ("numeric", "categorical", "boolean", "date"))


def cast(values: pa.ChunkedArray, reading: Reading, name: str) -> pa.ChunkedArray:
    """Return the values of a column, cast by its reading.

    Parameters
    ----------
    values : ChunkedArray
        Texts, or values that are typed already.
    reading : Reading
    name : str
        The name of the column, for messages.

    Returns
    -------
    ChunkedArray
        Of float64, string or bool. Dates keep their type, or are texts, null where missing.

    Raises
    ------
    TableError
        If a value can't be read so, with its row, counted from 1.
    """
    values = plain(values)
    if reading.kind == "categorical":
        texts = as_texts(values, name)
        if reading.declared and is_text(values.type):  # as numbers of that value are written
            return pc.replace_substring_regex(texts, r"^(-?(?:0|[1-9]\d*))\.0+$", r"\1")
        return texts
    if not is_text(values.type):
        if is_number(values.type) and reading.unit in RATES and values.null_count < len(values):
            row = pc.index(pc.is_valid(values), True).as_py()
            raise needs_unit(name, row, values[row].as_py(), reading.unit)
        return values
    if reading.missing:
        gone = pc.is_in(values, value_set=pa.array(reading.missing, values.type))
        values = pc.if_else(gone, None, values)
    if reading.kind == "numeric":
        return numbers_of(values, reading, name)
    return booleans_of(values, name) if reading.kind == "boolean" else values


def numbers_of(texts: pa.ChunkedArray, reading: Reading, name: str) -> pa.ChunkedArray:
    """Return texts as numbers of float64."""
    as_programs = reading.decimal == "." and not reading.unit
    if as_programs and pc.all(pc.match_substring_regex(texts, PLAIN), min_count=0).as_py():
        return texts.cast(pa.float64())
    column = texts.combine_chunks().dictionary_encode()
    words = column.dictionary
    found = numbers_in(words, reading.decimal)
    values, doubtful = found.values, found.doubtful & (not reading.grouping)
    units = found.units
    wrong = np.isnan(values)
    if wrong.any():  # 0.5 can only be meant in one way, whatever mark the others have
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
    """Return texts as booleans."""
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
    """Return a table with its numbers and booleans typed, by their readings.

    Columns without a reading stay as they are, and categories and dates that are texts as well.
    """
    for i, name in enumerate(table.column_names):
        if name in readings and readings[name].kind in ("numeric", "boolean"):
            table = table.set_column(i, name, whole(cast(table[name], readings[name], name)))
    return table


def cast_numbers(table: pa.Table, readings: Mapping[str, Reading]) -> pa.Table:
    """Return a table with texts as floats where they are read as numbers, to be cast only once.

    Percentages and the like stay texts, since models ask for their sign.
    """
    columns = [
        cast(table[name], reading, name)
        if (reading := readings[name]).kind == "numeric" and reading.unit not in RATES
        else table[name]
        for name in table.column_names
    ]
    return pa.table(columns, table.column_names)


def whole(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return floats that are all whole numbers as integers, and other values as they are."""
    if not types.is_floating(values.type) or values.null_count == len(values):
        return values
    numbers = values.drop_null().to_numpy()
    is_whole = (np.isfinite(numbers) & (abs(numbers) < EXACT)).all()
    return values.cast(pa.int64()) if is_whole and (numbers % 1 == 0).all() else values


# Refusals


def unlike_others(kind: Message, name: str, row: int, value: object, more: int = 0) -> TableError:
    """Return the error that a value is no number or date, and how many more there are."""
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


no_number = partial(unlike_others, Message("number"))
no_date = partial(unlike_others, Message("date"))


def two_readings(name: str, row: int, value: object) -> TableError:
    """Return the error that a mark may separate thousands or decimals, and nothing decides."""
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
    """Return the error that a value has another unit than the column."""
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
    """Return the error that a share without its sign can be read in two ways."""
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
