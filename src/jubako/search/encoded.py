"""Encoded rows: a table as the numbers that networks learn from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.losses import Loss
from jubako.data.dataset import Dataset
from jubako.data.schema import n_continuous
from jubako.model.schema import Schema

from .folds import n_learned


@dataclass(frozen=True)
class EncodedRows:
    """Training data as numbers, with the rows of each fold.

    Parameters
    ----------
    view : callable
        From `Candidate.ranks` to x of shape (N, n_in), float32, numbers first.
    n_numbers : int
        How many of the columns of x are numbers.
    levels : tuple of int
        The number of levels of each category, whose codes are the last columns of x.
    y, w : arrays, shapes (N, n_y) and (N,), float32
        Targets, as the loss takes them, and weights.
    loss : Loss
    start : array, shape (n_out,)
        The output before training: the mean, or the logarithm of the class frequencies.
    held : list of arrays
        The rows of each fold: the network of the same number does not learn from them.
    seed : int
    """

    view: Callable[[bool], Array]
    n_numbers: int
    levels: tuple[int, ...]
    y: Array
    w: Array
    loss: Loss
    start: Array
    held: list[Array]
    seed: int

    @property
    def n_learned(self) -> int:
        """The number of rows in an epoch of the network that learns from the most."""
        return n_learned(len(self.y), self.held)

    @property
    def judged(self) -> Array:
        """The rows that are in some fold, in order."""
        return np.unique(np.concatenate(self.held))


def encode_rows(
    schema: Schema,
    dataset: Dataset,
    loss: Loss,
    start: Array,
    held: list[Array],
    seed: int,
) -> EncodedRows:
    """Return rows as networks learn them: targets (N, 1) as the loss takes them, weights > 0."""
    y, w = dataset.target.astype(np.float32), dataset.w
    w = (w / w.mean()).astype(np.float32)
    view, n_numbers = EncodedTable(schema, dataset.table), n_continuous(schema.columns)
    return EncodedRows(view, n_numbers, schema.levels, y, w, loss, start, held, seed)


@dataclass
class EncodedTable:
    """A table as numbers, standardized or quantile-transformed: the last one is cached.

    Threads may share it.
    """

    schema: Schema
    table: pa.Table
    ranks: bool | None = None
    x: Array | None = None
    lock: Any = field(default_factory=Lock, repr=False)

    def __call__(self, ranks: bool) -> Array:
        with self.lock:
            if self.x is None or ranks != self.ranks:
                self.x = None  # so that there is never more than one
                self.x = self.schema.encode(self.table, ranks)
                self.ranks = ranks
            return self.x

    def __reduce__(self) -> Any:
        """Travel to another process without the lock."""
        with self.lock:
            return EncodedTable, (self.schema, self.table, self.ranks, self.x)
