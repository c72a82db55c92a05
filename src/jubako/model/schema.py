"""The schema of a model: how the columns of a table are encoded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import (
    Column,
    Dropped,
    encode_views,
    fit_columns,
    has_code,
    input_slices,
    level_counts,
    n_discrete,
    n_inputs,
)
from jubako.data.errors import TableError
from jubako.data.one_row import OneRow
from jubako.data.row_encoding import RowEncoder
from jubako.i18n.messages import Message, Series

from .features import Features

MOST_SHOWN = 10  # columns that are named in a message


@dataclass(frozen=True)
class Schema:
    """How the columns of a table are encoded as numbers.

    Parameters
    ----------
    features : Features
        All columns that the model was fitted on.
    columns : list of Column
        The encoding of each column that is used.
    dropped : list of Dropped
        The columns that are not used, and why.
    codes : bool
        Whether categories are encoded as one code, instead of one-hot.
    """

    features: Features
    columns: list[Column]
    dropped: list[Dropped]
    codes: bool

    @classmethod
    def fit(
        cls,
        features: Features,
        table: pa.Table,
        readings: Mapping[str, Reading] | None,
        codes: bool,
    ) -> Self:
        """Decide how each column of a table is encoded.

        Parameters
        ----------
        features : Features
        table : pyarrow.Table
        readings : dict of str to Reading, or None
            How the values of each column are read; None infers it.
        codes : bool
            Whether categories are encoded as one code, instead of one-hot.

        Returns
        -------
        Schema

        Raises
        ------
        TableError
            If no column can be used.
        """
        columns, dropped = fit_columns(table, codes, readings)
        if not columns:
            raise nothing_to_learn_from(dropped)
        return cls(features, columns, dropped, codes)

    @property
    def columns_by_name(self) -> dict[str, Column]:
        """The columns by name; of those with two encodings, such as ordered levels, the first."""
        columns = dict[str, Column]()
        for column in self.columns:
            columns.setdefault(column.name, column)
        return columns

    @property
    def n_inputs(self) -> int:
        """The number of inputs per row."""
        return n_inputs(self.columns, self.codes)

    @property
    def levels(self) -> tuple[int, ...]:
        """The number of levels of each category that is encoded as a code."""
        return level_counts(self.columns) if self.codes else ()

    @property
    def n_discrete(self) -> int:
        """The number of codes of discrete numbers, which are the last of `levels`."""
        return n_discrete(self.columns) if self.codes else 0

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs; a code is named like its column."""
        names = list[str]()
        for column, _ in input_slices(self.columns, self.codes):
            names += [column.name] if has_code(column, self.codes) else column.input_names
        return names

    @property
    def n_inputs_by_column(self) -> list[int]:
        """The number of inputs of each column."""
        places = dict(input_slices(self.columns, self.codes))
        return [places[column].stop - places[column].start for column in self.columns]

    def encode(self, table: pa.Table, quantiles: bool = False, source: str = "X") -> Array:
        """Encode a table as inputs of a network.

        Parameters
        ----------
        table : pyarrow.Table of N rows
            It may have further columns.
        quantiles : bool
            Whether continuous columns are quantile-transformed instead of standardized.
        source : str
            The name of the table in messages.

        Returns
        -------
        array of float32, shape (N, n_inputs)

        Raises
        ------
        TableError
            If a column is missing, or a value does not fit the type of its column.
        """
        return self.encode_views(table, [quantiles], source)[quantiles]

    def encode_views(
        self, table: pa.Table | OneRow, views: Collection[bool], source: str = "X"
    ) -> dict[bool, Array]:
        """Encode a table as inputs of several networks, each with its `quantiles`.

        Parameters
        ----------
        table : pyarrow.Table of N rows, or OneRow
        views : collection of bool
            Their `quantiles`, as in `encode`.
        source : str
            The name of the table in messages.

        Returns
        -------
        dict of bool to array of float32, shape (N, n_inputs)

        Raises
        ------
        TableError
            As in `encode`.
        """
        row = table if isinstance(table, OneRow) else self.features.find_row(table, lambda: table)
        if row is not None:
            return self.row_encoder.encode(row, views, source)
        return encode_views(self.columns, table, source, views, self.codes)

    @cached_property
    def row_encoder(self) -> RowEncoder:
        """The encoding of single rows."""
        return RowEncoder(self.columns, self.codes)

    def sample(self, n: int, rng: np.random.Generator) -> pa.Table:
        """Draw rows whose columns are independent, each like the column in training.

        Parameters
        ----------
        n : int
        rng : Generator

        Returns
        -------
        pyarrow.Table of n rows
            With the columns that are used.
        """
        drawn = dict[str, pa.Array]()
        for column in self.columns:  # an ordered category has two, of which the first suffices
            if column.name not in drawn:
                drawn[column.name] = column.sample(n, rng)
        return pa.table(drawn)


def nothing_to_learn_from(dropped: Sequence[Dropped]) -> TableError:
    """Return the error for a table without usable columns, with the reason for each.

    Parameters
    ----------
    dropped : sequence of Dropped

    Returns
    -------
    TableError
    """
    shown = Series(
        [
            Message("{name!r} ({reason})", name=column.name, reason=column.reason)
            for column in dropped[:MOST_SHOWN]
        ]
    )
    others = len(dropped) - MOST_SHOWN
    more = Message(" and {n} more", n=others) if others > 0 else ""
    return TableError(
        Message("There is no column to learn from: {columns}{more}.", columns=shown, more=more)
    )
