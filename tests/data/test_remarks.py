"""Remarks on a table: duplicate rows, classes, the order of the rows, and leakage."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.inference import infer_table
from jubako.data.remarks import class_remarks, duplicate_remarks, often_missing, target_remarks
from jubako.data.target_column import read_target

N = 60
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=N)
WORDS = np.where(NUMBERS > 0, "yes", "no")


def remarks_of(y, **columns):
    table = pa.table({"x": RNG.normal(size=len(y)), **columns, "y": y})
    task, inferred = read_target(table["y"], "y", "auto")
    readings = infer_table(table.drop_columns(["y"])).readings
    return target_remarks(table, "y", task, inferred.reading, readings)


def leaks_of(y, values):
    found = remarks_of(y, column=values)
    return [r for r in found if r.startswith("'column' alone nearly determines 'y'")]


def test_columns_with_few_values_are_remarked():
    assert often_missing("a", 30, 60) == ()
    assert often_missing("a", 31, 60) == ("'a' is missing in more than half of the rows.",)


@pytest.mark.parametrize(
    ("values", "remarks"),
    [
        ([1, 2, 3], []),
        ([1, 1, 3], ["1 duplicate row: "]),
        ([1, 1, 1, 2, 2], ["3 duplicate rows: "]),
        ([[1], [1]], []),
    ],
)
def test_duplicate_rows_are_counted_where_values_can_be_compared(values, remarks):
    found = duplicate_remarks(pa.table({"a": values}))
    assert len(found) == len(remarks)
    assert all(one.startswith(start) for one, start in zip(found, remarks, strict=True))


def test_classes_are_counted_and_small_ones_named():
    first, second = class_remarks("y", np.array(["a"] * 6 + ["b"] * 4))
    assert first == "'y' has 2 classes; 60.0% of the rows are of the majority class."
    assert second == "Class 'b' has only 4 rows."
    assert class_remarks("y", np.array(["a", "a", "b"]))[1] == "Class 'b' has only 1 row."
    assert len(class_remarks("y", np.array(["a"] * 6 + ["b"] * 5))) == 1
    assert class_remarks("y", np.array(["a"]))[1] == (
        "'y' has only one class: a classifier needs two."
    )


def test_numbers_are_remarked_with_their_range():
    found = remarks_of(np.r_[1.5, np.linspace(-3, 4, N - 1)])
    assert found[0].startswith("'y' is numeric, from -3 to 4, mean 0.5")


def test_sorted_rows_are_remarked():
    for y in (np.sort(NUMBERS), np.sort(WORDS)):
        assert any("The rows are sorted by 'y'" in remark for remark in remarks_of(y))
    for y in (NUMBERS, WORDS, np.sort(NUMBERS)[:20]):
        assert not any("sorted" in remark for remark in remarks_of(y))


@pytest.mark.parametrize(
    ("y", "values", "n_leaks"),
    [
        (NUMBERS, 2 * NUMBERS - 1, 1),
        (NUMBERS, NUMBERS + RNG.normal(size=N), 0),
        (NUMBERS, [None, *NUMBERS[1:]], 0),
        (np.repeat(NUMBERS[:6], 10), np.repeat(list("abcdef"), 10), 1),
        (NUMBERS, np.repeat(list("abcdef"), 10), 0),
        (WORDS, np.where(NUMBERS > 0, "up", "down"), 1),
        (WORDS, np.where(NUMBERS > 0, 1.0, 2.0), 1),
        (WORDS, np.resize(["up", "down"], N), 0),
        (WORDS, np.resize(["up"], N), 0),
        (WORDS, [f"name {i}" for i in range(N)], 0),
        (WORDS, [date(2024, 1, 1) + timedelta(i) for i in range(N)], 0),
        (WORDS[:19], WORDS[:19], 0),
        (np.resize(["yes"], N), np.resize(["up", "down"], N), 0),
    ],
)
def test_a_column_that_nearly_determines_the_target_is_named(y, values, n_leaks):
    assert len(leaks_of(y, values)) == n_leaks
