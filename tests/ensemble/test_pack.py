from dataclasses import replace

import numpy as np
import pytest

from jubako.core.losses import CrossEntropy, SquaredError
from jubako.ensemble.folds import folds, learned
from jubako.ensemble.members import Member
from jubako.ensemble.pack import (
    EPOCHS,
    Rows,
    Trained,
    epochs_after,
    epochs_for,
    fit_member,
    rows_in_a_step,
    seconds_an_epoch,
    trial_of,
)
from jubako.training.engine import PlainEngine
from jubako.training.native.engine import best_engine

SMALL = Member((16, 16))


def rows(n=60, seed=0, noise=False):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = x[:, :1] ** 2 + x[:, 1:2]
    if noise:
        y = rng.normal(size=(n, 1)).astype(np.float32)
    held = folds(n, None, None, seed)
    w = rng.uniform(0.5, 2, n).astype(np.float32)
    return Rows(lambda ranks: x, 3, (), y, w, SquaredError(), np.zeros(1), held, seed)


@pytest.mark.parametrize("engine", [PlainEngine(), best_engine()])
def test_folds_side_by_side_learn_as_alone(engine):
    some = rows()
    trained = fit_member(SMALL, some, engine, 4)
    own = learned(60, some.held, 0)
    alone = fit_member(SMALL, replace(some, held=some.held[:1]), engine, 4)
    np.testing.assert_array_equal(own[:1], learned(60, some.held[:1], 0))
    np.testing.assert_array_equal(alone.theta[0], trained.theta[0])


def test_what_is_learned_is_not_noise():
    trained = fit_member(SMALL, rows(600), best_engine(), 30)
    assert trained.loss < 0.2 * float(rows(600).y.var())


def test_a_guess_of_a_row_comes_from_networks_that_have_not_seen_it():
    # the targets are noise: learned by heart they are right, and unseen they can't be
    some = rows(60, noise=True)
    some = replace(some, held=[*some.held[:5]])
    trained = fit_member(replace(SMALL, dropout=0), some, best_engine(), 200)
    unseen = ((trained.guess - some.y) ** 2).mean()
    assert unseen > 0.9 * some.y.var()


def test_the_best_epoch_is_kept():
    losses = []
    some = rows(noise=True)
    trained = fit_member(SMALL, some, best_engine(), 20, observe=lambda r: losses.append(r))
    assert trained.loss <= min(record.val_loss for record in losses) + 1e-12
    assert 1 <= trained.best <= trained.epochs == len(losses) == 20


def test_a_hopeless_member_is_given_up_after_its_trial():
    trained = fit_member(SMALL, rows(), best_engine(), 20, most=1e-9)
    assert trained.epochs == trial_of(20)
    assert trained.reason == "observer"


def test_before_training_everybody_says_the_mean():
    some = replace(rows(), start=np.array([0.25]))
    trained = fit_member(SMALL, some, best_engine(), 0)
    np.testing.assert_array_equal(trained.guess, np.full((60, 1), 0.25))


def test_classes_start_from_their_shares():
    some = rows(200)
    codes = (some.y > 0).astype(np.float32)
    shares = np.array([1 - codes.mean(), codes.mean()])
    some = replace(some, y=codes, loss=CrossEntropy(), start=np.log(shares))
    trained = fit_member(SMALL, some, best_engine(), 0)
    np.testing.assert_allclose(trained.guess, np.tile(shares, (200, 1)), rtol=1e-6)  # float32


def test_the_cost_of_an_epoch_is_measured():
    assert 0 < seconds_an_epoch(SMALL, rows(), best_engine()) < 10


def test_more_rows_mean_fewer_epochs_and_larger_steps():
    sizes = [100, 1000, 10_000, 100_000, 10**6]
    assert [epochs_for(n) for n in sizes] == sorted(map(epochs_for, sizes), reverse=True)
    assert epochs_for(10**7) == EPOCHS[0]
    assert [rows_in_a_step(n) for n in sizes] == sorted(map(rows_in_a_step, sizes))
    assert rows_in_a_step(3) == 3


@pytest.mark.parametrize(("best", "after"), [(4, 16), (20, 32), (40, 64), (64, 128)])
def test_others_learn_as_long_as_the_first_has_needed(best, after):
    first = Trained(SMALL, None, None, None, 1.0, 1.0, 64, best, 0.0, "epochs")
    assert epochs_after(first) == after
