"""Tables that need not fit into memory: read from files in batches of rows, repeatedly."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .errors import TableError, locating_errors, one_line, renumbered, rows_in
from .held_out_rows import ALL_ROWS, RowRange, hashes
from .readers.cleaning import cleaned
from .readers.csv import Keep
from .readers.files import check_same_columns, concatenated, find_files, is_several
from .readers.read import read_batches

if TYPE_CHECKING:
    import pyarrow.dataset

MOST_ROWS = 2**32  # the hash of row numbers has 32 bits
BATCH = 65_536  # maximum number of rows at a time


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file.

    Parameters
    ----------
    file : str
    table : pyarrow.Table of N rows
    rows : array of int, shape (N,)
        Row numbers in the file, from 0.
    numbers : array of int, shape (N,)
        Row numbers over all files, from 0.
    """

    file: str
    table: pa.Table
    rows: Array
    numbers: Array

    def named(self) -> AbstractContextManager[None]:
        """Add the file and the row numbers in the file to errors about these rows."""
        return locating_errors(self.located)

    def located(self, message: str) -> str:
        """Return a message about these rows with the file and its row numbers."""
        found = renumbered(message, self.rows)
        return Message("{source!r}: {error}", source=self.file, error=found)

    def filter(self, keep: Array) -> "Batch":
        """Return the rows where the mask (N,) is True."""
        if keep.all():
            return self
        table = self.table.filter(pa.array(keep))
        return Batch(self.file, table, self.rows[keep], self.numbers[keep])


@dataclass(frozen=True)
class TableFiles:
    """A table in files, or some of its rows.

    Parameters
    ----------
    name : str
        As given by the user.
    files : sequence of (str, callable)
        Name of each file, and a function that reads it in pieces.
    rows : RowRange
        Which rows are selected.
    counts : dict of str to int
        Number of rows of each file that has been read to its end.
    n_rows : int or None
        Number of rows of all files, if known before they are read.
    notes : dict of str to sequence of str
        One for each ambiguity, by the file that has been read.
    end : float
        The time, on the clock of `time.perf_counter`, after which no more rows are read.
    n_read : int or None
        Number of the first rows that are read; None for all.
    """

    name: str
    files: Sequence[tuple[str, Callable[[], Iterator[pa.Table]]]]
    rows: RowRange = ALL_ROWS
    counts: dict[str, int] = field(default_factory=dict)
    n_rows: int | None = None
    notes: dict[str, Sequence[str]] = field(default_factory=dict)
    end: float = np.inf
    n_read: int | None = None

    def until(self, end: float, seed: int) -> "TableFiles":
        """Return the same rows, of which only as many are read as the time permits.

        Parameters
        ----------
        end : float
            On the clock of `time.perf_counter`.
        seed : int
            Seed of the order of the files.

        Returns
        -------
        TableFiles
            With the files in random order, so that those that are read are a random part.
        """
        if end == np.inf or self.end < np.inf:  # they are in random order already
            return replace(self, end=end)
        order = np.random.default_rng(seed).permutation(len(self.files))
        return replace(self, files=[self.files[i] for i in order], end=end)

    def part(self, rows: RowRange) -> "TableFiles":
        """Return some of the rows; those of disjoint ranges are disjoint."""
        return replace(self, rows=rows)

    def __iter__(self) -> Iterator[Batch]:
        """Read the rows, at most `BATCH` at a time, and at least one of these batches.

        Raises
        ------
        TableError
            If a file is empty, no longer exists, has other columns than the first, or has changed
            since it was read before.
        """
        n_before, first = 0, None
        for file, read in self.files:
            n_rows, is_checked = 0, False
            for piece in read():
                first = first or piece.schema
                if not is_checked:
                    check_same_columns(piece.schema, first, file, self.files[0][0])
                    is_checked = True
                piece = piece.select(first.names)
                for start in range(0, piece.num_rows, BATCH):
                    if (n_before + n_rows and time.perf_counter() > self.end) or (
                        self.n_read is not None and n_before + n_rows >= self.n_read
                    ):
                        return
                    table = piece.slice(start, BATCH)
                    rows = np.arange(n_rows, n_rows + table.num_rows)
                    batch = Batch(file, table, rows, n_before + rows)
                    with batch.named():
                        batch = batch.filter(self.rows.chosen(batch.table, batch.numbers))
                    if len(batch.rows):
                        yield batch
                    n_rows += table.num_rows
            n_before += n_rows
            if self.counts.setdefault(file, n_rows) != n_rows:
                raise TableError(
                    Message(
                        "{file!r} has changed while it was being read: it had {n} rows, and now "
                        "has {m}. Try again when nothing writes to it.",
                        file=file,
                        n=self.counts[file],
                        m=n_rows,
                    )
                )
            if n_before > MOST_ROWS:
                raise TableError(
                    Message(
                        "{name!r} has more than {n} rows: train on a part of its files.",
                        name=self.name,
                        n=MOST_ROWS,
                    )
                )


@dataclass(frozen=True, slots=True)
class Sample:
    """A uniform random sample of the rows of some files, in their order.

    Parameters
    ----------
    table : pyarrow.Table of N rows
    files : array of str, shape (N,)
        The file of each row.
    rows : array of int, shape (N,)
        Row numbers in the files, from 0.
    """

    table: pa.Table
    files: Array
    rows: Array

    def named(self) -> AbstractContextManager[None]:
        """Add the file and the row numbers in the file to errors about these rows."""
        return locating_errors(partial(located, place=self.place))

    def place(self, row: int) -> tuple[str, int]:
        """Return the file of a row, counted from 0, and its row number in the file."""
        return str(self.files[row]), int(self.rows[row])


