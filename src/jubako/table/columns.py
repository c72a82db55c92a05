"""Columns: how each column of a table becomes numbers. What was fitted is plain data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array

MOST_LEVELS = 100  # categories of a column that get a number of their own


@dataclass(frozen=True, slots=True)
class Numeric:
    """One number: (value - center) / scale; 0 where it is missing."""

    name: str
    center: float
    scale: float
    kind = "number"

    def encode(self, column: pa.ChunkedArray) -> Array:
        """Return shape (N, 1)."""
        values = np.asarray(column.cast(pa.float64()).to_numpy(), float)
        return np.nan_to_num((values - self.center) / self.scale)[:, None]


@dataclass(frozen=True, slots=True)
class Categories:
    """A 1 in the place of the value's level, else 0; all 0 where it is missing or new."""

    name: str
    levels: tuple[str, ...]
    kind = "category"

    def encode(self, column: pa.ChunkedArray) -> Array:
        """Return shape (N, number of levels)."""
        values = np.asarray(column.cast(pa.string()).to_numpy(zero_copy_only=False))
        return np.equal(values[:, None], np.array(self.levels, object)).astype(float)


Column = Numeric | Categories


def fit_columns(table: pa.Table) -> list[Column]:
    """Decide for each column how it becomes numbers.

    Numbers and booleans are scaled to mean 0 and standard deviation 1; everything else is a
    category, of which the `MOST_LEVELS` commonest levels count. A column with one value is left
    out.
    """
    columns = list[Column]()
    for name in table.column_names:
        column = table[name]
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            values = np.asarray(column.cast(pa.float64()).drop_null().to_numpy(), float)
            values = values[np.isfinite(values)]
            if values.size and np.ptp(values) > 0:
                columns.append(Numeric(name, float(values.mean()), float(values.std())))
        else:
            counts: list[dict[str, Any]] = column.cast(pa.string()).value_counts().to_pylist()
            counts = [count for count in counts if count["values"] is not None]
            counts.sort(key=lambda count: (-count["counts"], count["values"]))
            levels = tuple(sorted(count["values"] for count in counts[:MOST_LEVELS]))
            if len(levels) > 1:
                columns.append(Categories(name, levels))
    return columns


def encode(columns: list[Column], table: pa.Table) -> Array:
    """Return the table as numbers, shape (N, n_in)."""
    parts = [column.encode(table[column.name]) for column in columns]
    return np.hstack(parts) if parts else np.empty((table.num_rows, 0))
