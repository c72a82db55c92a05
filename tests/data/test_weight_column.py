"""Columns of sample weights."""

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.errors import TableError
from jubako.data.weight_column import find_weights


def test_weights_are_read_as_other_numbers_are():
    table = pa.table({"w": ["1,5", "0", "2,5", "4,0"]})
    column = find_weights(table, "w")
    assert column.read(table).tolist() == [1.5, 0, 2.5, 4]
    assert column.mean == 2


@pytest.mark.parametrize(
    ("weights", "row", "value"),
    [([1.0, -2.0], 2, "-2.0"), ([None, 1.0], 1, "None"), ([1.0, 2.0, np.nan], 3, "nan")],
)
def test_a_value_that_is_no_weight_is_refused_with_its_row(weights, row, value):
    with pytest.raises(TableError, match=f"'w', row {row}: {value} is not a weight"):
        find_weights(pa.table({"w": weights}), "w")


def test_weights_of_other_rows_are_read_in_the_same_way():
    column = find_weights(pa.table({"w": ["1,5", "2,5"]}), "w")
    assert column.read(pa.table({"w": ["3,5"]})).tolist() == [3.5]
    with pytest.raises(TableError, match="row 1"):
        column.read(pa.table({"w": ["-1"]}))


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(TableError, match="All weights in column 'w' are 0"):
        find_weights(pa.table({"w": [0, 0]}), "w")
