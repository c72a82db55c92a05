"""Mixed rows: rows of a table with some values of other rows."""

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array

SHARE = 0.2  # of the values of a row that are those of another row


def mixed_rows(table: pa.Table, n: int, rng: np.random.Generator) -> pa.Table:
    """Draw rows, and replace a share of the values of each by those of another row.

    Each value is one that the column has, and most of a row is as it was: a teacher is asked near
    the rows that there are, but between them (compare MUNGE, Bucilă et al. 2006).

    Parameters
    ----------
    table : pyarrow.Table of at least one row
    n : int
        Number of mixed rows.
    rng : Generator

    Returns
    -------
    pyarrow.Table of n rows
    """
    rows, others = rng.integers(table.num_rows, size=(2, n))

    def mixed(values: pa.ChunkedArray) -> pa.ChunkedArray:
        places: Array = np.where(rng.random(n) < SHARE, others, rows)
        return values.take(pa.array(places))

    return pa.table({name: mixed(table[name]) for name in table.column_names})
