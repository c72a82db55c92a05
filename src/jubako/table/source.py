"""Sources: what a file is, found out from its bytes: compression, format, encoding.

Names lie (a .csv may hold tabs, CP932 or Parquet), so only the bytes count.
"""

import codecs
import io
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pyarrow as pa

from .errors import TableError, nearest
from .sentence import Sentence

CHUNK = 1 << 20  # bytes read at a time
COMPRESSIONS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
}
FORMATS: dict[bytes, Literal["parquet", "arrow", "stream"]] = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "stream",
}
LEGACY = ("cp932", "euc_jp", "cp1252")  # what text may be that is not Unicode
FAMILIAR = 0.5  # share of usual characters that makes a legacy encoding credible
SAMPLE = 100_000  # characters outside ASCII by which that is judged


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and how it is to be read.

    Parameters
    ----------
    name : str
        As the user wrote it.
    open : callable
        Opens it anew, decompressed, at its first byte.
    format : {"csv", "json", "parquet", "arrow", "stream"}
        CSV with any delimiter, JSON lines, Parquet, an Arrow file, or an Arrow stream.
    encoding : str
        Of text.
    """

    name: str
    open: Callable[[], pa.NativeFile]
    format: Literal["csv", "json", "parquet", "arrow", "stream"]
    encoding: str = "utf-8"

    def start(self, n: int) -> str:
        """Return the text of the first n bytes."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        return decoder.decode(head(self.open, n)).lstrip("\ufeff")


def find_source(name: str, encoding: str | None = None) -> Source:
    """Find out what a file is.

    Parameters
    ----------
    name : str
        A path, or "-" for standard input.
    encoding : str, optional
        What the user says the text is in. It is believed, and must then be true.

    Raises
    ------
    TableError
        If there is no such file, it is empty, or it is nothing that holds a table.
    """
    open_file = opener(name)
    start = head(open_file, 16)
    if not start:
        raise TableError(Sentence("{name!r} is empty: a table needs a header and rows.", name=name))
    for magic, kind in FORMATS.items():
        if start.startswith(magic):
            return Source(name, open_file, kind)
    if start.startswith(b"SQLite format 3") or start[:4] == b"\xd0\xcf\x11\xe0":
        raise TableError(Sentence("{name!r} is no text table: save it as CSV first.", name=name))
    encoding = check_encoding(name, encoding, open_file) if encoding else guess(name, open_file)
    source = Source(name, open_file, "csv", encoding)
    text = source.start(1000).lstrip()
    if text.startswith("[{"):
        raise TableError(
            Sentence("{name!r} is a JSON list: write one object on each line instead.", name=name)
        )
    return replace(source, format="json") if text.startswith("{") else source


def opener(name: str) -> Callable[[], pa.NativeFile]:
    """Return what opens a file anew, decompressed."""
    if name == "-":
        data = sys.stdin.buffer.read()
        return decompressed(name, lambda: pa.BufferReader(data))
    path = Path(name)
    if not path.exists():
        near = nearest(path.name, [p.name for p in path.parent.glob("*")])
        if near:
            hint = Sentence("did you mean {near!r}?", near=str(path.with_name(near)))
        else:
            hint = Sentence("check its path.")
        raise TableError(Sentence("There is no file {name!r}: {hint}", name=name, hint=hint))
    if path.is_dir():
        raise TableError(Sentence("{name!r} is a folder: name a file in it.", name=name))

    def open_path() -> pa.NativeFile:
        try:
            return pa.OSFile(os.fsencode(name))  # a name need not be text
        except OSError as error:
            why = error.strerror or str(error)
            raise TableError(
                Sentence("{name!r} can't be read: {why}.", name=name, why=why)
            ) from error

    return decompressed(name, open_path)


def decompressed(name: str, open_raw: Callable[[], pa.NativeFile]) -> Callable[[], pa.NativeFile]:
    """Look at the first bytes, and return what opens the file without its compression."""
    start = head(open_raw, 4)
    codec = next((codec for magic, codec in COMPRESSIONS.items() if start.startswith(magic)), None)
    if codec:

        def unpack() -> pa.NativeFile:
            return pa.CompressedInputStream(open_raw(), codec)

        if not head(unpack, 8).startswith(tuple(FORMATS)):
            return unpack
        data = unpack().read()  # Parquet and Arrow jump about in a file
        return lambda: pa.BufferReader(data)
    if start == b"PK\x03\x04":
        with open_raw() as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
            members = archive.namelist()
            if len(members) != 1:
                if "[Content_Types].xml" in members:
                    what = Sentence("an Excel workbook")
                else:
                    what = Sentence("an archive")
                raise TableError(
                    Sentence(
                        "{name!r} is {what} with {n} files in it: save one table as CSV.",
                        name=name, what=what, n=len(members),
                    )
                )  # fmt: skip
            data = archive.read(members[0])
        return lambda: pa.BufferReader(data)
    return open_raw


