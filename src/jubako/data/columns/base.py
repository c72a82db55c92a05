"""The interface of fitted columns."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.i18n.messages import Message


class Column(Protocol):
    """A fitted column: a frozen dataclass of numbers and strings, which is saved with the model.

    Attributes
    ----------
    kind : str
        Name of its type, in `COLUMNS` and in model files.
    reading_kind : str
        Kind of its reading.

    Raises
    ------
    ValueError
        If its fields are impossible, as in a damaged model file.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    kind: ClassVar[str]
    reading_kind: ClassVar[str]

    @property
    def name(self) -> str: ...
    @property
    def reading(self) -> Reading:
        """How its values are read."""
        ...

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network for this column."""
        ...

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each of these inputs."""
        ...

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Encode the values of N rows.

        Parameters
        ----------
        values : pyarrow.ChunkedArray, shape (N,)
            As returned by `cast`.
        out : array of float32, shape (N, n_inputs)
            Receives the inputs.
        quantiles : bool
            Whether continuous numbers are quantile-transformed instead of standardized.

        Raises
        ------
        TableError
            If a value is not of the type of the column.
        """
        ...

    def sizes(self, values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        """Return values as numbers, dates or times, which have an order; None if they have none.

        Parameters
        ----------
        values : ChunkedArray of N values
            As `cast` returns them.
        """
        ...

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n values that are like those in training, as far as the column describes them.

        A share `MISSING` of them is missing if some were in training; levels are equally frequent.
        """
        ...

    def typical(self) -> pa.Array:
        """Return the typical value: the median of numbers and dates, else a missing value.

        Returns
        -------
        pyarrow.Array, shape (1,)
            Of a type that `cast` returns.
        """
        ...

    def describe(self) -> str:
        """Return the type with its statistics or levels."""
        ...


CONSTANT = Message("constant")
MISSING = 0.1  # of sampled values


@dataclass(frozen=True)
class Dropped:
    """A column that is not used, and why.

    Parameters
    ----------
    name : str
        Column name.
    reason : str
    """

    name: str
    reason: str
