"""The run folder of one network: a fit that was killed continues with the same bits."""

import json
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning

import killed
from jubako import MLPClassifier, TabularRegressor
from jubako.core.errors import ParameterError
from jubako.estimators import SingleNetworkRegressor
from jubako.model.atomic import whole_or_not_at_all
from jubako.search.run_status import status_of
from small import SCORE, X, Y

SETTINGS = {
    "hidden_layer_sizes": [8],
    "max_iter": 20,
    "n_iter_no_change": np.inf,
    "random_state": 0,
}


@pytest.fixture(autouse=True)
def checkpoint_after_each_epoch(monkeypatch):
    monkeypatch.setattr("jubako.search.checkpoint.CHECKPOINT_EVERY", 0.0)


@pytest.fixture
def run_dir(tmp_path):
    return tmp_path / "runs" / "y"


def fit(run_dir=None, X=X, Y=Y, val=None, **options):
    return MLPClassifier(run_dir=run_dir, **SETTINGS | options).fit(X, Y, **val or {})


def stop_at(epoch, error=None):
    def stop(record):
        if record.epoch == epoch:
            if error:
                raise error("in epoch 7")
            return True

    return stop


def same(found, expected):
    np.testing.assert_array_equal(found.theta_, expected.theta_)
    assert killed.bits_of_network(found) == killed.bits_of_network(expected)
    assert (found.n_iter_, found.t_) == (expected.n_iter_, expected.t_)
    assert found.stopped_ == expected.stopped_


def test_twenty_kills_leave_the_same_bits(tmp_path):
    command = [sys.executable, killed.__file__, "network", tmp_path]
    seed = str(random.randrange(10**6))
    done = subprocess.run([*command, seed, "20"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    right = killed.bits_of_network(killed.fit_network(None))
    assert report["killed"] == 20
    assert report["ends"] == [right] * len(report["ends"])


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.filterwarnings("ignore:Training interrupted")
def test_a_fit_that_was_stopped_continues(run_dir, error, early_stopping):
    options = {"early_stopping": early_stopping, "n_networks": 2}
    if error is ValueError:
        with pytest.raises(ValueError, match="in epoch 7"):
            fit(run_dir, callbacks=[stop_at(7, error)], **options)
    else:
        part = fit(run_dir, callbacks=[stop_at(7, error)], **options)
        assert part.n_iter_ == len(part.loss_curve_) == 7
    heard = []
    whole = fit(run_dir, callbacks=[heard.append], **options)
    assert [record.epoch for record in heard] == list(range(8, 21))
    same(whole, fit(**options))


def test_a_finished_fit_trains_nothing_again(run_dir):
    first, heard = fit(run_dir, n_iter_no_change=2, tol=1.0), []
    again = fit(run_dir, n_iter_no_change=2, tol=1.0, callbacks=[heard.append])
    assert first.stopped_ == "converged"
    assert heard == []
    same(again, first)


def test_a_network_that_diverges_does_so_again(run_dir):
    options = {"learning_rate_init": 1e200, "early_stopping": True, "solver": "sgd"}
    ends = []
    for _ in range(2):
        with (
            pytest.warns(ConvergenceWarning, match="rate"),
            pytest.raises(ValueError, match="non-finite") as error,
        ):
            fit(run_dir, **options)
        ends.append(str(error.value))
    assert ends[0] == ends[1]


def test_sparse_rows_and_own_validation_rows(run_dir):
    val = {"X_val": X[:9], "y_val": Y[:9]}
    fit(run_dir, csr_array(X), val=val, callbacks=[stop_at(3)])
    same(fit(run_dir, csr_array(X), val=val), fit(X=csr_array(X), val=val))
    with pytest.raises(ParameterError, match="differs in validation"):
        fit(run_dir, csr_array(X))


def test_the_seed_of_a_fit_without_one_is_kept(run_dir):
    part = {"random_state": None, "early_stopping": True}
    fit(run_dir, callbacks=[stop_at(3)], **part)
    same(fit(run_dir, **part), fit(run_dir, **part))


def test_one_network_for_a_table(run_dir):
    def plain(run_dir=None, **options):
        return SingleNetworkRegressor(random_state=0, max_iter=9, run_dir=run_dir, **options).fit(
            X, SCORE
        )

    part = plain(run_dir, callbacks=[stop_at(4)])
    whole = plain(run_dir)
    assert (part.stopped_, whole.stopped_) == ("callback", "epochs")
    np.testing.assert_array_equal(whole.predict(X), plain().predict(X))
    limited = plain(run_dir.with_name("other"), time_limit=1e-9)
    assert limited.stopped_ == "time"
    np.testing.assert_array_equal(plain(run_dir.with_name("other")).predict(X), plain().predict(X))
    with pytest.raises(ParameterError, match="warm_start"):
        plain(run_dir, warm_start=True)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"random_state": 4}, "seeds"),
        ({"hidden_layer_sizes": [9]}, r"hidden_layer_sizes \[8\]"),
        ({"max_iter": 30}, "max_iter 20"),
        ({"alpha": 0.5}, "alpha 0.0001"),
        ({"X": X * 2}, "table"),
        ({"class_weight": {0: 2.0}}, "class_weight None"),
    ],
)
def test_another_fit_is_refused_with_what_differs(run_dir, options, what):
    fit(run_dir)
    with pytest.raises(ParameterError, match=f"holds another run, which differs in .*{what}"):
        fit(run_dir, **options)


