import numpy as np
import pyarrow as pa
import pytest

from jubako.data.errors import TableError
from jubako.data.profile import profile

N = 60
X = np.random.default_rng(0).normal(size=N)


def test_columns_are_profiled_with_their_missing_values():
    table = pa.table({"size": X, "id": range(N), "color": ["red", None, None] * 20, "y": X**2})
    found = profile(table, "y")
    size, number, color, y = found.columns
    assert (size.name, size.type, size.missing, size.remarks) == ("size", "double", 0, ())
    assert number.taken_for == "left out: it only numbers the rows"
    assert color.missing == 40
    assert color.remarks == ("'color' is missing in more than half of the rows.",)
    assert y.taken_for == "the target"


def test_duplicate_rows_are_counted():
    found = profile(pa.table({"a": [1.5, 1.5, 2.5], "b": ["x", "x", "y"]}))
    assert len(found.remarks) == 1
    assert found.remarks[0].startswith("1 row stands in the table more than once")


@pytest.mark.parametrize("target", [X, np.where(X > 0, "yes", "no")])
def test_a_column_that_determines_the_target_is_found(target):
    copy = 3 * target + 1 if target.dtype.kind == "f" else np.where(X > 0, "up", "down")
    found = profile(pa.table({"copy": copy, "other": X[::-1], "y": target}), "y")
    leaks = [remark for remark in found.remarks if "gives 'y' away" in remark]
    assert len(leaks) == 1
    assert leaks[0].startswith("'copy'")


def test_a_column_that_can_not_be_read_is_profiled_with_the_reason():
    values = [*map(str, X[:-1]), "abc"]
    column = profile(pa.table({"a": values})).columns[0]
    assert column.taken_for == "not usable as it is"
    assert "'a', row 60: 'abc' is not a number" in column.remarks[0]


def test_a_target_that_is_empty_is_refused():
    with pytest.raises(TableError, match="The target 'y' is empty"):
        profile(pa.table({"a": X, "y": pa.nulls(N)}), "y")
