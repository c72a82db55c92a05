import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.training.config import TrainConfig
from jubako.training.optimizers import SGD, Update
from jubako.training.schedules import SCHEDULES

ENDS = {"constant": (1, 1), "cosine": (1, 0), "coslog4": (0, 0)}
"""Factor at the first step, and after the last."""

each = pytest.mark.parametrize("name", SCHEDULES)
sizes = st.integers(1, 60)


def factors(n_rows=50, **settings):
    """Return the factors of each epoch."""
    settings = {"epochs": 12, "batch_size": 7, **settings}
    config = TrainConfig(Update(SGD()), **settings)
    return [config.factors(epoch, n_rows) for epoch in range(config.epochs)]


@pytest.mark.parametrize("name", ENDS)
def test_starts_and_ends_where_it_should(name):
    # rounding of cos and log2 near 1
    np.testing.assert_allclose(SCHEDULES[name](np.array([0.0, 1.0])), ENDS[name], atol=1e-14)


@each
def test_factors_lie_between_zero_and_one(name):
    t = np.linspace(0, 1, 10001)
    f = SCHEDULES[name](t)
    assert f.shape == t.shape
    assert ((f >= 0) & (f <= 1)).all()
    # it reaches the full rate: 10001 points come that close to the top of a wave
    assert f.max() > 0.9999


def test_constant_is_one():
    np.testing.assert_array_equal(SCHEDULES["constant"](np.linspace(0, 1, 9)), 1)


def test_cosine_falls_and_is_half_way_down_in_the_middle():
    f = SCHEDULES["cosine"](np.linspace(0, 1, 101))
    assert (np.diff(f) < 0).all()
    assert f[50] == pytest.approx(0.5, abs=1e-15)  # rounding of cos(pi/2)


def test_coslog4_has_four_waves_each_twice_as_long():
    t = np.linspace(0, 1, 15001)
    f = SCHEDULES["coslog4"](t)
    inner = (f[1:-1] < f[:-2]) & (f[1:-1] <= f[2:])
    valleys = t[1:-1][inner]
    peaks = (f[1:-1] > f[:-2]) & (f[1:-1] >= f[2:])
    # the grid's step
    np.testing.assert_allclose(valleys, [1 / 15, 3 / 15, 7 / 15], atol=1e-4)
    assert peaks.sum() == 4


@each
@given(n_rows=sizes, batch_size=sizes, epochs=sizes)
def test_each_step_has_the_factor_of_its_progress(name, n_rows, batch_size, epochs):
    found = factors(n_rows, schedule=name, epochs=epochs, batch_size=batch_size)
    n_steps = int(np.ceil(n_rows / batch_size))
    assert [len(f) for f in found] == [n_steps] * epochs
    t = np.arange(n_steps * epochs) / (n_steps * epochs)
    # t is rounded once or twice, and the steepest wave magnifies that 100 times
    np.testing.assert_allclose(np.concatenate(found), SCHEDULES[name](t), rtol=0, atol=1e-13)


@each
def test_warm_up_rises_from_zero_over_its_share(name):
    found = np.concatenate(factors(schedule=name, warm_up=0.25))
    without = np.concatenate(factors(schedule=name))
    t = np.arange(len(found)) / len(found)
    assert found[0] == 0
    np.testing.assert_allclose(found, without * np.minimum(1, t / 0.25), atol=1e-15)  # one rounding
    np.testing.assert_array_equal(found[t >= 0.25], without[t >= 0.25])


@each
def test_an_epoch_beyond_the_plan_is_the_last_of_a_longer_one(name):
    short, long = (TrainConfig(Update(SGD()), epochs, 7, schedule=name) for epochs in (3, 11))
    np.testing.assert_array_equal(short.factors(10, 50), long.factors(10, 50))


def test_invscaling_divides_by_a_power_of_the_rows_seen():
    found = factors(learning_rate="invscaling", power_t=0.3)
    for epoch, f in enumerate(found):
        # one rounding of a power
        np.testing.assert_allclose(f, (1 + 50 * epoch) ** -0.3, rtol=1e-15)