def test_the_folder_of_a_search_is_refused(run_dir):
    TabularRegressor("fast", n_folds=2, random_state=0, run_dir=run_dir).fit(X, SCORE)
    with pytest.raises(ParameterError, match="which differs in model 'ensemble'"):
        fit(run_dir)


@pytest.mark.parametrize("options", [{"warm_start": True}, {"solver": "lbfgs"}])
def test_what_contradicts_a_run_folder_is_refused(run_dir, options):
    with pytest.raises(ParameterError, match="run_dir="):
        fit(run_dir, **options)
    assert not run_dir.exists()


def test_two_fits_can_not_use_a_folder_at_once(run_dir):
    refused = []

    def other(record):
        if not refused:
            with ThreadPoolExecutor() as pool, pytest.raises(ParameterError) as error:
                pool.submit(fit, run_dir).result()
            refused.append(str(error.value))

    same(fit(run_dir, callbacks=[other]), fit())
    assert "is in use by another command" in refused[0]


def test_a_damaged_checkpoint_is_computed_again_with_a_note(run_dir):
    fit(run_dir, callbacks=[stop_at(5)])
    path = run_dir / "network.checkpoint"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.warns(UserWarning, match=r"'network.checkpoint' in the run folder is damaged"):
        same(fit(run_dir), fit())


@pytest.mark.parametrize("how", ["full", "deleted"])
def test_a_folder_that_can_not_be_written_any_more_costs_no_training(run_dir, how, monkeypatch):
    def write(path):
        if how == "full":
            raise OSError(28, "No space left on device")
        shutil.rmtree(Path(path).parent, ignore_errors=True)
        return whole_or_not_at_all(path)

    monkeypatch.setattr("jubako.model.model_file.whole_or_not_at_all", write)
    with pytest.warns(UserWarning, match=r"can't be written.*without checkpoints") as caught:
        same(fit(run_dir), fit())
    assert len([w for w in caught if "checkpoints" in str(w.message)]) == 1


def test_partial_fit_leaves_the_folder_alone(run_dir):
    MLPClassifier(run_dir=run_dir).partial_fit(X, Y, classes=[0, 1, 2])
    assert not run_dir.exists()


def test_the_status_of_a_network(run_dir):
    seen = []

    def look(record):
        seen.append(status_of(run_dir))

    fit(run_dir, callbacks=[look], early_stopping=True)
    assert [status.epoch for status in seen] == list(range(1, 21))
    assert all(status.is_running and status.n_epochs == 20 for status in seen)
    assert seen[3].val_loss is not None
    end = status_of(run_dir)
    assert (end.epoch, end.is_running, end.seconds_left) == (20, False, 0.0)
