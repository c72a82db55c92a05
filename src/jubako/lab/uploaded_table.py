"""Tables uploaded by users."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jubako.data.casting.reading import Reading, cast_table
from jubako.data.inference import infer_table

MAX_ROWS = 20_000  # of larger tables a random sample is used


@dataclass(frozen=True, slots=True)
class UploadedTable:
    """A table uploaded by a user.

    Parameters
    ----------
    name : str
    table : pyarrow.Table
        With typed columns of numbers and booleans.
    read_as : str
        Format, encoding and delimiter of the file.
    n_rows : int
        Number of rows before sampling.
    notes : tuple of str
        One for each ambiguity.
    readings : dict of str to Reading
        How the values in the file are read, by column.
    """

    name: str
    table: pa.Table
    read_as: str
    n_rows: int
    notes: tuple[str, ...]
    readings: dict[str, Reading]


def prepare_upload(
    name: str, table: pa.Table, read_as: str, notes: tuple[str, ...] = ()
) -> UploadedTable:
    """Keep a table, or `MAX_ROWS` of its rows, in their order.

    Raises
    ------
    TableError
        If the values of a column can't be read.
    """
    n_rows = table.num_rows
    readings, more, _ = infer_table(table)
    table = cast_table(table, readings)
    if n_rows > MAX_ROWS:
        chosen = np.random.default_rng(0).choice(n_rows, MAX_ROWS, replace=False)
        table = table.take(np.sort(chosen)).combine_chunks()
    return UploadedTable(name, table, read_as, n_rows, (*notes, *more), readings)


def cast_readings(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Return how columns are read once `cast_table` has typed them."""
    return {
        name: Reading(reading.kind, declared=reading.declared)
        if reading.kind in ("numeric", "boolean")
        else reading
        for name, reading in readings.items()
    }
