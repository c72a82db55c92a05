"""What columns hold: a `Reading` for each, decided on all of its values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types

from jubako.core.activations import Array
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
from .casting.date_values import as_digits, as_seconds, is_date, kind_of, orders_in, seconds_to_sort
from .casting.missing import means_missing
from .casting.numbers import PLAIN, Numbers, is_known_unit, numbers_in
from .casting.reading import FALSE, KINDS, RATES, TRUE, Reading, cast, no_number, other_mark
from .casting.values import as_numbers, as_texts, infinite, is_number, is_text, plain
from .columns.date import fit_date
from .errors import TableError, nearest

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

FEW_LEVELS = 10  # a column needs more different numbers to be one of numbers despite odd texts
SLIPS = 0.1  # share of odd texts below which they are mistakes among numbers, and not levels
ALIKE = 3  # columns with notes of one kind that are named one by one
SOME = 100  # words by which most columns that hold no dates are told

POINT_OR_THOUSANDS = r"^-?[1-9]\d{0,2}\.\d{3}$"
CODE = r"^\s*0\d+\s*$"

Declared = str | Reading | None


class Inferred(NamedTuple):
    """How a column is read."""

    reading: Reading
    notes: tuple[Message, ...] = ()  # one for each choice between two readings
    decimal: str = ""  # the decimal mark that the column proves
    depends: bool = False  # whether it is read otherwise where other columns prove another mark


class Readings(NamedTuple):
    """How the columns of a table are read."""

    readings: dict[str, Reading]
    notes: tuple[Message, ...]
    decimal: str  # the decimal mark that some columns prove; empty if none does, or they differ


def infer_table(
    table: pa.Table,
    column_types: Mapping[str, Declared] | None = None,
    decimal: str = "",
    refused: dict[str, TableError] | None = None,
) -> Readings:
    """Decide how each column of a table is read.

    Parameters
    ----------
    table : pyarrow.Table
    column_types : mapping of column name to type, optional
        What some columns are, against any guess: "numeric", "categorical", "date", "boolean",
        "drop", or a `Reading`.
    decimal : {"", ".", ","}
        The decimal mark of the file, if it is known.
    refused : dict, optional
        Is filled with what is wrong with a column, in place of raising it; the column then has no
        reading.

    Raises
    ------
    TableError
        If there is no such column, or a column can't be read as it must be, with row and value.
    """
    declared = check_types(column_types or {}, table.column_names)
    found = dict[str, Inferred]()
    for name in table.column_names:
        try:
            found[name] = infer_reading(name, table[name], declared.get(name))
        except TableError as error:
            if refused is None:
                raise
            refused[name] = error
    proved = {inferred.decimal for inferred in found.values()} - {""}
    decimal = decimal or (proved.pop() if len(proved) == 1 else "")
    if decimal:
        for name, inferred in found.items():
            if inferred.depends:
                found[name] = infer_reading(name, table[name], declared.get(name), decimal)
    readings = {name: inferred.reading for name, inferred in found.items()}
    return Readings(readings, together([i.notes for i in found.values()]), decimal)


def check_types(column_types: Mapping[str, Declared], names: list[str]) -> dict[str, str | Reading]:
    """Refuse types of columns that do not exist, and types that there are not."""
    declared = {name: kind for name, kind in column_types.items() if kind is not None}
    known = set(names)
    for name, kind in declared.items():
        if name not in known:
            near = nearest(name, names)
            hint = Message(" Did you mean {near!r}?", near=near) if near else ""
            raise TableError(
                Message(
                    "There is no column {name!r} that could be {kind}.{hint}",
                    name=name,
                    kind=kind if isinstance(kind, str) else kind.kind,
                    hint=hint,
                )
            )
        if isinstance(kind, str) and kind not in KINDS:
            raise TableError(
                Message(
                    "Column {name!r} can't be {kind!r}: choose one of {kinds}.",
                    name=name,
                    kind=kind,
                    kinds=", ".join(KINDS),
                )
            )
    return declared


def together(notes: list[tuple[Message, ...]]) -> tuple[Message, ...]:
    """Say what holds for many columns once."""
    alike = dict[str, list[Message]]()
    for note in (note for some in notes for note in some):
        alike.setdefault(note.pattern, []).append(note)
    result = list[Message]()
    for same in alike.values():
        result += same[:ALIKE]
        if len(same) > ALIKE:
            names = ", ".join(repr(note.values["name"]) for note in same[ALIKE : 4 * ALIKE])
            names += ", ..." if len(same) > 4 * ALIKE else ""
            result.append(
                Message("The same holds for {n} more: {names}.", n=len(same) - ALIKE, names=names)
            )
    return tuple(result)


def infer_reading(
    name: str, values: pa.ChunkedArray, declared: Declared = None, decimal: str = ""
) -> Inferred:
    """Decide how a column is read, from all of its values.

    Parameters
    ----------
    name : str
        For messages.
    values : ChunkedArray
    declared : str or Reading, optional
        What the column is: a kind of `Reading`, or all of it.
    decimal : {"", ".", ","}
        The decimal mark of other columns: it decides where this one can be read in two ways.

    Raises
    ------
    TableError
        If a value does not fit to what the column is, with its row.
    """
    if isinstance(declared, Reading):
        check_values(values, declared, name)
        return Inferred(declared)
    if declared == "drop":
        return Inferred(Reading("drop", declared=True))
    if declared == "categorical" or (declared is None and types.is_dictionary(values.type)):
        return Inferred(Reading("categorical", levels=ordered_levels(values, name), declared=True))
    values = plain(values)
    if is_text(values.type):
        inferred = infer_texts(name, values, declared, decimal)
        return inferred._replace(reading=replace(inferred.reading, declared=declared is not None))
    orders = orders_of_digits(name, values, declared) if declared in (None, "date") else []
    typed = is_date(values.type) and declared in (None, "date")
    if (orders or typed) and values.null_count < len(values):
        order = orders[0] if orders else ""
        reading = Reading("date", order=order, declared=declared is not None)
        return as_dates(name, values, orders, reading)
    if declared is not None:
        return Inferred(Reading(declared, declared=True))
    if types.is_boolean(values.type):
        return Inferred(Reading("boolean"))
    if is_number(values.type) or types.is_null(values.type):
        as_numbers(values, name)  # which refuses infinite ones
        return Inferred(Reading("numeric"))
    return Inferred(Reading("date" if is_date(values.type) else "drop"))


def ordered_levels(values: pa.ChunkedArray, name: str) -> tuple[str, ...]:
    """Return the levels of an ordered category, lowest first; none if it has no order."""
    if not types.is_dictionary(values.type) or not values.type.ordered:
        return ()
    dictionary = values.unify_dictionaries().chunk(0).dictionary if values.num_chunks else []
    levels = as_texts(plain(pa.chunked_array([dictionary])), name).to_pylist()
    return tuple(dict.fromkeys(level for level in levels if level and level.strip()))


def read_numbers(values: pa.ChunkedArray, name: str) -> Array:
    """Return values as numbers, float64, NaN where missing, whether they are typed or texts.

    Raises
    ------
    TableError
        If a value is no number, or infinite.
    """
    reading = infer_reading(name, values, "numeric").reading
    return as_numbers(cast(values, reading, name), name)


def read_order(values: pa.ChunkedArray, name: str) -> Array:
    """Return numbers that say which value comes before which, shape (N,), NaN where missing.

    Raises
    ------
    TableError
        If they are no numbers and no dates.
    """
    reading = infer_reading(name, values).reading
    if reading.kind == "numeric":
        return as_numbers(cast(values, reading, name), name)
    if reading.kind == "date":
        dates = cast(values, reading, name)
        orders = orders_in(dates, name) or [reading.order]
        return seconds_to_sort(dates, name, sorted(orders, key=lambda o: o != reading.order))
    raise TableError(
        Message(
            "Rows can't be put in the order of {order!r}, which holds texts such as "
            "{example!r}: dates and numbers have one.",
            order=name,
            example=values.drop_null()[0].as_py(),
        )
    )


class Words(NamedTuple):
    """The different texts of a column."""

    texts: pa.Array
    counts: Array
    gone: Array  # which of them mean that a value is missing
    column: pa.ChunkedArray

    def without(self, which: Array) -> pa.ChunkedArray:
        """Return the column with some words as missing values, in the same rows."""
        gone = pc.is_in(self.column, value_set=self.texts.filter(pa.array(which)))
        return pc.if_else(gone, None, self.column)

    def row(self, word: int) -> int:
        """Return the first row of a word."""
        return pc.index(self.column, self.texts[word]).as_py()

    def first(self, which: Array) -> tuple[str, int]:
        """Return that of some words which comes first, and its row."""
        rows = {self.row(int(word)): int(word) for word in np.flatnonzero(which)[:SOME]}
        row = min(rows)
        return str(self.texts[rows[row]].as_py()), row


def infer_texts(name: str, texts: pa.ChunkedArray, declared: str | None, decimal: str) -> Inferred:
    """Decide how a column of texts is read."""
    present = texts.drop_null()
    if not len(present):
        return Inferred(Reading(declared or "numeric"))
    named = declared is None and is_named_like_dates(name)
    if declared in (None, "numeric") and are_all(present, PLAIN) and not named:
        return infer_plain(name, texts, decimal)
    counted = present.value_counts()
    counts = np.asarray(counted.field(1).to_numpy())
    words = Words(counted.field(0), counts, means_missing(counted.field(0)), texts)
    if named:
        inferred = infer_dates(name, words, False)
        if inferred is not None:
            return inferred
        if are_all(present, PLAIN):
            return infer_plain(name, texts, decimal)
    if declared == "boolean" or (declared is None and are_truths(words)):
        missing = missing_words(words, words.gone & ~is_truth(words))
        cast(texts, Reading("boolean", missing=missing), name)
        return Inferred(Reading("boolean", missing=missing), about_missing(name, words, missing))
    if declared is None and are_codes(words):
        value = words.texts.filter(pc.match_substring_regex(words.texts, CODE))[0].as_py()
        return Inferred(
            Reading("categorical"),
            (
                Message(
                    "Column {name!r} holds codes such as {value!r}, whose leading zeros would be "
                    "lost in numbers: it is categorical.",
                    name=name,
                    value=value,
                ),
            ),
        )
    inferred = None
    if declared in (None, "date"):
        inferred = infer_dates(name, words, declared == "date")
    if inferred is None and declared in (None, "numeric"):
        inferred = infer_numbers(name, words, declared == "numeric", decimal)
    return inferred or Inferred(Reading("categorical"))


def are_all(texts: pa.ChunkedArray, pattern: str) -> bool:
    """Tell whether an expression matches all texts; looks at a few of them first."""
    return all(
        pc.all(pc.match_substring_regex(some, pattern), min_count=0).as_py()
        for some in (texts[:SOME], texts[SOME:])
    )


def is_truth(words: Words) -> Array:
    """Tell of each word whether it says true or false."""
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(words.texts))
    return np.asarray(pc.is_in(lower, value_set=pa.array([*TRUE, *FALSE])))


def are_truths(words: Words) -> bool:
    """Tell whether the texts are true and false; yes and no alone are two levels like others."""
    if len(words.texts) > SOME or not (is_truth(words) | words.gone).all():
        return False
    return bool(set(map(str.lower, words.texts.to_pylist())) & {"true", "false"})


def are_codes(words: Words) -> bool:
    """Tell whether all texts are digits, and some begin with a zero that a number has not."""
    texts = words.texts.filter(pa.array(~words.gone))
    return bool(
        len(texts)
        and pc.all(pc.match_substring_regex(texts, r"^\s*\d+\s*$")).as_py()
        and pc.any(pc.match_substring_regex(texts, CODE)).as_py()
    )


def infer_plain(name: str, texts: pa.ChunkedArray, decimal: str) -> Inferred:
    """Decide how numbers are read that look as programs write them."""
    if pc.any(pc.match_substring(texts, "e", ignore_case=True)).as_py():
        as_numbers(texts.cast(pa.float64()), name)  # 1e999 is infinite
    pointed = texts.filter(pc.match_substring(texts, "."))
    if not len(pointed):
        return Inferred(Reading(decimal=decimal or "."), depends=True)
    if not are_all(pointed, POINT_OR_THOUSANDS):
        return Inferred(Reading(), decimal=".")
    value = pointed[0].as_py()
    if decimal == ",":
        reading = Reading(decimal=",", grouping=".")
        return Inferred(reading, (about_mark(name, value, reading),), depends=True)
    above = pc.any(pc.match_substring_regex(texts, r"^-?\d{4,}$")).as_py()
    notes = () if decimal or above else (about_mark(name, value, Reading()),)
    return Inferred(Reading(), notes, depends=True)


def infer_numbers(name: str, words: Words, forced: bool, decimal: str) -> Inferred | None:
    """Decide how texts are read as numbers; None if they are none, unless that is `forced`."""
    digits = np.asarray(pc.match_substring_regex(words.texts, r"\p{Nd}"))
    if not forced and words.counts[digits].sum() < words.counts[~words.gone].sum() / 2:
        return None
    parsed = {mark: numbers_in(words.texts, mark) for mark in (".", ",")}
    good = {mark: ~np.isnan(numbers.values) for mark, numbers in parsed.items()}
    fitting = {mark: words.counts[good[mark]].sum() for mark in good}
    both = good["."] & good[","]
    differ = both & (parsed["."].values != parsed[","].values)
    proved = "." if fitting["."] > fitting[","] else "," if fitting["."] < fitting[","] else ""
    mark = proved or decimal or "."
    numbers, fits = parsed[mark], good[mark]
    mixed = ~fits & good[other_mark(mark)]
    if mixed.any() and words.counts[fits | mixed | words.gone].sum() == words.counts.sum():
        only = fits & ~good[other_mark(mark)]
        if only.any() and (proved or not forced):
            raise mixed_marks(name, words, only, mixed)
    fits, unit = common_unit(name, words, numbers, fits, forced)
    missing = settle(name, words, fits, forced, no_number)
    if missing is None:
        return None
    used = fits & ~np.isin(words.texts.to_pylist(), missing)
    if np.isinf(numbers.values[used]).any():
        raise infinite(name, words.first(used & np.isinf(numbers.values))[1])
    grouping = other_mark(mark) if (numbers.grouped & used).any() else ""
    reading = Reading("numeric", mark, grouping, unit, missing)
    notes = about_missing(name, words, missing)
    bare = used & (numbers.units == "")
    if unit and (bare & (numbers.values != 0)).any():
        value, row = words.first(bare & (numbers.values != 0))
        notes += (
            Message(
                "Column {name!r} is in {unit}: numbers without it, such as {value!r} in row {row}, "
                "are taken for the same.",
                name=name,
                unit=unit,
                value=value,
                row=row + 1,
            ),
        )
    if (differ & used).any() and not proved:
        value, _ = words.first(differ & used)
        if not (decimal == "." and mark == "."):
            notes += (about_mark(name, value, reading),)
        return Inferred(reading, notes, depends=True)
    if proved == ",":
        marked = np.asarray(pc.match_substring(words.texts, ",")) & used
        if marked.any():
            notes += (about_mark(name, words.first(marked)[0], reading),)
    return Inferred(reading, notes, proved, depends=not proved)


def common_unit(
    name: str, words: Words, numbers: Numbers, fits: Array, forced: bool
) -> tuple[Array, str]:
    """Return which words are numbers in the unit of the column, and that unit."""
    units = numbers.units
    counts = {
        unit: int(words.counts[fits & (units == unit)].sum()) for unit in set(units[fits]) - {""}
    }
    if not counts:
        return fits, ""
    unit = max(sorted(counts), key=lambda unit: counts[unit])
    bare = fits & (units == "") & (numbers.values != 0)
    if len(counts) > 1 and (forced or all(map(is_known_unit, counts))):
        shown = sorted(
            (words.first(fits & (units == unit)) for unit in counts), key=lambda found: found[1]
        )
        raise several_units(name, shown[0], shown[1])
    if unit in RATES and bare.any():
        raise several_units(name, words.first(fits & (units == unit)), words.first(bare))
    if bare.any() and not is_known_unit(unit):
        return fits & (units == ""), ""
    return fits & np.isin(units, ["", unit]), unit


def infer_dates(name: str, words: Words, forced: bool) -> Inferred | None:
    """Decide how texts are read as dates; None if they are none, unless that is `forced`."""
    wordless = np.asarray(pc.invert(pc.match_substring_regex(words.texts, r"\p{Nd}")))
    odd = words.gone | (wordless & (not forced))
    if 2 * words.counts[odd & ~words.gone].sum() > words.counts[~words.gone].sum():
        return None
    zeros = mean_no_date(words.texts)
    name_of_dates = "date" if forced else name  # digits are dates where that is declared
    orders, _ = likely_orders(words.without(odd | zeros), name_of_dates)
    if not orders:
        if forced:
            value, row = words.first(~words.gone)
            raise no_date(name, row, value)
        return None
    fits = np.isfinite(seconds_in(pa.chunked_array([words.texts]), orders[0]))
    if orders[0] in DATES:
        words = words._replace(gone=words.gone | zeros)
    missing = settle(name, words, fits, forced, no_date)
    if missing is None:
        return None
    dates = words.without(np.isin(words.texts.to_pylist(), missing))
    if missing:
        orders = orders_of(dates, name_of_dates) or orders
    notes = about_missing(name, words, missing)
    return as_dates(name, dates, orders, Reading("date", missing=missing, order=orders[0]), notes)


def orders_of_digits(name: str, values: pa.ChunkedArray, declared: str | None) -> list[str]:
    """Return how numbers such as 20230819 are read as dates, in a column of dates.

    Raises
    ------
    TableError
        If a few of them are no dates.
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
    """Return that a column holds dates, with notes; dates that do not go together are refused."""
    if kind_of(dates.type, reading.order) != "duration" and dates.null_count < len(dates):
        fit_date(name, dates, reading)
    return Inferred(reading, (*notes, *date_notes(name, dates, orders)))


