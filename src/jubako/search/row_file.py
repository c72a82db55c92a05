"""A file of encoded rows in random order: rows beyond memory, of which each part is a sample."""

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np

from jubako.core.activations import Array
from jubako.core.counter_rng import row_order

from .errors import reading

BUCKET = 2**26  # bytes of rows that are put in order in memory
SPAN = 2**20  # row numbers that are hashed at a time


@dataclass(frozen=True, slots=True)
class RowFile:
    """Rows of float32 in a binary file.

    Parameters
    ----------
    path : Path
    n_rows, width : int
    """

    path: Path
    n_rows: int
    width: int

    def read(self, first: int, n: int) -> Array:
        """Return n rows from row `first` on, shape (n, width).

        Raises
        ------
        SearchFileError
            If the file is gone, or can't be read.
        """
        count, offset = n * self.width, 4 * first * self.width
        with reading(self.path):
            values = np.fromfile(self.path, np.float32, count, offset=offset)
        return values.reshape(n, self.width)


def write_shuffled(
    path: Path,
    batches: Iterable[tuple[Array, Array]],
    hashes: Callable[[], Iterator[Array]],
    n_rows: int,
    width: int,
    seed: int,
) -> RowFile:
    """Write rows in random order, which depends only on their hashes, with bounded memory.

    Each row is written to a bucket by its hash; then the rows of each bucket are shuffled.

    Parameters
    ----------
    path : Path
        The file to create.
    batches : iterable of pairs of arrays
        Hashes, uint32 of shape (N,), and rows, float32 of shape (N, width).
    hashes : callable
        Returns a new iterator over the hashes of all rows that `batches` may have.
    n_rows : int
        Number of these hashes.
    width : int
    seed : int
        Seed of the order within buckets.

    Returns
    -------
    RowFile

    Raises
    ------
    OSError
        If the disk is full.
    """
    n_bytes = 4 * n_rows * width
    check_room(path.parent, n_bytes)
    n_buckets = max(1, -(-n_bytes // BUCKET))
    sizes = np.zeros(n_buckets, np.int64)
    for some in hashes():
        sizes += np.bincount(bucket_of(some, n_buckets), minlength=n_buckets)
    starts = np.cumsum(sizes) - sizes
    ends = starts.copy()  # of the rows written so far
    with FileIO(str(path), "w+") as file:
        for some, rows in batches:
            buckets = bucket_of(some, n_buckets)
            order = np.argsort(buckets, kind="stable")
            rows = np.ascontiguousarray(rows[order], np.float32)
            counts = np.bincount(buckets, minlength=n_buckets)
            done = 0
            for b in np.flatnonzero(counts):
                part = rows[done : done + counts[b]]
                write(file, part, ends[b])
                ends[b] += counts[b]
                done += counts[b]
        n_written = shuffle_buckets(file, starts, ends, width, seed)
        file.truncate(4 * n_written * width)
    return RowFile(path, n_written, width)


def shuffle_buckets(file: FileIO, starts: Array, ends: Array, width: int, seed: int) -> int:
    """Shuffle the rows of each bucket, and remove the gaps between buckets.

    Parameters
    ----------
    file : FileIO
    starts, ends : array of int, shape (n_buckets,)
        The first row of each bucket, and the row after its last.
    width, seed : int

    Returns
    -------
    int
        Number of rows.
    """
    n_written = 0
    for b, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        rows = RowFile(Path(str(file.name)), end, width).read(start, end - start)
        order = row_order(np.array(seed & 0xFFFFFFFF, np.uint32), b, len(rows))
        write(file, rows[order], n_written)
        n_written += len(rows)
    return n_written


def write(file: FileIO, rows: Array, first: int) -> None:
    """Write rows from row number `first` on.

    Parameters
    ----------
    file : FileIO
    rows : array of float32, shape (N, width)
    first : int
    """
    data = np.ascontiguousarray(rows).data.cast("B")
    offset = int(first) * 4 * rows.shape[1]
    while len(data):
        n = os.pwrite(file.fileno(), data, offset)
        data, offset = data[n:], offset + n


def bucket_of(hashes: Array, n_buckets: int) -> Array:
    """Return the bucket of each hash, uint32, shape (N,)."""
    return (hashes.astype(np.uint64) * np.uint64(n_buckets) >> np.uint64(32)).astype(np.int64)


def check_room(folder: Path, n_bytes: int) -> None:
    """Check that a disk has enough free space.

    Parameters
    ----------
    folder : Path
    n_bytes : int

    Raises
    ------
    OSError
        If not.
    """
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise OSError(
            errno.ENOSPC,
            f"The encoded rows need {n_bytes / 2**30:.3g} GiB, but there are {free / 2**30:.3g} "
            "GiB: free some, or set TMPDIR to a folder on a larger disk",
            str(folder),
        )
