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
        """How many numbers it becomes."""
        ...

    @property
    def input_names(self) -> tuple[str, ...]:
        """What each of these numbers is called."""
        ...

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the numbers of each row into out, shape (N, width).

        Values are as `cast` gives them. With `ranks`, sizes come by their place among all: see
        `Numeric.rank`.

        Raises
        ------
        TableError
            If a value is not of the column's kind.
        """
        ...

    def describe(self) -> str:
        """Say what it holds, in a few words."""
        ...


CONSTANT = Message("always the same")


@dataclass(frozen=True)
class Dropped:
    """A column that is not used, and why."""

    name: str
    reason: str
