import time
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from jubako.core.losses import CrossEntropy, SquaredError
from jubako.ensemble.folds import MANY, folds
from jubako.ensemble.members import MEMBERS
from jubako.ensemble.pack import Rows, Trained, epochs_after, epochs_for, fit_member, lulls_of
from jubako.ensemble.trials import (
    PRESETS,
    Trials,
    affordable_rows,
    forget_the_worst,
)

N = 60


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 3)).astype(np.float32)
    y = x[:, :1] * x[:, 1:2]
    w = np.ones(N, np.float32)
    held = folds(N, None, None, 0, n_folds=2)
    return Rows(lambda ranks: x, 3, (), y, w, SquaredError(), np.zeros(1), held, 0)


def trials(rows, preset="fast", seconds=np.inf, **options):
    began = time.perf_counter()
    return Trials(rows, preset, began, began + seconds, **options)


def test_members_are_tried_in_order_and_the_first_says_for_how_long(rows):
    seen = []
    tried = trials(rows, "default", callbacks=[seen.append]).run()
    listed = [one for one in MEMBERS if not one.smoothing]  # which is for classes
    assert [some[0].member for some in tried] == listed
    first = tried[0][0]
    assert first.planned == epochs_for(N - len(rows.held[0]), 3)
    assert {some[0].planned for some in tried[1:]} == {epochs_after(first)}
    for some in tried:
        one = some[0]
        assert one.epochs in {*lulls_of(one.planned)[1:3], one.planned}
        assert one.reason == ("epochs" if one.epochs == one.planned else "callback")
    assert [now.number for now in seen] == sorted(now.number for now in seen)
    assert {now.n_members for now in seen} == {len(listed)}


def test_classes_have_one_member_more(rows, monkeypatch):
    monkeypatch.setattr("jubako.ensemble.pack.EPOCHS", (1, 1))
    codes = (rows.y > 0).astype(np.float32)
    some = replace(rows, y=codes, loss=CrossEntropy(), start=np.zeros(2))
    tried = trials(some, "default").run()
    assert [one[0].member for one in tried] == list(MEMBERS)


def test_without_time_there_is_the_first_member_and_the_reason(rows):
    some = trials(rows, "best", seconds=1e-6)
    tried = some.run()
    assert len(tried) == 1
    assert tried[0][0].epochs == 1
    assert some.stopped == "time"


def test_an_interrupted_member_is_the_last(rows):
    def interrupt(now):
        if now.number == 2:
            raise KeyboardInterrupt

    some = trials(rows, "default", callbacks=[interrupt])
    assert len(some.run()) == 2
    assert some.stopped == "interrupted"


def test_a_callback_ends_the_trials_and_what_there_is_is_kept(rows):
    seen = []

    def stop(now):
        seen.append((now.number, now.epoch))
        return seen[-1] == (2, 3)

    some = trials(rows, "default", callbacks=[stop, lambda now: False])
    tried = some.run()
    assert some.stopped == "callback"
    assert seen[-1] == (2, 3)
    assert [one[0].epochs for one in tried] == [len(seen) - 3, 3]


def test_ctrl_c_between_members_keeps_those_that_have_finished(rows, monkeypatch):
    def fit(member, *args, **kwargs):
        if member == MEMBERS[2]:
            raise KeyboardInterrupt  # while its rows are prepared, outside of the loop
        return fit_member(member, *args, **kwargs)

    monkeypatch.setattr("jubako.ensemble.trials.fit_member", fit)
    some = trials(rows, "default")
    assert [one[0].member for one in some.run()] == list(MEMBERS[:2])
    assert some.stopped == "interrupted"


def test_progress_says_how_much_is_done(rows, monkeypatch):
    monkeypatch.setattr("jubako.ensemble.pack.EPOCHS", (4, 4))
    seen = []
    trials(rows, "default", callbacks=[seen.append]).run()
    done = [now.done for now in seen]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] <= 1
    assert [now.done for now in seen if now.epoch == now.n_epochs][:1] == [1 / 10]


def test_a_member_that_diverges_is_warned_of(rows):
    huge = replace(rows, y=np.where(np.arange(N)[:, None] == 5, 1e30, rows.y).astype(np.float32))
    with pytest.warns(ConvergenceWarning, match=r"Candidate [12] of 2 \(.*\) diverged") as seen:
        tried = trials(huge).run()
    assert [one[0].reason for one in tried].count("diverged") == len(seen) > 0


def test_callbacks_and_ctrl_c_end_the_training_again_too(rows):
    chosen = [some[0] for some in trials(rows).run()]

    def interrupt(now):
        raise KeyboardInterrupt

    for callback, reason in ((lambda now: True, "callback"), (interrupt, "interrupted")):
        some = trials(rows, callbacks=[callback])
        result = some.again(chosen)
        assert some.stopped == reason
        assert [one.theta is other.theta for one, other in zip(result, chosen, strict=True)] == [
            True
        ] * len(chosen)


def test_members_chosen_learn_again_while_there_is_time(rows):
    tried = trials(rows).run()
    chosen = [some[0] for some in tried]
    seen = []
    again = trials(rows, callbacks=[seen.append])
    for one, other in zip(chosen, again.again(chosen), strict=True):
        assert other.theta.shape == one.theta.shape
        assert (other.theta != one.theta).any()
    assert all(now.again for now in seen)
    late = trials(rows, seconds=0)
    assert late.again(chosen) == chosen
    assert late.stopped == "time"


def test_snapshots_of_the_worst_members_are_forgotten_when_they_take_too_much(monkeypatch):
    def one(loss):
        theta, guess = np.zeros((2, 3), np.float32), np.zeros((4, 1))
        return Trained(MEMBERS[0], None, theta, guess, loss, (loss, loss), 4, 4, 4, 0.0, "epochs")

    def snapshots():
        return [[other.loss for other in some[1:]] for some in tried]

    # whatever the losses of the snapshots: late ones are bold, and good when averaged
    all_losses = [[0.2, 9.0, 8.0], [0.4, 0.5, 0.6], [0.3, 7.0, 0.4]]
    tried = [list(map(one, losses)) for losses in all_losses]
    forget_the_worst(tried)
    assert snapshots() == [losses[1:] for losses in all_losses]
    a_snapshot = 2 * 3 * 4 + 4 * 8
    monkeypatch.setattr("jubako.ensemble.trials.MEMORY", 5 * a_snapshot)
    forget_the_worst(tried)
    assert snapshots() == [[9.0, 8.0], [], [7.0, 0.4]]
    assert [some[0].loss for some in tried] == [0.2, 0.4, 0.3]


def test_more_time_is_for_more_rows(rows):
    alone = replace(rows, held=[np.arange(1)])
    few, some, many = (affordable_rows(alone, seconds, 5) for seconds in (0, 0.1, 1000))
    assert few == 4
    assert 4 < some < MANY < many
    assert PRESETS["fast"] < PRESETS["default"] < PRESETS["best"]
