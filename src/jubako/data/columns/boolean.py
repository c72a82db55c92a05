"""Boolean columns: 1 or -1."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.reading import BOOLEAN, Reading
from jubako.data.casting.values import as_numbers
from jubako.i18n.messages import Message

from .base import CONSTANT, Distribution, Dropped


@dataclass(frozen=True)
class Boolean:
    """A boolean column: 1 for true, -1 for false, 0 where missing.

    Parameters
    ----------
    name : str
    reading : Reading
    counts : tuple of int
        The number of training rows that are false and true, for comparison with other tables; empty
        for models of earlier versions.

    Raises
    ------
    ValueError
        If the counts are not of two values.
    """

    name: str
    reading: Reading = BOOLEAN
    counts: tuple[int, ...] = field(default=(), compare=False)
    kind: ClassVar[str] = Message("boolean")
    reading_kind: ClassVar[str] = "boolean"

    def __post_init__(self) -> None:
        if self.counts and (len(self.counts) != 2 or min(self.counts) < 0 or not any(self.counts)):
            raise ValueError(Message("The counts do not fit the levels."))

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network: 1."""
        return 1

    @property
    def input_names(self) -> tuple[str, ...]:
        """The column name."""
        return (self.name,)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write 1 for true, -1 for false and 0 for missing values into out (N, 1)."""
        numbers = as_numbers(values, self.name)
        out[:, 0] = np.where(np.isnan(numbers), 0, np.where(numbers > 0, 1, -1))

    def sizes(self, values: pa.ChunkedArray) -> None:
        """Return None: booleans have no order."""
        return None

    def numbers(self, values: pa.ChunkedArray) -> None:
        """Return None: booleans have no order."""
        return None

    def distribution(self) -> Distribution:
        """Return false and true as levels, with their counts."""
        return Distribution(levels=("false", "true"), counts=self.counts, is_complete=True)

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n values that are true with probability 0.5."""
        return pa.array(rng.random(n) < 0.5)

    def typical(self) -> pa.Array:
        """Return a missing value, shape (1,)."""
        return pa.nulls(1)

    def describe(self) -> str:
        """Return "boolean"."""
        return Message("boolean")

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a boolean, a text, a number or null."""
        return {"type": ["boolean", "string", "number", "null"]}


def fit_boolean(name: str, values: pa.ChunkedArray, reading: Reading) -> Boolean | Dropped:
    """Fit a boolean column.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray of bool, shape (N,)
    reading : Reading

    Returns
    -------
    Boolean or Dropped
        Dropped if constant.
    """
    if pc.count_distinct(values).as_py() < 2 and not values.null_count:
        return Dropped(name, CONSTANT)
    n_true = pc.sum(values).as_py() or 0
    counts = len(values) - values.null_count - n_true, n_true
    return Boolean(name, reading, counts if any(counts) else ())
