import numpy as np
import pytest

from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS

N_IN, N_OUT = 300, 500  # unlike, so that a rule that takes one for the other is found out

VARIANCE = {
    "he": 2 / N_IN,
    "lecun": 1 / N_IN,
    "glorot": 2 / (N_IN + N_OUT),
    "sklearn": 2 / (N_IN + N_OUT),
}
UNIFORM = {"glorot", "sklearn"}

each = pytest.mark.parametrize("name", INITIALIZERS)
known = pytest.mark.parametrize("name", VARIANCE)
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def draw(name, activation="relu", seed=0):
    return INITIALIZERS[name](np.random.default_rng(seed), N_IN, N_OUT, activation)


def variance(name, activation):
    return VARIANCE[name] / (3 if name == "sklearn" and activation == "logistic" else 1)


@known
@each_activation
def test_spread_is_the_documented_one(name, activation):
    w, _ = draw(name, activation)
    expected = variance(name, activation)
    # 5 standard deviations: of a mean, and of a variance, which is at most normal's 2 / n
    assert abs(w.mean()) < 5 * np.sqrt(expected / w.size)
    assert w.var() == pytest.approx(expected, rel=5 * np.sqrt(2 / w.size))


@known
@each_activation
def test_shape_of_the_distribution_is_the_documented_one(name, activation):
    w, _ = draw(name, activation)
    largest = np.abs(w).max() / np.sqrt(variance(name, activation))
    if name in UNIFORM:  # ends at sqrt(3) deviations, and 150,000 draws come that close to it
        assert 0.9999 * np.sqrt(3) < largest <= np.sqrt(3)
    else:  # the largest of 150,000 normal draws
        assert 3.9 < largest < 6


@known
def test_biases_are_zero_but_for_scikit_learns(name):
    _, b = draw(name)
    assert b.shape == (1, N_OUT)
    if name == "sklearn":
        bound = np.sqrt(6 / (N_IN + N_OUT))
        # 500 draws come that close to the bound
        assert 0.98 * bound < np.abs(b).max() <= bound
    else:
        assert not b.any()


def test_sklearn_draws_narrower_before_a_logistic():
    bound = np.sqrt(2 / (N_IN + N_OUT))
    for part in draw("sklearn", "logistic"):
        assert 0.98 * bound < np.abs(part).max() <= bound


@each
def test_weights_follow_from_the_seed(name):
    for part, again in zip(draw(name, seed=3), draw(name, seed=3), strict=True):
        np.testing.assert_array_equal(part, again)
    assert (draw(name, seed=3)[0] != draw(name, seed=4)[0]).any()
