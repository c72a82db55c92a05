"""Detection of compression, format and encoding of a file, from its content.

File names are unreliable: a .csv may hold tabs, CP932 or Parquet.
"""

import codecs
import io
import lzma
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import pyarrow as pa

from jubako.data.errors import TableError, nearest
from jubako.i18n.messages import Message

from .decoding import Encoding, chunks
from .text_encoding import find_encoding

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
OTHERS = b"SQLite format 3", b"\xd0\xcf\x11\xe0", b"%PDF-"  # databases, old Excel workbooks, PDF
DAMAGE = (
    *(OSError, EOFError, RuntimeError, ValueError, pa.ArrowException),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)
UTF8 = Encoding("utf-8")
HIDDEN = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and how it is to be read.

    Parameters
    ----------
    name : str
        As given by the user.
    open : callable
        Opens the file anew, decompressed.
    format : {"csv", "json", "parquet", "arrow", "stream"}
        CSV with any delimiter, JSON Lines, Parquet, an Arrow file, or an Arrow stream.
    text : Encoding
        Of CSV and JSON.
    """

    name: str
    open: Callable[[], pa.NativeFile]
    format: Literal["csv", "json", "parquet", "arrow", "stream"]
    text: Encoding = UTF8

    @property
    def encoding(self) -> str:
        """The name of the text's encoding."""
        return self.text.name

    def open_text(self) -> pa.NativeFile:
        """Open a text anew, as UTF-8."""
        if self.text.name == "utf-8" and self.text.errors == "strict":
            return self.open()
        decoder = codecs.getincrementaldecoder(self.text.name)(self.text.errors)

        def recode(piece: pa.Buffer) -> bytes:
            return decoder.decode(bytes(piece), final=not len(piece)).encode()

        return pa.TransformInputStream(self.open(), recode)

    def start(self, n: int) -> str:
        """Return the text of the first n bytes."""
        decoder = codecs.getincrementaldecoder(self.text.name)(self.text.errors)
        return decoder.decode(head(self.open, n)).lstrip("\ufeff")

    def chunks(self) -> Iterator[bytes]:
        """Read a text piece by piece, as UTF-8."""
        return chunks(self.open_text)


def find_source(name: str, encoding: str | None = None) -> Source:
    """Detect the format, the compression and the encoding of a file.

    Parameters
    ----------
    name : str
        A path, or "-" for standard input.
    encoding : str, optional
        Encoding given by the user, which is checked.

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If there is no such file, it is empty, or it is not a table.
    """
    try:
        return detected(name, opener(name), encoding)
    except TableError:
        raise
    except DAMAGE as error:
        raise TableError(
            Message(
                "{name!r} is damaged: it can't be decompressed to its end. Get it again.", name=name
            )
        ) from error


def detected(
    name: str, open_file: Callable[[], pa.NativeFile], encoding: str | None = None
) -> Source:
    """Detect the format and the encoding of a file that is not compressed, or decompressed.

    Parameters
    ----------
    name : str
        As given by the user.
    open_file : callable
        Opens the file anew.
    encoding : str, optional
        Encoding given by the user, which is checked.

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If it is empty, or not a table.
    """
    start = head(open_file, 16)
    if not start:
        raise TableError(Message("{name!r} is empty: a table needs a header and rows.", name=name))
    for magic, kind in FORMATS.items():
        if start.startswith(magic):
            return Source(name, open_file, kind)
    if start.startswith(OTHERS):
        raise TableError(Message("{name!r} is not a text table: save it as CSV first.", name=name))
    text = find_encoding(name, open_file, encoding)
    begin = Source(name, open_file, "csv", text).start(1000).lstrip()
    if begin.startswith(("[{", "[\n", "[\r\n", "[ ")):
        raise TableError(
            Message("{name!r} is a JSON list: write one object on each line instead.", name=name)
        )
    return Source(name, open_file, "json" if begin.startswith("{") else "csv", text)


