"""A real Dask cluster: the same bits, also when a worker is killed or the scheduler goes away."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config

from jubako import TabularRegressor
from jubako.core.errors import ParameterError
from jubako.core.losses import SquaredError
from jubako.search import workers
from jubako.search.candidates import CANDIDATES
from jubako.search.encoded import EncodedRows
from jubako.search.run_folder import RunFolder
from jubako.search.stored_rows import store_rows
from jubako.search.tasks import Task
from jubako.training.engines.native.engine import best_engine

RNG = np.random.default_rng(0)
X = RNG.normal(size=(500, 4))
Y = X[:, 0] * X[:, 1] + X[:, 2]


def fit(**options):
    return TabularRegressor("default", n_folds=2, random_state=0, **options).fit(X, Y)


@pytest.fixture(scope="module", autouse=True)
def few_epochs():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("jubako.search.crossval.EPOCHS", (12, 12))
        yield


@pytest.fixture(scope="module")
def alone(few_epochs):
    return fit().predict(X)


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield cluster


@pytest.mark.filterwarnings("ignore")  # of dask, about the worker that is gone
def test_a_worker_that_is_killed_changes_no_bit(cluster, alone):
    killed = []

    def kill(now):
        if now.number > 1 and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    with parallel_config("dask", n_jobs=-1):
        model = fit(callbacks=[kill])
    assert killed
    assert model.stopped_ == "complete"
    np.testing.assert_array_equal(model.predict(X), alone)


@pytest.fixture
def scheduler(tmp_path):
    """Yield the process of a scheduler with a worker, in processes of their own."""
    distributed, dask = pytest.importorskip("distributed"), pytest.importorskip("dask")
    file = tmp_path / "scheduler.json"
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", "--scheduler-file", file, *options],
            stderr=subprocess.DEVNULL,
        )
        for name, options in (
            ("dask_scheduler", ("--port", "0", "--no-dashboard")),
            ("dask_worker", ("--nthreads", "1", "--no-dashboard", "--nworkers", "2")),
        )
    ]
    try:
        with dask.config.set({"distributed.comm.timeouts.connect": "2s"}):
            client = distributed.Client(scheduler_file=str(file), timeout=60)
            client.wait_for_workers(2, timeout=60)
            yield processes[0]
            client.close()
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_killed_leaves_the_search_to_this_process(scheduler, alone):
    def kill(now):
        if now.number > 1:
            scheduler.kill()

    with (
        parallel_config("dask", n_jobs=-1),
        pytest.warns(UserWarning, match="gone away .*: the search goes on in this process"),
    ):
        model = fit(callbacks=[kill])
    assert model.stopped_ == "complete"
    np.testing.assert_array_equal(model.predict(X), alone)


@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_same_bits(alone):
    ray = pytest.importorskip("ray")  # in the environment of `make test-ray`
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False)
    try:
        register_ray()
        with parallel_config("ray", n_jobs=2):
            np.testing.assert_array_equal(fit().predict(X), alone)
    finally:
        ray.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_the_search_goes_on_in_this_process_when_the_workers_have_gone_away(alone, monkeypatch):
    class ConnectionLost(Exception):
        pass

    def lose(self, tasks):
        list(zip(range(2), tasks, strict=False))
        raise ConnectionLost("the scheduler does not answer")

    monkeypatch.setattr("joblib.Parallel.__call__", lose)
    with pytest.warns(UserWarning, match="gone away .*: the search goes on in this process"):
        model = fit(n_jobs=2)
    assert model.stopped_ == "complete"
    np.testing.assert_array_equal(model.predict(X), alone)


def inputs_for(rows, folder, version=workers.__version__):
    stored = store_rows(rows, folder / "rows", "fingerprint")
    return workers.WorkerInputs(version, RunFolder(folder, "a"), stored, best_engine())


@pytest.fixture
def large_rows():
    n = 10**6
    x = np.zeros((n, 25), np.float32)  # 100 MB
    y, w, held = x[:, :1], np.ones(n, np.float32), [np.arange(100)] * 2
    return EncodedRows(lambda _: x, 25, (), y, w, SquaredError(), np.zeros(1), held, 0)


def test_a_task_carries_two_kilobytes_for_a_table_of_100_megabytes(large_rows, tmp_path):
    inputs = inputs_for(large_rows, tmp_path)
    task = Task(0, 0, CANDIDATES[0], 10)
    assert len(pickle.dumps((task, inputs))) < 2000


def test_a_worker_with_another_version_is_refused(large_rows, tmp_path):
    inputs = inputs_for(large_rows, tmp_path, "99.0")
    with pytest.raises(ParameterError, match=r"has Jubako .*, and the search runs with 99\.0"):
        workers.run_in_worker(Task(0, 0, CANDIDATES[0], 10), inputs)


def test_a_worker_that_does_not_see_the_folder_is_refused(large_rows, tmp_path):
    inputs = inputs_for(large_rows, tmp_path)
    for file in Path(tmp_path / "rows").iterdir():
        file.unlink()
    with pytest.raises(ParameterError, match="file system that all machines share"):
        workers.run_in_worker(Task(0, 0, CANDIDATES[0], 10), inputs)
