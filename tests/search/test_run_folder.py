"""The run folder: a search that was killed goes on with the same bits; anything else is refused."""

import json
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from safetensors import safe_open

import killed
from jubako import TabularClassifier, TabularRegressor
from jubako.core.errors import ParameterError
from jubako.estimators import SingleNetworkRegressor
from jubako.model.atomic import whole_or_not_at_all
from jubako.search import run_settings
from jubako.search.candidates import CANDIDATES

X, Y = killed.X, killed.Y


def is_late(path):
    """Tell whether a file belongs to the third candidate or to a later one."""
    name = Path(path).name
    return name.startswith("candidate-") and name >= "candidate-003"


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (6, 6))
    monkeypatch.setattr("jubako.search.checkpoint.CHECKPOINT_EVERY", 0.0)


@pytest.fixture
def run_dir(tmp_path):
    return tmp_path / "runs" / "price"


def fit(run_dir=None, preset="fast", **options):
    settings = {"n_folds": 2, "random_state": 3, "refit": True} | options
    return TabularRegressor(preset, run_dir=run_dir, **settings).fit(X, Y)


def test_thirty_kills_leave_the_same_bits(tmp_path):
    done = subprocess.run(
        [sys.executable, killed.__file__, "search", tmp_path, str(random.randrange(10**6)), "30"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    right = killed.bits(fit(preset="default"))
    assert report["killed"] == 30
    assert report["ends"] == [right] * len(report["ends"])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_finished_search_trains_nothing_again(run_dir, n_jobs, monkeypatch):
    right = killed.bits(fit())
    with parallel_config("threading"):
        first = fit(run_dir, n_jobs=n_jobs)
        monkeypatch.setattr("jubako.search.workers.cross_validate", None)
        monkeypatch.setattr("jubako.search.search_run.refit_candidate", None)
        again = fit(run_dir, n_jobs=n_jobs)
    assert killed.bits(first) == killed.bits(again) == right
    assert first.stopped_ == again.stopped_ == "complete"


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_a_search_that_was_ended_goes_on_with_the_same_bits(run_dir, n_jobs, error):
    def stop(now):
        if now.number == 2 and now.epoch >= 2:
            if error:
                raise error
            return True

    preset, heard = "default" if n_jobs else "fast", []
    with parallel_config("threading"):
        part = fit(run_dir, preset, n_jobs=n_jobs, callbacks=[stop])
        whole = fit(run_dir, preset, n_jobs=n_jobs, callbacks=[heard.append])
    assert part.stopped_ == ("interrupted" if error else "callback")
    assert np.isfinite(part.predict(X)).all()
    assert whole.stopped_ == "complete"
    assert killed.bits(whole) == killed.bits(fit(preset=preset))
    assert all(now.number > 1 for now in heard if not now.refit)
    if n_jobs is None:  # workers may have finished the second one before it was heard
        assert {now.number for now in heard if not now.refit} == {2}
        assert min(now.epoch for now in heard if not now.refit) > 2


def test_the_seed_of_a_search_without_one_is_kept(run_dir):
    first, again = fit(run_dir, random_state=None), fit(run_dir, random_state=None)
    assert killed.bits(first) == killed.bits(again)


OTHERS = {
    "seed": lambda folder: fit(folder, random_state=4),
    "preset 'fast'": lambda folder: fit(folder, "default"),
    "n_folds 2": lambda folder: fit(folder, n_folds=3),
    "refit True": lambda folder: fit(folder, refit=False),
    "eval_metric None": lambda folder: fit(folder, eval_metric="r2"),
    "table": lambda folder: TabularRegressor(
        "fast", run_dir=folder, n_folds=2, random_state=3, refit=True
    ).fit(X, -Y),
    "columns": lambda folder: TabularRegressor(
        "fast", run_dir=folder, n_folds=2, random_state=3, refit=True
    ).fit(X * 2, Y),
    "task 'regress'": lambda folder: TabularClassifier(
        "fast", run_dir=folder, n_folds=2, random_state=3, refit=True
    ).fit(X, Y > 0),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_search_is_refused_with_what_differs(run_dir, what):
    fit(run_dir)
    before = {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}
    with pytest.raises(ParameterError, match=f"holds another run, which differs in .*{what}"):
        OTHERS[what](run_dir)
    assert before == {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}


def test_another_version_is_refused(run_dir, monkeypatch):
    fit(run_dir)
    monkeypatch.setattr("jubako.search.search.__version__", "99.0")
    with pytest.raises(ParameterError, match=r"which differs in library_version '"):
        fit(run_dir)


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(ParameterError, match=r"other files \('letter.txt'\) and no run"):
        fit(tmp_path)
    assert os.listdir(tmp_path) == ["letter.txt"]


def test_a_damaged_description_is_refused(run_dir):
    fit(run_dir)
    (run_dir / "run.json").write_text("{")
    with pytest.raises(ParameterError, match=r"run.json is damaged"):
        fit(run_dir)


def test_two_commands_can_not_use_a_folder_at_once(run_dir):
    refused = []

    def other(now):
        if not refused:
            with ThreadPoolExecutor() as pool, pytest.raises(ParameterError) as error:
                pool.submit(fit, run_dir).result()
            refused.append(str(error.value))

    model = fit(run_dir, callbacks=[other])
    assert "is in use by another command: wait until" in refused[0]
    assert killed.bits(model) == killed.bits(fit())
    assert not run_settings.is_locked(run_dir)


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("file", ["candidate-001", "candidate-002", "refit-001"])
def test_a_damaged_result_is_computed_again(run_dir, file, n_jobs):
    right = killed.bits(fit(run_dir))
    path = run_dir / f"{file}.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with (
        parallel_config("threading"),
        pytest.warns(UserWarning, match=f"'{file}.safetensors' in the run folder is damaged"),
    ):
        assert killed.bits(fit(run_dir, n_jobs=n_jobs)) == right


def test_a_damaged_checkpoint_is_of_no_use_and_does_no_harm(run_dir):
    def stop(now):
        return now.number == 2 and now.epoch == 3

    fit(run_dir, callbacks=[stop])
    path = run_dir / "candidate-002.checkpoint"
    path.write_bytes(path.read_bytes()[:-7])
    assert killed.bits(fit(run_dir)) == killed.bits(fit())


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_folder_that_can_not_be_written_any_more_ends_the_search(run_dir, n_jobs, monkeypatch):
    def write(path):  # a disk that is full from the third candidate on
        if is_late(path):
            raise OSError(28, "No space left on device")
        return whole_or_not_at_all(path)

    monkeypatch.setattr("jubako.model.model_file.whole_or_not_at_all", write)
    with (
        parallel_config("threading"),
        pytest.warns(UserWarning, match="can't be written: No space left on device"),
    ):
        model = fit(run_dir, "default", n_jobs=n_jobs, refit=False)
    assert model.stopped_ == "disk"
    assert 1 <= len(model.leaderboard_) < 10


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_folder_that_is_deleted_ends_the_search_with_what_there_is(run_dir, n_jobs, monkeypatch):
    def write(path):
        if is_late(path) and run_dir.exists():
            shutil.rmtree(run_dir, ignore_errors=True)  # workers may be writing
        return whole_or_not_at_all(path)

    monkeypatch.setattr("jubako.model.model_file.whole_or_not_at_all", write)
    with parallel_config("threading"), pytest.warns(UserWarning, match="ended early, with"):
        model = fit(run_dir, "default", n_jobs=n_jobs)
    assert model.stopped_ == "disk"
    assert np.isfinite(model.predict(X)).all()


def test_a_folder_that_is_deleted_before_workers_read_the_rows_ends_the_search(run_dir):
    def delete(now):
        if now.number == 1 and now.epoch == now.n_epochs:  # the first candidate is trained here
            shutil.rmtree(run_dir / "rows")

    with parallel_config("loky"), pytest.warns(UserWarning, match="early, with 1 candidates"):
        model = fit(run_dir, n_jobs=2, refit=False, callbacks=[delete])
    assert model.stopped_ == "disk"
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("refit", [False, True])
def test_an_error_of_a_callback_is_not_taken_for_one_of_the_folder(run_dir, n_jobs, refit):
    def read_notes(now):
        if now.refit if refit else now.number == 2:
            raise FileNotFoundError(2, "No such file", "notes.txt")

    with parallel_config("threading"), pytest.raises(FileNotFoundError, match=r"notes\.txt"):
        fit(run_dir, n_jobs=n_jobs, callbacks=[read_notes])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_search_that_goes_on_reads_each_result_once(run_dir, n_jobs, monkeypatch):
    opened = []

    def count(path, **options):
        opened.append(Path(path).name)
        return safe_open(path, **options)

    with parallel_config("threading"):
        fit(run_dir)
        monkeypatch.setattr("jubako.search.array_file.safe_open", count)
        fit(run_dir, n_jobs=n_jobs)
    results = {path.name for path in run_dir.glob("*.safetensors")}
    assert len(results) >= 3
    assert sorted(opened) == sorted(results)


def test_a_folder_that_can_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file/run' can't be written: Not a directory"):
        fit(tmp_path / "file" / "run")


def test_a_saved_model_does_not_hold_the_folder(run_dir, tmp_path):
    fit(str(run_dir)).save(tmp_path / "m.jubako")
    assert b"runs" not in Path(tmp_path / "m.jubako").read_bytes()


def test_a_time_limit_goes_on_where_it_ended(run_dir):
    part = fit(run_dir, time_limit=1e-3)
    whole = fit(run_dir, time_limit=600)
    assert part.stopped_ == "time"
    assert whole.stopped_ == "complete"
    assert len(whole.leaderboard_) == 2
    assert len(CANDIDATES) > 2


def test_an_ended_search_with_time_to_spare_goes_on_with_the_same_folds(run_dir):
    x = np.random.default_rng(0).normal(size=(600, 2))  # two networks, one for each fold

    def fit(**options):
        model = TabularRegressor("fast", n_folds=2, time_limit=600, random_state=0, **options)
        return model.fit(x, x[:, 0])

    whole = fit()
    part = fit(run_dir=run_dir, callbacks=[lambda now: now.number == 2])
    again = fit(run_dir=run_dir)
    assert [part.stopped_, again.stopped_] == ["callback", "complete"]
    assert_array_equal(again.predict(x), whole.predict(x))
    assert_array_equal(again.predict_interval(x, 0.5), whole.predict_interval(x, 0.5))


def test_a_time_limit_does_not_use_the_run_of_a_single_network(run_dir):
    SingleNetworkRegressor(max_iter=1, run_dir=run_dir).fit(X, Y)
    with pytest.raises(ValueError, match="holds another run, which differs in model"):
        fit(run_dir, time_limit=600)