def settle(
    name: str, words: Words, fits: Array, forced: bool, refuse: Any
) -> tuple[str, ...] | None:
    """Return the words for missing, given which words fit a kind; None if it is not that kind.

    One odd word that stands there again and again means missing as well. Few odd words among many
    that fit are mistakes, which are refused.
    """
    odd = ~fits & ~words.gone
    n_fits = int(fits.sum())
    if n_fits <= int(words.gone.sum()) and not forced:  # -, 0 and + are levels
        return None
    many = forced or n_fits > FEW_LEVELS
    repeated = odd.sum() == 1 and words.counts[odd].sum() > 1
    if odd.any() and not (many and repeated):
        if forced or (many and words.counts[odd].sum() < SLIPS * words.counts.sum()):
            value, row = words.first(odd)
            raise refuse(name, row, value, int(words.counts[odd].sum()) - 1)
        return None
    return missing_words(words, ~fits)


def missing_words(words: Words, which: Array) -> tuple[str, ...]:
    """Return some of the words, in order."""
    return tuple(sorted(words.texts.filter(pa.array(which)).to_pylist()))


def check_values(values: pa.ChunkedArray, reading: Reading, name: str) -> None:
    """Refuse values that can't be read so, or that are infinite.

    Raises
    ------
    TableError
        With the value and its row.
    """
    values = cast(values, reading, name)
    if reading.kind == "date":
        as_seconds(values, name, reading.order)
    elif reading.kind == "numeric":
        as_numbers(values, name)


