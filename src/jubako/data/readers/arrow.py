"""Parquet, Arrow and JSON files, validated so that damaged ones do not crash the process."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

import numpy as np
import pyarrow as pa
from pyarrow import types

from jubako.data.casting.values import is_text
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .detect import Source

DEEPEST = 50  # levels of lists and objects within each other; pyarrow crashes at some thousands
BLOCKS = 1 << 20, 32 << 20, 1 << 30  # bytes of JSON parsed at a time: a row must fit into one
STRING = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"')
DEPTHS = np.zeros(256, np.int8)
DEPTHS[list(b"[{")], DEPTHS[list(b"]}")] = 1, -1


def read_arrow(source: Source) -> pa.Table:
    """Read a whole Parquet, Arrow or JSON file.

    Parameters
    ----------
    source : Source

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If it is damaged, nested too deeply, or holds text that is not UTF-8.
    """
    if source.format == "json":
        return read_json(source)
    with damage_refused(source), source.open() as file:
        if source.format == "parquet":
            from pyarrow import parquet

            table = parquet.ParquetFile(file).read()
        elif source.format == "arrow":
            table = pa.ipc.open_file(file).read_all()
        else:
            table = pa.ipc.open_stream(file).read_all()
        check_values(source, table, 0)
    return table


def read_arrow_batches(source: Source, columns: Collection[str] | None) -> Iterator[pa.Table]:
    """Read a Parquet, Arrow or JSON file in pieces; see `read_arrow`.

    Parameters
    ----------
    source : Source
    columns : collection of str, or None
        The columns to read and check; all if None, or if one does not exist.

    Yields
    ------
    pyarrow.Table
    """
    if source.format == "json":  # types are inferred from the whole file
        yield read_json(source)
        return
    n_rows = 0
    with damage_refused(source), source.open() as file:
        for batch in arrow_batches(source, file, columns):
            table = pa.Table.from_batches([batch])
            counts = Counter(table.column_names)
            if columns is not None and all(counts[name] == 1 for name in columns):
                table = table.select(list(columns))
            check_values(source, table, n_rows)
            n_rows += table.num_rows
            yield table


@contextmanager
def damage_refused(source: Source) -> Iterator[None]:
    """Raise a `TableError` for a file that can't be read."""
    try:
        yield
    except TableError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # also for invalid names
        raise damaged(source) from error


def arrow_batches(
    source: Source, file: object, columns: Collection[str] | None
) -> Iterator[object]:
    """Read record batches."""
    if source.format == "parquet":
        from pyarrow.parquet import ParquetFile

        parquet = ParquetFile(file)
        names = parquet.schema_arrow.names
        wanted = columns is not None and set(columns) <= set(names)
        yield from parquet.iter_batches(columns=list(columns or ()) if wanted else None)
    elif source.format == "arrow":
        reader = pa.ipc.open_file(file)
        yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
    else:
        yield from pa.ipc.open_stream(file)


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


def read_json(source: Source) -> pa.Table:
    """Read JSON Lines: one object per line is a row.

    Parameters
    ----------
    source : Source

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If a line is not an object, or a value is of another type than before; with the line.
    """
    from pyarrow import json

    check_depth(source)
    for block in BLOCKS:
        options = json.ReadOptions(block_size=block)
        try:
            with source.open_text() as file:
                table = json.read_json(file, read_options=options)
            break
        except (pa.ArrowException, OSError):  # a row is longer than the block, or invalid
            continue
    else:
        raise explained_json(source)
    check_values(source, table, 0)
    return table


def check_depth(source: Source) -> None:
    """Check that lists and objects are not nested too deeply.

    Parameters
    ----------
    source : Source

    Raises
    ------
    TableError
        If they are, or if a text has no closing quote; with the line.
    """
    depth = n_lines = 0
    for lines in whole_lines(source):
        bare = STRING.sub(b"", lines)
        if b'"' in bare:
            line = n_lines + 1 + bare[: bare.index(b'"')].count(b"\n")
            raise TableError(
                Message(
                    "{name!r}, line {line}: a text is never closed with a quote.",
                    name=source.name,
                    line=line,
                )
            )
        depths = depth + np.cumsum(DEPTHS[np.frombuffer(bare, np.uint8)], dtype=np.int64)
        if len(depths) and depths.max() > DEEPEST:
            line = n_lines + 1 + bare[: int((depths > DEEPEST).argmax())].count(b"\n")
            raise TableError(
                Message(
                    "{name!r}, line {line}: lists or objects lie more than {n} deep within each "
                    "other. A table has one value in each field.",
                    name=source.name,
                    line=line,
                    n=DEEPEST,
                )
            )
        n_lines += bare.count(b"\n")
        depth = max(int(depths[-1]), 0) if len(depths) else depth


def whole_lines(source: Source) -> Iterator[bytes]:
    """Read a text in pieces that end with a line.

    Parameters
    ----------
    source : Source

    Yields
    ------
    bytes
    """
    parts = list[bytes]()
    for piece in source.chunks():
        lines, newline, rest = piece.rpartition(b"\n")
        if newline:
            yield b"".join([*parts, lines, newline])
            parts = []
        parts.append(rest)
    yield b"".join(parts)


def explained_json(source: Source) -> TableError:
    """Return the error for the first invalid line.

    Parameters
    ----------
    source : Source

    Returns
    -------
    TableError
    """
    kinds = dict[str, str]()
    with source.open_text() as file:
        lines = file.read().decode("utf-8", "replace").split("\n")
    for n, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            return TableError(
                Message(
                    "{name!r}, line {line}: {text!r} is not a JSON object. Write one object on "
                    "each line, as in {example}.",
                    name=source.name,
                    line=n,
                    text=line,
                    example='{"size": 1}',
                )
            )
        for column, value in row.items():
            kind = json_kind(value)
            if kind and kinds.setdefault(column, kind) != kind:
                return TableError(
                    Message(
                        "{name!r}, line {line}, column {column!r}: {value!r} is not of the kind of "
                        "the values before it. Make all values of a column of one kind.",
                        name=source.name,
                        line=n,
                        column=column,
                        value=str(value),
                    )
                )
    return TableError(
        Message(
            "{name!r} can't be read as JSON lines. Write one object on each line, each name once, "
            "as in {example}.",
            name=source.name,
            example='{"size": 1}',
        )
    )


def json_kind(value: object) -> str:
    """Return the type of a value in JSON.

    Parameters
    ----------
    value : any JSON value

    Returns
    -------
    str
        Empty for null.
    """
    if value is None:
        return ""
    return "number" if type(value) in (int, float) else type(value).__name__
