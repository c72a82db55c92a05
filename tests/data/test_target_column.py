"""Which column is the target, its task, and the weights, groups and times beside it."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.dataset import Dataset, concatenate, prepare, with_splitting
from jubako.data.errors import TableError
from jubako.data.inference import infer_table
from jubako.data.target_column import class_counts, find_target, find_task, labels

N = 60
WHOLE = [str(i % 7) for i in range(N)]
PRICES = [f"{i}.5" for i in range(N)]
DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(N)]


def chunked(values):
    return pa.chunked_array([pa.array(values)])


def test_the_target_of_a_built_in_table_is_its_last_column():
    table = pa.table({"a": [1], "species": ["x"]})
    assert find_target(table, "iris", None) == "species"
    assert find_target(table, "iris", "a") == "a"


def test_the_target_of_a_file_must_be_named():
    wide = pa.table({f"c{i}": [0] for i in range(25)})
    with pytest.raises(TableError, match=r"Which column of 'x.csv' .*: c0, .*, c19, \.\.\.\.$"):
        find_target(wide, "x.csv", None)


@pytest.mark.parametrize(
    ("name", "hint"), [("prise", "did you mean 'price'"), ("zzz", "there are price, color")]
)
def test_a_target_that_is_not_there_is_refused_with_a_hint(name, hint):
    table = pa.table({"price": [1], "color": ["x"]})
    with pytest.raises(TableError, match=f"'x.csv' has no column '{name}': {hint}"):
        find_target(table, "x.csv", name)


@pytest.mark.parametrize(
    ("values", "wanted", "task"),
    [
        (WHOLE, "auto", "classify"),
        (WHOLE, "regress", "regress"),
        (PRICES, "auto", "regress"),
        (PRICES, "classify", "classify"),
        ([str(i) for i in range(N)], "auto", "regress"),
        (["red", "blue"] * 30, "auto", "classify"),
        ([True, False] * 30, "auto", "classify"),
        (["1 red", "2 blue"] * 30, "regress", None),
        (["red", "blue"] * 30, "regress", None),
        (DAYS, "auto", None),
        ([day.isoformat() for day in DAYS], "auto", None),
        ([None] * N, "auto", None),
    ],
)
def test_texts_and_few_whole_numbers_are_classes(values, wanted, task):
    if task:
        assert find_task(chunked(values), "y", wanted) == task
    else:
        with pytest.raises(TableError, match="'y'"):
            find_task(chunked(values), "y", wanted)


def test_texts_are_refused_as_numbers_with_an_example():
    with pytest.raises(TableError, match="texts such as 'red': they can only be classes"):
        find_task(chunked(["red", "blue"] * 30), "y", "regress")
    with pytest.raises(TableError, match="The target 'y' holds dates"):
        find_task(chunked([day.isoformat() for day in DAYS]), "y", "auto")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, None, False], [True, False]),
        ([1.0, 2.0, None], [1, 2]),
        (["1", "2.0"], [1, 2]),
        (["01", "2"], ["01", "2"]),
        ([1.5, 2.0], ["1.5", "2"]),
        ([2.0**60], [str(2**60)]),
    ],
)
def test_labels_are_whole_numbers_or_texts(values, expected):
    found = labels(chunked(values), "y").tolist()
    assert len(found) == len(expected)
    assert list(map(type, found)) == list(map(type, expected))
    if expected != [str(2**60)]:
        assert found == expected


def test_classes_are_counted():
    assert class_counts(np.array(["b", "a", "b"])) == {"a": 1, "b": 2}
    assert class_counts(np.array([True, False, True])) == {"False": 1, "True": 2}


def dataset(**columns):
    return Dataset(pa.table({"a": np.arange(4.0), **columns}), np.arange(4.0))


def test_weights_and_groups_are_no_inputs_but_times_are():
    found = with_splitting(dataset(w=[1, 2, 0, 1], g=["b", "a", "b", "c"]), "g", None, "w")
    assert found.table.column_names == ["a"]
    assert found.w.tolist() == [1, 2, 0, 1]
    groups = found.groups
    assert groups[0] == groups[2]
    assert len(set(groups.tolist())) == 3
    found = with_splitting(dataset(t=[30, 10, 10, 20]), None, "t")
    assert found.table.column_names == ["a", "t"]
    assert np.argsort(found.time, kind="stable").tolist() == [1, 2, 3, 0]
    assert found.w.tolist() == [1] * 4


def test_rows_of_a_dataset_keep_their_weight_group_time_and_number():
    rows = Dataset(pa.table({"a": [5, 6, 7]}), *np.arange(12.0).reshape(4, 3))
    found = rows.take(np.array([2, 0]))
    assert found.table["a"].to_pylist() == [7, 5]
    parts = found.target, found.weights, found.groups, found.time, found.row_numbers
    assert [part.tolist() for part in parts] == [[2, 0], [5, 3], [8, 6], [11, 9], [2, 0]]
    assert found.take(np.array([0])).row_numbers.tolist() == [2]
    assert rows.take(np.arange(3)) is rows


def test_columns_that_can_not_split_are_refused():
    with pytest.raises(TableError, match=r"All rows are in one group: choose another .* 'g'"):
        with_splitting(dataset(g=["x"] * 4), "g", None)
    with pytest.raises(TableError, match="'no such'"):
        with_splitting(dataset(), None, "no such")


def test_rows_are_named_as_in_the_file_if_some_have_no_target():
    table = pa.table({"w": [1.0, 1.0, -1.0], "g": ["a", "b", None], "y": [None, 1.5, 2.5]})
    rows = prepare(table, "y", "regress").dataset
    with pytest.raises(TableError, match=r"'w', row 3: -1\.0 is not a weight"):
        with_splitting(rows, None, None, "w")
    with pytest.raises(TableError, match="row 3"):
        with_splitting(rows, "g", None)


def joined(first, second, y=(0.0, 1.0)):
    readings = infer_table(pa.table({"a": first})).readings
    train, val = (Dataset(pa.table({"a": part}), np.array(y)) for part in (first, second))
    return concatenate(train, val, readings)


def test_validation_rows_follow_the_training_rows():
    found = joined([1.5, 2.5], [3, 4])
    assert found.table["a"].to_pylist() == [1.5, 2.5, 3, 4]
    assert found.target.tolist() == [0, 1, 0, 1]
    assert found.w.tolist() == [1] * 4
    train = dataset()
    assert concatenate(train, None, {}) is train


def test_texts_and_numbers_of_a_column_are_cast_before_they_are_joined():
    assert joined(["1,5", "2,5"], [3.5, 4.5]).table["a"].to_pylist() == [1.5, 2.5, 3.5, 4.5]


def test_columns_of_other_types_are_not_joined():
    with pytest.raises(
        TableError, match=r"of type double in X, but of type date32\[day\] in X_val"
    ):
        joined([1.5, 2.5], DAYS[:2])
    with pytest.raises(TableError, match="X_val has columns of other types than X"):
        joined(DAYS[:2], ["red", "blue"])