def check_readable(table: pa.Table, readings: Mapping[str, Reading], source: str) -> None:
    """Refuse a table with a value that can't be read as its column is.

    Raises
    ------
    TableError
        With the value and its row.
    """
    for name in table.column_names:
        if name not in readings or readings[name].kind == "drop":
            continue
        try:
            check_values(table[name], readings[name], name)
        except TableError as error:
            raise TableError(
                Message("{source!r}: {error}", source=source, error=error.args[0])
            ) from error


# Notes and refusals


def about_missing(name: str, words: Words, missing: tuple[str, ...]) -> tuple[Message, ...]:
    """Say which words are taken for missing values."""
    if not missing:
        return ()
    gone = np.isin(words.texts.to_pylist(), missing)
    n, (_, row) = int(words.counts[gone].sum()), words.first(gone)
    shown = ", ".join(map(repr, missing[:5])) + (", ..." if len(missing) > 5 else "")
    if n == 1:
        return (
            Message(
                "Column {name!r}: {words} in row {row} means that the value is missing.",
                name=name,
                words=shown,
                row=row + 1,
            ),
        )
    return (
        Message(
            "Column {name!r}: {words} in {n} rows, first in row {row}, means that the value is "
            "missing.",
            name=name,
            words=shown,
            n=n,
            row=row + 1,
        ),
    )


