"""Candidates that are cut into their folds: the same bits and epochs as if they were whole."""

import numpy as np
import pytest
from joblib import parallel_config

import killed
from jubako import TabularClassifier, TabularRegressor
from jubako.core.losses import SquaredError
from jubako.search import fold_task
from jubako.search.candidates import CANDIDATES
from jubako.search.checkpoint import merge_records
from jubako.search.crossval import cross_validate, network_for
from jubako.search.encoded import EncodedRows
from jubako.search.racing import NO_RACE, Race, Rival
from jubako.search.run_folder import RunFolder
from jubako.search.tasks import Task
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record

X, Y = killed.X, killed.Y
NO_GAINS = -np.inf, -np.inf  # no candidate is stopped by racing
MANY = 24  # workers: more than there are candidates, and cores


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (12, 12))


def fit(n_jobs=None, preset="fast", model=TabularRegressor, y=Y, backend="threading", **options):
    heard = []
    settings = {"n_folds": 2, "random_state": 3, "callbacks": [heard.append]} | options
    with parallel_config(backend):
        return model(preset, n_jobs=n_jobs, **settings).fit(X, y), heard


def epochs_of(heard):
    return sorted((now.number, now.epoch, now.n_epochs, repr(now.record[:6])) for now in heard)


@pytest.fixture(scope="module")
def alone():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jubako.search.crossval.EPOCHS", (12, 12))
        patch.setattr("jubako.search.racing.GAINS", NO_GAINS)
        return fit()


def test_the_cut_changes_no_bit():
    alone, expected = fit(preset="default")
    for n_jobs in (5, MANY):  # some candidates in folds, or all
        model, heard = fit(n_jobs, "default")
        assert killed.bits(model) == killed.bits(alone)
        assert model.stopped_ == "complete"
        assert epochs_of(heard) == epochs_of(expected)  # those that were given up included
    done = [now.done for now in heard]
    assert done == sorted(done)


def test_the_cut_changes_no_bit_of_a_classifier_in_processes():
    classify = {"model": TabularClassifier, "y": Y > 0}
    model, _ = fit(**classify)
    cut, _ = fit(4, backend="multiprocessing", **classify)
    np.testing.assert_array_equal(model.predict_proba(X), cut.predict_proba(X))


@pytest.mark.parametrize("later", [None, 2, MANY])
def test_what_single_folds_have_learned_survives(tmp_path, later, alone, monkeypatch):
    monkeypatch.setattr("jubako.search.checkpoint.CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr("jubako.search.racing.GAINS", NO_GAINS)

    def stop(now):
        return now.number == 2 and now.epoch == 3

    part, _ = fit(MANY, run_dir=tmp_path / "r", callbacks=[stop])
    assert part.stopped_ == "callback"
    assert np.isfinite(part.predict(X)).all()
    left = {path.name for path in (tmp_path / "r").glob("*.fold-*.*")}
    assert any(name.endswith(".checkpoint") for name in left)
    whole, _ = fit(later, run_dir=tmp_path / "r")
    assert killed.bits(whole) == killed.bits(alone[0])
    assert not list((tmp_path / "r").glob("*.fold"))


def test_a_damaged_result_of_a_fold_is_computed_again(tmp_path, alone, monkeypatch):
    monkeypatch.setattr("jubako.search.checkpoint.CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr("jubako.search.racing.GAINS", NO_GAINS)

    def stop(now):
        return now.number == 2 and now.epoch == 8

    fit(MANY, run_dir=tmp_path / "r", callbacks=[stop])
    damaged = list((tmp_path / "r").glob("*.fold"))
    assert damaged
    for path in damaged:
        path.write_bytes(path.read_bytes()[:-9])
    assert killed.bits(fit(MANY, run_dir=tmp_path / "r")[0]) == killed.bits(alone[0])


def small_rows():
    x = X.astype(np.float32)
    held = np.array_split(np.random.default_rng(1).permutation(len(x)), 3)
    y, w = Y[:, None].astype(np.float32), np.ones(len(x), np.float32)
    return EncodedRows(lambda _: x, 3, (), y, w, SquaredError(), np.zeros(1), held, 0)


def cut(rows, candidate, folder, order, race=NO_RACE, epochs=15, observe=lambda record: None):
    """Train the folds of a candidate one after another, and return the merged result."""
    task = Task(0, 0, candidate, epochs)
    for k in order:
        fold = task.folds(len(rows.held))[k]
        fold_task.cross_validate_fold(fold, rows, best_engine(), race, observe, folder)
    return folder.read(task, network_for(candidate, rows))


def same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.fitted.theta, other.fitted.theta)
        np.testing.assert_array_equal(one.oof_prediction, other.oof_prediction)
        for name in ("loss", "epochs", "best_epoch"):
            assert getattr(one.fitted, name) == getattr(other.fitted, name)
        for name in ("lows", "planned_epochs", "reason"):
            assert getattr(one, name) == getattr(other, name), name
        plain = [[record._replace(seconds=0) for record in r.history] for r in (one, other)]
        assert repr(plain[0]) == repr(plain[1])


RIVAL = Rival.of([Y[:, None] + 0.001], small_rows())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@pytest.mark.parametrize(
    "race", [NO_RACE, Race((0.0, np.inf)), Race((np.inf, 0.0)), Race(rivals=([RIVAL], []))]
)
def test_folds_in_any_order_are_the_whole(tmp_path, order, race):
    rows = small_rows()  # folds that are not sorted
    expected = cross_validate(CANDIDATES[2], rows, best_engine(), 15, race)
    same(cut(rows, CANDIDATES[2], RunFolder(tmp_path, "a"), order, race), expected)
    if race is not NO_RACE:
        assert expected[0].fitted.epochs < 15
    assert not list(tmp_path.glob("*.fold"))


def test_a_candidate_of_which_a_fold_diverges_is_trained_as_a_whole(tmp_path, monkeypatch):
    rows = small_rows()
    rows.y[rows.held[1][0]] = 1e30  # only the others learn from it
    expected = cross_validate(CANDIDATES[2], rows, best_engine(), 15)
    assert expected[0].reason == "diverged"
    same(cut(rows, CANDIDATES[2], RunFolder(tmp_path, "a"), range(3)), expected)


def test_folds_that_are_ended_leave_a_partial_result_if_all_have_begun(tmp_path):
    rows, folder = small_rows(), RunFolder(tmp_path, "a")

    def stop(record):
        return record.epoch == 2

    assert cut(rows, CANDIDATES[2], folder, range(2), observe=stop) == []
    partial = cut(rows, CANDIDATES[2], folder, [2], observe=stop)
    assert partial[0].fitted.epochs == 2
    assert partial[0].fitted.theta.shape[0] == 3
    assert len(partial[0].oof_prediction) == len(X)
    later = RunFolder(tmp_path, "b")
    same(
        cut(rows, CANDIDATES[2], later, range(3)),
        cross_validate(CANDIDATES[2], rows, best_engine(), 15),
    )


def test_the_merged_record_leaves_out_networks_that_have_blown_up():
    good = Record(3, 1.0, 2.0, -2.0, 0.1, (1.0, 3.0), 5.0)
    bad = Record(3, np.nan, np.nan, np.nan, 0.3, (), 6.0, "blown up")
    merged = merge_records([good, bad])
    assert merged == Record(3, 1.0, 2.0, -2.0, 0.2, (1.0, 3.0), 6.0, "blown up")
