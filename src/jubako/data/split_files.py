"""Splits of tables in files."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .held_out_rows import ALL_ROWS, RowRange, reading_of_times
from .table_files import TableFiles, sample_of
from .table_summary import SAMPLE


def split_files(
    files: TableFiles, groups: str | None, time: str | None, shares: Sequence[float], seed: int
) -> list[RowRange]:
    """Split rows at random, by groups or by time; the first parts are the latest.

    By groups or times, all rows are read once, and the limits are quantiles of a random sample.
    They are exact if that holds all rows.

    Parameters
    ----------
    files : TableFiles
    groups, time : str or None
        The column of groups or of times, of which at most one is given.
    shares : sequence of float
        Each is a share of the rows that remain after the shares before it.
    seed : int

    Returns
    -------
    list of RowRange
        One for each share, and one for the other rows.

    Raises
    ------
    TableError
        If a group or a time is missing, there are too few distinct values, or texts have no order.
    """
    rows = RowRange(seed=seed, groups=groups, time=time)
    if rows.column is None:
        return rows.cut_at_random(shares)
    sample = sample_of(files.part(ALL_ROWS), SAMPLE, seed, [rows.column])
    with sample.named():
        if time:
            rows = replace(rows, reading=reading_of_times(sample.table[time], time))
        positions = rows.positions(sample.table, np.empty(0))
    return rows.cut(positions, shares)
