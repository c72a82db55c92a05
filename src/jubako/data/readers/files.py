"""Tables in several files: the files of a folder or a glob, and whether their columns agree."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import types

from jubako.data.casting.values import is_number, is_text, plain
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

WILD = "*?["


def is_several(name: str) -> bool:
    """Return whether a name means several files: a folder or a glob."""
    return os.path.isdir(name) or (any(c in name for c in WILD) and not os.path.exists(name))


def find_files(name: str) -> list[str]:
    """Return the files of a folder and its subfolders, or of a glob, in the order of their names.

    Names that begin with "." or "_" are skipped: other programs write such files beside tables.

    Parameters
    ----------
    name : str
        A folder or a glob.

    Returns
    -------
    list of str

    Raises
    ------
    TableError
        If there are none.
    """
    pattern = os.path.join(glob.escape(name), "**", "*") if os.path.isdir(name) else name
    found = sorted(glob.glob(pattern, recursive=True))
    files = [file for file in found if os.path.isfile(file) and Path(file).name[0] != "_"]
    if not files:
        raise TableError(Message("There is no file in {name!r} to read a table from.", name=name))
    return files


def check_same_columns(schema: pa.Schema, first: pa.Schema, file: str, first_file: str) -> None:
    """Check that a file has the columns of the first file, in any order.

    Parameters
    ----------
    schema, first : pyarrow.Schema
        Columns of the file, and of the first file.
    file, first_file : str
        Their names.

    Raises
    ------
    TableError
        If not, with both files and the column.
    """
    for names, others, file_with, file_without in (
        (first.names, schema.names, first_file, file),
        (schema.names, first.names, file, first_file),
    ):
        lacking = [name for name in names if name not in others]
        if lacking:
            raise TableError(
                Message(
                    "{file!r} has no column {column!r}, which {other!r} has: give all files the "
                    "same columns.",
                    file=file_without,
                    column=lacking[0],
                    other=file_with,
                )
            )
    for name in first.names:
        kind, expected = schema.field(name).type, first.field(name).type
        if kind != expected and not go_together(kind, expected):
            raise TableError(
                Message(
                    "Column {column!r} holds values of type {kind} in {file!r}, but of type "
                    "{expected} in {other!r}: give it the same type in all files.",
                    column=name,
                    kind=str(kind),
                    file=file,
                    expected=str(expected),
                    other=first_file,
                )
            )


def go_together(kind: pa.DataType, other: pa.DataType) -> bool:
    """Return whether values of two types can be in one column: numbers, texts, or null.

    Parameters
    ----------
    kind, other : pyarrow.DataType
    """
    kinds = [k.value_type if types.is_dictionary(k) else k for k in (kind, other)]
    return (
        all(map(is_number, kinds))
        or all(is_text(k) or types.is_string_view(k) for k in kinds)
        or any(map(types.is_null, kinds))
    )


def concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    """Concatenate tables, with types that all their values fit.

    Parameters
    ----------
    tables : sequence of pyarrow.Table
        With the columns of the first, in any order.

    Returns
    -------
    pyarrow.Table
    """
    tables = [table.select(tables[0].column_names) for table in tables]
    if all(table.schema.equals(tables[0].schema) for table in tables):
        return pa.concat_tables(tables)
    unpacked = [
        pa.table({name: plain(table[name]) for name in table.column_names}) for table in tables
    ]
    return pa.concat_tables(unpacked, promote_options="permissive")
