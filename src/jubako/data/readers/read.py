"""Reading of files, and of tables of scikit-learn, as Arrow tables."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa

from jubako.data.errors import TableError, nearest
from jubako.i18n.messages import Message

from .arrow import read_arrow, read_arrow_batches
from .builtin import BUILT_IN, built_in
from .cleaning import cleaned
from .csv import Keep, read_csv, read_csv_batches
from .csv_layout import Layout, find_layout
from .detect import Source, find_source
from .files import check_same_columns, concatenated, find_files, is_several

FEW_ROWS = 100_000  # maximum number of rows for copying a table


class TableFile(NamedTuple):
    """A table that was read from a file.

    Parameters
    ----------
    table : pyarrow.Table
    read_as : str
        Format, encoding and delimiter.
    notes : tuple of str
        One for each ambiguity.
    """

    table: pa.Table
    read_as: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableBatches:
    """The rows of a file as a sequence of tables.

    Parameters
    ----------
    tables : iterator of pyarrow.Table
    read_as : str
        Format, encoding and delimiter.
    notes : tuple of str
        One for each ambiguity.
    """

    tables: Iterator[pa.Table]
    read_as: str
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[pa.Table]:
        return self.tables


def read_table(
    name: str,
    encoding: str | None = None,
    keep: Keep | None = None,
    *,
    delimiter: str | None = None,
    skip_rows: int | None = None,
) -> TableFile:
    """Read a file, or a built-in table by its name.

    Parameters
    ----------
    name : str
        A path, "-" for standard input, or a name in `BUILT_IN`, whose target is its last column. A
        folder or a glob means all of its files, which must have the same columns.
    encoding : str, optional
        Encoding of text; detected by default.
    keep : mapping of str to collections of str, optional
        Words for missing values that are text in these columns of a CSV file.
    delimiter : str, optional
        Delimiter of a CSV file: one character, or "tab"; detected by default.
    skip_rows : int, optional
        Number of lines of a CSV file before its header; titles and comments are detected by
        default.

    Returns
    -------
    TableFile
        Its table has at least one row, and distinct column names that are not empty.

    Raises
    ------
    TableError
        If there is no such file, or it is not a table.
    """
    if name in BUILT_IN:
        return TableFile(built_in(name), Message("built-in table"))
    if is_several(name):
        read = partial(
            read_table, encoding=encoding, keep=keep, delimiter=delimiter, skip_rows=skip_rows
        )
        return together([(file, read(file)) for file in find_files(name)])
    source = named_source(name, encoding)
    if source.format == "csv":
        layout = find_layout(source, delimiter, skip_rows)
        texts, missing = read_csv(source, layout, keep=keep)
        table = cleaned(texts, name)
        if table.num_rows < FEW_ROWS:  # chunked columns are slower
            table = table.combine_chunks()
        read_as, notes = describe_csv(source, layout), (*source.text.notes, *layout.notes, *missing)
    else:
        table = cleaned(with_columns(read_arrow(source), name), name)
        read_as, notes = describe(source), source.text.notes
    if not table.num_rows:
        raise TableError(Message("{name!r} has a header but no rows.", name=name))
    return TableFile(table, read_as, notes)


def read_batches(
    name: str,
    encoding: str | None = None,
    columns: Collection[str] | None = None,
    keep: Keep | None = None,
    *,
    delimiter: str | None = None,
    skip_rows: int | None = None,
) -> TableBatches:
    """Read a file in pieces, so that it need not fit into memory.

    Parameters
    ----------
    name : str
        As in `read_table`.
    encoding : str, optional
    columns : collection of str, optional
        The columns to read; all by default, or if one does not exist.
    keep : mapping of str to collections of str, optional
    delimiter : str, optional
    skip_rows : int, optional

    Returns
    -------
    TableBatches

    Raises
    ------
    TableError
        If there is no such file, or it is not a table.
    """
    if name in BUILT_IN:
        return TableBatches(iter([built_in(name)]), Message("built-in table"))
    if is_several(name):
        files = find_files(name)
        read = partial(
            read_batches,
            encoding=encoding,
            columns=columns,
            keep=keep,
            delimiter=delimiter,
            skip_rows=skip_rows,
        )
        first = read(files[0])
        return TableBatches(one_after_another(files, read), of_files(files, first.read_as))
    return batches_of(named_source(name, encoding), columns, keep, delimiter, skip_rows)


def batches_of(
    source: Source,
    columns: Collection[str] | None = None,
    keep: Keep | None = None,
    delimiter: str | None = None,
    skip_rows: int | None = None,
) -> TableBatches:
    """Read a file in pieces; see `read_batches`.

    Parameters
    ----------
    source : Source
    columns : collection of str, optional
    keep : mapping of str to collections of str, optional
    delimiter : str, optional
    skip_rows : int, optional

    Returns
    -------
    TableBatches
    """
    if source.format == "csv":
        layout = find_layout(source, delimiter, skip_rows)
        tables = read_csv_batches(source, layout, columns, keep)
        read_as, notes = describe_csv(source, layout), (*source.text.notes, *layout.notes)
    else:
        tables = read_arrow_batches(source, columns)
        read_as, notes = describe(source), source.text.notes
    return TableBatches(with_rows(tables, source.name), read_as, notes)


def together(files: list[tuple[str, TableFile]]) -> TableFile:
    """Concatenate the tables of several files.

    Parameters
    ----------
    files : list of (str, TableFile)
        Names and tables with the same columns.

    Returns
    -------
    TableFile

    Raises
    ------
    TableError
        If a file has other columns than the first.
    """
    first_file, first = files[0]
    for file, read in files:
        check_same_columns(read.table.schema, first.table.schema, file, first_file)
    notes = (
        Message("{file}: {note}", file=file, note=note)
        for file, read in files
        for note in read.notes
    )
    table = concatenated([read.table for _, read in files])
    return TableFile(table, of_files([file for file, _ in files], first.read_as), tuple(notes))


def one_after_another(files: list[str], read: Callable[[str], TableBatches]) -> Iterator[pa.Table]:
    """Read files with the same columns one after the other, in pieces.

    Parameters
    ----------
    files : list of str
    read : callable
        From a file to its `TableBatches`.

    Yields
    ------
    pyarrow.Table

    Raises
    ------
    TableError
        If a file has other columns than the first.
    """
    first: Any = None
    for file in files:
        for table in read(file):
            first = first or table.schema
            check_same_columns(table.schema, first, file, files[0])
            yield table.select(first.names)


def of_files(files: list[str], read_as: str) -> Message:
    """Return how several files are read, in a few words."""
    return Message("{n} files: {read_as}", n=len(files), read_as=read_as)


def with_rows(tables: Iterator[pa.Table], name: str) -> Iterator[pa.Table]:
    """Clean tables, and refuse a file without rows.

    Parameters
    ----------
    tables : iterator of pyarrow.Table
    name : str
        Name of the file, for messages.

    Yields
    ------
    pyarrow.Table

    Raises
    ------
    TableError
        If there are no rows or no columns.
    """
    n_rows = 0
    for table in tables:
        n_rows += table.num_rows
        if table.num_rows:
            yield cleaned(with_columns(table, name), name)
    if not n_rows:
        raise TableError(Message("{name!r} has a header but no rows.", name=name))


def with_columns(table: pa.Table, name: str) -> pa.Table:
    """Return the table; refuse one without columns, which may have rows nevertheless.

    Parameters
    ----------
    table : pyarrow.Table
    name : str
        Name of the file, for messages.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If there are no columns.
    """
    if not table.num_columns:
        raise TableError(Message("{name!r} has no columns.", name=name))
    return table


def named_source(name: str, encoding: str | None) -> Source:
    """Find a file; if there is none, suggest a built-in table with a similar name.

    Parameters
    ----------
    name : str
    encoding : str or None

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If there is no such file, it is empty, or it is not a table.
    """
    try:
        return find_source(name, encoding)
    except TableError as error:
        near = nearest(name, BUILT_IN)
        if near and "no file" in str(error):
            hint = Message("did you mean {near!r}?", near=near)
            raise TableError(
                Message("There is no file {name!r}: {hint}", name=name, hint=hint)
            ) from error
        raise


def describe(source: Source) -> str:
    """Return the format of a file, as shown to the user."""
    return {"json": "JSON lines", "parquet": "Parquet"}.get(source.format, "Arrow")


def describe_csv(source: Source, layout: Layout) -> str:
    """Return the format and the encoding of a CSV file, as shown to the user.

    Parameters
    ----------
    source : Source
    layout : Layout

    Returns
    -------
    str
    """
    mark, encoding = layout.delimiter, source.encoding.upper()
    if mark in ",\t":
        return f"{'CSV' if mark == ',' else 'TSV'}, {encoding}"
    return Message("CSV with {mark!r}, {encoding}", mark=mark, encoding=encoding)
