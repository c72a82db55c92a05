"""Encoded rows in files, which workers map into memory, so that tasks are small."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message
from jubako.model.atomic import host, whole_or_not_at_all

from .encoded import EncodedRows
from .errors import reading
from .row_file import digest_of

NAMES = {True: "x-quantile-transformed.npy", False: "x-standardized.npy"}
ROWS = "rows.safetensors"
NOTHING = np.empty(0)
PARSING = Lock()
"""For the header of a file, which NumPy parses as Python: Python 3.11 rarely fails to do so in two
threads at once (SystemError: AST constructor recursion depth mismatch)."""


@dataclass(frozen=True)
class StoredInputs:
    """The inputs of rows in files: from `Candidate.quantiles` to x (N, n_in), a memory map.

    Parameters
    ----------
    folder : Path
    """

    folder: Path

    def __call__(self, quantiles: bool) -> Array:
        """Return x.

        Raises
        ------
        SearchFileError
            If the file can't be read.
        """
        path = self.folder / NAMES[quantiles]
        with reading(path), PARSING:
            return np.load(path, mmap_mode="r")


@dataclass(frozen=True)
class StoredRows:
    """A reference to encoded rows in a folder, of a few hundred bytes, for tasks.

    Parameters
    ----------
    folder : Path
    fingerprint : str
        SHA-256 of the contents of the files.
    without_arrays : EncodedRows
        The fields that are not in the files.
    """

    folder: Path
    fingerprint: str
    without_arrays: EncodedRows

    def load(self) -> EncodedRows:
        """Return the rows, which are cached until other rows are loaded.

        Returns
        -------
        EncodedRows

        Raises
        ------
        ParameterError
            If this machine can't read the files.
        """
        key = str(self.folder), self.fingerprint
        if key not in LOADED:
            try:
                arrays = load_file(self.folder / ROWS)
            except OSError as error:
                raise ParameterError(
                    Message(
                        "The worker on {host!r} can't read the rows in {path!r}: choose a run "
                        "folder (run_dir, --run) on a file system that all machines share.",
                        host=host(),
                        path=str(self.folder),
                    )
                ) from error
            n_folds = sum(name.startswith("held.") for name in arrays)
            rows = replace(
                self.without_arrays,
                view=StoredInputs(self.folder),
                held=[arrays[f"held.{k}"] for k in range(n_folds)],
                **{name: arrays[name] for name in ("y", "w", "start")},
            )
            LOADED.clear()
            LOADED[key] = rows
            return rows
        return LOADED[key]

    def check(self) -> None:
        """Check that this process can still read the files.

        Raises
        ------
        SearchFileError
            If not.
        """
        path = self.folder / ROWS
        with reading(path):
            path.stat()


LOADED = dict[tuple[str, str], EncodedRows]()
"""The rows that this process has loaded last, by their folder and fingerprint."""


def fingerprints(rows: EncodedRows) -> dict[str, str]:
    """Return the SHA-256 of the encoded table, and of the folds.

    Parameters
    ----------
    rows : EncodedRows

    Returns
    -------
    dict of str to str
        "table" and "folds".
    """
    table, folds = hashlib.sha256(repr(rows.loss).encode()), hashlib.sha256()
    for array in (*(rows.view(quantiles) for quantiles in NAMES), rows.y, rows.w, rows.start):
        table.update(f"{array.dtype} {array.shape}".encode())
        table.update(np.ascontiguousarray(array).data)
    if rows.windows:
        file = rows.windows.file
        table.update(bytes.fromhex(file.sha256 or digest_of(file.path)))
    for held in rows.held:
        folds.update(f"{held.dtype} {held.shape}".encode())
        folds.update(np.ascontiguousarray(held).data)
    return {"table": table.hexdigest(), "folds": folds.hexdigest()}


def store_rows(rows: EncodedRows, folder: Path, fingerprint: str) -> StoredRows:
    """Write encoded rows to a folder; files that already hold them are kept.

    Parameters
    ----------
    rows : EncodedRows
    folder : Path
    fingerprint : str

    Returns
    -------
    StoredRows

    Raises
    ------
    OSError
        If the files can't be written.
    """
    folder.mkdir(exist_ok=True)
    arrays = {"y": rows.y, "w": rows.w, "start": rows.start}
    arrays |= {f"held.{k}": held for k, held in enumerate(rows.held)}
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with whole_or_not_at_all(folder / ROWS) as part:
        part.write_bytes(save(arrays))
    for quantiles, name in reversed(NAMES.items()):  # the last of `fingerprints` is still there
        x = np.ascontiguousarray(rows.view(quantiles))
        if not is_stored(x, folder / name):
            with whole_or_not_at_all(folder / name) as part, part.open("wb") as file:
                np.save(file, x)
    nothing: Any = None
    without_arrays = replace(rows, view=nothing, y=NOTHING, w=NOTHING, start=NOTHING, held=[])
    return StoredRows(folder, fingerprint, without_arrays)


def is_stored(x: Array, path: Path) -> bool:
    """Return whether a file holds these inputs already."""
    try:
        return np.array_equal(np.load(path, mmap_mode="r"), x)
    except (OSError, ValueError, EOFError):
        return False
