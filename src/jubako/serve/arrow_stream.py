"""Rows as an Arrow IPC stream or file, which must not expand when they are read."""

import struct
from collections.abc import Iterator

import pyarrow as pa

from jubako.data.errors import TableError
from jubako.data.readers.detect import Source, in_memory
from jubako.i18n.messages import Message

from .errors import SOURCE

FILE, STREAM = b"ARROW1\0\0", b"\xff\xff\xff\xff"
DICTIONARY_BATCH, RECORD_BATCH = 2, 3  # values of MessageHeader in Arrow's Message.fbs
HEADER_TYPE, HEADER, BATCH_OF_DICTIONARY, COMPRESSION = 1, 2, 1, 3  # fields of its tables


def arrow_source(body: bytes) -> Source:
    """Return the rows of an Arrow stream; a file is read as the stream in it.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If it is neither, is damaged, or has compressed buffers: a few bytes could become many.
    """
    stream = body[len(FILE) :] if body.startswith(FILE) else body
    if not stream.startswith(STREAM):
        raise TableError(
            Message("{name!r} was sent as an Arrow stream, but is not one.", name=SOURCE)
        )
    try:
        compressed = any(map(is_compressed, messages(stream)))
    except (pa.ArrowException, OSError, ValueError, struct.error) as error:
        raise TableError(
            Message("{name!r} is damaged: its Arrow stream can't be read.", name=SOURCE)
        ) from error
    if compressed:
        raise TableError(
            Message(
                "{name!r} has compressed buffers: write Arrow without compression.", name=SOURCE
            )
        )
    return Source(SOURCE, in_memory(stream), "stream")


def messages(stream: bytes) -> Iterator[bytes]:
    """Yield the metadata of each message of a stream."""
    for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(stream)):
        yield message.metadata.to_pybytes()


def is_compressed(metadata: bytes) -> bool:
    """Return whether the buffers of a message are compressed.

    Parameters
    ----------
    metadata : bytes
        A flatbuffer with the table Message.

    Returns
    -------
    bool
    """
    (message,) = struct.unpack_from("<I", metadata)
    place, table = field(metadata, message, HEADER_TYPE), follow(metadata, message, HEADER)
    kind = metadata[place] if place else 0
    if kind == DICTIONARY_BATCH and table:
        table = follow(metadata, table, BATCH_OF_DICTIONARY)
    elif kind != RECORD_BATCH:
        return False
    return bool(table and field(metadata, table, COMPRESSION))


def field(flatbuffer: bytes, table: int, number: int) -> int:
    """Return where a field of a table is; 0 if it is not there.

    Parameters
    ----------
    flatbuffer : bytes
    table : int
        Position of the table.
    number : int
        Number of the field, from 0.

    Returns
    -------
    int
    """
    vtable = table - struct.unpack_from("<i", flatbuffer, table)[0]
    size, entry = struct.unpack_from("<H", flatbuffer, vtable)[0], 4 + 2 * number
    if entry + 2 > size:
        return 0
    offset = struct.unpack_from("<H", flatbuffer, vtable + entry)[0]
    return table + offset if offset else 0


def follow(flatbuffer: bytes, table: int, number: int) -> int:
    """Return where the table is that a field of a table points to; 0 if there is none.

    Parameters
    ----------
    flatbuffer : bytes
    table : int
        Position of the table.
    number : int
        Number of the field, from 0.

    Returns
    -------
    int
    """
    place = field(flatbuffer, table, number)
    return place + struct.unpack_from("<I", flatbuffer, place)[0] if place else 0
