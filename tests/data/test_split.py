import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.data.dataset import Dataset
from jubako.data.errors import TableError
from jubako.data.split import split


def dataset(target, **more):
    return Dataset(pa.table({"a": range(len(target))}), np.array(target), **more)


def test_classes_have_the_same_share_on_either_side():
    found = split(dataset(["a", "b", "b", "b"] * 10), 0.25, "classify", 0, "measuring")
    assert found.reason == "stratified"
    train, held_out = found.of(dataset(["a", "b", "b", "b"] * 10))
    assert sorted(held_out.target) == ["a"] * 3 + ["b"] * 7 or sorted(held_out.target) == (
        ["a"] * 2 + ["b"] * 8
    )
    assert len(train.target) == 30


@pytest.mark.parametrize(
    ("target", "task"), [(["a"] * 19 + ["b"], "classify"), (list(range(20)), "regress")]
)
def test_rows_are_split_at_random_where_classes_are_too_rare_or_there_are_none(target, task):
    assert split(dataset(target), 0.25, task, 0, "measuring").reason == "random"


def test_groups_stay_together():
    groups = np.arange(40) // 4
    found = split(dataset([0.5] * 40, groups=groups), 0.25, "regress", 0, "measuring")
    assert found.reason == "grouped"
    assert not set(groups[found.train]) & set(groups[found.held_out])


def test_the_latest_rows_are_held_out():
    time = np.random.default_rng(0).permutation(40)
    found = split(dataset([0.5] * 40, time=time), 0.25, "regress", 0, "measuring")
    assert found.reason == "by time"
    assert sorted(time[found.held_out]) == list(range(30, 40))


@given(
    n=st.integers(3, 60),
    share=st.floats(0.01, 0.99),
    classes=st.integers(1, 5),
    seed=st.integers(0, 9),
    rule=st.sampled_from(["", "groups", "time"]),
)
def test_every_row_is_on_exactly_one_side(n, share, classes, seed, rule):
    more = {rule: np.arange(n) // 2} if rule else {}
    rows = dataset(np.arange(n) % classes, **more)
    try:
        found = split(rows, share, "classify", seed, "measuring")
    except (TableError, ValueError):
        return  # too few
    assert sorted([*found.train, *found.held_out]) == list(range(n))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_too_few_rows_are_refused(n):
    with pytest.raises(
        TableError, match=f"{n} rows are too few to hold out 0.9 of them for measuring"
    ):
        split(dataset([0.5] * n), 0.9, "regress", 0, "measuring")
