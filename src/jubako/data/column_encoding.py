"""Column encoding: how the columns of a table become the inputs of a network. It is plain data.

A type of column is a class and its fit function in `columns`, and a line in `COLUMNS`. All inputs
have a mean near 0 and a standard deviation near 1, with which networks train best.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeGuard

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.date_values import kind_of
from .casting.reading import Reading, cast
from .casting.values import plain
from .columns.base import Column, Dropped
from .columns.boolean import Boolean, fit_boolean
from .columns.categorical import Categorical, Ordinal, fit_categorical
from .columns.date import Date, TimeOfDay, fit_date
from .columns.discrete import Discrete, fit_discrete
from .columns.duration import Duration, fit_duration
from .columns.numeric import Numeric, fit_numeric
from .errors import TableError, nearest
from .inference import infer_table

COLUMNS: dict[str, type[Column]] = {
    str(column.kind): column
    for column in (
        Numeric,
        Categorical,
        Boolean,
        Date,
        TimeOfDay,
        Duration,
        Ordinal,
        Discrete,
    )
}


def fit_columns(
    table: pa.Table, codes: bool = False, readings: Mapping[str, Reading] | None = None
) -> tuple[list[Column], list[Dropped]]:
    """Decide for each column how it is encoded, or that it is dropped.

    Constant columns are dropped, and so are identifiers: row numbers 1, 2, 3, ..., and texts that
    are distinct in nearly every row. If all other columns are dropped, row numbers are kept.

    Parameters
    ----------
    table : pyarrow.Table
    codes : bool
        Whether categories are encoded as codes, as in `encode`: then they may have many more
        levels.
    readings : mapping of str to Reading, optional
        Inferred from the table by default.

    Returns
    -------
    columns : list of Column
    dropped : list of Dropped
    """
    if readings is None:
        readings = infer_table(table).readings
    columns, dropped = list[Column](), list[Dropped]()
    for keep_identifiers in (False, True):
        columns, dropped = [], []
        for name in table.column_names:
            fitted = fit_column(name, table[name], codes, readings[name], keep_identifiers)
            if isinstance(fitted, Dropped):
                dropped.append(fitted)
                continue
            columns.append(fitted)
            if isinstance(fitted, Categorical) and len(fitted.reading.levels) > 2:
                columns.append(Ordinal(name, fitted.reading))
            elif codes and type(fitted) is Numeric:
                values = cast(table[name], fitted.reading, name)
                columns += [column for column in [fit_discrete(fitted, values)] if column]
        if columns:
            break
    return columns, dropped


def fit_column(
    name: str,
    values: pa.ChunkedArray,
    codes: bool = False,
    reading: Reading | None = None,
    keep_identifiers: bool = False,
) -> Column | Dropped:
    """Decide how one column is encoded, or that it is dropped.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray
    codes : bool
        As in `fit_columns`.
    reading : Reading, optional
        Inferred from the values by default.
    keep_identifiers : bool
        Whether to keep row numbers 1, 2, 3, ...

    Returns
    -------
    Column or Dropped
    """
    if reading is None:
        reading = infer_table(pa.table({name: values})).readings[name]
    kind = plain(values).type
    if reading.kind == "drop":
        if reading.declared:
            return Dropped(name, Message("as declared"))
        return Dropped(name, Message("type {kind}", kind=str(kind)))
    values = cast(values, reading, name)
    if values.null_count == len(values):
        return Dropped(name, Message("empty"))
    if reading.kind == "boolean":
        return fit_boolean(name, values, reading)
    if reading.kind == "date":
        is_duration = kind_of(values.type, reading.order) == "duration"
        return (fit_duration if is_duration else fit_date)(name, values, reading)
    if reading.kind == "numeric":
        return fit_numeric(name, values, reading, keep_identifiers)
    return fit_categorical(name, values, reading, codes)


def encode(
    columns: list[Column],
    table: pa.Table,
    source: str = "the table",
    quantiles: bool = False,
    codes: bool = False,
) -> Array:
    """Encode a table as inputs of a network.

    Parameters
    ----------
    columns : list of Column
        As fitted; `input_slices` returns the place of each.
    table : pyarrow.Table of N rows
        Further columns are ignored.
    source : str
        Name of the table, for messages.
    quantiles : bool
        Whether continuous columns are quantile-transformed instead of standardized.
    codes : bool
        Whether a category is encoded as one code, instead of one-hot.

    Returns
    -------
    array of float32, shape (N, n_inputs)

    Raises
    ------
    TableError
        If a column is missing, or a value does not fit the type of its column.
    """
    return encode_views(columns, table, source, [quantiles], codes)[quantiles]


def encode_views(
    columns: list[Column], table: pa.Table, source: str, views: Collection[bool], codes: bool
) -> dict[bool, Array]:
    """Encode a table in several ways; values are cast once.

    Parameters
    ----------
    columns : list of Column
    table : pyarrow.Table of N rows
    source : str
        As in `encode`.
    views : collection of bool
        For each array: whether continuous columns are quantile-transformed.
    codes : bool
        As in `encode`.

    Returns
    -------
    dict of bool to array of float32, shape (N, n_inputs)

    Raises
    ------
    TableError
        As in `encode`.
    """
    check_names([column.name for column in columns], table, source)

    def values_of(column: Column) -> pa.ChunkedArray:
        return cast(table[column.name], column.reading, column.name)

    return encode_values(columns, values_of, table.num_rows, views, codes)


def encode_values(
    columns: list[Column],
    values_of: Callable[[Column], pa.ChunkedArray],
    n_rows: int,
    views: Collection[bool],
    codes: bool,
) -> dict[bool, Array]:
    """Encode values that are cast; see `encode_views`.

    Parameters
    ----------
    columns : list of Column
    values_of : callable
        From a column to its N values, as returned by `cast`.
    n_rows : int
        N.
    views : collection of bool
    codes : bool

    Returns
    -------
    dict of bool to array of float32, shape (N, n_inputs)
    """
    places = list(input_slices(columns, codes))
    width = places[-1][1].stop if places else 0
    arrays = {quantiles: np.empty((n_rows, width), np.float32) for quantiles in views}
    for column, place in places:
        values = values_of(column)
        if has_code(column, codes):
            numbers = column.codes(values)
            for x in arrays.values():
                x[:, place.start] = numbers
        else:
            for quantiles, x in arrays.items():
                column.encode(values, x[:, place], quantiles)
    return arrays


def input_slices(columns: list[Column], codes: bool = False) -> Iterator[tuple[Column, slice]]:
    """Yield the place of each column among the inputs: continuous first, codes last.

    Parameters
    ----------
    columns : list of Column
    codes : bool
        As in `encode`.

    Yields
    ------
    column : Column
    place : slice
    """

    def place(column: Column) -> int:
        if has_code(column, codes):
            return 3 if isinstance(column, Discrete) else 2
        return 0 if is_continuous(column) else 1

    start = 0
    for column in sorted(columns, key=place):
        n = 1 if has_code(column, codes) else column.n_inputs
        yield column, slice(start, start := start + n)


def has_code(column: Column, codes: bool) -> TypeGuard[Categorical | Discrete]:
    """Return whether a column is encoded as one code, given the `codes` of `encode`."""
    return codes and isinstance(column, Categorical | Discrete)


def n_inputs(columns: list[Column], codes: bool = False) -> int:
    """Return the number of inputs that the columns become."""
    return max((place.stop for _, place in input_slices(columns, codes)), default=0)


def is_continuous(column: Column) -> bool:
    """Return whether a column has at least three different numbers, and so quantiles."""
    return isinstance(column, Numeric) and bool(column.knots)


def n_continuous(columns: list[Column]) -> int:
    """Return the number of inputs that come from continuous columns."""
    return sum(column.n_inputs for column in columns if is_continuous(column))


def level_counts(columns: list[Column]) -> tuple[int, ...]:
    """Return the number of levels of each code, in their order: categories, discrete numbers."""
    return tuple(
        column.n_inputs
        for kind in (Categorical, Discrete)
        for column in columns
        if isinstance(column, kind)
    )


def n_discrete(columns: list[Column]) -> int:
    """Return the number of codes of discrete numbers."""
    return sum(isinstance(column, Discrete) for column in columns)


def check_names(names: list[str], table: pa.Table, source: str) -> None:
    """Check that a table has these columns.

    Parameters
    ----------
    names : list of str
    table : pyarrow.Table
    source : str
        Name of the table, for messages.

    Raises
    ------
    TableError
        If not, with the most similar name.
    """
    there = set(table.column_names)
    for name in names:
        if name not in there:
            others = [other for other in table.column_names if other not in names]
            near = nearest(name, others)
            if near:
                hint = Message("did you mean {near!r}? Rename it.", near=near)
            else:
                hint = Message("the model was trained with it.")
            raise TableError(
                Message(
                    "{source!r} has no column {name!r}: {hint}", source=source, name=name, hint=hint
                )
            )


def check_columns(names: list[str], table: pa.Table, data: str, option: str) -> None:
    """Refuse names of columns that an option gives and the table lacks.

    Raises
    ------
    TableError
        With the nearest column that there is.
    """
    for name in names:
        if name not in table.column_names:
            near = nearest(name, table.column_names)
            there = Message("there are {names}.", names=", ".join(table.column_names[:20]))
            hint = Message("did you mean {near!r}?", near=near) if near else there
            raise TableError(
                Message(
                    "{data!r} has no column {name!r} for {option}: {hint}",
                    data=data,
                    name=name,
                    option=option,
                    hint=hint,
                )
            )


def unseen_levels(columns: list[Column], table: pa.Table) -> dict[str, tuple[int, str]]:
    """Count the values of each category that are not among its levels.

    Parameters
    ----------
    columns : list of Column
    table : pyarrow.Table

    Returns
    -------
    dict of str to (int, str)
        Number of such values by column name, and an example.
    """
    found = dict[str, tuple[int, str]]()
    for column in columns:
        if isinstance(column, Categorical) and not column.rare:
            texts = cast(table[column.name], column.reading, column.name).drop_null()
            known = pc.is_in(texts, value_set=pa.array(column.levels, pa.string()))
            new = texts.filter(pc.invert(known))
            if len(new):
                found[column.name] = len(new), str(new[0].as_py())
    return found


def unseen_notes(columns: list[Column], table: pa.Table) -> list[Message]:
    """Return a note on each column with categories that were not seen in training.

    Parameters
    ----------
    columns : list of Column
    table : pyarrow.Table

    Returns
    -------
    list of Message
    """
    return [
        Message(
            "{rows} with a {name!r} that was not seen in training, such as {value!r}.",
            rows=Message("1 row") if count == 1 else Message("{n} rows", n=count),
            name=name,
            value=value,
        )
        for name, (count, value) in unseen_levels(columns, table).items()
    ]
