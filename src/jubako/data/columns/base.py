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
    def name(self) -> str:
        """The column name."""
        ...

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

    def numbers(self, values: pa.ChunkedArray) -> Array | None:
        """Return values as float64, NaN where missing; None if they have no order.

        Parameters
        ----------
        values : ChunkedArray of N values
            As `cast` returns them.

        Returns
        -------
        array, shape (N,), or None
            Seconds of dates, times and durations.
        """
        ...

    def distribution(self) -> "Distribution":
        """Return the distribution of its values in training, as far as it is kept."""
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

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value; null is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of the values of a column in training, as far as the column keeps it.

    Parameters
    ----------
    missing : bool or None
        Whether values were missing; None if this is not kept.
    levels : tuple of str
        Empty for numbers, dates and times.
    counts : tuple of int
        The number of rows of each level; empty if this is not kept.
    is_complete : bool
        Whether a value can have no other level.
    has_rare_levels : bool
        Whether there were rare levels, which are not kept.
    knots : tuple of float
        As returned by `quantiles_of`; empty if they are not kept.
    center : float or None
        The median, or the mean if `center_is_mean`; None for levels.
    scale : float > 0
    center_is_mean : bool
        Whether the center is the mean, and the scale the standard deviation.
    range : (float, float) or None
        The smallest and the largest number; None if they are not kept.
    """

    missing: bool | None = None
    levels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    is_complete: bool = False
    has_rare_levels: bool = False
    knots: tuple[float, ...] = ()
    center: float | None = None
    scale: float = 1.0
    center_is_mean: bool = False
    range: tuple[float, float] | None = None


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
