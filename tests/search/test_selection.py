import numpy as np
from hypothesis import given

from jubako.model.fitted_network import FittedNetwork
from jubako.search.candidates import CANDIDATES
from jubako.search.crossval import CrossValResult
from jubako.search.selection import select, select_ensemble
from strategies import SEEDS

RNG = np.random.default_rng(0)
Y = RNG.normal(size=(400, 1))


def squares(b):
    return float(((b - Y) ** 2).mean())


def test_the_best_alone_is_chosen_where_the_others_only_harm():
    predictions = [Y + RNG.normal(size=Y.shape) * 5, Y * 1.0, np.zeros_like(Y)]
    np.testing.assert_array_equal(select(predictions, squares), [0, 1, 0])


def test_predictions_that_err_independently_are_averaged():
    predictions = [Y + RNG.normal(size=Y.shape) for _ in range(4)]
    weights = select(predictions, squares)
    assert (weights > 0.1).all()
    assert squares(np.tensordot(weights, predictions, 1)) < 0.35 < min(map(squares, predictions))


@given(SEEDS)
def test_weights_sum_to_one_and_are_never_worse_than_the_best(seed):
    rng = np.random.default_rng(seed)
    predictions = [Y + rng.normal(size=Y.shape) * rng.uniform(0, 3) for _ in range(5)]
    weights = select(predictions, squares)
    assert weights.min() >= 0
    assert abs(weights.sum() - 1) < 1e-12
    assert squares(np.tensordot(weights, predictions, 1)) <= min(map(squares, predictions)) + 1e-12


def test_losses_that_are_not_finite_are_survived():
    assert select([Y * np.nan, Y * np.nan], squares).tolist() == [1, 0]
    assert select([Y * np.nan, Y * 1.0], squares).tolist() == [0, 1]


def test_an_ensemble_has_the_results_with_a_weight_and_a_line_for_each_candidate():
    def result(candidate, error, epoch):
        prediction = Y + error * RNG.normal(size=Y.shape)
        fitted = FittedNetwork(
            None, None, None, candidate, 1.0, squares(prediction), 9, best_epoch=epoch, seconds=1.0
        )
        return CrossValResult(fitted, prediction, (1.0, 1.0), 9, "epochs")

    good = [result(CANDIDATES[0], 1.0, 4), result(CANDIDATES[0], 1.0, 9)]
    bad = [result(CANDIDATES[1], 50.0, 5)]
    selection = select_ensemble([good, bad], squares)
    assert selection.results == good
    assert (selection.weights > 0).all()
    mean = np.tensordot(selection.weights, [each.oof_prediction for each in good], 1)
    np.testing.assert_allclose(selection.oof_prediction, mean)
    assert selection.loss == squares(selection.oof_prediction) < good[0].fitted.loss
    assert [line["weight"] for line in selection.leaderboard] == [selection.weights.sum(), 0]
    assert [line["best_epoch"] for line in selection.leaderboard] == [4, 5]
    assert selection.temperature == 1
