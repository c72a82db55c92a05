import time
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from jubako.core.losses import CrossEntropy, SquaredError
from jubako.estimators.tabular import TabularRegressor
from jubako.model.fitted_network import FittedNetwork
from jubako.search.budget import affordable_rows
from jubako.search.candidates import CANDIDATES
from jubako.search.config import PRESETS, SearchConfig
from jubako.search.crossval import (
    CrossValResult,
    cross_validate,
    epochs_after,
    epochs_for,
)
from jubako.search.encoded import EncodedRows
from jubako.search.folds import MANY, folds
from jubako.search.held_out import cycle_ends
from jubako.search.search_run import (
    cross_validate_candidates,
    plan_first,
    plan_rest,
    refit_selected,
    unlimited_epochs,
)
from jubako.search.search_state import SearchState
from jubako.search.selection import discard_snapshots
from jubako.training.engines.native.engine import best_engine

N = 60


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 3)).astype(np.float32)
    y = x[:, :1] * x[:, 1:2]
    w = np.ones(N, np.float32)
    held = folds(N, None, None, 0, n_folds=2)
    return EncodedRows(lambda quantiles: x, 3, (), y, w, SquaredError(), np.zeros(1), held, 0)


def run_of(rows, preset="fast", seconds=np.inf, callbacks=()):
    began = time.perf_counter()
    return SearchState(rows, SearchConfig(preset, began, began + seconds), callbacks)


def test_candidates_are_tried_in_order_and_the_first_says_for_how_long(rows):
    seen = []
    tried = cross_validate_candidates(run_of(rows, "default", callbacks=[seen.append]))
    listed = [one for one in CANDIDATES if not one.label_smoothing]  # which is for classes
    assert [some[0].fitted.candidate for some in tried] == listed
    first = tried[0][0]
    assert first.planned_epochs == epochs_for(N - len(rows.held[0]), 3)
    assert {some[0].planned_epochs for some in tried[1:]} == {epochs_after(first)}
    for some in tried:
        one = some[0]
        assert one.fitted.epochs in {*cycle_ends(one.planned_epochs)[1:3], one.planned_epochs}
        assert one.reason == ("epochs" if one.fitted.epochs == one.planned_epochs else "callback")
    assert [now.number for now in seen] == sorted(now.number for now in seen)
    assert {now.n_candidates for now in seen} == {len(listed)}


def test_classes_have_one_candidate_more(rows, monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (1, 1))
    codes = (rows.y > 0).astype(np.float32)
    some = replace(rows, y=codes, loss=CrossEntropy(), start=np.zeros(2))
    tried = cross_validate_candidates(run_of(some, "default"))
    assert [one[0].fitted.candidate for one in tried] == list(CANDIDATES)


def test_without_time_there_is_the_first_candidate_and_the_reason(rows):
    some = run_of(rows, "best", seconds=1e-6)
    tried = cross_validate_candidates(some)
    assert len(tried) == 1
    assert tried[0][0].fitted.epochs == 1
    assert some.stopped == "time"


def test_an_interrupted_candidate_is_the_last(rows):
    def interrupt(now):
        if now.number == 2:
            raise KeyboardInterrupt

    some = run_of(rows, "default", callbacks=[interrupt])
    assert len(cross_validate_candidates(some)) == 2
    assert some.stopped == "interrupted"


def test_a_callback_ends_the_search_and_what_there_is_is_kept(rows):
    seen = []

    def stop(now):
        seen.append((now.number, now.epoch))
        return seen[-1] == (2, 3)

    some = run_of(rows, "default", callbacks=[stop, lambda now: False])
    tried = cross_validate_candidates(some)
    assert some.stopped == "callback"
    assert seen[-1] == (2, 3)
    assert [one[0].fitted.epochs for one in tried] == [len(seen) - 3, 3]


def test_ctrl_c_between_candidates_keeps_those_that_have_finished(rows, monkeypatch):
    def fit(candidate, *args, **kwargs):
        if candidate == CANDIDATES[2]:
            raise KeyboardInterrupt  # while its rows are prepared, outside of the loop
        return cross_validate(candidate, *args, **kwargs)

    monkeypatch.setattr("jubako.search.workers.cross_validate", fit)
    some = run_of(rows, "default")
    assert [one[0].fitted.candidate for one in cross_validate_candidates(some)] == list(
        CANDIDATES[:2]
    )
    assert some.stopped == "interrupted"


def test_progress_says_how_much_is_done(rows, monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (4, 4))
    seen = []
    cross_validate_candidates(run_of(rows, "default", callbacks=[seen.append]))
    done = [now.done for now in seen]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] <= 1
    assert [now.done for now in seen if now.epoch == now.n_epochs][:1] == [1 / 10]


def test_a_candidate_that_diverges_is_warned_of(rows):
    huge = replace(rows, y=np.where(np.arange(N)[:, None] == 5, 1e30, rows.y).astype(np.float32))
    with pytest.warns(ConvergenceWarning, match=r"Candidate [12] of 2 \(.*\) diverged") as seen:
        tried = cross_validate_candidates(run_of(huge))
    assert [one[0].reason for one in tried].count("diverged") == len(seen) > 0


