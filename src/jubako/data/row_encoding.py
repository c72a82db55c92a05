"""The encoding of one row without Arrow, whose calls take a hundred times as long as a number.

Values that `value_encoding` leaves to Arrow are encoded by `column_encoding`, and so are rows that
have an error.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array

from .casting.values import EXACT
from .column_encoding import Column, encode_views, input_slices
from .one_row import FLOATS, OneRow
from .value_encoding import DATES, TRUTHS, WHOLE, Unusual, ValueEncoder, encoder_of


class Order(NamedTuple):
    """Where the columns of a table stand.

    Parameters
    ----------
    names : list of str, or pandas.Index
        Names of all columns.
    used, unused : list of int
        The positions of the columns that a `RowEncoder` has under these names, and of the rest.
    """

    names: Any
    used: list[int]
    unused: list[int]

    def is_of(self, names: Any) -> bool:
        """Return whether this is the order of columns of these names, of the same type."""
        return names == self.names if type(names) is list else bool(names.equals(self.names))


class RowEncoder:
    """The encoding of single rows.

    Parameters
    ----------
    columns : list of Column
    codes : bool
        As in `column_encoding.encode`.
    """

    def __init__(self, columns: list[Column], codes: bool) -> None:
        self.columns: list[Column] = columns
        self.codes: bool = codes
        self.encoders: list[ValueEncoder] = [
            encoder_of(column, codes) for column, _ in input_slices(columns, codes)
        ]
        """In the order of their inputs."""
        self.orders: dict[type, Order] = {}
        """The last order of lists of names, and that of an Index of pandas."""

    def __reduce__(self) -> Any:
        """Travel to another process without the values that were predicted."""
        return RowEncoder, (self.columns, self.codes)

    def encode(self, row: OneRow, views: Collection[bool], source: str = "X") -> dict[bool, Array]:
        """Encode a row.

        Parameters
        ----------
        row : OneRow
        views : collection of bool
        source : str
            As in `column_encoding.encode_views`.

        Returns
        -------
        dict of bool to array of float32, shape (1, n_inputs)

        Raises
        ------
        TableError
            As in `column_encoding.encode_views`, or from `row.table`.
        """
        try:
            order, values = self._order(row.names), row.values
            for i in order.unused:
                check_unused(values[i])
            return {quantiles: self._encode(order, row, quantiles) for quantiles in views}
        except (ValueError, TypeError, KeyError, pa.ArrowException):
            return encode_views(self.columns, row.table(), source, views, self.codes)

    def _encode(self, order: Order, row: OneRow, quantiles: bool) -> Array:
        """Return the inputs of a row, shape (1, n_inputs)."""
        inputs, values, unusual = list[float](), row.values, list[tuple[int, Column]]()
        for i, encoder in zip(order.used, self.encoders, strict=True):
            try:
                inputs += encoder.inputs(values[i], quantiles)
            except Unusual:
                unusual.append((len(inputs), encoder.column))
                inputs += [0.0] * encoder.n_inputs
        x = np.array(inputs, np.float32)[None]
        if unusual:
            columns = [column for _, column in unusual]
            table = row.columns(list(dict.fromkeys(column.name for column in columns)))
            found = encode_views(columns, table, "X", [quantiles], self.codes)[quantiles]
            places = input_slices(columns, self.codes)
            for (start, _), (_, place) in zip(unusual, places, strict=True):
                part = found[:, place]
                x[:, start : start + part.shape[1]] = part
        return x

    def _order(self, names: Any) -> Order:
        """Return where the columns are among those of a row."""
        order = self.orders.get(type(names))
        if order is None or not order.is_of(names):
            places = {name: i for i, name in enumerate(names)}
            check_names(names, places)
            used = [encoder.column.name for encoder in self.encoders]
            rest = places.keys() - set(used)
            order = Order(
                names, [places[name] for name in used], sorted(places[name] for name in rest)
            )
            self.orders[type(names)] = order
        return order


def check_names(names: Iterable[Any], places: Mapping[Any, int]) -> None:
    """Check that the names of columns need no cleaning.

    Parameters
    ----------
    names : iterable
    places : mapping of these names to int

    Raises
    ------
    Unusual
        If they do, or a name is there twice.
    """
    n = 0
    for name in names:
        n += 1
        if type(name) is not str or not name or name != name.strip():
            raise Unusual
    if n > len(places):
        raise Unusual


def check_unused(value: Any) -> None:
    """Check that Arrow takes the value of a column that is not used.

    Parameters
    ----------
    value : any object

    Raises
    ------
    Unusual
        If that is not certain.
    """
    kind = type(value)
    if kind is str:
        value.encode()
    elif kind in WHOLE:
        if abs(int(value)) >= EXACT:
            raise Unusual
    elif not (kind in FLOATS or kind in TRUTHS or kind in DATES or value is None):
        raise Unusual
