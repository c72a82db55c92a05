"""Detection of the legacy encoding of a text, by the frequencies of its characters."""

import codecs
from collections.abc import Callable
from itertools import islice

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
from .decoding import CHUNK, Encoding, Open, chunks, decode

SAMPLE = 20_000  # bytes of lines beyond ASCII for detecting an encoding
CREDIBLE = 0.55  # minimum score of an encoding
SURE = 0.65  # below it, charset-normalizer decides if its encoding is not in LEGACY
CLOSE = 0.1  # difference of scores below which a note is given
LEGACY: dict[str, Callable[[str], float]] = {  # encodings, and the score of a decoded text
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
)  # one byte per letter


def guess_legacy(name: str, open_file: Open, sample: bytes) -> Encoding | None:
    """Detect a legacy encoding in which the text has usual characters.

    charset-normalizer knows more encodings and languages: it decides if no encoding here is
    plausible, and if it disagrees with a narrow decision, a note names both.

    Parameters
    ----------
    name : str
        Name of the file, for notes.
    open_file : callable
        Opens the file anew.
    sample : bytes
        Lines beyond ASCII.

    Returns
    -------
    Encoding or None
        None if none is plausible.
    """
    texts = {encoding: text for encoding in LEGACY if (text := decoded(sample, encoding))}
    scores = {encoding: LEGACY[encoding](text) for encoding, text in texts.items()}
    ranked = sorted(texts, key=lambda encoding: -scores[encoding])
    ranked = [encoding for encoding in ranked if scores[encoding] >= CREDIBLE]
    ranked = [encoding for encoding in ranked if is_valid(open_file, encoding)]
    second = second_opinion(sample)
    unsure = not ranked or (scores[ranked[0]] < SURE and second not in LEGACY)
    if unsure and second and is_valid(open_file, second):
        return Encoding(second, notes=(guess_note(name, second, decoded(sample, second)),))
    if not ranked:
        return None
    best = ranked[0]
    others = [other for other in ranked if scores[other] > scores[best] - CLOSE]
    if second and scores.get(second, CREDIBLE) > scores[best] - 2 * CLOSE:
        others.append(second)
    for other in others:
        text = decoded(sample, other)
        if text and examples(text) != examples(texts[best]):
            note = Message(
                "{name!r} is not UTF-8: it is read as {encoding}, with words such as {text!r}. It "
                "may also be {other}, with {other_text!r}: name the encoding with --encoding if "
                "that is right.",
                name=name,
                encoding=best.upper(),
                text=examples(texts[best]),
                other=other.upper(),
                other_text=examples(text),
            )
            return Encoding(best, notes=(note,))
    return Encoding(best, notes=(guess_note(name, best, texts[best]),))


def guess_note(name: str, encoding: str, text: str) -> Message:
    """Return a note on the encoding that was chosen."""
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


def lines_beyond_ascii(open_file: Open) -> bytes:
    """Return the first lines with bytes beyond ASCII; the last one may be cut.

    Parameters
    ----------
    open_file : callable
        Opens the file anew.

    Returns
    -------
    bytes
    """
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
    """Return a line; a long one from its first byte beyond ASCII on.

    Parameters
    ----------
    line : bytes

    Returns
    -------
    bytes
    """
    if len(line) <= SAMPLE:
        return line
    first = len(line) - len(line.lstrip(bytes(range(128))))
    return line[first : first + SAMPLE]


def decoded(sample: bytes, encoding: str) -> str:
    """Return a sample as text, empty if it is not in this encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)  # its end may be cut
    except (UnicodeError, LookupError):
        return ""


def is_valid(open_file: Open, encoding: str) -> bool:
    """Return whether a whole file is in an encoding."""
    try:
        return all("\0" not in text for text in decode(open_file, encoding))
    except UnicodeDecodeError:
        return False


def second_opinion(sample: bytes) -> str | None:
    """Return the encoding that charset-normalizer detects, if it is not Unicode.

    Parameters
    ----------
    sample : bytes

    Returns
    -------
    str or None
    """
    from charset_normalizer import from_bytes

    found = from_bytes(sample[:SAMPLE]).best()
    if found is None or found.encoding == "ascii" or found.encoding.startswith("utf"):
        return None
    return codecs.lookup(found.encoding).name
