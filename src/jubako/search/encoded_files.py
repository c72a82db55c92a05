"""The second pass over a table in files: encode its rows into a file, in random order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import (
    encode,
    is_continuous,
    level_counts,
    n_continuous,
    n_discrete,
    n_inputs,
)
from jubako.data.columns.base import Column
from jubako.data.dataset import with_target
from jubako.data.errors import TableError, rows_of_file
from jubako.data.held_out_rows import RowRange, hashes
from jubako.data.table_files import Batch, TableFiles
from jubako.data.target import ClassTarget, NumericTarget, check_tails
from jubako.data.weight_column import WeightColumn
from jubako.i18n.messages import Message
from jubako.model.atomic import whole_or_not_at_all

from .encoded import EncodedRows
from .folds import MANY, same
from .row_file import SLACK, RowFile, write_shuffled
from .windows import HeldOutRows, Windows

MAX_HELD_OUT = 100_000  # maximum number of validation rows


@dataclass
class FileEncoder:
    """An encoder of the rows of files, which counts rows and tracks the range of the target.

    Parameters
    ----------
    columns : list of Column
    target : str
        Name of the target.
    coding : ClassTarget or NumericTarget
        The encoding of the target.
    reading : Reading
        How the target is read.
    sample : array
        Targets of some rows, for detecting outliers.
    class_weights : array, shape (n_classes,), or None
        Weights of the classes.
    weights : WeightColumn, optional
        Weights of the rows.
    codes : bool
        Whether categories are encoded as codes, and continuous columns in both ways; else as one
        number for each level, and standardized.
    n_rows : int
        Number of rows with a target so far.
    n_left_out : int
        Number of rows without a target so far.
    low, high : float
        Range of a numeric target so far.
    """

    columns: list[Column]
    target: str
    coding: ClassTarget | NumericTarget
    reading: Reading
    sample: Array
    class_weights: Array | None = None
    weights: WeightColumn | None = None
    codes: bool = True
    n_rows: int = 0
    n_left_out: int = 0
    low: float = np.inf
    high: float = -np.inf

    @property
    def width(self) -> int:
        """The number of values of an encoded row; see `Windows`."""
        n_again = n_continuous(self.columns) if self.codes else 0
        return n_inputs(self.columns, codes=self.codes) + n_again + 2

    def encode(self, batch: Batch) -> tuple[Array, Array]:
        """Encode the rows of a batch that have a target.

        Parameters
        ----------
        batch : Batch

        Returns
        -------
        rows : array of float32, shape (N, width)
            See `Windows`.
        kept : array of int, shape (N,)
            The numbers of these rows in the batch.

        Raises
        ------
        TableError
            If a value does not fit the type of its column, with the file and the row.
        """
        coding = self.coding
        with batch.named():
            classes = coding.classes if isinstance(coding, ClassTarget) else None
            task = "regress" if classes is None else "classify"
            rows, n = with_target(batch.table, self.target, task, classes, self.reading)
            with rows_of_file(rows.row_numbers):
                y = coding.encode(rows.target, self.target)[:, 0]
                if isinstance(coding, NumericTarget) and len(y):
                    check_tails(rows.target, self.sample)
                    self.low = min(self.low, float(rows.target.min()))
                    self.high = max(self.high, float(rows.target.max()))
                x = self.inputs(rows.table)
                w = np.ones(len(y))
                if self.weights:  # only their ratios count
                    w = self.weights.read(rows.table) / self.weights.mean
        kept = np.arange(len(batch.rows)) if rows.row_numbers is None else rows.row_numbers
        self.n_rows, self.n_left_out = self.n_rows + len(kept), self.n_left_out + n
        if self.class_weights is not None:
            w *= self.class_weights[y.astype(int)]
        counts = w > 0
        encoded = np.column_stack([x, y, w])[counts].astype(np.float32, copy=False)
        return encoded, kept[counts]

    def inputs(self, table: pa.Table) -> Array:
        """Return the inputs of rows, standardized, then the continuous ones as quantiles."""
        x = encode(self.columns, table, codes=self.codes)
        if not self.codes:
            return x
        continuous = [column for column in self.columns if is_continuous(column)]
        return np.hstack([x, encode(continuous, table, quantiles=True)]) if continuous else x


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A file of encoded rows in random order, with its validation rows first.

    Parameters
    ----------
    file : RowFile
    n_val : int
        Number of validation rows; 0 if they are not defined.
    n_rows : int
        Number of rows with a target.
    n_left_out : int
        Number of rows without a target.
    low, high : float
        Range of a numeric target.
    """

    file: RowFile
    n_val: int
    n_rows: int
    n_left_out: int
    low: float
    high: float

    def windows(self, encoder: FileEncoder, seed: int) -> Windows:
        """Return the windows of the training rows.

        Parameters
        ----------
        encoder : FileEncoder
        seed : int

        Returns
        -------
        Windows
        """
        n = n_inputs(encoder.columns, codes=encoder.codes)
        n_again = n_continuous(encoder.columns) if encoder.codes else 0
        return Windows(self.file, self.n_val, n, n_again, seed)

    def rows(self, encoder: FileEncoder, start: Array, seed: int) -> EncodedRows:
        """Return the rows as training data; the validation rows are read into memory.

        Parameters
        ----------
        encoder : FileEncoder
        start : array, shape (n_out,)
            Output before training.
        seed : int

        Returns
        -------
        EncodedRows
        """
        n_val = self.n_val or max(1, min(MAX_HELD_OUT, self.file.n_rows // 10))
        n_held_out, columns = min(n_val, MAX_HELD_OUT), encoder.columns
        windows = replace(self.windows(encoder, seed), first=n_val)
        held_out = self.file.read(0, n_held_out)
        _, y, w = windows.parts(held_out, False)
        return EncodedRows(
            HeldOutRows(windows, held_out),
            windows.n_continuous,
            level_counts(columns),
            y,
            w,
            CrossEntropy() if isinstance(encoder.coding, ClassTarget) else SquaredError(),
            start,
            same(np.arange(n_held_out), MANY),
            seed,
            windows,
            n_discrete(columns) if encoder.codes else 0,
        )


def encode_files(
    files: TableFiles,
    val: RowRange | TableFiles | None,
    n_rows: tuple[int, int],
    encoder: FileEncoder,
    path: Path,
    seed: int,
    share: float = 1.0,
) -> EncodedFile:
    """Encode the rows of files into a file, in random order, which is written atomically.

    Parameters
    ----------
    files : TableFiles
    val : RowRange, TableFiles or None
        The validation rows, among these or in other files. None: some at random.
    n_rows : pair of int
        Maximum number of validation rows, and of the others.
    encoder : FileEncoder
    path : Path
        The file to create.
    seed : int
    share : float
        Of the rows, which are chosen at random.

    Returns
    -------
    EncodedFile

    Raises
    ------
    TableError, OSError
        If a row can't be encoded, no validation row is left, or the disk is full.
    """
    batches = encoded_batches(files, val, encoder, seed, share)
    if share < 1:
        n_rows = most_of(n_rows[0], share), most_of(n_rows[1], share)
    with whole_or_not_at_all(path) as part:
        file, n_val = write_shuffled(part, batches, n_rows, encoder.width, seed)
    if val is not None and not 0 < n_val < file.n_rows:
        raise TableError(Message("{name!r} has too few rows to hold some out.", name=files.name))
    counts = encoder.n_rows, encoder.n_left_out, encoder.low, encoder.high
    return EncodedFile(replace(file, path=path), n_val, *counts)


def most_of(n_rows: int, share: float) -> int:
    """Return the maximum number of rows if each is chosen with a probability.

    Parameters
    ----------
    n_rows : int
    share : float
        The probability.

    Returns
    -------
    int
        Of more rows the probability is negligible.
    """
    return min(n_rows, int(share * n_rows + SLACK * (share * n_rows) ** 0.5) + 64)


def encoded_batches(
    files: TableFiles,
    val: RowRange | TableFiles | None,
    encoder: FileEncoder,
    seed: int,
    share: float,
) -> Iterator[tuple[Array, Array, Array]]:
    """Encode the rows of files, and then those of `val`.

    Parameters
    ----------
    files, val, encoder, seed, share
        See `encode_files`.

    Yields
    ------
    first, hashes, rows : arrays
        See `write_shuffled`.
    """
    for batch in files:
        batch = some_of(batch, seed, share)
        rows, kept = encoder.encode(batch)
        first = np.zeros(len(kept), bool)
        if isinstance(val, RowRange):
            first = val.chosen(batch.table, batch.numbers)[kept]
        yield first, hashes(seed, batch.numbers[kept]), rows
    if isinstance(val, TableFiles):
        n_rows, n_left_out = encoder.n_rows, encoder.n_left_out
        encoder.weights = None  # they count as the mean of the others
        for batch in val:
            batch = some_of(batch, seed, share)
            rows, kept = encoder.encode(batch)
            yield np.ones(len(kept), bool), hashes(seed, batch.numbers[kept]), rows
        encoder.n_rows, encoder.n_left_out = n_rows, n_left_out


def some_of(batch: Batch, seed: int, share: float) -> Batch:
    """Return a random part of the rows of a batch.

    Parameters
    ----------
    batch : Batch
    seed : int
    share : float
        Fraction of the rows; all if >= 1.

    Returns
    -------
    Batch
    """
    if share >= 1:
        return batch
    return batch.filter(hashes(seed + 1, batch.numbers) < share * 2**32)
