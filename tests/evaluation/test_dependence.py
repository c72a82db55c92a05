import numpy as np
import pyarrow as pa
import pytest

from jubako.data.column_encoding import fit_columns
from jubako.evaluation.dependence import dependence, dependence_on

N = 60
TABLE = pa.table(
    {
        "a": [float(i) for i in range(N)],
        "price": [f"¥{1000 * i:,}" for i in range(N)],
        "kind": ["rare" if i % 5 == 0 else "frequent" for i in range(N)],
        "none": pa.nulls(N, pa.float64()),
    }
)


def linear(table):
    return 3 * table["a"].to_numpy()[:, None]


def column(name):
    return fit_columns(TABLE.select([name]))[0][0]


def test_dependence_on_a_linear_column_is_its_line():
    curve = dependence(linear, TABLE, "a", [-1.0, 0.0, 2.0])
    np.testing.assert_allclose(np.diff(curve.means[:, 0]), [3, 6])


@pytest.mark.parametrize("name", ["a", "price"])
def test_values_that_have_an_order_are_shown_in_it(name):
    curve = dependence_on(linear, TABLE, column(name), 5)
    assert len(curve.values) == 5
    assert curve.values == sorted(curve.values)
    assert not any(isinstance(value, str) for value in curve.values)


def test_a_model_is_given_values_as_they_are_written():
    seen = []
    dependence_on(lambda table: (seen.append(table), linear(table))[1], TABLE, column("price"), 3)
    assert all(table["price"][0].as_py().startswith("¥") for table in seen)


def test_other_values_are_shown_by_their_frequency():
    assert dependence_on(linear, TABLE, column("kind"), 5).values == ["frequent", "rare"]
    assert dependence_on(linear, TABLE, column("kind"), 1).values == ["frequent"]


def test_a_column_without_values_has_no_dependence():
    missing = TABLE.set_column(0, "a", TABLE["none"])
    assert dependence_on(linear, missing, column("a"), 5) is None


def test_levels_that_a_model_does_not_know_are_one_value():
    learned = fit_columns(pa.table({"ticket": ["A", "B", "B", "A"] * 10 + ["C", "D"]}))[0][0]
    table = pa.table({"ticket": ["X", "X", "C", "Y", "B"], "a": [1.0] * 5})
    curve = dependence_on(linear, table, learned, 2)
    assert curve.values == ["unseen or rare levels", "B"]
    assert dependence_on(linear, table.slice(4), learned, 2).values == ["B"]
    seen = []
    dependence_on(lambda table: (seen.append(table), linear(table))[1], table, learned, 5)
    assert [table["ticket"][0].as_py() for table in seen] == ["X", "B"]
