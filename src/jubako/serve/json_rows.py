"""Rows in JSON: a list of objects, or an object of lists."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

import pyarrow as pa

from jubako.data.column_encoding import check_names
from jubako.data.errors import TableError
from jubako.data.readers.cleaning import cleaned
from jubako.i18n.messages import Message

from .errors import SOURCE

SHAPES = '[{"size": 1}, {"size": 2}]', '{"size": [1, 2]}'


def json_table(body: bytes, names: Sequence[str]) -> pa.Table:
    """Read rows in JSON: numbers as numbers, texts as texts, null as missing.

    Parameters
    ----------
    body : bytes
    names : sequence of str
        The columns to read; others are ignored.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If it is not JSON, has no such column, or a column has values of several types.
    """
    content = parsed(body)
    if isinstance(content, list):
        values = from_records(content, names)
    elif isinstance(content, dict):
        values = from_columns(content, names)
    else:
        raise no_rows_in_json()
    table = pa.table({name: to_array(name, column) for name, column in values.items()})
    if not table.num_rows:
        raise TableError(Message("{name!r} has no rows.", name=SOURCE))
    return cleaned(table, SOURCE)


def parsed(body: bytes) -> Any:
    """Parse JSON.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    any JSON value

    Raises
    ------
    TableError
        If it is not JSON, or an object has a name twice.
    """
    try:
        return json.loads(body, object_pairs_hook=unique, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise TableError(
            Message(
                "{name!r} is not JSON: line {line}, character {place} can't be read.",
                name=SOURCE,
                line=error.lineno,
                place=error.colno,
            )
        ) from error
    except RecursionError as error:
        raise no_rows_in_json() from error
    except ValueError as error:
        if isinstance(error, TableError):
            raise
        why = Message("a number has too many digits")
        if isinstance(error, UnicodeError):
            why = Message("its text is not UTF-8")
        raise TableError(Message("{name!r} is not JSON: {why}.", name=SOURCE, why=why)) from error


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the names and values of an object; refuse a name that appears twice.

    Parameters
    ----------
    pairs : list of (str, any JSON value)

    Returns
    -------
    dict
    """
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise TableError(
            Message("An object has the name {name!r} twice: write it once.", name=double)
        )
    return row


def refuse_constant(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise TableError(
        Message("{word} is not allowed in JSON: write null for a missing value.", word=word)
    )


def no_rows_in_json() -> TableError:
    """Return the error that JSON holds something else than rows.

    Returns
    -------
    TableError
    """
    records, columns = SHAPES
    return TableError(
        Message(
            "The JSON must be a list of rows, as in {records}, or an object of columns, as in "
            "{columns}.",
            records=records,
            columns=columns,
        )
    )


def from_records(rows: list[Any], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values of rows by column.

    Parameters
    ----------
    rows : list
    names : sequence of str
        The columns to read.

    Returns
    -------
    dict of str to list

    Raises
    ------
    TableError
        If a row is no object, or lacks a column.
    """
    try:
        return {name: [row[name] for row in rows] for name in names}
    except (KeyError, TypeError, IndexError):
        pass
    for i, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise TableError(
                Message(
                    "Row {row} is not an object: write it as in {example}.",
                    row=i,
                    example=SHAPES[0],
                )
            )
    check_there(names, list(dict.fromkeys(name for row in rows for name in row)))
    for i, row in enumerate(rows, 1):
        for name in names:
            if name not in row:
                raise TableError(
                    Message(
                        "Row {row} has no {name!r}, but others have: write null for a missing "
                        "value.",
                        row=i,
                        name=name,
                    )
                )
    raise AssertionError("rows that lack nothing were refused")


def from_columns(columns: dict[str, Any], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values of columns.

    Parameters
    ----------
    columns : dict
    names : sequence of str
        The columns to read.

    Returns
    -------
    dict of str to list

    Raises
    ------
    TableError
        If one is not there, is no list, or they differ in length.
    """
    check_there(names, list(columns))
    for name in names:
        if not isinstance(columns[name], list):
            raise no_rows_in_json()
        if len(columns[name]) != len(columns[names[0]]):
            raise TableError(
                Message(
                    "Column {name!r} has {n} values, but {other!r} has {n_others}: give all "
                    "columns the same number.",
                    name=name,
                    n=len(columns[name]),
                    other=names[0],
                    n_others=len(columns[names[0]]),
                )
            )
    return {name: columns[name] for name in names}


def check_there(names: Sequence[str], there: Sequence[str]) -> None:
    """Check that columns are there; see `check_names`.

    Parameters
    ----------
    names : sequence of str
    there : sequence of str
        The names in the request.
    """
    valid = [name for name in there if name.isprintable()]  # Arrow takes no lone surrogates
    check_names(list(names), pa.table({name: pa.nulls(0) for name in valid}), SOURCE)


def to_array(name: str, values: list[Any]) -> pa.Array:
    """Convert the values of a column.

    Parameters
    ----------
    name : str
        Column name, for messages.
    values : list of str, int, float, bool or None

    Returns
    -------
    pyarrow.Array

    Raises
    ------
    TableError
        If values are of several types, with the row.
    """
    kinds = set(map(type, values)) - {type(None)}
    if (len(kinds) > 1 and kinds != {int, float}) or kinds & {list, dict}:
        raise mixed(name, values)
    try:
        return pa.array(values)
    except UnicodeError as error:
        row = next(i for i, text in enumerate(values, 1) if text and not is_unicode(text))
        raise TableError(
            Message(
                "Column {name!r}, row {row}: a text holds a lone surrogate, which is "
                "not a character.",
                name=name,
                row=row,
            )
        ) from error
    except (pa.ArrowException, OverflowError):  # whole numbers beyond int64
        return pa.array([None if value is None else to_float(value) for value in values])


def to_float(number: float) -> float:
    """Return a number as float64; infinite beyond its range, which columns refuse."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def is_unicode(text: str) -> bool:
    """Return whether a text can be encoded.

    Parameters
    ----------
    text : str
    """
    try:
        text.encode()
    except UnicodeError:
        return False
    return True


def mixed(name: str, values: list[Any]) -> TableError:
    """Return the error for the first value that is not of the type of those before it.

    Parameters
    ----------
    name : str
        Column name.
    values : list

    Returns
    -------
    TableError
    """
    first: type | None = None
    for row, value in enumerate(values, 1):
        kind = float if type(value) is int else type(value)
        if kind in (list, dict):
            return TableError(
                Message(
                    "Column {name!r}, row {row}: a list or an object is not a single value.",
                    name=name,
                    row=row,
                )
            )
        first = first or (None if value is None else kind)
        if value is not None and kind is not first:
            return TableError(
                Message(
                    "Column {name!r}, row {row}: {value} is not of the type of the values before "
                    "it. Make all values of a column of one type.",
                    name=name,
                    row=row,
                    value=json.dumps(value, ensure_ascii=False),
                )
            )
    raise AssertionError("values of one type were refused")
