"""The first pass over a table in files: a sample, and the levels that it lacks."""

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import types

from jubako.data.arrow_compute import pc

from .casting.numbers import PLAIN
from .casting.values import is_text, plain
from .columns.categorical import RARE
from .errors import locating_errors
from .held_out_rows import RowRange
from .table_files import Sample, Sampler, TableFiles, located

SAMPLE = 200_000  # rows for deciding readings and encodings
MOST_WORDS = 50_000  # maximum number of distinct values that are counted


class WordCounter:
    """A counter of the distinct values of a column, if there are few.

    If there are more than `MOST_WORDS`, only texts that are not plain numbers are counted; if there
    are more of these too, none.
    """

    def __init__(self) -> None:
        self.counts: Counter[object] = Counter()
        self.covers_all: bool = True
        self.is_over: bool = False

    def add(self, values: pa.ChunkedArray) -> None:
        """Count some values."""
        if self.is_over:
            return
        values = plain(values).drop_null()
        if not self.covers_all:
            values = without_plain_numbers(values)
        counted = values.value_counts()
        if self.covers_all and len(self.counts) + len(counted) > 2 * MOST_WORDS:
            self.only_odd_texts()
            counted = without_plain_numbers(values).value_counts()
        words, counts = (counted.field(i).to_pylist() for i in (0, 1))
        for word, count in zip(words, counts, strict=True):
            self.counts[word] += count
        if len(self.counts) > MOST_WORDS:
            if self.covers_all:
                self.only_odd_texts()
            self.is_over = len(self.counts) > MOST_WORDS
            self.counts = Counter() if self.is_over else self.counts

    def only_odd_texts(self) -> None:
        """From now on, count only texts that are not plain numbers."""
        self.covers_all = False
        texts = [word for word in self.counts if isinstance(word, str)]
        kept = without_plain_numbers(pa.chunked_array([pa.array(texts, pa.string())])).to_pylist()
        self.counts = Counter({word: self.counts[word] for word in kept})

    def lacking(self, sample: pa.ChunkedArray) -> list[object]:
        """Return the values that complete a sample.

        With them, it holds each value as often as all rows, or `RARE` times.

        Parameters
        ----------
        sample : pyarrow.ChunkedArray

        Returns
        -------
        list
            Some values more than once.
        """
        sampled = plain(sample).drop_null().value_counts()
        there = dict(zip(*(sampled.field(i).to_pylist() for i in (0, 1)), strict=True))
        return [
            word
            for word, count in self.counts.items()
            for _ in range(min(count, RARE) - there.get(word, 0))
        ]


def without_plain_numbers(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the texts that are not numbers in the format of programs; none for other types.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray
    """
    if not is_text(values.type):
        return values.slice(0, 0)
    return values.filter(pc.invert(pc.match_substring_regex(values, PLAIN)))


@dataclass(frozen=True, slots=True)
class TableSummary:
    """The results of one pass over the rows.

    Parameters
    ----------
    files : TableFiles
    n_rows : int
    n_val : int
        Number of validation rows among them.
    sample : Sample
        At most `SAMPLE` rows.
    words : dict of str to WordCounter
        For the target, and for text and declared categorical columns.
    table : pyarrow.Table
        The sample, and further rows with which it holds each text as often as all rows, or `RARE`
        times. So its levels and classes are those of all rows.
    """

    files: TableFiles
    n_rows: int
    n_val: int
    sample: Sample
    words: dict[str, WordCounter]
    table: pa.Table

    def named(self) -> AbstractContextManager[None]:
        """Name the file, and the row in the file, in errors about `table`."""
        return locating_errors(self.located)

    def located(self, message: str) -> str:
        """Return a message about `table` with the file and its row number, if it names a row."""
        name = str(getattr(message, "values", {}).get("name", ""))
        return located(message, partial(self.place, name=name))

    def place(self, row: int, name: str) -> tuple[str, int]:
        """Return the file and the row in it, from 0, of a row of `table`, where a column matters.

        Rows that complete the sample stand for the first of all rows with the same value.
        """
        n_sampled = len(self.sample.rows)
        if row < n_sampled or name not in self.table.column_names:
            return self.sample.place(row % n_sampled)
        value: Any = self.table[name][row]
        for batch in self.files:
            place = pc.index(plain(batch.table[name]), value.as_py()).as_py()
            if place >= 0:
                return batch.file, int(batch.rows[place])
        return self.sample.place(row % n_sampled)


def summarize(
    files: TableFiles,
    target: str,
    categorical: Iterable[str] = (),
    seed: int = 0,
    val: RowRange | None = None,
) -> TableSummary:
    """Read all rows once.

    Parameters
    ----------
    files : TableFiles
    target : str
    categorical : iterable of str
        Columns besides those of texts whose levels are counted.
    seed : int
        Seed of the sample.
    val : RowRange, optional
        The validation rows.

    Returns
    -------
    TableSummary

    Raises
    ------
    TableError
        If a file can't be read, or differs from the first.
    """
    sampler, words, n_rows, n_val = Sampler(SAMPLE, seed), dict[str, WordCounter](), 0, 0
    n_read = None  # in a second pass, too
    groups = [files.rows.groups] if files.rows.groups else []
    for batch in files:
        n_read = int(batch.numbers[-1]) + 1
        if val:
            n_val += int(np.count_nonzero(val.chosen(batch.table, batch.numbers)))
        batch = replace(batch, table=batch.table.drop_columns(groups))
        for name, values in zip(batch.table.column_names, batch.table.columns, strict=True):
            if name == target or name in categorical or holds_texts(values.type):
                words.setdefault(name, WordCounter()).add(values)
        sampler.add(batch)
        n_rows += len(batch.rows)
    sample = sampler.result()
    if files.end < np.inf:
        files = replace(files, n_read=n_read)
    return TableSummary(files, n_rows, n_val, sample, words, completed(sample.table, words))


def holds_texts(kind: pa.DataType) -> bool:
    """Return whether values of a type are texts of any kind.

    Parameters
    ----------
    kind : pyarrow.DataType
    """
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return is_text(kind) or types.is_string_view(kind)


def completed(table: pa.Table, words: dict[str, WordCounter]) -> pa.Table:
    """Return a sample with additional rows for the texts that it lacks; see `TableSummary`.

    Parameters
    ----------
    table : pyarrow.Table
        The sample.
    words : dict of str to WordCounter

    Returns
    -------
    pyarrow.Table
    """
    lacking = {name: counter.lacking(table[name]) for name, counter in words.items()}
    n_more = max(map(len, lacking.values()), default=0)
    if not n_more:
        return table
    more = table.take(np.arange(n_more) % table.num_rows)  # other columns are unchanged
    for i, name in enumerate(table.column_names):
        own = lacking.get(name, ())
        if own:
            kind = table.schema.field(i).type
            value_type = kind.value_type if types.is_dictionary(kind) else kind
            values = pa.array(own, value_type).cast(kind)
            rest = more[name].slice(len(own)).chunks
            more = more.set_column(i, name, pa.chunked_array([values, *rest], kind))
    return pa.concat_tables([table, more]).combine_chunks()
