"""A file of encoded rows in random order, so that each part of it is a sample."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np

from jubako.core.activations import Array
from jubako.core.counter_rng import row_order

from .errors import reading

BUCKET = 2**26  # bytes of rows that are shuffled in memory
SLACK = 8.0  # standard deviations by which a bucket may have more rows than its share


@dataclass(frozen=True, slots=True)
class RowFile:
    """Rows of float32 in a binary file.

    Parameters
    ----------
    path : Path
    n_rows, width : int
    sha256 : str
        Of the file, in hexadecimal digits; empty if it is not known.
    """

    path: Path
    n_rows: int
    width: int
    sha256: str = ""

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
    batches: Iterable[tuple[Array, Array, Array]],
    n_rows: tuple[int, int],
    width: int,
    seed: int,
) -> tuple[RowFile, int]:
    """Write rows in random order, which depends only on their hashes, with bounded memory.

    Some rows come first. Each row is written to a bucket by its hash; then the rows of each bucket
    are shuffled.

    Parameters
    ----------
    path : Path
        The file to create.
    batches : iterable of triples of arrays
        Whether rows come first, bool of shape (N,), their hashes, uint32 of shape (N,), and the
        rows, float32 of shape (N, width).
    n_rows : pair of int
        Maximum number of rows that come first, and of the others.
    width : int
    seed : int
        Seed of the order within buckets.

    Returns
    -------
    file : RowFile
    n_first : int
        Number of rows that come first.

    Raises
    ------
    OSError
        If the disk is full.
    """
    check_room(path.parent, 4 * sum(n_rows) * width)
    n_buckets = tuple(-(-4 * n * width // BUCKET) for n in n_rows)
    room = np.concatenate([bucket_sizes(*pair) for pair in zip(n_rows, n_buckets, strict=True)])
    starts = np.cumsum(room) - room
    ends, n_first = starts.copy(), 0  # of the rows written so far
    with FileIO(str(path), "w+") as file:
        for first, hashes, rows in batches:
            others = n_buckets[0] + bucket_of(hashes, n_buckets[1])
            buckets = np.where(first, bucket_of(hashes, n_buckets[0]), others)
            order = np.argsort(buckets, kind="stable")
            rows = np.ascontiguousarray(rows[order], np.float32)
            counts = np.bincount(buckets, minlength=len(room))
            done = 0
            for b in np.flatnonzero(counts):
                part = rows[done : done + counts[b]]
                write(file, part, ends[b])
                ends[b] += counts[b]
                done += counts[b]
            n_first += int(np.count_nonzero(first))
        assert (ends <= starts + room).all(), "more rows than were counted"
        n_written = shuffle_buckets(file, starts, ends, width, seed)
        file.truncate(4 * n_written * width)
    return RowFile(path, n_written, width), n_first


def bucket_sizes(n_rows: int, n_buckets: int) -> Array:
    """Return the maximum number of rows of each bucket, whose sizes differ by chance.

    Parameters
    ----------
    n_rows, n_buckets : int
        Of all buckets.

    Returns
    -------
    array of int, shape (n_buckets,)
    """
    share = n_rows / max(n_buckets, 1)
    room = n_rows if n_buckets == 1 else int(share + SLACK * share**0.5) + 64
    return np.full(n_buckets, room, np.int64)


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
            "GiB: free some, or choose a run folder or a TMPDIR on a larger disk",
            str(folder),
        )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
