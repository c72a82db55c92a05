"""Estimate of the size of a table in files, and whether it fits into memory."""

import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from .memory import available_memory
from .readers.detect import COMPRESSIONS
from .table_files import TableFiles
from .table_summary import SAMPLE

COPIES = 3  # of the table that are in memory while it is prepared
PER_VALUE = 24  # bytes: encoded twice, and sorted
PER_ROW = 100  # bytes: its target, weight, and places in folds
WINDOWS = 2**29  # bytes of the rows that are in memory at a time when they are read from disk
SHARE = 0.8  # maximum fraction of the available memory for a table
COMPRESSED = 5  # compression ratio of text


@dataclass(frozen=True, slots=True)
class TableSize:
    """An estimate of the size of a table.

    Parameters
    ----------
    n_rows : int
    n_bytes : float
        Memory for training in memory.
    n_bytes_from_disk : float
        Memory for training from disk.
    n_bytes_to_read : float
        Memory for reading the table.
    """

    n_rows: int
    n_bytes: float
    n_bytes_from_disk: float
    n_bytes_to_read: float

    @property
    def fits(self) -> bool:
        """Whether the table can be trained in memory.

        Raises
        ------
        MemoryError
            If it can't be trained from disk either.
        """
        free = available_memory()
        if min(self.n_bytes, self.n_bytes_from_disk) > free:
            raise MemoryError(
                f"training from disk takes about {in_gib(self.n_bytes_from_disk)}, and "
                f"{in_gib(free)} are free"
            )
        return self.n_bytes <= SHARE * free


def in_gib(n_bytes: float) -> str:
    """Format an amount of memory."""
    return f"{n_bytes / 2**30:.2g} GiB"


def estimated_size(files: TableFiles) -> TableSize:
    """Estimate the size of a table from its first rows and the sizes of its files.

    Parameters
    ----------
    files : TableFiles

    Returns
    -------
    TableSize

    Raises
    ------
    TableError
        If the first file can't be read.
    """
    first = next(iter(files), None)
    if first is None:
        return TableSize(0, 0, 0, 0)
    table = first.table
    n_columns, per_row = table.num_columns, table.nbytes / table.num_rows
    n_rows = files.n_rows or sum(row_count(file, per_row, n_columns) for file, _ in files.files)
    n_rows = max(int(n_rows * files.rows.share), table.num_rows)
    each = COPIES * per_row + PER_VALUE * n_columns + PER_ROW
    to_read = n_rows * (COPIES * per_row + PER_ROW)
    return TableSize(n_rows, n_rows * each, min(n_rows, SAMPLE) * each + WINDOWS, to_read)


def row_count(file: str, per_row: float, n_columns: int) -> float:
    """Return the number of rows of a file: exact for Parquet, else estimated from its size.

    Parameters
    ----------
    file : str
    per_row : float
        Bytes of a row in memory.
    n_columns : int

    Returns
    -------
    float
    """
    if not os.path.isfile(file):
        return 0
    with Path(file).open("rb") as opened:
        start = opened.read(6)
    if start.startswith(b"PAR1"):
        from pyarrow import parquet

        try:
            return parquet.read_metadata(file).num_rows
        except (pa.ArrowException, OSError):  # the reader raises the error
            return 0
    size = os.path.getsize(file)
    if start.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return size / per_row
    if start.startswith(tuple(COMPRESSIONS)):
        size *= COMPRESSED
    return size / max(per_row - 3 * n_columns, 1)  # a field has one separator, not four of a place
