"""Decoding of a file in pieces."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

CHUNK = 1 << 20  # bytes read at a time
Open = Callable[[], pa.NativeFile]


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a text.

    Parameters
    ----------
    name : str
        Python's name.
    errors : {"strict", "replace"}
        Whether invalid bytes are refused, or become U+FFFD.
    notes : tuple of str
        One for each ambiguity.
    """

    name: str
    errors: str = "strict"
    notes: tuple[str, ...] = ()


def chunks(open_file: Open) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with open_file() as file:
        while piece := file.read(CHUNK):
            yield piece


def decode(open_file: Open, encoding: str) -> Iterator[str]:
    """Decode a file strictly, in pieces.

    Parameters
    ----------
    open_file : callable
        Opens the file anew.
    encoding : str

    Yields
    ------
    str

    Raises
    ------
    UnicodeDecodeError
        With the first invalid byte as its object, and the number of lines before it as its start.
    """
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 0
    pieces = chunks(open_file)
    while True:
        piece = next(pieces, b"")
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            lines += error.object[: error.start].decode(encoding, "ignore").count("\n")
            byte = error.object[error.start : error.start + 1]
            raise UnicodeDecodeError(encoding, byte, lines, lines + 1, error.reason) from None
        lines += text.count("\n")
        yield text
        if not piece:
            return
