"""The encoding of one row without Arrow, whose calls take a hundred times as long as a number.

It is that of `column_encoding`: numbers go through the formulas of `columns.numeric`, for all
columns at once, and the inputs of a text are those that the column itself returns, kept for the
next row that has it. Whatever else a row holds is left to `column_encoding`, and so are errors.
"""

from collections.abc import Collection, Iterable, Mapping
from math import isfinite, isinf, nan
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array

from .casting.reading import RATES, cast
from .casting.values import EXACT
from .column_encoding import Column, encode_values, encode_views, input_slices
from .columns.boolean import Boolean
from .columns.categorical import Categorical, Ordinal
from .columns.numeric import Numeric, grid_of, normal_quantile, standardized
from .one_row import FLOATS, OneRow
from .readers.frames import to_table

MOST_KEPT = 10_000  # texts of a column whose inputs are kept

WHOLE = frozenset(
    [int, *(np.dtype(f"{sign}int{n}").type for sign in ("", "u") for n in (8, 16, 32, 64))]
)
TRUTHS = frozenset([bool, np.bool_])
Kept = dict[Any, dict[bool, Array]]
"""The inputs of the values of a column, by value and view."""


class Unusual(ValueError):
    """A value that is left to Arrow."""


class Order(NamedTuple):
    """Where the columns of a table stand.

    Parameters
    ----------
    names : list of str, or pandas.Index
        Names of all columns.
    numeric, others, unused : list of int
        The positions of the columns that a `RowEncoder` has under these names, and of the rest.
    """

    names: Any
    numeric: list[int]
    others: list[int]
    unused: list[int]

    def is_of(self, names: Any) -> bool:
        """Return whether this is the order of columns of these names."""
        if type(names) is list or type(self.names) is list:
            return names is self.names or list(names) == list(self.names)
        return bool(names.equals(self.names))


