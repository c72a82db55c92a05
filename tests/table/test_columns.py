import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from jubako.table.columns import MOST_LEVELS, Categories, Numeric, encode, fit_columns


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50).filter(lambda v: np.ptp(v) > 1e-3))
def test_numbers_get_mean_zero_and_deviation_one(values):
    table = pa.table({"a": values})
    x = encode(fit_columns(table), table)
    assert x.shape == (len(values), 1)
    # float64 sums of numbers up to 1e6 that differ by 1e-3 lose about 1e-16 * 1e6 / 1e-3
    assert abs(x.mean()) < 1e-6
    assert abs(x.std() - 1) < 1e-6


def test_categories_become_one_hot_and_new_or_missing_ones_zero():
    columns = fit_columns(pa.table({"color": ["red", "blue", "red", None]}))
    assert columns == [Categories("color", ("blue", "red"))]
    x = encode(columns, pa.table({"color": ["blue", "red", "green", None]}))
    assert x.tolist() == [[1, 0], [0, 1], [0, 0], [0, 0]]


def test_only_the_commonest_levels_get_a_number():
    values = [f"v{i:03}" for i in range(MOST_LEVELS + 50)] + ["common"] * 9
    (column,) = fit_columns(pa.table({"a": values}))
    assert isinstance(column, Categories)
    assert len(column.levels) == MOST_LEVELS
    assert "common" in column.levels


def test_missing_numbers_become_the_mean_and_constant_columns_are_left_out():
    table = pa.table({"a": [1.0, None, 3.0], "b": [7, 7, 7], "c": ["x", "x", "x"]})
    columns = fit_columns(table)
    assert columns == [Numeric("a", 2.0, 1.0)]
    assert encode(columns, table)[:, 0].tolist() == [-1, 0, 1]


def test_booleans_are_numbers():
    table = pa.table({"a": [True, False]})
    assert encode(fit_columns(table), table)[:, 0].tolist() == [1, -1]
