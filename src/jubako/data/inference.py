"""Inference of column types: a `Reading` for each column, from all of its values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import pyarrow as pa
import pyarrow.types as types

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.date_values import as_seconds, is_date, orders_in, seconds_to_sort
from .casting.reading import KINDS, Reading, cast
from .casting.values import as_numbers, as_texts, is_number, is_text, plain
from .date_inference import as_dates, orders_of_digits
from .distinct_texts import Inferred
from .errors import TableError, nearest
from .text_inference import infer_texts

MOST_NOTES = 3  # columns with a separate note of each kind
Declared = str | Reading | None


class Readings(NamedTuple):
    """How the columns of a table are read.

    Parameters
    ----------
    readings : dict of str to Reading
    notes : tuple of Message
    decimal : {"", ".", ","}
        Decimal mark that is certain from some columns; empty if from none, or if they differ.
    """

    readings: dict[str, Reading]
    notes: tuple[Message, ...]
    decimal: str


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
    column_types : mapping of str to type, optional
        Declared types by column name: "numeric", "categorical", "date", "boolean", "drop", or a
        `Reading`.
    decimal : {"", ".", ","}
        Decimal mark of the file, if it is known.
    refused : dict of str to TableError, optional
        Receives the errors of columns, instead of raising them; these columns have no reading.

    Returns
    -------
    Readings

    Raises
    ------
    TableError
        If there is no such column, or a value does not fit the type of its column; with row and
        value.
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
    return Readings(readings, merge_notes([i.notes for i in found.values()]), decimal)


def check_types(column_types: Mapping[str, Declared], names: list[str]) -> dict[str, str | Reading]:
    """Check declared types of columns.

    Parameters
    ----------
    column_types : mapping of str to type
        None is ignored.
    names : list of str
        The columns.

    Returns
    -------
    dict of str to str or Reading
        The declared types without None.

    Raises
    ------
    TableError
        If there is no such column or type.
    """
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


def merge_notes(notes: list[tuple[Message, ...]]) -> tuple[Message, ...]:
    """Merge notes that many columns have in common.

    Parameters
    ----------
    notes : list of tuples of Message
        One for each column.

    Returns
    -------
    tuple of Message
    """
    alike = dict[str, list[Message]]()
    for note in (note for some in notes for note in some):
        alike.setdefault(note.pattern, []).append(note)
    result = list[Message]()
    for same in alike.values():
        result += same[:MOST_NOTES]
        if len(same) > MOST_NOTES:
            names = ", ".join(
                repr(note.values["name"]) for note in same[MOST_NOTES : 4 * MOST_NOTES]
            )
            names += ", ..." if len(same) > 4 * MOST_NOTES else ""
            result.append(
                Message(
                    "The same holds for {n} more: {names}.", n=len(same) - MOST_NOTES, names=names
                )
            )
    return tuple(result)


def infer_reading(
    name: str, values: pa.ChunkedArray, declared: Declared = None, decimal: str = ""
) -> Inferred:
    """Decide how a column is read, from all of its values.

    Parameters
    ----------
    name : str
        Column name, for messages.
    values : pyarrow.ChunkedArray
    declared : str or Reading, optional
        The type of the column.
    decimal : {"", ".", ","}
        Decimal mark of other columns, which resolves ambiguities.

    Returns
    -------
    Inferred

    Raises
    ------
    TableError
        If a value does not fit the type of the column, with its row.
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
        as_numbers(values, name)  # raises an error for infinite ones
        return Inferred(Reading("numeric"))
    return Inferred(Reading("date" if is_date(values.type) else "drop"))


def ordered_levels(values: pa.ChunkedArray, name: str) -> tuple[str, ...]:
    """Return the levels of an ordered category, lowest first.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    name : str
        Column name, for messages.

    Returns
    -------
    tuple of str
        Empty if the category has no order.
    """
    if not types.is_dictionary(values.type) or not values.type.ordered:
        return ()
    dictionary = values.unify_dictionaries().chunk(0).dictionary if values.num_chunks else []
    levels = as_texts(plain(pa.chunked_array([dictionary])), name).to_pylist()
    return tuple(dict.fromkeys(level for level in levels if level and level.strip()))


def read_numbers(values: pa.ChunkedArray, name: str) -> Array:
    """Read typed or text values as numbers.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Column name, for messages.

    Returns
    -------
    array of float64, shape (N,)
        NaN where missing.

    Raises
    ------
    TableError
        If a value is not a number, or is infinite.
    """
    reading = infer_reading(name, values, "numeric").reading
    return as_numbers(cast(values, reading, name), name)


def read_order(values: pa.ChunkedArray, name: str) -> Array:
    """Read numbers or dates as numbers of the same order.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    name : str
        Column name, for messages.

    Returns
    -------
    array of float64, shape (N,)
        NaN where missing.

    Raises
    ------
    TableError
        If they are neither numbers nor dates.
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
            "Rows can't be ordered by {order!r}, which holds texts such as {example!r}: choose a "
            "column of dates or numbers.",
            order=name,
            example=values.drop_null()[0].as_py(),
        )
    )


def check_values(values: pa.ChunkedArray, reading: Reading, name: str) -> None:
    """Check that values can be read by a reading, and are finite.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    reading : Reading
    name : str
        Column name, for messages.

    Raises
    ------
    TableError
        If not, with the value and its row.
    """
    values = cast(values, reading, name)
    if reading.kind == "date":
        as_seconds(values, name, reading.order)
    elif reading.kind == "numeric":
        as_numbers(values, name)


def check_readable(table: pa.Table, readings: Mapping[str, Reading], source: str) -> None:
    """Check that the values of a table can be read by the readings of its columns.

    Parameters
    ----------
    table : pyarrow.Table
    readings : mapping of str to Reading
    source : str
        Name of the table, for messages.

    Raises
    ------
    TableError
        If not, with the value and its row.
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
