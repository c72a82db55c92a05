"""Sample weights in a column of a table."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.reading import Reading, cast
from .casting.values import as_numbers
from .errors import TableError
from .inference import infer_reading


@dataclass(frozen=True, slots=True)
class WeightColumn:
    """A column of sample weights.

    Parameters
    ----------
    name : str
    reading : Reading
    mean : float
        Mean weight of the rows by which the reading was decided.
    """

    name: str
    reading: Reading
    mean: float = 1.0

    def read(self, table: pa.Table) -> Array:
        """Return the weights of rows.

        Parameters
        ----------
        table : pyarrow.Table of N rows

        Returns
        -------
        array, shape (N,)
            All are >= 0.

        Raises
        ------
        TableError
            If one is missing, negative or not a number, with its row.
        """
        weights = as_numbers(cast(table[self.name], self.reading, self.name), self.name)
        wrong = ~(weights >= 0)
        if wrong.any():
            row = int(wrong.argmax())
            raise TableError(
                Message(
                    "Column {name!r}, row {row}: {value} is not a weight. Weights must be numbers "
                    ">= 0.",
                    name=self.name,
                    row=row + 1,
                    value=repr(table[self.name][row].as_py()),
                )
            )
        return weights


def find_weights(table: pa.Table, name: str) -> WeightColumn:
    """Decide how a column of weights is read.

    Parameters
    ----------
    table : pyarrow.Table
    name : str
        Column name.

    Returns
    -------
    WeightColumn

    Raises
    ------
    TableError
        If the column holds other values than weights, or only zeros.
    """
    column = WeightColumn(name, infer_reading(name, table[name]).reading)
    weights = column.read(table)
    if not weights.any():
        raise TableError(
            Message("All weights in column {name!r} are 0: nothing to learn from.", name=name)
        )
    return replace(column, mean=float(np.mean(weights)))
