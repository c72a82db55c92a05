"""The time of a search with 1 to 64 workers, replayed from the measured times of its tasks.

    python bench/scale_workers.py --rows 20000

Each candidate is trained once, on one thread, which gives the time of each task. The tasks are then
replayed in the order in which a search hands them out: the first candidate, which the others are
planned by, and then the others, cut into their folds where there are more workers than candidates
left. The search is also run with one and with two workers of one thread each.
"""

import argparse
import heapq
import os
import time

os.environ["OMP_NUM_THREADS"] = "1"  # before the engine is loaded

import numpy as np
from joblib import parallel_config

from jubako import TabularRegressor

WORKERS = 1, 2, 4, 8, 16, 32, 64
FOLDS = 5


def table(n_rows):
    """Return a table of 20 columns and its target."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_rows, 20))
    return x, x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + x[:, 3] + 0.3 * rng.normal(size=n_rows)


def search(x, y, n_jobs):
    """Run a search, and return it with its time."""
    began = time.perf_counter()
    with parallel_config("loky"):
        model = TabularRegressor("default", random_state=0, n_jobs=n_jobs, n_folds=FOLDS).fit(x, y)
    return model, time.perf_counter() - began


def replay(candidates, n_workers, in_folds=True):
    """Return the seconds that the tasks take with some workers, given those of each candidate."""
    first, *others = candidates
    in_parts = in_folds and n_workers > 1
    end = makespan([first / FOLDS] * FOLDS if in_parts else [first], n_workers)
    tasks = []
    for i, seconds in enumerate(others):
        is_cut = in_folds and len(others) - i < n_workers
        tasks += [seconds / FOLDS] * FOLDS if is_cut else [seconds]
    return end + makespan(tasks, n_workers)


def makespan(tasks, n_workers):
    """Return when the last of the tasks ends, each begun by the first worker that is free."""
    free = [0.0] * n_workers
    for seconds in tasks:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def main():
    """Measure, replay and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    n_rows = parser.parse_args().rows
    x, y = table(n_rows)
    alone, seconds = search(x, y, None)
    candidates = [line["seconds"] for line in alone.model_.log.leaderboard]
    two, with_two = search(x, y, 2)
    same = np.array_equal(alone.predict(x), two.predict(x))
    print(f"{n_rows} rows, {len(candidates)} candidates, {os.cpu_count()} cores")
    print(f"one worker: {seconds:.1f} s; two: {with_two:.1f} s; same bits: {same}")
    print("        cut into folds     never cut")
    print("workers     s  speed-up     s  speed-up")
    one = replay(candidates, 1)
    for n in WORKERS:
        cut, whole = replay(candidates, n), replay(candidates, n, in_folds=False)
        print(f"{n:7} {cut:5.1f} {one / cut:9.1f} {whole:5.1f} {one / whole:9.1f}")


if __name__ == "__main__":
    main()
