import numpy as np
from hypothesis import given
from scipy.special import softmax

from jubako.ensemble.selection import select, soften, temperature
from strategies import SEEDS

RNG = np.random.default_rng(0)
Y = RNG.normal(size=(400, 1))


def squares(b):
    return float(((b - Y) ** 2).mean())


def test_the_best_alone_is_chosen_where_the_others_only_harm():
    guesses = [Y + RNG.normal(size=Y.shape) * 5, Y * 1.0, np.zeros_like(Y)]
    np.testing.assert_array_equal(select(guesses, squares), [0, 1, 0])


def test_guesses_that_err_independently_are_averaged():
    guesses = [Y + RNG.normal(size=Y.shape) for _ in range(4)]
    shares = select(guesses, squares)
    assert (shares > 0.1).all()
    assert squares(np.tensordot(shares, guesses, 1)) < 0.35 < min(map(squares, guesses))


@given(SEEDS)
def test_shares_sum_to_one_and_are_never_worse_than_the_best(seed):
    rng = np.random.default_rng(seed)
    guesses = [Y + rng.normal(size=Y.shape) * rng.uniform(0, 3) for _ in range(5)]
    shares = select(guesses, squares)
    assert shares.min() >= 0
    assert abs(shares.sum() - 1) < 1e-12
    assert squares(np.tensordot(shares, guesses, 1)) <= min(map(squares, guesses)) + 1e-12


def test_losses_that_are_not_finite_are_survived():
    assert select([Y * np.nan, Y * np.nan], squares).tolist() == [1, 0]
    assert select([Y * np.nan, Y * 1.0], squares).tolist() == [0, 1]


def test_the_temperature_undoes_caution():
    logits = RNG.normal(size=(20_000, 3))
    true = softmax(logits, axis=1)
    codes = (RNG.random((len(true), 1)) > true.cumsum(1)).sum(1)
    rows = np.arange(len(true))
    found = temperature(
        softmax(logits / 2, axis=1), lambda p: float(-np.log(p[rows, codes]).mean())
    )
    assert abs(found - 0.5) < 0.03  # three standard errors


def test_few_rows_do_not_make_it_certain():
    p, codes = np.full((12, 2), [0.9, 0.1]), np.zeros(12, int)
    assert temperature(p, lambda p: float(-np.log(p[np.arange(12), codes]).mean())) > 0.9


def test_softening_by_one_changes_nothing():
    p = softmax(RNG.normal(size=(50, 4)), axis=1)
    np.testing.assert_allclose(soften(p, 1.0), p, rtol=1e-12)