class Standardized(NamedTuple):
    """Some numeric columns that are standardized.

    Parameters
    ----------
    columns, inputs : array of int, shape (n,)
        The number of each column, and of its first input.
    center, scale : array, shape (n,)
    """

    columns: Array
    inputs: Array
    center: Array
    scale: Array

    @classmethod
    def of(cls, columns: list[Numeric], inputs: list[int], chosen: list[int]) -> Self:
        """Return the chosen columns, given the first input of each of all columns."""
        return cls(
            np.array(chosen, np.intp),
            np.array([inputs[i] for i in chosen], np.intp),
            np.array([columns[i].center for i in chosen]),
            np.array([columns[i].scale for i in chosen]),
        )


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
        places = list(input_slices(columns, codes))
        self.width = places[-1][1].stop if places else 0
        self.numeric: list[Numeric] = []
        inputs = list[int]()
        self.others: list[tuple[Column, slice, Kept]] = []
        for column, place in places:
            # a percentage needs its sign
            if type(column) is Numeric and column.reading.unit not in RATES:
                self.numeric.append(column)
                inputs.append(place.start)
            else:
                self.others.append((column, place, {}))
        numbers = range(len(inputs))
        self.marked: list[tuple[int, int]] = [
            (i, inputs[i] + 1) for i in numbers if self.numeric[i].missing
        ]
        self.graded: list[tuple[int, int, list[Any]]] = [
            (i, inputs[i], [numbers.tolist() for numbers in grid_of(self.numeric[i].knots)])
            for i in numbers
            if self.numeric[i].knots
        ]
        ungraded = [i for i in numbers if not self.numeric[i].knots]
        self.standardized: dict[bool, Standardized] = {
            False: Standardized.of(self.numeric, inputs, list(numbers)),
            True: Standardized.of(self.numeric, inputs, ungraded),
        }
        self.numbers_of_texts: dict[tuple[str, str], float] = {}
        self.order: Order = Order([], [], [], [])

    def __reduce__(self) -> Any:
        """Travel to another process without the texts that were predicted."""
        return RowEncoder, (self.columns, self.codes)

    def encode(self, row: OneRow, views: Collection[bool]) -> dict[bool, Array]:
        """Encode a row.

        Parameters
        ----------
        row : OneRow
        views : collection of bool
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
            return self._encode(row, views)
        except (ValueError, TypeError, KeyError, pa.ArrowException):
            return encode_views(self.columns, row.table(), "X", views, self.codes)

    def _encode(self, row: OneRow, views: Collection[bool]) -> dict[bool, Array]:
        order, values = self._order(row.names), row.values
        numbers = [
            self._number_of_text(column, values[i])
            if type(values[i]) is str
            else number_in(values[i])
            for column, i in zip(self.numeric, order.numeric, strict=True)
        ]
        parts = [
            (place, self._inputs_of(column, kept, values[i], row))
            for i, (column, place, kept) in zip(order.others, self.others, strict=True)
        ]
        for i in order.unused:
            check_unused(values[i])
        arrays = dict[bool, Array]()
        for quantiles in views:
            encoded = arrays[quantiles] = np.empty((1, self.width), np.float32)
            some = self.standardized[quantiles]
            if len(some.columns):
                x = np.array(numbers)[some.columns]
                encoded[0, some.inputs] = standardized(x, np.isnan(x), some.center, some.scale)
            if quantiles:
                for i, place, grid in self.graded:
                    encoded[0, place] = normal_quantile(numbers[i], *grid)
            for i, place in self.marked:
                encoded[0, place] = numbers[i] != numbers[i]
            for place, inputs in parts:
                encoded[0, place] = inputs[quantiles]
        return arrays

    def _order(self, names: Any) -> Order:
        """Return where the columns are among those of a row."""
        order = self.order
        if not order.is_of(names):
            places = {name: i for i, name in enumerate(names)}
            check_names(names, places)
            used = {column.name for column in self.columns}
            self.order = order = Order(
                names,
                [places[column.name] for column in self.numeric],
                [places[column.name] for column, _, _ in self.others],
                [place for name, place in places.items() if name not in used],
            )
        return order

    def _number_of_text(self, column: Numeric, text: str) -> float:
        """Return the number that a text of a numeric column is read as; NaN if it is missing."""
        kept = self.numbers_of_texts
        key = column.name, text
        if key not in kept:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            values = to_table(pa.table({column.name: [text]}))[column.name]
            kept[key] = float(column.numbers(cast(values, column.reading, column.name))[0])
        return kept[key]

    def _inputs_of(self, column: Column, kept: Kept, value: Any, row: OneRow) -> dict[bool, Array]:
        """Return the inputs of a value that is no number of a numeric column, by view.

        Parameters
        ----------
        column : Column
        kept : dict
            From a value to these inputs; receives them.
        value : any object
        row : OneRow

        Returns
        -------
        dict of bool to array of float32, shape (n_inputs of the column,)
        """
        key = key_of(value, column)
        if key in kept:
            return kept[key]
        if key is Unusual:
            values = row.column(column.name)
        else:
            array = pa.array([key], pa.bool_() if type(key) is bool else pa.string())
            values = to_table(pa.table({column.name: array}))[column.name]

        def values_of(column: Column) -> pa.ChunkedArray:
            return cast(values, column.reading, column.name)

        arrays = encode_values([column], values_of, 1, (False, True), self.codes)
        parts = {view: array[0] for view, array in arrays.items()}
        if key is not Unusual:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[key] = parts
        return parts


def key_of(value: Any, column: Column) -> Any:
    """Return a text, a truth value or None that has the inputs of a value.

    Parameters
    ----------
    value : any object
    column : Column

    Returns
    -------
    str, bool, None, or Unusual
        The last if there is none.
    """
    kind = type(value)
    if kind is str:
        return value
    if isinstance(column, Categorical | Ordinal):
        if value is None:
            return None
        is_whole = kind in WHOLE or (kind in FLOATS and isfinite(value) and value == int(value))
        if is_whole and abs(value) < EXACT:
            return str(int(value))
    if isinstance(column, Boolean):
        if kind in TRUTHS:
            return bool(value)
        if value is None:
            return None
    return Unusual


def number_in(value: Any) -> float:
    """Return a number as `casting.values.as_numbers` does.

    Parameters
    ----------
    value : any object

    Returns
    -------
    float
        NaN if it is missing.

    Raises
    ------
    Unusual
        If it is infinite, too large, or no number.
    """
    kind = type(value)
    if kind in FLOATS:
        if isinf(value):
            raise Unusual
        return float(value)
    if kind in WHOLE or kind in TRUTHS:
        if abs(int(value)) >= EXACT:
            raise Unusual
        return float(value)
    if value is None:
        return nan
    raise Unusual


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
    elif not (kind in FLOATS or kind in TRUTHS or value is None):
        raise Unusual
