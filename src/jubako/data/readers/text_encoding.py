"""The encoding of a text: detected, or checked."""

import codecs
import re

from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .decoding import CHUNK, Encoding, Open, chunks, decode
from .legacy_encoding import LATIN, guess_legacy, lines_beyond_ascii

MOSTLY, SOME = 0.6, 0.15  # fractions of the bytes beyond ASCII that are UTF-8
CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1a\x1b"})  # not in any text
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
NOTATIONS = "utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode"
"""Codecs of Python that write text in other text; some can write half of a character."""


def find_encoding(name: str, open_file: Open, given: str | None) -> Encoding:
    """Return the encoding given by the user, or the detected one.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    open_file : callable
        Opens the file anew.
    given : str or None

    Returns
    -------
    Encoding

    Raises
    ------
    TableError
        If the text is not in that encoding, or in none.
    """
    return check_encoding(name, open_file, given) if given else guess_encoding(name, open_file)


def check_encoding(name: str, open_file: Open, given: str) -> Encoding:
    """Return the encoding given by the user, after checking the whole file.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    open_file : callable
        Opens the file anew.
    given : str

    Returns
    -------
    Encoding

    Raises
    ------
    TableError
        If there is no such encoding, or the file is not in it.
    """
    try:
        "".encode(given)  # some codecs are not for text
        found = codecs.lookup(given).name
        if found in NOTATIONS:
            raise LookupError(given)
    except (LookupError, UnicodeError, ValueError):
        raise TableError(
            Message(
                "{encoding!r} is not a known encoding: try utf-8, utf-16, cp932 or cp1252.",
                encoding=given,
            )
        ) from None
    found = "cp932" if found == "shift_jis" else found  # the variant of Windows
    found = "utf-8" if found == "utf-8-sig" else found
    try:
        check_text(name, open_file, found)
    except UnicodeDecodeError as error:
        raise TableError(
            Message(
                "{name!r} is not {encoding}: line {line} holds the byte {byte}. Name another "
                "encoding, or none to have it found.",
                name=name,
                encoding=found.upper(),
                line=1 + error.start,
                byte=first_byte(error),
            )
        ) from None
    return Encoding(found)


def check_text(name: str, open_file: Open, encoding: str) -> None:
    """Decode a file strictly, and check that it is text.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    open_file : callable
        Opens the file anew.
    encoding : str

    Raises
    ------
    TableError
        If it holds a NUL character.
    UnicodeDecodeError
        See `decode`.
    """
    n_lines = n_nul = n = first = 0
    for text in decode(open_file, encoding):
        if "\0" in text:
            first = first or n_lines + 1 + text[: text.index("\0")].count("\n")
            n_nul += text.count("\0")
        n_lines += text.count("\n")
        n += len(text)
    if n_nul > 0.01 * n:
        raise no_text(name)
    if n_nul:
        raise TableError(
            Message(
                "{name!r}, line {line}: there is a NUL byte, which no text holds. Remove it: the "
                "file has {n}.",
                name=name,
                line=first,
                n=n_nul,
            )
        )


def no_text(name: str) -> TableError:
    """Return the error that a file is not text in any encoding."""
    return TableError(Message("{name!r} is not text: save the table as CSV first.", name=name))


def first_byte(error: UnicodeDecodeError) -> str:
    """Return the byte that is wrong, in hexadecimal."""
    return f"{error.object[0]:#04x}" if error.object else "?"


def guess_encoding(name: str, open_file: Open) -> Encoding:
    """Detect the encoding of a text; Unicode is tried first.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    open_file : callable
        Opens the file anew.

    Returns
    -------
    Encoding

    Raises
    ------
    TableError
        If the text is in no encoding, or in a mixture.
    """
    with open_file() as file:
        start = file.read(CHUNK)
    unicode = unicode_of(start)
    try:
        check_text(name, open_file, unicode)
        return Encoding(unicode)
    except UnicodeDecodeError as error:
        line, byte = 1 + error.start, first_byte(error)
    if unicode != "utf-8":
        raise TableError(
            Message(
                "{name!r} is not {encoding}: line {line} holds the byte {byte}. Save it again as "
                "UTF-8.",
                name=name,
                encoding=unicode.upper(),
                line=line,
                byte=byte,
            )
        )
    if len(start) - len(start.translate(None, CONTROLS)) > 0.01 * len(start):
        raise no_text(name)
    sample = lines_beyond_ascii(open_file)
    share = sum(map(len, UTF8.findall(sample))) / len(sample.translate(None, bytes(range(128))))
    if share >= MOSTLY:
        return utf8_with_replacements(name, open_file, line, byte)
    found = guess_legacy(name, open_file, sample)
    if found is None:
        raise TableError(
            Message(
                "{name!r} is not UTF-8 (line {line} holds the byte {byte}), and its encoding was "
                "not recognized: name the encoding, or save the text as UTF-8.",
                name=name,
                line=line,
                byte=byte,
            )
        )
    if share >= SOME and found.name in LATIN:
        raise TableError(
            Message(
                "{name!r} is a mixture: line {line} holds the byte {byte}, which is not UTF-8, but "
                "other lines are. Save it again as UTF-8.",
                name=name,
                line=line,
                byte=byte,
            )
        )
    return found


def unicode_of(start: bytes) -> str:
    """Return the Unicode encoding that the start of a file suggests.

    Without a byte order mark, UTF-16 has zeros in every other byte, or beside its line ends.

    Parameters
    ----------
    start : bytes

    Returns
    -------
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"}
    """
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            return encoding
    if 0 not in start:
        return "utf-8"
    even, odd = start[::2], start[1::2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        ends = [high[i] == 0 for i, byte in enumerate(low[: len(high)]) if byte == 10]
        mostly = high.count(0) > 0.25 * len(high) > 2 * low.count(0)
        if mostly or (ends and sum(ends) > 0.5 * len(ends) and low.count(0) < high.count(0)):
            return encoding
    return "utf-8"


def utf8_with_replacements(name: str, open_file: Open, line: int, byte: str) -> Encoding:
    """Read a text as UTF-8 though it holds a few invalid bytes.

    Parameters
    ----------
    name : str
        Name of the file, for notes.
    open_file : callable
        Opens the file anew.
    line : int
        The first line with an invalid byte.
    byte : str
        That byte, in hexadecimal.

    Returns
    -------
    Encoding
    """
    decoder, n, before = codecs.getincrementaldecoder("utf-8")("replace"), 0, 0
    for piece in chunks(open_file):
        n += decoder.decode(piece).count("\ufffd")
        before += piece.count("\ufffd".encode())
    n += decoder.decode(b"", True).count("\ufffd")
    note = Message(
        "{name!r} is UTF-8, but holds bytes that are not ({n} in all, the first in line {line}: "
        "{byte}). They are read as {sign}.",
        name=name,
        n=max(n - before, 1),
        line=line,
        byte=byte,
        sign="\ufffd",
    )
    return Encoding("utf-8", "replace", (note,))
