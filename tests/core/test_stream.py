import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.stats import chi2

from jubako.core.stream import Stream
from strategies import SEEDS

ROWS, UNITS = 1000, 200
FAR = 5  # standard deviations: chance alone goes farther once in two million draws

rates = pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.9])


def keep(rate=0.5, seed=1, step=0, draw=1, rows=ROWS, units=UNITS):
    stream = Stream(np.array(seed, np.uint32), step)
    for _ in range(draw):
        mask = stream.keep(rate, rows, units)
    return mask


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1] * np.sqrt(a.size)


@rates
def test_the_asked_share_is_kept(rate):
    share = keep(rate).mean()
    assert abs(share - (1 - rate)) < FAR * np.sqrt(rate * (1 - rate) / (ROWS * UNITS))


def test_rate_zero_keeps_all():
    assert keep(0.0).all()


def test_nearly_one_drops_nearly_all():
    assert not keep(np.nextafter(1, 0)).any()


@rates
@pytest.mark.parametrize("axis", [0, 1])
def test_each_unit_and_each_row_is_kept_alike(rate, axis):
    counts = keep(rate).sum(axis)
    n = (ROWS, UNITS)[axis]
    statistic = ((counts - n * (1 - rate)) ** 2).sum() / (n * rate * (1 - rate))
    # both tails: too even is not random either
    assert 1e-6 < chi2.cdf(statistic, len(counts)) < 1 - 1e-6


@rates
@pytest.mark.parametrize(("rows", "units"), [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (16, 0)])
def test_neighbours_do_not_correlate(rate, rows, units):
    mask = keep(rate)
    a, b = mask[rows:, units:], mask[: ROWS - rows, : UNITS - units]
    assert abs(correlation(a, b)) < FAR


@rates
@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"seed": 2**31}, {"step": 1}, {"step": 2}, {"draw": 2}, {"step": 1, "draw": 2}],
    ids=str,
)
def test_seeds_steps_and_draws_do_not_correlate(rate, other):
    assert abs(correlation(keep(rate), keep(rate, **other))) < FAR


def test_step_and_draw_are_not_exchangeable():
    assert abs(correlation(keep(step=1, draw=2), keep(step=2, draw=1))) < FAR


@given(SEEDS, st.integers(0, 10**9), st.integers(1, 4), st.floats(0, 0.99))
def test_same_place_has_the_same_mask(seed, step, draw, rate):
    a = keep(rate, seed, step, draw, 3, 5)
    np.testing.assert_array_equal(a, keep(rate, seed, step, draw, 3, 5))
    assert a.shape == (3, 5)
    assert a.dtype == bool


@given(st.lists(SEEDS, min_size=1, max_size=4), st.integers(0, 10**9), st.floats(0, 0.99))
def test_networks_side_by_side_drop_what_each_drops_alone(seeds, step, rate):
    together = Stream(np.array(seeds, np.uint32), step)
    for draw in 1, 2:
        alone = [keep(rate, seed, step, draw, 4, 3) for seed in seeds]
        np.testing.assert_array_equal(together.keep(rate, 4, 3), alone)


@given(st.floats(0, 0.9), st.floats(0, 0.9))
def test_a_higher_rate_drops_no_unit_less(low, high):
    low, high = sorted([low, high])
    assert (keep(low, rows=20, units=10) >= keep(high, rows=20, units=10)).all()