def about_mark(name: str, value: str, reading: Reading) -> Message:
    """Say how a value with a comma or a point is read."""
    number = numbers_in(pa.array([value]), reading.decimal).values[0]
    return Message(
        "Column {name!r}: {value!r} is read as {number:.15g}, since {mark!r} is taken for the "
        "decimal mark.",
        name=name,
        value=value,
        number=number,
        mark=reading.decimal,
    )


def mixed_marks(name: str, words: Words, some: Array, others: Array) -> TableError:
    """Say that there are decimal points and decimal commas."""
    (first, row), (second, other_row) = words.first(some), words.first(others)
    return TableError(
        Message(
            "Column {name!r} has decimal points and decimal commas: {first!r} in row {row}, "
            "{second!r} in row {other_row}. Write all numbers in one way.",
            name=name,
            first=first,
            row=row + 1,
            second=second,
            other_row=other_row + 1,
        )
    )


def several_units(name: str, first: tuple[str, int], second: tuple[str, int]) -> TableError:
    """Say that there are values in several units."""
    return TableError(
        Message(
            "Column {name!r} has several units: {first!r} in row {row}, {second!r} in row "
            "{other_row}. Convert them to one, or declare the column categorical.",
            name=name,
            first=first[0],
            row=first[1] + 1,
            second=second[0],
            other_row=second[1] + 1,
        )
    )


def no_date(name: str, row: int, value: object, more: int = 0) -> TableError:
    """Say that a value is no date, and how many more there are."""
    if more:
        return TableError(
            Message(
                "Column {name!r}, row {row}: {value!r} is not a date, nor are {more} more values, "
                "but the others are. Correct them, or leave them empty.",
                name=name,
                row=row + 1,
                value=value,
                more=more,
            )
        )
    return TableError(
        Message(
            "Column {name!r}, row {row}: {value!r} is not a date, but the others are. Correct it, "
            "or leave it empty.",
            name=name,
            row=row + 1,
            value=value,
        )
    )
