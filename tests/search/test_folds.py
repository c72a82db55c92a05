import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.search.folds import (
    FEW,
    MANY,
    REPEATS,
    folds,
    hold_out,
    latest,
    learned,
    n_learned,
    same,
)


@given(st.integers(4, 300), st.integers(2, 8), st.integers(0, 100))
def test_every_row_is_judged_equally_often_and_never_by_who_learned_from_it(n_rows, n_folds, seed):
    held = folds(n_rows, None, None, seed, n_folds)
    counts = np.bincount(np.concatenate(held), minlength=n_rows)
    assert (counts == REPEATS).all()
    for held_out, own in zip(held, learned(n_rows, held), strict=True):
        counts = np.bincount(own, minlength=n_rows)
        assert not counts[held_out].any()
        seen = set(np.delete(counts, held_out))
        assert seen == {1} or (n_rows < 6 and len(seen) == 1)


def test_each_fold_has_its_share_of_each_class():
    classes = np.repeat([0, 1, 2], [600, 300, 100])
    for held_out in folds(1000, classes, None, 0):
        np.testing.assert_allclose(np.bincount(classes[held_out]), [120, 60, 20], atol=1)


def test_a_class_with_one_row_is_no_obstacle():
    classes = np.r_[np.zeros(50, int), np.ones(49, int), 2]
    assert len(np.concatenate(folds(100, classes, None, 0))) == 100 * REPEATS


def test_groups_stay_together():
    groups = np.random.default_rng(0).integers(30, size=700)
    for held_out in folds(700, None, groups, 0):
        inside = np.isin(groups, groups[held_out])
        assert inside.sum() == len(held_out)


@given(st.lists(st.integers(1, 400), min_size=2, max_size=12), st.integers(0, 100))
def test_each_network_learns_from_all_rows_of_other_groups(sizes, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    held = folds(len(groups), None, groups, seed)
    lengths = [len(groups) - len(held_out) for held_out in held]
    assert n_learned(len(groups), held) == max(lengths)
    for held_out, own, length in zip(held, learned(len(groups), held), lengths, strict=True):
        counts = np.bincount(own, minlength=len(groups))
        assert not counts[held_out].any()
        assert len(set(np.delete(counts, held_out))) == 1  # none counts for more than the others
        assert 2 / 3 <= len(own) / max(lengths) <= 3 / 2
        assert len(own) % length == 0


def test_one_group_can_not_be_held_out():
    with pytest.raises(ValueError, match="of one group"):
        folds(10, None, np.zeros(10, int), 0)


def test_few_rows_are_split_several_times_and_many_once():
    assert len(folds(FEW, None, None, 0)) == 5 * REPEATS
    assert len(folds(FEW + 1, None, None, 0)) == 5
    assert len(folds(MANY, None, None, 0)) == 2
    assert len(folds(FEW, None, None, 0, n_in=10_000)) == 5
    assert len(folds(FEW + 1, None, None, 0, few=np.inf)) == 5 * REPEATS
    assert len(folds(MANY, None, None, 0, few=np.inf)) == 2


@given(st.lists(st.integers(0, 30), min_size=5, max_size=200).filter(lambda t: len(set(t)) > 1))
def test_later_rows_judge_networks_that_know_earlier_ones_only(times):
    times = np.array(times)
    held = latest(times)
    assert len(held) == 5
    for held_out, own in zip(held, learned(len(times), held), strict=True):
        assert times[own].max() < times[held_out].min()
        assert len(own) + len(held_out) == len(times)
        assert len(held_out) >= min(len(times) // 5, (times > times.min()).sum())


def test_rows_of_one_time_can_not_be_held_out():
    with pytest.raises(ValueError, match="times must differ"):
        latest(np.ones(10))


def test_many_rows_are_judged_by_two_networks():
    assert len(same(np.arange(10), MANY)) == len(latest(np.arange(MANY))) == 2


def test_validation_rows_or_the_latest_take_the_place_of_folds():
    times = np.arange(20)
    assert [rows.tolist() for rows in hold_out(20, 3, None, None, None, 0, n_folds=2)] == [
        [20, 21, 22]
    ] * 2
    by_time = hold_out(20, 0, None, None, times, 0, n_folds=2)
    assert [rows.tolist() for rows in by_time] == [list(range(10, 20))] * 2
    drawn = hold_out(20, 0, None, None, None, 7, n_folds=2)
    for one, other in zip(drawn, folds(20, None, None, 7, n_folds=2), strict=True):
        np.testing.assert_array_equal(one, other)
