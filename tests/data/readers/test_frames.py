from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from jubako.data.errors import TableError
from jubako.data.readers.frames import to_table

EXPECTED = {"a": [1, 2], "b": ["x", None]}
TABLE = pa.table(EXPECTED)


class Stream:
    """What DuckDB and others give: only an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema=None):
        return TABLE.__arrow_c_stream__(requested_schema)


class OneBatch:
    def __arrow_c_array__(self, requested_schema=None):
        return TABLE.to_batches()[0].__arrow_c_array__(requested_schema)


@pytest.mark.parametrize(
    "X",
    [TABLE, TABLE.to_reader(), TABLE.to_batches()[0], Stream(), OneBatch()],
    ids=["table", "reader", "batch", "stream", "array"],
)
def test_arrow_data_of_any_kind_is_a_table(X):
    assert to_table(X).to_pydict() == EXPECTED


@pytest.mark.parametrize(
    ("X", "expected"),
    [
        (pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1.5])}), {"a": [0.0, 0.0, 1.5]}),
        (pd.DataFrame({"a": pd.arrays.SparseArray([0, 1])}), {"a": [0, 1]}),
        (pl.DataFrame({"a": pl.Series([1, 2], dtype=pl.Int128)}), {"a": [1, 2]}),
        (pl.DataFrame({"a": pl.Series([1, 10**30], dtype=pl.Int128)}), {"a": [1, 1e30]}),
        (pd.DataFrame({"a": [1, 10**30]}), {"a": [1.0, 1e30]}),
        (np.ones((2, 1), np.longdouble), {"x1": [1.0, 1.0]}),
        (np.ma.array([[1, 2]], mask=[[0, 1]]), {"x1": [1], "x2": [None]}),
        (np.array([(1, 2.5)], [("a", int), ("b", float)]), {"a": [1], "b": [2.5]}),
        (pd.DataFrame([[1, 2]], columns=[None, "a"]), {"column 1": [1], "a": [2]}),
        (pa.table([[1], [2]], names=["", " "]), {"column 1": [1], "column 2": [2]}),
        (pd.DataFrame({"a": [date(9999, 12, 31), None]}), {"a": [date(9999, 12, 31), None]}),
    ],
)
def test_what_a_frame_holds_is_read(X, expected):
    assert to_table(X).to_pydict() == expected


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (pl.LazyFrame({"a": [1]}), r"X is a LazyFrame, not computed yet: pass X.collect\(\)"),
        (pd.DataFrame({"a": [1 + 2j]}), "it holds complex. Use real and imaginary parts"),
        (np.array([[1 + 2j]]), "X holds complex numbers"),
        (pd.DataFrame({"a": [Fraction(1, 2)]}), "it holds Fraction. Turn its values into numbers"),
        (pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}), "it holds object"),
        (pd.DataFrame({"a": [1, "x", np.nan, None]}), "it holds int and str. Make all its values"),
        (pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)}), "a lone surrogate"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "several columns with the same name"),
        ([[1, 2], [3]], "its rows differ in length"),
        (pa.array([1, 2]), "must be a data frame"),
        (pa.chunked_array([[1, 2]]), "must be a data frame"),
        ("data.csv", "must be a data frame"),
        (None, "must be a data frame"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(X, words):
    with pytest.raises(TableError, match=words) as caught:
        to_table(X)
    assert "\n" not in str(caught.value)
