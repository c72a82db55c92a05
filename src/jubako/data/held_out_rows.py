"""Held-out rows of files: by a hash of the row number or of the group, or by time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.counter_rng import bits_at, key_of, mix
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.date_values import as_seconds, is_date
from .casting.reading import NUMERIC, Reading, cast
from .casting.values import as_numbers, is_number, is_text, plain
from .errors import TableError
from .inference import infer_reading, read_order


@dataclass(frozen=True, slots=True)
class RowRange:
    """Some rows of files: those with a position in (low, high].

    The position of a row is the hash of its number or of its group, scaled to [0, 1), or its
    negative time. So rows of the same group, or of the same time, stay together.

    Parameters
    ----------
    low, high : float
    seed : int
        Seed of the hash.
    groups : str or None
        The column of groups.
    time : str or None
        The column of times.
    reading : Reading
        How times that are texts are read.
    """

    low: float = -np.inf
    high: float = np.inf
    seed: int = 0
    groups: str | None = None
    time: str | None = None
    reading: Reading = NUMERIC

    @property
    def column(self) -> str | None:
        """The column of groups or times; None if rows are selected by their number."""
        return self.groups or self.time

    @property
    def share(self) -> float:
        """The share of the rows in the range, if positions are hashes; else 1."""
        return 1.0 if self.time else min(self.high, 1.0) - max(self.low, 0.0)

    def chosen(self, table: pa.Table, numbers: Array) -> Array:
        """Return which rows of a batch are in the range.

        Parameters
        ----------
        table : pyarrow.Table of N rows
        numbers : array of int, shape (N,)
            Row numbers over all files.

        Returns
        -------
        array of bool, shape (N,)

        Raises
        ------
        TableError
            If a group or a time is missing, with its row in the table.
        """
        if self.low == -np.inf and self.high == np.inf:
            return np.ones(len(numbers), bool)
        positions = self.positions(table, numbers)
        return (positions > self.low) & (positions <= self.high)

    def positions(self, table: pa.Table, numbers: Array) -> Array:
        """Return the positions of rows; see `chosen`.

        Parameters
        ----------
        table : pyarrow.Table of N rows
        numbers : array of int, shape (N,)

        Returns
        -------
        array, shape (N,)
        """
        if self.groups:
            values = plain(table[self.groups])
            check_complete(np.asarray(pc.is_null(values).to_numpy(), bool), self.groups)
            return group_hashes(values, self.seed) / 2**32
        if self.time:
            times = times_of(plain(table[self.time]), self.time, self.reading)
            check_complete(np.isnan(times), self.time)
            return -times
        return hashes(self.seed, numbers) / 2**32

    def cut(self, positions: Array, shares: Sequence[float]) -> list["RowRange"]:
        """Cut the range into parts by the quantiles of positions.

        Parameters
        ----------
        positions : array, shape (N,)
            Positions of all rows in the range, or of a random sample.
        shares : sequence of float
            Each is a share of the rows that remain after the shares before it.

        Returns
        -------
        list of RowRange
            One for each share, and one for the other rows.

        Raises
        ------
        TableError
            If the positions have too few distinct values.
        """
        ranges, low, left = list[RowRange](), self.low, np.sort(positions)
        for share in shares:
            n = max(1, round(share * len(left)))
            if not len(left) or left[n - 1] == left[-1]:
                raise TableError(
                    Message(
                        "Column {column!r} has too few distinct values to hold out rows by it: "
                        "choose another column.",
                        column=self.column,
                    )
                )
            high = float(left[n - 1])
            ranges.append(replace(self, low=low, high=high))
            low, left = high, left[left > high]
        return [*ranges, replace(self, low=low)]

    def cut_at_random(self, shares: Sequence[float]) -> list["RowRange"]:
        """Cut the range into parts, where positions are hashes of row numbers.

        Parameters
        ----------
        shares : sequence of float
            See `cut`.

        Returns
        -------
        list of RowRange
            One for each share, and one for the other rows.
        """
        ranges, low, left = list[RowRange](), self.low, self.share
        for share in shares:
            high = max(low, 0.0) + share * left
            ranges.append(replace(self, low=low, high=high))
            low, left = high, (1 - share) * left
        return [*ranges, replace(self, low=low)]


ALL_ROWS = RowRange()


def hashes(seed: int, numbers: Array) -> Array:
    """Hash row numbers, one to one.

    Parameters
    ----------
    seed : int
    numbers : array of int, shape (N,)
        Less than 2^32.

    Returns
    -------
    array of uint32, shape (N,)
    """
    return bits_at(key_of(np.array(seed & 0xFFFFFFFF, np.uint32)), numbers)


def group_hashes(values: pa.ChunkedArray, seed: int) -> Array:
    """Hash values, whatever their type.

    Parameters
    ----------
    values : pyarrow.ChunkedArray of N values
    seed : int

    Returns
    -------
    array of uint32, shape (N,)
    """
    if is_number(values.type):
        bits = (as_numbers(values, "") + 0.0).view(np.uint64)  # -0 is 0
        low, high = (bits & np.uint64(0xFFFFFFFF)), bits >> np.uint64(32)
        start = np.uint32(seed & 0xFFFFFFFF)
        return mix(mix(low.astype(np.uint32) ^ start) ^ high.astype(np.uint32))
    words = (values if is_text(values.type) else values.cast(pa.string())).combine_chunks()
    packed = words.dictionary_encode()
    key = int(seed).to_bytes(8, "little")
    digests = [
        int.from_bytes(blake2b(word.encode(), digest_size=4, key=key).digest(), "little")
        for word in packed.dictionary.to_pylist()
    ]
    return np.array(digests, np.uint32)[packed.indices.to_numpy()]


def reading_of_times(values: pa.ChunkedArray, name: str) -> Reading:
    """Decide how times are read.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    name : str
        Column name, for messages.

    Returns
    -------
    Reading

    Raises
    ------
    TableError
        If they are neither dates nor numbers, or ambiguous.
    """
    values = plain(values)
    if not is_text(values.type):
        return NUMERIC
    read_order(values, name)
    return infer_reading(name, values).reading


def times_of(values: pa.ChunkedArray, name: str, reading: Reading) -> Array:
    """Convert times to numbers of the same order.

    Parameters
    ----------
    values : pyarrow.ChunkedArray of N values
    name : str
    reading : Reading

    Returns
    -------
    array, shape (N,)
        NaN where missing.
    """
    if is_text(values.type):
        values = cast(values, reading, name)
    if is_date(values.type) or is_text(values.type):
        return as_seconds(values, name, reading.order)
    return as_numbers(values, name)


def check_complete(missing: Array, name: str) -> None:
    """Check that no group or time is missing.

    Parameters
    ----------
    missing : array of bool, shape (N,)
    name : str
        Column name.

    Raises
    ------
    TableError
        With the first row.
    """
    if missing.any():
        raise TableError(
            Message(
                "Column {name!r}, row {row}: the value is missing, but the rows are split by it. "
                "Fill it in, or leave the row out.",
                name=name,
                row=int(missing.argmax()) + 1,
            )
        )
