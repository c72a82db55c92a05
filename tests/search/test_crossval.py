from dataclasses import replace

import numpy as np
import pytest

from jubako.core.losses import CrossEntropy, SquaredError
from jubako.model.candidate import Candidate
from jubako.model.fitted_network import FittedNetwork
from jubako.search.budget import seconds_per_epoch
from jubako.search.crossval import (
    EPOCHS,
    CrossValResult,
    cross_validate,
    epochs_after,
    epochs_for,
    rows_in_a_step,
)
from jubako.search.encoded import EncodedRows
from jubako.search.folds import folds, learned
from jubako.search.held_out import cycle_ends
from jubako.search.racing import Race
from jubako.search.refit import nearest_cycle_end, refit_candidate
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.schedules import SCHEDULES

SMALL = Candidate((16, 16))


def first_of(*args, **kwargs):
    return cross_validate(*args, **kwargs)[0]


def rows(n=60, seed=0, noise=False):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = x[:, :1] ** 2 + x[:, 1:2]
    if noise:
        y = rng.normal(size=(n, 1)).astype(np.float32)
    held = folds(n, None, None, seed)
    w = rng.uniform(0.5, 2, n).astype(np.float32)
    return EncodedRows(lambda quantiles: x, 3, (), y, w, SquaredError(), np.zeros(1), held, seed)


@pytest.mark.parametrize("engine", [NumpyEngine(), best_engine()])
def test_folds_side_by_side_learn_as_alone(engine):
    some = rows()
    trained = first_of(SMALL, some, engine, 4)
    own = learned(60, some.held)
    alone = first_of(SMALL, replace(some, held=some.held[:1]), engine, 4)
    np.testing.assert_array_equal(own[:1], learned(60, some.held[:1]))
    np.testing.assert_array_equal(alone.fitted.theta[0], trained.fitted.theta[0])


def test_what_is_learned_is_not_noise():
    trained = first_of(SMALL, rows(600), best_engine(), 30)
    assert trained.fitted.loss < 0.2 * float(rows(600).y.var())


def test_an_out_of_fold_prediction_comes_from_networks_that_have_not_seen_the_row():
    # the targets are noise: learned by heart they are right, and unseen they can't be
    some = rows(60, noise=True)
    some = replace(some, held=[*some.held[:5]])
    trained = first_of(replace(SMALL, dropout=0), some, best_engine(), 200)
    unseen = ((trained.oof_prediction - some.y) ** 2).mean()
    assert unseen > 0.9 * some.y.var()


def test_the_best_epoch_is_kept():
    losses = []
    some = rows(noise=True)  # so the last is not the best
    trained = first_of(SMALL, some, best_engine(), 20, observe=lambda r: losses.append(r))
    assert trained.fitted.loss <= min(record.val_loss for record in losses) + 1e-12
    assert (
        1 <= trained.fitted.best_epoch < trained.fitted.epochs == len(losses) == cycle_ends(20)[2]
    )


def test_a_hopeless_candidate_is_given_up_at_a_cycle_end():
    one = first_of(SMALL, rows(), best_engine(), 20)
    first, second = one.lows
    for limits, end in (
        ((first / 1.01, np.inf), 4),
        ((first * 1.01, second / 1.01), 9),
        ((first * 1.01, second * 1.01), 20),
    ):
        trained = first_of(SMALL, rows(), best_engine(), 20, race=Race(limits))
        assert trained.fitted.epochs == end
        assert trained.reason == ("epochs" if end == 20 else "callback")
        assert trained.planned_epochs == 20


def test_a_candidate_that_overfits_ends_at_the_third_cycle_end():
    # noise is predicted best before anything is learned
    some, records = rows(noise=True), []
    found = cross_validate(SMALL, some, best_engine(), 30, observe=lambda r: records.append(r))
    assert len(records) == found[0].fitted.epochs == cycle_ends(30)[2] == 14
    losses = [record.val_loss for record in records]
    assert min(losses) == min(losses[: cycle_ends(30)[1]]) == found[0].lows[0] == found[0].lows[1]
    assert [one.fitted.best_epoch for one in found[1:]] == [6, 14]


def test_snapshots_are_of_the_epochs_in_which_the_rate_is_0():
    some, records = rows(), []
    found = cross_validate(SMALL, some, best_engine(), 30, observe=lambda r: records.append(r))
    assert [one.fitted.best_epoch for one in found[1:]] == [6, 14, 30]
    for one in found[1:]:
        assert one.fitted.loss == pytest.approx(records[one.fitted.best_epoch - 1].val_loss)
        # every row is judged equally often, so the prediction errs as much as the networks say
        w = some.w / some.w.mean()
        assert one.oof_prediction.shape == some.y.shape
        assert np.isfinite(((one.oof_prediction - some.y) ** 2 * w[:, None]).sum())
    assert found[0].fitted.loss <= min(one.fitted.loss for one in found[1:])


