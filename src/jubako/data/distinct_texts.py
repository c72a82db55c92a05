"""The distinct texts of a column, and which of them stand for missing values."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.reading import Reading

FEW_LEVELS = 10  # minimum distinct numbers of a numeric column with other texts
MOST_MISTAKES = 0.1  # fraction of other texts below which they are errors, not levels
SAMPLE = 100  # texts that suffice to decide most columns


class Inferred(NamedTuple):
    """How a column is read.

    Parameters
    ----------
    reading : Reading
    notes : tuple of Message
        One for each ambiguity.
    decimal : {"", ".", ","}
        Decimal mark that is certain from the column itself.
    depends : bool
        Whether the reading depends on the decimal mark of other columns.
    """

    reading: Reading
    notes: tuple[Message, ...] = ()
    decimal: str = ""
    depends: bool = False


class DistinctTexts(NamedTuple):
    """The distinct texts of a column.

    Parameters
    ----------
    texts : pyarrow.Array of n strings
    counts : array of int, shape (n,)
        Number of rows of each.
    missing : array of bool, shape (n,)
        Which texts stand for missing values.
    column : pyarrow.ChunkedArray of strings
        All rows.
    """

    texts: pa.Array
    counts: Array
    missing: Array
    column: pa.ChunkedArray

    def without(self, which: Array) -> pa.ChunkedArray:
        """Return the column with the texts in the mask (n,) replaced by null."""
        is_missing = pc.is_in(self.column, value_set=self.texts.filter(pa.array(which)))
        return pc.if_else(is_missing, None, self.column)

    def row(self, word: int) -> int:
        """Return the first row of the text with number `word`, from 0."""
        return pc.index(self.column, self.texts[word]).as_py()

    def first(self, which: Array) -> tuple[str, int]:
        """Return the first text of the mask (n,) in the column, and its row, from 0."""
        rows = {self.row(int(word)): int(word) for word in np.flatnonzero(which)[:SAMPLE]}
        row = min(rows)
        return str(self.texts[rows[row]].as_py()), row


def all_match(texts: pa.ChunkedArray, pattern: str) -> bool:
    """Return whether a regular expression matches all texts; a sample is tried first."""
    return all(
        pc.all(pc.match_substring_regex(some, pattern), min_count=0).as_py()
        for some in (texts[:SAMPLE], texts[SAMPLE:])
    )


def decide_missing(
    name: str, distinct: DistinctTexts, fits: Array, forced: bool, refuse: Any
) -> tuple[str, ...] | None:
    """Return the texts that stand for missing values, given which texts fit a type.

    A single repeated text that does not fit stands for missing values as well. Few texts that do
    not fit among many that do are errors.

    Parameters
    ----------
    name : str
        Column name.
    distinct : DistinctTexts
    fits : array of bool, shape (n,)
        Which texts fit the type.
    forced : bool
        Whether the type is declared.
    refuse : callable
        From name, row, value and number of further values to the error.

    Returns
    -------
    tuple of str, or None
        None if too few texts fit.

    Raises
    ------
    TableError
        If a few texts do not fit.
    """
    odd = ~fits & ~distinct.missing
    n_fits = int(fits.sum())
    if n_fits <= int(distinct.missing.sum()) and not forced:  # -, 0 and + are levels
        return None
    many = forced or n_fits > FEW_LEVELS
    repeated = odd.sum() == 1 and distinct.counts[odd].sum() > 1
    if odd.any() and not (many and repeated):
        if forced or (many and distinct.counts[odd].sum() < MOST_MISTAKES * distinct.counts.sum()):
            value, row = distinct.first(odd)
            raise refuse(name, row, value, int(distinct.counts[odd].sum()) - 1)
        return None
    return chosen_texts(distinct, ~fits)


def chosen_texts(distinct: DistinctTexts, which: Array) -> tuple[str, ...]:
    """Return the chosen texts, in order."""
    return tuple(sorted(distinct.texts.filter(pa.array(which)).to_pylist()))


def missing_notes(
    name: str, distinct: DistinctTexts, missing: tuple[str, ...]
) -> tuple[Message, ...]:
    """Return a note on the texts that are read as missing.

    Parameters
    ----------
    name : str
        Column name.
    distinct : DistinctTexts
    missing : tuple of str

    Returns
    -------
    tuple of Message
        At most one.
    """
    if not missing:
        return ()
    is_missing = np.isin(distinct.texts.to_pylist(), missing)
    n, (_, row) = int(distinct.counts[is_missing].sum()), distinct.first(is_missing)
    shown = ", ".join(map(repr, missing[:5])) + (", ..." if len(missing) > 5 else "")
    if n == 1:
        return (
            Message(
                "Column {name!r}: {words} in row {row} means that the value is missing.",
                name=name,
                words=shown,
                row=row + 1,
            ),
        )
    return (
        Message(
            "Column {name!r}: {words} in {n} rows, first in row {row}, means that the value is "
            "missing.",
            name=name,
            words=shown,
            n=n,
            row=row + 1,
        ),
    )
