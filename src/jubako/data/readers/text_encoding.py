"""Encodings: in which one a text is, found out from its bytes, or checked."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .characters import (
    CHINESE,
    CYRILLIC,
    GREEK,
    HEBREW,
    KOREAN,
    TAIWANESE,
    alphabetic,
    beyond_ascii,
    ideographic,
    japanese,
    latin,
)

CHUNK = 1 << 20  # bytes read at a time
SAMPLE = 20_000  # bytes of lines beyond ASCII by which an encoding is judged
CREDIBLE = 0.55  # what the score of an encoding must be
SURE = 0.65  # below it, charset-normalizer is trusted where it names an encoding not in LEGACY
CLOSE = 0.1  # the difference of two scores that leaves a doubt
MOSTLY, SOME = 0.6, 0.15  # shares of the bytes beyond ASCII that are UTF-8

Open = Callable[[], pa.NativeFile]
LEGACY: dict[str, Callable[[str], float]] = {  # what a text may be in, and how usual it then is
    "cp1252": lambda text: latin(text, "western"),
    "iso8859-15": lambda text: latin(text, "western"),
    "cp932": japanese,
    "euc_jp": japanese,
    "cp949": lambda text: ideographic(text, KOREAN),
    "gb18030": lambda text: ideographic(text, CHINESE),
    "big5": lambda text: ideographic(text, TAIWANESE),
    "cp1251": lambda text: alphabetic(text, CYRILLIC),
    "koi8-r": lambda text: alphabetic(text, CYRILLIC),
    "cp866": lambda text: alphabetic(text, CYRILLIC),
    "mac-cyrillic": lambda text: alphabetic(text, CYRILLIC),
    "iso8859-5": lambda text: alphabetic(text, CYRILLIC),
    "iso8859-7": lambda text: alphabetic(text, GREEK),
    "cp1253": lambda text: alphabetic(text, GREEK),
    "mac-roman": lambda text: latin(text, "western"),
    "cp850": lambda text: latin(text, "western"),
    "cp1250": lambda text: latin(text, "central"),
    "iso8859-2": lambda text: latin(text, "central"),
    "cp852": lambda text: latin(text, "central"),
    "cp1257": lambda text: latin(text, "baltic"),
    "cp1255": lambda text: alphabetic(text, HEBREW),
    "cp1254": lambda text: latin(text, "turkish"),
}
LATIN = (
    "cp1252",
    "iso8859-15",
    "mac-roman",
    "cp850",
    "cp1250",
    "iso8859-2",
    "cp852",
    "cp1254",
    "cp1257",
)  # a byte a letter
CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1a\x1b"})  # what no text holds
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a text is in.

    Parameters
    ----------
    name : str
        As Python calls it.
    errors : {"strict", "replace"}
        Whether wrong bytes are refused, or become U+FFFD.
    notes : tuple of str
        What was decided between several readings.
    """

    name: str
    errors: str = "strict"
    notes: tuple[str, ...] = ()


def chunks(open_file: Open) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with open_file() as file:
        while piece := file.read(CHUNK):
            yield piece


def find_encoding(name: str, open_file: Open, given: str | None) -> Encoding:
    """Find the encoding of a text: the one that is given, else one in which it is usual text.

    Raises
    ------
    TableError
        If the text is not in that encoding, or in none.
    """
    return check_encoding(name, open_file, given) if given else guess(name, open_file)


def check_encoding(name: str, open_file: Open, given: str) -> Encoding:
    """Return the encoding that the user named, if the whole file is in it."""
    try:
        "".encode(given)  # some codecs are not for text
        found = codecs.lookup(given).name
    except (LookupError, UnicodeError, ValueError):
        raise TableError(
            Message(
                "{encoding!r} is no encoding: try utf-8, utf-16, cp932 or cp1252.", encoding=given
            )
        ) from None
    found = "cp932" if found == "shift_jis" else found  # as Windows writes it
    found = "utf-8" if found == "utf-8-sig" else found
    try:
        check_text(name, open_file, found)
    except UnicodeDecodeError as error:
        raise TableError(
            Message(
                "{name!r} is not {encoding}: line {line} holds the byte {byte}. Leave out "
                "--encoding to have it found.",
                name=name,
                encoding=found.upper(),
                line=1 + error.start,
                byte=first_byte(error),
            )
        ) from None
    return Encoding(found)


def check_text(name: str, open_file: Open, encoding: str) -> None:
    """Decode a file strictly, and refuse what no text holds.

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
    """Say that a file is no text in any encoding."""
    return TableError(Message("{name!r} is no text: save the table as CSV first.", name=name))


def decode(open_file: Open, encoding: str) -> Iterator[str]:
    """Decode a file strictly, piece by piece.

    Raises
    ------
    UnicodeDecodeError
        With the first wrong byte as its object, and as its start the number of lines before it.
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


def first_byte(error: UnicodeDecodeError) -> str:
    """Return the byte that is wrong, in hexadecimal."""
    return f"{error.object[0]:#04x}" if error.object else "?"


