"""Candidates trained side by side: the same bits, callbacks, time and Ctrl-C for every backend."""

import os
import pickle
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import parallel_config, register_parallel_backend
from joblib._parallel_backends import ThreadingBackend

from jubako import TabularClassifier, TabularRegressor
from jubako.data.readers.frames import to_table
from jubako.model.features import Features
from jubako.model.schema import Schema
from jubako.search import crossval
from jubako.search.candidates import CANDIDATES
from jubako.search.encoded import EncodedTable
from jubako.search.workers import Workers

N = 40
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 2))
KIND = (X[:, 0] * X[:, 1] > 0).astype(int)


class InOnePiece(ThreadingBackend):
    """A backend that hands over all results at once, as Ray and Spark do."""

    supports_return_generator = False


register_parallel_backend("in-one-piece", InOnePiece)
BACKENDS = ["loky", "threading", "multiprocessing", "in-one-piece"]
IN_THREADS = ["threading", "in-one-piece"]  # that start at once


def fit(n_jobs=2, preset="default", model=TabularClassifier, **options):
    return model(preset, n_folds=2, n_jobs=n_jobs, random_state=1, **options).fit(X, KIND)


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (4, 4))


@pytest.fixture
def alone():
    heard = []
    return fit(None, callbacks=[heard.append]), heard


@pytest.mark.parametrize("backend", BACKENDS)
def test_workers_give_the_same_bits_and_callbacks_hear_of_all_epochs(backend, alone):
    (one, first), heard, threads = alone, [], set()
    with parallel_config(backend):
        two = fit(callbacks=[heard.append, lambda now: threads.add(threading.get_ident())])
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    np.testing.assert_array_equal(one.weights_, two.weights_)
    drop = ["seconds"]
    assert one.leaderboard_.drop(columns=drop).equals(two.leaderboard_.drop(columns=drop))
    assert threads == {threading.get_ident()}
    assert {now.number for now in heard} == set(range(1, len(CANDIDATES) + 1))
    by_candidate = sorted((now.number, now.epoch, now.n_epochs) for now in heard)
    assert by_candidate == [(now.number, now.epoch, now.n_epochs) for now in first]
    done = [now.done for now in heard]
    assert done == sorted(done)
    assert done[-1] > done[0]
    assert all(0 < now.seconds < two.seconds_ for now in heard)
    assert two.stopped_ == "complete"


@pytest.mark.parametrize("backend", ["threading", "in-one-piece"])
def test_memory_for_snapshots_does_not_depend_on_workers(backend, monkeypatch):
    monkeypatch.setattr("jubako.search.selection.MEMORY", 10**6)
    with parallel_config(backend):
        one, two = fit(None), fit(2)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


@pytest.mark.parametrize("backend", IN_THREADS)
@pytest.mark.parametrize(
    ("error", "reason"), [(None, "callback"), (KeyboardInterrupt, "interrupted")]
)
def test_what_has_finished_is_kept(backend, error, reason, monkeypatch):
    monkeypatch.setattr("jubako.search.parallel.POLL", 0.001)  # a candidate takes some ms
    heard = []

    def stop(now):
        heard.append(now.number)
        if len(set(heard)) == 3:
            if error:
                raise error
            return True

    with parallel_config(backend):
        model = fit(callbacks=[stop])
    assert model.stopped_ == reason
    assert 3 <= len(model.leaderboard_) <= 4
    assert np.isfinite(model.predict_proba(X)).all()


def test_ctrl_c_while_processes_train_keeps_what_has_finished(monkeypatch):
    # the real signal, in the thread that waits for the workers
    big = np.random.default_rng(0).normal(size=(6000, 10))
    heard, began = [], []

    def press(now):
        if not began and now.number == 1 and now.epoch == 1:
            began.append(time.perf_counter())
        if now.number == 2 and len(heard) == 0:
            heard.append(now)
            signal.setitimer(signal.ITIMER_REAL, 0.3)

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        model = TabularRegressor("best", n_folds=2, n_jobs=2, random_state=0, callbacks=[press])
        model.fit(big, big[:, 0])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert heard
    assert model.stopped_ == "interrupted"
    assert 2 <= len(model.leaderboard_) < 32