def head(open_file: Callable[[], pa.NativeFile], n: int) -> bytes:
    """Return the first n bytes."""
    with open_file() as file:
        return file.read(n)


def one_line(error: BaseException) -> str:
    """Return what an error says, fit for the end of a sentence."""
    return " ".join(str(error).split())[:200].rstrip(".")


def chunks(open_file: Callable[[], pa.NativeFile]) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with open_file() as file:
        while piece := file.read(CHUNK):
            yield piece


def check_encoding(name: str, encoding: str, open_file: Callable[[], pa.NativeFile]) -> str:
    """Return the encoding that the user named, if the whole file is in it."""
    try:
        "".encode(encoding)  # some codecs are not for text
        encoding = codecs.lookup(encoding).name
        encoding = "cp932" if encoding == "shift_jis" else encoding  # as Windows writes it
        for _ in decode(open_file, encoding):
            pass
    except (LookupError, UnicodeEncodeError):
        raise TableError(
            Sentence(
                "{encoding!r} is no encoding: try utf-8, utf-16, cp932 or cp1252.",
                encoding=encoding,
            )
        ) from None
    except UnicodeDecodeError as error:
        line = 1 + error.start  # `decode` counts lines
        raise TableError(
            Sentence(
                "{name!r} is not {encoding}: line {line} holds the byte {byte:#04x}. Leave out "
                "--encoding to have it found.",
                name=name, encoding=encoding.upper(), line=line, byte=error.object[0],
            )
        ) from None  # fmt: skip
    return encoding


def guess(name: str, open_file: Callable[[], pa.NativeFile]) -> str:
    """Find the encoding in which the whole file is valid text, and usual text.

    Unicode is tried first. Of the others that fit, the one counts in which most characters beyond
    ASCII are usual: for Japanese kana and the commoner kanji, for Western Europe letters.
    """
    start = head(open_file, 1000)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        unicode = "utf-16"
    elif 0 in start:  # a zero in every other byte: UTF-16 without a mark
        high_first = start[::2].count(0) > start[1::2].count(0)
        unicode = "utf-16-be" if high_first else "utf-16-le"
    else:
        unicode = "utf-8"
    try:
        if any("\0" in text for text in decode(open_file, unicode)):
            raise no_text(name)
        return unicode
    except UnicodeDecodeError as error:
        if unicode != "utf-8":
            raise no_text(name) from None
        wrong = error
    scores = {encoding: familiarity(open_file, encoding) for encoding in LEGACY}
    best = max(LEGACY, key=lambda encoding: scores[encoding])
    if scores[best] < FAMILIAR:
        raise TableError(
            Sentence(
                "{name!r} is not UTF-8 (line {line} holds the byte {byte:#04x}), and what else it "
                "is can't be told: say it with --encoding.",
                name=name, line=1 + wrong.start, byte=wrong.object[0],
            )
        )  # fmt: skip
    return best


def no_text(name: str) -> TableError:
    """Say that a file is no text in any encoding."""
    return TableError(Sentence("{name!r} is no text: save the table as CSV first.", name=name))


def decode(open_file: Callable[[], pa.NativeFile], encoding: str) -> Iterator[str]:
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


def familiarity(open_file: Callable[[], pa.NativeFile], encoding: str) -> float:
    """Return the share of usual characters among those beyond ASCII; -1 if it is not valid."""
    counts = Counter[str]()
    try:
        for text in decode(open_file, encoding):
            if counts.total() < SAMPLE:
                counts.update(c for c in text if c > "\x7f")
    except UnicodeDecodeError:
        return -1
    usual = western if encoding == "cp1252" else japanese
    return sum(n * usual(c) for c, n in counts.items()) / max(counts.total(), 1)


def western(c: str) -> float:
    """Return how usual a character is in the languages of Western Europe."""
    return 1.0 if "À" <= c <= "ÿ" or c in "ŠšŽžŒœŸ" else 0.5 * (c in "’‘“”–—…€£°")


def japanese(c: str) -> float:
    """Return how usual a character is in Japanese: rare kanji and half-width kana are less so."""
    if "\u3000" <= c <= "\u30ff" or "\uff01" <= c <= "\uff5e":  # punctuation, kana, wide letters
        return 1.0
    if "\uff61" <= c <= "\uff9f":
        return 0.9
    # the first level of JIS X 0208, which holds the 2965 commoner kanji, ends at 0x9872
    return float("\u4e00" <= c <= "\u9fff" and c.encode("cp932", "ignore")[:2] <= b"\x98\x72")
