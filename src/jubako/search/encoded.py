"""Encoded rows: a table as inputs and targets of networks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.losses import Loss
from jubako.data.column_encoding import n_continuous
from jubako.data.dataset import Dataset
from jubako.model.schema import Schema
from jubako.training.engines.base import Engine
from jubako.training.engines.windows import WindowEngine

from .folds import MANY, learned, n_learned
from .windows import Windows


@dataclass(frozen=True)
class EncodedRows:
    """Encoded training data, with the rows of each fold.

    Parameters
    ----------
    view : callable
        From `Candidate.quantiles` to x, float32 of shape (N, n_in), numeric inputs first.
    n_numbers : int
        Number of numeric inputs.
    levels : tuple of int
        Number of levels of each category and discrete number. Their codes are the last columns
        of x.
    y : array of float32, shape (N, n_y)
        Targets, encoded for the loss.
    w : array of float32, shape (N,)
        Sample weights.
    loss : Loss
    start : array, shape (n_out,)
        Output before training: the mean, or the logarithm of the class frequencies.
    held : list of arrays of int
        The rows of each fold, on which the network of the same number is not trained.
    seed : int
    windows : Windows or None
        The training rows, if they are in a file; all rows above are then held out.
    n_discrete : int
        Number of columns, the last of x, whose codes are discrete numbers.
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
    windows: Windows | None = None
    n_discrete: int = 0

    @property
    def n_learned(self) -> int:
        """The number of training rows in an epoch of the network with the smallest fold."""
        return self.windows.n_in_window if self.windows else n_learned(len(self.y), self.held)

    @property
    def is_large(self) -> bool:
        """Whether there are at least `MANY` rows, so that two networks are trained."""
        n_rows = self.windows.file.n_rows if self.windows else len(self.y)
        return n_rows >= MANY

    @property
    def n_refit(self) -> int:
        """The number of rows in an epoch of a refit."""
        return self.windows.of_all_rows().n_in_window if self.windows else len(self.y)

    @property
    def epochs_in_pass(self) -> int:
        """The number of epochs in which each row is seen once."""
        return self.windows.n_windows if self.windows else 1

    def learned(self) -> list[Array]:
        """Return the rows that each network is trained on in an epoch; of a window, all."""
        if self.windows:
            return [np.arange(self.n_learned)] * len(self.held)
        return learned(len(self.y), self.held)

    def engine(self, engine: Engine, quantiles: bool, refit: bool = False) -> Engine:
        """Return an engine that trains on these rows, and reads them if they are in a file."""
        if not self.windows:
            return engine
        windows = self.windows.of_all_rows() if refit else self.windows
        return WindowEngine(engine, partial(windows.load, quantiles=quantiles))

    @property
    def held_out(self) -> Array:
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
    """Encode the rows of a dataset for training.

    Parameters
    ----------
    schema : Schema
    dataset : Dataset
        With encoded targets (N, 1), and weights > 0.
    loss : Loss
    start : array, shape (n_out,)
        Output before training.
    held : list of arrays of int
        The rows of each fold.
    seed : int

    Returns
    -------
    EncodedRows
    """
    y, w = dataset.target.astype(np.float32), dataset.w
    w = (w / w.mean()).astype(np.float32)
    view, n_numbers = EncodedTable(schema, dataset.table), n_continuous(schema.columns)
    return EncodedRows(
        view,
        n_numbers,
        schema.levels,
        y,
        w,
        loss,
        start,
        held,
        seed,
        n_discrete=schema.n_discrete,
    )


@dataclass
class EncodedTable:
    """An encoded table, standardized or quantile-transformed: the last one is cached.

    It is thread-safe.

    Parameters
    ----------
    schema : Schema
    table : pyarrow.Table of N rows
    quantiles : bool or None
        Which encoding is cached.
    x : array of float32, shape (N, n_in), or None
        The cached encoding.
    lock : Lock
    """

    schema: Schema
    table: pa.Table
    quantiles: bool | None = None
    x: Array | None = None
    lock: Any = field(default_factory=Lock, repr=False)

    def __call__(self, quantiles: bool) -> Array:
        """Return the encoded rows, shape (N, n_inputs)."""
        with self.lock:
            if self.x is None or quantiles != self.quantiles:
                self.x = None  # so that only one is in memory
                self.x = self.schema.encode(self.table, quantiles)
                self.quantiles = quantiles
            return self.x

    def __reduce__(self) -> Any:
        """Pickle without the lock."""
        with self.lock:
            return EncodedTable, (self.schema, self.table, self.quantiles, self.x)