def guess(name: str, open_file: Open) -> Encoding:
    """Find the encoding in which a file is valid text, and usual text: Unicode is tried first."""
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
                "{name!r} is not {encoding}: line {line} holds the byte {byte}. Save it anew as "
                "UTF-8.",
                name=name,
                encoding=unicode.upper(),
                line=line,
                byte=byte,
            )
        )
    if len(start) - len(start.translate(None, CONTROLS)) > 0.01 * len(start):
        raise no_text(name)
    sample = beyond(open_file)
    share = sum(map(len, UTF8.findall(sample))) / len(sample.translate(None, bytes(range(128))))
    if share >= MOSTLY:
        return replaced(name, open_file, line, byte)
    found = legacy(name, open_file, sample)
    if found is None:
        raise TableError(
            Message(
                "{name!r} is not UTF-8 (line {line} holds the byte {byte}), and what else it "
                "is can't be told: name it with --encoding.",
                name=name,
                line=line,
                byte=byte,
            )
        )
    if share >= SOME and found.name in LATIN:
        raise TableError(
            Message(
                "{name!r} is a mixture: line {line} holds the byte {byte}, which is not UTF-8, but "
                "other lines are. Save it anew as UTF-8.",
                name=name,
                line=line,
                byte=byte,
            )
        )
    return found


def unicode_of(start: bytes) -> str:
    """Return which kind of Unicode a file begins as.

    Without a mark, UTF-16 is told by the zeros in every other byte, or beside its line ends.
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


def beyond(open_file: Open) -> bytes:
    """Return the first lines that hold bytes beyond ASCII; the last one may be cut."""
    lines, size, rest = list[bytes](), 0, b""
    for piece in chunks(open_file):
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > CHUNK:
            whole, rest = [*whole, rest], b""  # if it is ASCII, no character is cut
        for line in whole:
            if not line.isascii():
                lines.append(tail(line))
                size += len(lines[-1])
                if size > SAMPLE:
                    return b"\n".join(lines)
    return b"\n".join(lines if rest.isascii() else [*lines, tail(rest)])


def tail(line: bytes) -> bytes:
    """Return a line, from its first byte beyond ASCII on if it is long."""
    if len(line) <= SAMPLE:
        return line
    first = len(line) - len(line.lstrip(bytes(range(128))))
    return line[first : first + SAMPLE]


def replaced(name: str, open_file: Open, line: int, byte: str) -> Encoding:
    """Read a text as UTF-8 though it holds a few bytes that are not."""
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


def legacy(name: str, open_file: Open, sample: bytes) -> Encoding | None:
    """Find an encoding that is not Unicode, in which the text is usual text.

    charset-normalizer knows more encodings and languages: it decides where none here is credible,
    and where it disagrees with a narrow decision, that is said.
    """
    texts = {encoding: text for encoding in LEGACY if (text := decoded(sample, encoding))}
    scores = {encoding: LEGACY[encoding](text) for encoding, text in texts.items()}
    ranked = sorted(texts, key=lambda encoding: -scores[encoding])
    ranked = [encoding for encoding in ranked if scores[encoding] >= CREDIBLE]
    ranked = [encoding for encoding in ranked if is_valid(open_file, encoding)]
    second = second_opinion(sample)
    unsure = not ranked or (scores[ranked[0]] < SURE and second not in LEGACY)
    if unsure and second and is_valid(open_file, second):
        return Encoding(second, notes=(read_as(name, second, decoded(sample, second)),))
    if not ranked:
        return None
    best = ranked[0]
    others = [other for other in ranked if scores[other] > scores[best] - CLOSE]
    if second and scores.get(second, CREDIBLE) > scores[best] - 2 * CLOSE:
        others.append(second)
    for other in others:
        text = decoded(sample, other)
        if text and examples(text) != examples(texts[best]):
            return Encoding(
                best,
                notes=(
                    Message(
                        "{name!r} is not UTF-8: it is read as {encoding}, with words such as {text!r}. It "
                        "may also be {other}, with {other_text!r}: name the encoding with --encoding if "
                        "that is right.",
                        name=name,
                        encoding=best.upper(),
                        text=examples(texts[best]),
                        other=other.upper(),
                        other_text=examples(text),
                    ),
                ),
            )
    return Encoding(best, notes=(read_as(name, best, texts[best]),))


def read_as(name: str, encoding: str, text: str) -> Message:
    """Say what a text is read as."""
    return Message(
        "{name!r} is not UTF-8: it is read as {encoding}, with words such as {text!r}. Name the "
        "encoding with --encoding if that is wrong.",
        name=name,
        encoding=encoding.upper(),
        text=examples(text),
    )


def examples(text: str) -> str:
    """Return the first words of a text that hold characters beyond ASCII."""
    return ", ".join(islice(dict.fromkeys(beyond_ascii(text)), 3))[:60]


def decoded(sample: bytes, encoding: str) -> str:
    """Return a sample as text, empty if it is not in this encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)  # its end may be cut
    except (UnicodeError, LookupError):
        return ""


def is_valid(open_file: Open, encoding: str) -> bool:
    """Tell whether a whole file is in an encoding."""
    try:
        return all("\0" not in text for text in decode(open_file, encoding))
    except UnicodeDecodeError:
        return False


def second_opinion(sample: bytes) -> str | None:
    """Return the encoding that charset-normalizer takes a text for, if it is not Unicode."""
    from charset_normalizer import from_bytes

    found = from_bytes(sample[:SAMPLE]).best()
    if found is None or found.encoding == "ascii" or found.encoding.startswith("utf"):
        return None
    return codecs.lookup(found.encoding).name
