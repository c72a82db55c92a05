"""JSON Lines: one object per line is a row."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .arrow_values import check_values
from .detect import Source

DEEPEST = 50  # levels of lists and objects within each other; pyarrow crashes at some thousands
BLOCKS = 1 << 20, 32 << 20, 1 << 30  # bytes of JSON parsed at a time: a row must fit into one
STRING = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"')
DEPTHS = np.zeros(256, np.int8)
DEPTHS[list(b"[{")], DEPTHS[list(b"]}")] = 1, -1


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