def located(message: str, place: Callable[[int], tuple[str, int]]) -> str:
    """Return a message with file and row numbers, if it is about rows.

    Parameters
    ----------
    message : str
    place : callable
        From a row in the message, counted from 0, to its file and its row number in the file.

    Returns
    -------
    str
    """
    rows = rows_in(message)
    if not rows:
        return message
    places = {row - 1: place(row - 1) for row in rows}
    found = renumbered(message, {row: number for row, (_, number) in places.items()})
    return Message("{source!r}: {error}", source=places[rows[0] - 1][0], error=found)


class Sampler:
    """Draw a `Sample` from batches of rows: those with the lowest hashes.

    Parameters
    ----------
    size : int
        Maximum number of rows.
    seed : int
        Seed of the hash.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size: int = size
        self.seed: int = seed
        self.limit: int = 2**32  # only rows with a lower hash can be in the sample
        self.parts: list[Batch] = []

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""
        part = batch.filter(hashes(self.seed, batch.numbers) < self.limit)
        if len(part.rows):
            self.parts.append(part)
        if sum(len(part.rows) for part in self.parts) > 2 * self.size:
            self.reduce()

    def reduce(self) -> None:
        """Keep the rows with the lowest hashes."""
        hashed = np.concatenate([hashes(self.seed, part.numbers) for part in self.parts])
        if len(hashed) > self.size:
            self.limit = int(np.partition(hashed, self.size)[self.size])
            parts = [p.filter(hashes(self.seed, p.numbers) < self.limit) for p in self.parts]
            self.parts = [part for part in parts if len(part.rows)]

    def result(self) -> Sample:
        """Return the sample of the rows that were added, at least one."""
        self.reduce()
        files = np.repeat([part.file for part in self.parts], [len(p.rows) for p in self.parts])
        rows = np.concatenate([part.rows for part in self.parts])
        table = concatenated([part.table for part in self.parts]).combine_chunks()
        return Sample(table, files, rows)


def sample_of(files: TableFiles, size: int, seed: int, columns: list[str] | None = None) -> Sample:
    """Draw a uniform random sample of the rows.

    Parameters
    ----------
    files : TableFiles
    size : int
        Maximum number of rows.
    seed : int
    columns : list of str, optional
        The columns to keep; all by default.

    Returns
    -------
    Sample

    Raises
    ------
    TableError
        If there are no rows, or a file can't be read.
    """
    sampler = Sampler(size, seed)
    for batch in files:
        sampler.add(batch if columns is None else replace(batch, table=batch.table.select(columns)))
    if not sampler.parts:
        raise TableError(Message("{name!r} has too few rows.", name=files.name))
    return sampler.result()


def open_files(
    source: Any,
    encoding: str | None = None,
    keep: Keep | None = None,
    delimiter: str | None = None,
    skip_rows: int | None = None,
) -> TableFiles:
    """Return a table in files, not yet read.

    Parameters
    ----------
    source : str, Path or pyarrow.dataset.Dataset
        A file, a folder or a glob.
    encoding : str, optional
        As in `read_table`.
    keep : mapping of str to collections of str, optional
        As in `read_table`.
    delimiter : str, optional
        As in `read_table`.
    skip_rows : int, optional
        As in `read_table`.

    Returns
    -------
    TableFiles

    Raises
    ------
    TableError
        If there is no such file.
    """
    if is_arrow_dataset(source):
        fragments = list(source.get_fragments())
        names = [getattr(part, "path", "") or f"part {i}" for i, part in enumerate(fragments, 1)]
        reads = [
            partial(read_fragment, part, source.schema, name)
            for name, part in zip(names, fragments, strict=True)
        ]
        n_rows = None
        with suppress(pa.ArrowException, OSError):  # reading raises the error
            n_rows = source.count_rows()
        return TableFiles("the dataset", list(zip(names, reads, strict=True)), n_rows=n_rows)
    name = str(source)
    files = find_files(name) if is_several(name) else [name]

    notes = dict[str, Sequence[str]]()

    def read(file: str) -> Iterator[pa.Table]:
        batches = read_batches(file, encoding, keep=keep, delimiter=delimiter, skip_rows=skip_rows)
        notes[file] = batches.notes
        return iter(batches)

    return TableFiles(name, [(file, partial(read, file)) for file in files], notes=notes)


def is_arrow_dataset(source: object) -> TypeGuard["pyarrow.dataset.Dataset"]:
    """Return whether this is a dataset of pyarrow, whose module is imported to make one.

    Parameters
    ----------
    source : object

    Returns
    -------
    bool
    """
    module = sys.modules.get("pyarrow.dataset")
    return module is not None and isinstance(source, module.Dataset)


def read_fragment(fragment: Any, schema: pa.Schema, name: str) -> Iterator[pa.Table]:
    """Read a part of a dataset in pieces.

    Raises
    ------
    TableError
        If it can't be read.
    """
    try:
        for batch in fragment.to_batches(schema=schema):
            yield cleaned(pa.Table.from_batches([batch]), name)
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            Message("{name!r} can't be read: {why}.", name=name, why=one_line(error))
        ) from error
