"""Kill a training again and again, and let it continue: print what it finds in the end.

Run with "search" or "network", a folder, the seed of the moments and the number of kills. A search
has 1, 2 or 12 workers in turn, which are killed too; 12 train single folds.
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

import numpy as np
from joblib import parallel_config

import jubako.search.checkpoint
import jubako.search.crossval
from jubako import MLPRegressor, TabularRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X[:, 0] * X[:, 1] + X[:, 2]
LONGEST = 0.25  # seconds until a kill
NOT_REAPED = os.WEXITED | os.WNOHANG | os.WNOWAIT


def fit(run_dir, n_jobs):
    """Fit a small search in a folder."""
    with parallel_config("multiprocessing"):  # forks, so that workers are there at once
        model = TabularRegressor(
            "default", n_folds=2, refit=True, random_state=3, n_jobs=n_jobs, run_dir=run_dir
        )
        return model.fit(X, Y)


def fit_network(run_dir, n_jobs=1):
    """Fit one small network in a folder."""
    model = MLPRegressor(
        hidden_layer_sizes=(16, 16),
        dropout=0.1,
        early_stopping=True,
        max_iter=300,
        n_iter_no_change=np.inf,
        random_state=3,
        run_dir=run_dir,
    )
    return model.fit(X, Y)


def bits_of_network(model):
    """Return a hash of all that a network has learned, and of its history."""
    columns = [column for name, column in model.history_.items() if name != "seconds"]
    return hashlib.sha256(model.theta_.tobytes() + repr(columns).encode()).hexdigest()


def bits(model):
    """Return a hash of all that a fit has learned, and of its leaderboard."""
    digest = hashlib.sha256(model.predict(X).tobytes() + model.weights_.tobytes())
    for network in model.ensemble_:
        digest.update(network.theta.tobytes())
    board = model.leaderboard_.drop(columns="seconds")
    digest.update(board.to_csv(index=False).encode())
    return digest.hexdigest()


KINDS = {"search": (fit, bits), "network": (fit_network, bits_of_network)}


def in_child(kind, run_dir, n_jobs, seconds):
    """Fit in a process group of its own, killed after some seconds; return its bits if it ends."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            fit, bits = KINDS[kind]
            os.write(into, bits(fit(run_dir, n_jobs)).encode())
        except BaseException:
            os.write(into, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(into)
    until = time.monotonic() + seconds
    while time.monotonic() < until and os.waitid(os.P_PID, child, NOT_REAPED) is None:
        time.sleep(0.001)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(out) as file:
        return file.read()


def main(kind, folder, seed, n_kills):
    """Kill n times; a training that ends before that begins again in another folder."""
    jubako.search.crossval.EPOCHS = 6, 6
    jubako.search.checkpoint.CHECKPOINT_EVERY = 0.0  # after each epoch
    random.seed(seed)
    ends, killed = [], 0
    while killed < n_kills or not ends:
        run_dir = Path(folder) / str(len(ends))
        seconds = random.uniform(0, LONGEST) if killed < n_kills else 60
        if end := in_child(kind, run_dir, (1, 2, 12)[killed % 3], seconds):
            ends.append(end)
        else:
            killed += 1
    print(json.dumps({"ends": ends, "killed": killed}))


if __name__ == "__main__":
    main(*sys.argv[1:3], int(sys.argv[3]), int(sys.argv[4]))
