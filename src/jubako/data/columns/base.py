"""What every fitted column can do."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.i18n.messages import Message


class Column(Protocol):
    """What a fitted column is: a frozen dataclass of numbers and strings, saved with the model.

    Attributes
    ----------
    kind : str
        The name of its type, in `COLUMNS` and in model files.
    reading_kind : str
        The kind of its reading.

    Raises
    ------
    ValueError
        If its values are none that a table can give: a damaged model file is refused so.
    """

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
        """The number of inputs of the network that it becomes."""
        ...

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each of these inputs."""
        ...

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the inputs of each row into an array.

        Parameters
        ----------
        values : ChunkedArray of N values
            As `cast` returns them.
        out : array, shape (N, n_inputs)
        quantiles : bool
            Whether continuous numbers are quantile-transformed, or else standardized.

        Raises
        ------
        TableError
            If a value is not of the column's type.
        """
        ...

    def describe(self) -> str:
        """Return its type and its statistics or levels, for a list of columns."""
        ...


CONSTANT = Message("constant")


@dataclass(frozen=True)
class Dropped:
    """A column that is not used, and why."""

    name: str
    reason: str
