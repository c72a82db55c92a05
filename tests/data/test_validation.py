from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from jubako.data.errors import TableError
from jubako.data.validation import as_target, counted, ordered


@pytest.mark.parametrize(
    ("y", "target"),
    [
        (np.array([True, False], dtype=object), np.array([True, False])),
        (pd.Series([1, 2], dtype="Int64"), np.array([1, 2])),
        (pd.Series([True, False], dtype="boolean"), np.array([True, False])),
        (pd.Categorical(["b", "a"], categories=["a", "b", "c"]), np.array(["b", "a"], object)),
        (["b", "a"], np.array(["b", "a"])),
        ([1, 2.5], np.array([1, 2.5])),
        (np.array([1, 2.5], dtype=object), np.array([1, 2.5])),
        (np.array([[1], [2]]), np.array([1, 2])),
        (pd.DataFrame({"y": [1, 2]}), np.array([1, 2])),
        (pl.DataFrame({"y": ["b", "a"]}), np.array(["b", "a"], object)),
        (pl.Series(["b", "a"]), np.array(["b", "a"])),
        (pa.table({"y": [1, 2]}), np.array([1, 2])),
        (pa.array(["b", "a"]), np.array(["b", "a"], object)),
        (pa.chunked_array([[1], [2]]), np.array([1, 2])),
        ([Decimal("1.5"), Decimal("2")], np.array([1.5, 2])),
    ],
)
def test_a_target_may_come_as_people_have_it(y, target):
    found = as_target(y)
    np.testing.assert_array_equal(found, target)
    assert found.dtype == target.dtype


@pytest.mark.parametrize(
    "y",
    [
        [1.0, np.nan, 2.0],
        ["a", None, "b"],
        np.array(["a", np.nan, "b"], dtype=object),
        pd.Series([1, None, 2], dtype="Int64"),
        pd.Categorical(["a", None, "b"]),
        pd.Series(pd.to_datetime(["2026-01-01", None, "2026-01-02"])),
        pl.Series([1, None, 2]),
        pl.Series([1.0, float("nan"), 2.0]),
        pa.array([True, None, False]),
        pd.DataFrame({"y": [1, None, 2]}),
    ],
)
def test_a_target_that_lacks_values_is_refused(y):
    with pytest.raises(TableError, match="y lacks 1 of 3 values, the first in row 2: leave those"):
        as_target(y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([[1, 2], [3, 4]], r"y must be one column, but has the shape \(2, 2\)"),
        (pd.DataFrame({"a": [1], "b": [2]}), r"y must be one column, but has the shape \(1, 2\)"),
        (np.array([1, "a"], dtype=object), "Column 'y' can't be used: it holds int and str. Make"),
        (1, "y must be one column"),
    ],
)
def test_a_target_that_is_no_column_is_refused(y, words):
    with pytest.raises(TableError, match=words):
        as_target(y)


@pytest.mark.parametrize(
    "values",
    [
        ["25/12/2026", "01/02/2026", "13/01/2026"],
        ["10", "9", "8.5"],
        [3, 2, 1],
        pd.to_datetime(["2026-12-25", "2026-02-01", "2026-01-13"]),
        pd.Series(["2026年12月", "2026年2月", "2026年1月"]),
    ],
)
def test_rows_are_put_in_order_by_numbers_and_dates(values):
    assert ordered(values, "time", 3).tolist() == [2, 1, 0]


def test_other_texts_have_no_order():
    with pytest.raises(
        TableError, match="can't be ordered by 'time', which holds texts such as 'b'"
    ):
        ordered(["b", "a"], "time", 2)
    assert counted(["b", "a"], "groups", 2).tolist() == [1, 0]
