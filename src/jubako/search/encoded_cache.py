"""Encoded rows of files in a run folder, which a resumed search uses again."""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from jubako._version import __version__
from jubako.data.held_out_rows import RowRange
from jubako.data.table_files import TableFiles
from jubako.model.atomic import whole_or_not_at_all

from .encoded_files import EncodedFile
from .row_file import RowFile, digest_of

NAME = "encoded"  # of the file of rows; its description has the ending .json


def fingerprint_of(files: TableFiles, val: RowRange | TableFiles | None, settings: str) -> str:
    """Return a fingerprint of all that encoded rows depend on.

    A file counts as unchanged if it has the same name, size and time of modification.

    Parameters
    ----------
    files, val
        See `encode_files`.
    settings : str
        How rows are encoded.

    Returns
    -------
    str
        In hexadecimal digits.
    """
    others = val.files if isinstance(val, TableFiles) else []
    states = list[Any]()
    for name, _ in (*files.files, *others):
        found = os.stat(name) if os.path.exists(name) else None
        states.append((name, files.counts.get(name), found and (found.st_size, found.st_mtime_ns)))
    ranges = files.rows, val if isinstance(val, RowRange) else None
    return hashlib.sha256(repr((__version__, states, ranges, settings)).encode()).hexdigest()


def read_encoded(folder: Path, fingerprint: str) -> EncodedFile | None:
    """Return the encoded rows in a folder.

    Parameters
    ----------
    folder : Path
    fingerprint : str

    Returns
    -------
    EncodedFile or None
        None if there are none with this fingerprint, or they are damaged.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
        if found.pop("fingerprint") == fingerprint:
            n_rows, width = found.pop("shape")
            file = RowFile(folder / NAME, n_rows, width, found.pop("sha256"))
            if file.sha256 == digest_of(file.path):
                return EncodedFile(file, **found)
    return None


def note_encoded(encoded: EncodedFile, fingerprint: str) -> EncodedFile:
    """Describe encoded rows in a file beside them.

    Parameters
    ----------
    encoded : EncodedFile
    fingerprint : str

    Returns
    -------
    EncodedFile
        With the digest of its file.

    Raises
    ------
    OSError
        If it can't be written.
    """
    file = replace(encoded.file, sha256=digest_of(encoded.file.path))
    found = asdict(encoded) | {"fingerprint": fingerprint, "sha256": file.sha256}
    found |= {"shape": [file.n_rows, file.width]}
    del found["file"]
    path = file.path.with_name(f"{NAME}.json")
    with whole_or_not_at_all(path) as part:
        part.write_text(json.dumps(found), encoding="utf-8")
    return replace(encoded, file=file)
