"""Cleaning of tables: valid column names, no blank texts."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from jubako.data.arrow_compute import pc
from jubako.data.casting.values import is_text, plain
from jubako.data.errors import TableError
from jubako.i18n.messages import Message


def cleaned(table: pa.Table, name: str) -> pa.Table:
    """Return a table with valid column names, and null instead of blank texts.

    Parameters
    ----------
    table : pyarrow.Table
    name : str
        Name of the table, for messages.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If two columns have the same name.
    """
    names = good_names(table.column_names, name)
    columns = [without_blanks(values) for values in table.columns]
    return pa.Table.from_arrays(columns, names)


def without_blanks(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values with null instead of texts that are empty or white space.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray
    """
    if pa.types.is_dictionary(values.type):
        if not is_any_text(values.type.value_type) or not any(map(has_blanks, values.chunks)):
            return values
        return pa.chunked_array(list(map(packed_without_blanks, values.chunks)), values.type)
    if not is_any_text(values.type):
        return values
    texts = plain(values)
    try:
        blank = are_blank(texts)
    except pa.ArrowInvalid:  # null slots may hold invalid bytes
        values = texts = pa.chunked_array([pa.array(texts.to_pylist(), texts.type)])
        blank = are_blank(texts)
    return pc.if_else(blank, None, texts) if pc.any(blank).as_py() else values


def is_any_text(kind: pa.DataType) -> bool:
    """Return whether values are strings of any type, but not dictionary-encoded."""
    return is_text(kind) or pa.types.is_string_view(kind)


def are_blank(texts: object) -> Any:
    """Return which texts are empty or white space."""
    return pc.or_(pc.utf8_is_space(texts), pc.equal(pc.binary_length(texts), 0))


def has_blanks(chunk: pa.DictionaryArray) -> bool:
    """Return whether one of some dictionary-encoded texts is blank."""
    return bool(pc.any(are_blank(chunk.dictionary.cast(pa.string()))).as_py())


def packed_without_blanks(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return dictionary-encoded texts with null instead of blank ones.

    Parameters
    ----------
    chunk : pyarrow.DictionaryArray

    Returns
    -------
    pyarrow.DictionaryArray
    """
    blank = are_blank(chunk.dictionary.cast(pa.string())).take(chunk.indices)
    codes = pc.if_else(blank, None, chunk.indices)
    return pa.DictionaryArray.from_arrays(codes, chunk.dictionary, ordered=chunk.type.ordered)


def good_names(names: Iterable[object], source: str) -> list[str]:
    """Strip column names, and number columns without a name.

    Parameters
    ----------
    names : iterable of objects
    source : str
        Name of the table, for messages.

    Returns
    -------
    list of str

    Raises
    ------
    TableError
        If two columns have the same name.
    """
    names = [str(name).strip() for name in names]
    names = [name or f"column {i}" for i, name in enumerate(names, start=1)]
    doubles = [name for name, count in Counter(names).items() if count > 1]
    if doubles:
        raise TableError(
            Message(
                "{name!r} has several columns called {column!r}: rename them.",
                name=source,
                column=doubles[0],
            )
        )
    return names