def test_callbacks_and_ctrl_c_end_the_training_again_too(rows):
    chosen = [some[0] for some in cross_validate_candidates(run_of(rows))]

    def interrupt(now):
        raise KeyboardInterrupt

    for callback, reason in ((lambda now: True, "callback"), (interrupt, "interrupted")):
        some = run_of(rows, callbacks=[callback])
        result = refit_selected(some, chosen)
        assert some.stopped == reason
        assert [
            one.fitted.theta is other.fitted.theta
            for one, other in zip(result, chosen, strict=True)
        ] == [True] * len(chosen)


def test_candidates_selected_learn_again_while_there_is_time(rows):
    tried = cross_validate_candidates(run_of(rows))
    chosen = [some[0] for some in tried]
    seen = []
    again = run_of(rows, callbacks=[seen.append])
    for one, other in zip(chosen, refit_selected(again, chosen), strict=True):
        assert other.fitted.theta.shape == one.fitted.theta.shape
        assert (other.fitted.theta != one.fitted.theta).any()
    assert all(now.refit for now in seen)
    late = run_of(rows, seconds=0)
    assert refit_selected(late, chosen) == chosen
    assert late.stopped == "time"


def test_snapshots_of_the_worst_candidates_are_discarded_when_they_take_too_much(monkeypatch):
    def one(loss):
        theta = np.zeros((2, 3), np.float32)
        fitted = FittedNetwork(None, theta, None, CANDIDATES[0], loss=loss, epochs=4, best_epoch=4)
        return CrossValResult(fitted, np.zeros((4, 1)), (loss, loss), 4, "epochs")

    def snapshots():
        return [[other.fitted.loss for other in some[1:]] for some in tried]

    # whatever the losses of the snapshots: late ones are overconfident, and good when averaged
    all_losses = [[0.2, 9.0, 8.0], [0.4, 0.5, 0.6], [0.3, 7.0, 0.4]]
    tried = [list(map(one, losses)) for losses in all_losses]
    discard_snapshots(tried)
    assert snapshots() == [losses[1:] for losses in all_losses]
    a_snapshot = 2 * 3 * 4 + 4 * 8
    monkeypatch.setattr("jubako.search.selection.MEMORY", 5 * a_snapshot)
    discard_snapshots(tried)
    assert snapshots() == [[9.0, 8.0], [], [7.0, 0.4]]
    assert [some[0].fitted.loss for some in tried] == [0.2, 0.4, 0.3]


def test_more_time_is_for_more_rows(rows):
    alone, n_rows = replace(rows, held=[np.arange(1)]), MANY - 1
    (few, *no), (some, *still_no), (many, *yes) = (
        affordable_rows(alone, seconds, n_rows, 5) for seconds in (0, 0.1, 1000)
    )
    assert few == len(rows.y)
    assert few < some < many == n_rows
    assert [*no, *still_no, *yes] == [False, False, True]  # whether there is time for folds


def test_two_networks_suffice_where_there_is_no_time_for_folds():
    x = np.random.default_rng(0).normal(size=(3000, 4))
    for limit, n_networks in ((0.02, 2), (600, 5)):
        model = TabularRegressor("fast", time_limit=limit, random_state=0).fit(x, x[:, 0] * x[:, 1])
        assert {len(network.theta) for network in model.model_.networks} == {n_networks}


def test_without_time_a_linear_model_is_trained_longer_than_the_first_candidate(rows, monkeypatch):
    seconds = {(128, 128, 128): 1.0, (): 0.001}  # of an epoch
    monkeypatch.setattr(
        "jubako.search.budget.seconds_per_epoch", lambda candidate, *_: seconds[candidate.hidden]
    )
    search = run_of(rows, seconds=8.9)
    first, second = search.candidates()
    task = plan_first(search, first)
    assert task.epochs == 4
    search.tried.append(cross_validate(first, rows, best_engine(), task.epochs))
    (linear,) = plan_rest(search, iter([second]), 4)
    assert linear.epochs == unlimited_epochs(second, rows) == 64


def hidden_layers(tried):
    return [some[0].fitted.candidate.hidden for some in tried]


@pytest.mark.parametrize(("falling", "is_wider"), [(-np.inf, True), (1.0, False)])
def test_many_rows_have_wider_networks_where_the_loss_is_still_falling(
    rows, monkeypatch, falling, is_wider
):
    monkeypatch.setattr("jubako.search.crossval.FALLING", falling)
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (2, 2))
    monkeypatch.setitem(PRESETS, "fast", 5)
    listed = [candidate.hidden for candidate in run_of(rows).candidates()]
    assert hidden_layers(cross_validate_candidates(run_of(rows))) == listed
    monkeypatch.setattr("jubako.search.encoded.MANY", len(rows.y))
    first, *others = hidden_layers(cross_validate_candidates(run_of(rows)))
    assert first == listed[0] == (128, 128, 128)
    if is_wider:
        assert others == [(), (256, 256, 256), (256, 256, 256), (256, 256)]
    else:
        assert others == listed[1:]