def test_labels_are_smoothed_in_learning_but_not_in_judging():
    x = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    codes = (x[:, :1] > 0).astype(np.float32)
    start, loss = np.zeros(2), CrossEntropy()
    some = replace(rows(200), view=lambda quantiles: x, y=codes, loss=loss, start=start)
    sure, unsure = (
        cross_validate(replace(SMALL, label_smoothing=e), some, best_engine(), 60)[-1]
        for e in (0, 0.2)
    )
    assert sure.oof_prediction.max(1).mean() > 0.97
    assert 0.85 < unsure.oof_prediction.max(1).mean() < 0.93  # near 1 - 0.2 / 2
    right = unsure.oof_prediction[np.arange(200), codes[:, 0].astype(int)]
    w = some.w / some.w.mean()
    assert unsure.fitted.loss == pytest.approx(np.average(-np.log(right), weights=w), rel=0.1)


@pytest.mark.parametrize("engine", [NumpyEngine(), best_engine()])
def test_trained_again_they_learn_from_the_rows_that_they_were_judged_on(engine):
    some = rows(noise=True)  # what can only be learned by heart
    one = cross_validate(replace(SMALL, dropout=0), some, engine, 120)[-1]
    again = refit_candidate(one, some, engine)
    fit, refit = (
        np.mean((result.fitted.predict(engine, some.view(True)) - some.y) ** 2)
        for result in (one, again)
    )
    assert refit < 0.7 * fit
    assert again.fitted.theta.shape == one.fitted.theta.shape


@pytest.mark.parametrize(
    ("best", "cycle_end"),
    [(1, 4), (4, 4), (9, 13), (13, 13), (30, 30), (41, 30), (60, 64), (64, 64)],
)
def test_they_stop_where_the_rate_is_0(best, cycle_end):
    assert nearest_cycle_end(best, 64) == cycle_end
    assert SCHEDULES["coslog4"](cycle_end / 64) < 0.05


def test_before_training_everybody_says_the_mean():
    some = replace(rows(), start=np.array([0.25]))
    trained = first_of(SMALL, some, best_engine(), 0)
    np.testing.assert_array_equal(trained.oof_prediction, np.full((60, 1), 0.25))


def test_classes_start_from_their_shares():
    some = rows(200)
    codes = (some.y > 0).astype(np.float32)
    shares = np.array([1 - codes.mean(), codes.mean()])
    some = replace(some, y=codes, loss=CrossEntropy(), start=np.log(shares))
    trained = first_of(SMALL, some, best_engine(), 0)
    np.testing.assert_allclose(
        trained.oof_prediction, np.tile(shares, (200, 1)), rtol=1e-6
    )  # float32


def test_the_cost_of_an_epoch_is_measured():
    assert 0 < seconds_per_epoch(SMALL, rows(), best_engine()) < 10


def test_more_rows_mean_fewer_epochs_and_larger_steps():
    sizes = [100, 1000, 10_000, 100_000, 10**6]
    assert [epochs_for(n) for n in sizes] == sorted(map(epochs_for, sizes), reverse=True)
    assert epochs_for(10**7) == EPOCHS[0]
    assert EPOCHS[0] < epochs_for(300, 10_000) < epochs_for(300, 100) == EPOCHS[1]
    assert [rows_in_a_step(n) for n in sizes] == sorted(map(rows_in_a_step, sizes))
    assert rows_in_a_step(3) == 3


@pytest.mark.parametrize(("best", "after"), [(4, 16), (20, 32), (40, 64), (64, 96)])
def test_others_learn_as_long_as_the_first_has_needed(best, after):
    fitted = FittedNetwork(None, None, None, SMALL, loss=1.0, epochs=64, best_epoch=best)
    first = CrossValResult(fitted, None, (1.0, 1.0), 64, "epochs")
    assert epochs_after(first) == after


@pytest.mark.parametrize(("loss", "after"), [(0.84, 24), (0.86, 18)])
def test_epochs_are_doubled_where_many_rows_are_not_learned_yet(loss, after):
    fitted = FittedNetwork(None, None, None, SMALL, loss=loss, epochs=12, best_epoch=12)
    first = CrossValResult(fitted, None, (2.0, 1.0), 12, "epochs")
    assert epochs_after(first) == 18
    assert epochs_after(first, is_large=True) == after