def test_ctrl_c_while_waiting_does_not_hide_workers_that_run(monkeypatch):
    """In Python 3.11 it makes `Thread.join` take a running thread for one that has ended."""
    release = threading.Event()
    monkeypatch.setattr("joblib.Parallel.__call__", lambda self, tasks: release.wait())
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        workers = Workers(iter(()), None, 2, 1)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            workers.wait(10)
        assert workers.is_running
    finally:
        release.set()
        signal.signal(signal.SIGALRM, before)
    workers.wait(10)
    assert not workers.is_running


def test_ctrl_c_before_anything_has_finished_leaves_nothing():
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    model = TabularClassifier("fast", n_jobs=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jubako.search.workers.cross_validate", interrupt)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, KIND)
    assert not hasattr(model, "ensemble_")


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_time_is_kept_to_by_workers(backend):
    x = np.random.default_rng(0).normal(size=(8000, 10))
    with parallel_config(backend):
        fit(2, "fast")  # workers are there
        began = time.perf_counter()
        model = TabularRegressor("best", time_limit=2, n_jobs=2, random_state=0)
        model.fit(x, x[:, 0] * x[:, 1])
    assert time.perf_counter() - began < 4  # the machine may be busy with other tests
    assert model.stopped_ == "time"


def test_a_worker_that_is_killed_loses_nothing_else(monkeypatch):
    def die(task, inputs):
        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does where memory ends

    monkeypatch.setattr("jubako.search.workers.run_in_worker", die)
    with pytest.warns(UserWarning, match=r"with 1 candidates: .*killed \(TerminatedWorkerError: "):
        model = fit(2, "fast")
    assert model.stopped_ == "memory"
    assert len(model.leaderboard_) == 1


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_candidate_without_memory_loses_nothing_else(n_jobs, monkeypatch):
    def cross_validate(candidate, *args, **kwargs):
        if candidate == CANDIDATES[2]:
            raise MemoryError("no memory for a batch")
        return original(candidate, *args, **kwargs)

    original = crossval.cross_validate
    monkeypatch.setattr("jubako.search.workers.cross_validate", cross_validate)
    with parallel_config("threading"), pytest.warns(UserWarning, match="no memory was left"):
        model = fit(n_jobs)
    assert model.stopped_ == "memory"
    assert 1 <= len(model.leaderboard_) < len(CANDIDATES)


def test_workers_that_do_not_answer_are_not_waited_for(monkeypatch):
    called = []

    def sleep(task, inputs):
        called.append(task)
        time.sleep(20)

    monkeypatch.setattr("jubako.search.workers.run_in_worker", sleep)
    for backend in IN_THREADS:
        began = time.perf_counter()
        with parallel_config(backend):
            model = fit(2, "fast", time_limit=1)
        assert time.perf_counter() - began < 4
        assert model.stopped_ == "time"
        assert len(model.leaderboard_) == 1
    assert len(called) == 4  # two folds of the last candidate, by two backends


def test_a_view_is_the_same_for_all_threads_and_in_other_processes():
    table = to_table(X)
    view = EncodedTable(Schema.fit(Features.of(X, table), table, None, codes=True), table)
    right = {quantiles: view(quantiles) for quantiles in (True, False)}
    with ThreadPoolExecutor(8) as pool:
        asked = [bool(i % 2) for i in range(64)]
        for quantiles, x in zip(asked, pool.map(view, asked), strict=True):
            np.testing.assert_array_equal(x, right[quantiles])
    again = pickle.loads(pickle.dumps(view))
    np.testing.assert_array_equal(again(True), right[True])
    np.testing.assert_array_equal(again(False), right[False])