def opener(name: str) -> Callable[[], pa.NativeFile]:
    """Return a function that opens a file anew, decompressed; pipes are read into memory.

    Parameters
    ----------
    name : str
        A path, or "-" for standard input.

    Returns
    -------
    callable

    Raises
    ------
    TableError
        If the file can't be read.
    """
    if name == "-":
        return decompressed(name, in_memory(sys.stdin.buffer.read()))
    path = Path(name)
    try:
        try:
            path.stat()  # Path.exists hides names that are too long, from Python 3.14 on
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise no_file(path, name) from None
        if path.is_dir():
            raise TableError(Message("{name!r} is a folder: name a file in it.", name=name))
        with path.open("rb") as file:  # raises Python's error instead of pyarrow's
            if path.is_char_device() and not file.isatty() and name != os.devnull:
                raise TableError(Message("{name!r} is a device: name a file.", name=name))
            if not path.is_file():
                return decompressed(name, in_memory(file.read()))
    except (OSError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise TableError(Message("{name!r} can't be read: {why}.", name=name, why=why)) from error
    return decompressed(name, lambda: pa.OSFile(os.fsencode(name)))  # a name need not be UTF-8


def no_file(path: Path, name: str) -> TableError:
    """Return the error that there is no such file, with the most similar name.

    Parameters
    ----------
    path : Path
    name : str
        As given by the user.

    Returns
    -------
    TableError
    """
    near = nearest(path.name, [other.name for other in path.parent.glob("*")])
    if near:
        hint = Message("did you mean {near!r}?", near=str(path.with_name(near)))
    else:
        hint = Message("check its path.")
    return TableError(Message("There is no file {name!r}: {hint}", name=name, hint=hint))


def in_memory(data: bytes) -> Callable[[], pa.NativeFile]:
    """Return a function that opens bytes."""
    return lambda: pa.BufferReader(data)


def uncompressed(open_raw: Callable[[], pa.NativeFile], codec: str) -> Callable[[], pa.NativeFile]:
    """Return a function that opens a file compressed by a codec."""
    return lambda: pa.CompressedInputStream(open_raw(), codec)


def decompressed(name: str, open_raw: Callable[[], pa.NativeFile]) -> Callable[[], pa.NativeFile]:
    """Return a function that opens a file without its compression, which its first bytes show.

    Parameters
    ----------
    name : str
        As given by the user.
    open_raw : callable
        Opens the file anew.

    Returns
    -------
    callable
    """
    start = head(open_raw, 4)
    codec = next((codec for magic, codec in COMPRESSIONS.items() if start.startswith(magic)), None)
    if codec:
        unpack = uncompressed(open_raw, codec)
    elif start == b"PK\x03\x04":
        unpack = unzipped(name, open_raw)
    else:
        return open_raw
    if not head(unpack, 8).startswith(tuple(FORMATS)):
        return unpack
    return in_memory(unpack().read())  # Parquet and Arrow require random access


def unzipped(name: str, open_raw: Callable[[], pa.NativeFile]) -> Callable[[], pa.NativeFile]:
    """Return a function that opens the only file in a zip archive.

    Parameters
    ----------
    name : str
        As given by the user.
    open_raw : callable
        Opens the archive anew.

    Returns
    -------
    callable

    Raises
    ------
    TableError
        If it does not hold one file, or is locked with a password.
    """
    with open_raw() as file:
        archive = zipfile.ZipFile(io.BytesIO(file.read()))
    members = [member for member in archive.infolist() if not is_hidden(member)]
    names = [member.filename for member in members]
    if len(members) != 1:
        if "[Content_Types].xml" in names:
            what = Message("an Excel workbook")
        else:
            what = Message("an archive")
        raise TableError(
            Message(
                "{name!r} is {what} with {n} files in it: save one table as CSV.",
                name=name,
                what=what,
                n=len(members),
            )
        )
    if members[0].flag_bits & 1:
        raise TableError(Message("{name!r} is locked with a password: unpack it first.", name=name))
    return lambda: pa.PythonFile(archive.open(members[0]), "r")


def is_hidden(member: zipfile.ZipInfo) -> bool:
    """Return whether a file in an archive was added by macOS or Windows.

    Parameters
    ----------
    member : zipfile.ZipInfo
    """
    *folders, name = PurePosixPath(member.filename).parts or ("",)
    hidden = name.startswith(".") or name.lower() in HIDDEN or "__MACOSX" in folders
    return member.filename.endswith("/") or hidden


def head(open_file: Callable[[], pa.NativeFile], n: int) -> bytes:
    """Return the first n bytes."""
    with open_file() as file:
        return file.read(n)
