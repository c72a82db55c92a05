"""Check values that were read from a file: damaged ones would crash the process."""

from contextlib import suppress

import pyarrow as pa
from pyarrow import types

from jubako.data.casting.values import is_text
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .detect import Source


def check_values(source: Source, table: pa.Table, n_before: int) -> None:
    """Check values whose offsets may lie outside of their buffers: using them ends the process.

    Parameters
    ----------
    source : Source
    table : pyarrow.Table
    n_before : int
        Number of rows of the file before this table.

    Raises
    ------
    TableError
        If they do, with the column; for text that is not UTF-8 also with the row.
    """
    try:
        table.validate(full=True)
    except pa.ArrowException:
        for name, values in zip(table.column_names, table.columns, strict=True):
            check_column(source, name, values, n_before)
        raise damaged(source) from None


def check_column(source: Source, name: str, values: pa.ChunkedArray, n_before: int) -> None:
    """Check the values of one column; see `check_values`.

    Parameters
    ----------
    source : Source
    name : str
    values : pyarrow.ChunkedArray
    n_before : int
        Number of rows of the file before these.

    Raises
    ------
    TableError
        If the column is damaged.
    """
    try:
        values.validate(full=True)
        return
    except pa.ArrowException:
        pass
    found = wrong_text(values)
    if found is None:
        raise damaged_column(source, name)
    row, text = found
    raise TableError(
        Message(
            "{name!r}, column {column!r}, row {row}: the text {text} is not UTF-8. Write the file "
            "again from text that was decoded right.",
            name=source.name,
            column=name,
            row=n_before + row,
            text=repr(text[:40])[1:],
        )
    )


def wrong_text(values: pa.ChunkedArray) -> tuple[int, bytes] | None:
    """Return the first text that is not UTF-8.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    row : int
        From 1.
    text : bytes
        None instead of the pair, if there is no such text.
    """
    n_before = 0
    for chunk in values.chunks:
        codes = chunk.indices if isinstance(chunk, pa.DictionaryArray) else None
        texts = chunk if codes is None else chunk.dictionary
        if not is_text(texts.type):
            return None
        as_bytes = pa.large_binary() if types.is_large_string(texts.type) else pa.binary()
        try:
            raw = texts.view(as_bytes)
            raw.validate(full=True)
        except pa.ArrowException:
            return None
        for row, text in enumerate(raw.to_pylist()):
            try:
                (text or b"").decode()
            except UnicodeDecodeError:
                if codes is not None:
                    row = codes.to_pylist().index(row) if row in codes.to_pylist() else 0
                return n_before + row + 1, text
        n_before += len(chunk)
    return None


def damaged(source: Source) -> TableError:
    """Return the error that a file can't be read; of Parquet, with the damaged column.

    Parameters
    ----------
    source : Source

    Returns
    -------
    TableError
    """
    if source.format == "parquet":
        from pyarrow import parquet

        with suppress(pa.ArrowException, OSError, ValueError):
            for name in parquet.read_schema(source.open()).names:
                try:
                    parquet.read_table(source.open(), columns=[name])
                except (pa.ArrowException, OSError, ValueError):
                    return damaged_column(source, name)
    return TableError(
        Message(
            "{name!r} is damaged: it begins as {kind}, but can't be read on. Write it again.",
            name=source.name,
            kind="Parquet" if source.format == "parquet" else "Arrow",
        )
    )


def damaged_column(source: Source, column: str) -> TableError:
    """Return the error that a column can't be read."""
    return TableError(
        Message(
            "{name!r} is damaged in the column {column!r}: its data are cut off or wrong, or it "
            "holds text that is not UTF-8. Write the file again.",
            name=source.name,
            column=column,
        )
    )
