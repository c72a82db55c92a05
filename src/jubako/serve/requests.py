"""The rows of a request, read as `jubako predict` reads a file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from jubako.data.errors import TableError
from jubako.data.readers.csv import Keep
from jubako.data.readers.detect import DAMAGE, detected, in_memory
from jubako.data.readers.read import batches_of
from jubako.i18n.messages import Message, Series

from .arrow_stream import arrow_source
from .errors import SOURCE, RequestError
from .json_rows import json_table

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
KINDS = {JSON: JSON, CSV: CSV, ARROW: ARROW, "application/vnd.apache.arrow.file": ARROW}
CHARSET = re.compile(r"""charset=["']?([^"';\s]+)""", re.IGNORECASE)


class Body(NamedTuple):
    """The body of a request.

    Parameters
    ----------
    content : bytes
    kind : {JSON, CSV, ARROW}
    charset : str or None
        Encoding of a text; detected if None.
    """

    content: bytes
    kind: str
    charset: str | None = None


def kind_of(headers: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the format of a body and its encoding.

    Parameters
    ----------
    headers : mapping of str to str

    Returns
    -------
    kind : {JSON, CSV, ARROW}
    charset : str or None

    Raises
    ------
    RequestError
        If the format is unknown, or the body is compressed.
    """
    given = headers.get("content-type", "")
    kind = KINDS.get(given.partition(";")[0].strip().lower())
    if kind is None:
        raise RequestError(
            415,
            Message(
                "Rows can't be read from the Content-Type {given!r}: send one of {kinds}.",
                given=given,
                kinds=Series((JSON, CSV, ARROW)),
            ),
        )
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, Message("The body is compressed: send it as it is."))
    charset = CHARSET.search(given)
    return kind, charset[1] if charset else None


def rows_of(body: Body, names: Sequence[str], keep: Keep, notes: list[str]) -> Iterator[pa.Table]:
    """Read the rows of a request.

    Parameters
    ----------
    body : Body
    names : sequence of str
        The columns to read.
    keep : mapping of str to collections of str
        Words for missing values that are text in these columns of CSV.
    notes : list of str
        Receives a note for each ambiguity.

    Yields
    ------
    pyarrow.Table

    Raises
    ------
    TableError
        If the body holds no rows.
    """
    if body.kind == JSON:
        yield json_table(body.content, names)
        return
    if body.kind == ARROW:
        source = arrow_source(body.content)
    else:
        try:
            source = detected(SOURCE, in_memory(body.content), body.charset)
        except DAMAGE as error:
            if isinstance(error, TableError):
                raise
            raise no_csv() from error
        if source.format != "csv":
            raise no_csv()
    pieces = batches_of(source, names, keep)
    notes += pieces.notes
    yield from pieces


def no_csv() -> TableError:
    """Return the error that a body is no CSV."""
    return TableError(Message("{name!r} was sent as CSV, but is not CSV.", name=SOURCE))
