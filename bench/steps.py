"""How fast training steps are: the share of NumPy's product of 2048 x 2048 that they reach.

    make bench-steps
    python bench/steps.py [--rounds 7]

Adam, float32, relu, softmax, shuffled rows, two threads; the time is that of all of `train`.
Trainings and the product take turns; of each the best round counts. The last column is the time of
an epoch that is spent outside C++, in Python.
"""

import argparse
import os
import time
from itertools import pairwise

os.environ["JUBAKO_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "2"

import numpy as np

from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import NativeEngine
from jubako.training.loop import train
from jubako.training.optimizers import Adam, Update
from jubako.training.state import TrainState
from numpy_engine import WORKLOADS, Workload, machine, prepare

MANY = 16  # networks at once
DEEP = Workload((32, 256, 256, 256, 2), 2560, 256, 2)


class TimedEngine(NativeEngine):
    """The native engine, which counts the seconds that are spent in C++."""

    seconds = 0.0

    def until_done(self, function, job, dtype):
        began = time.perf_counter()
        super().until_done(function, job, dtype)
        self.seconds += time.perf_counter() - began


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=7)
    wish = options.parse_args()
    print(machine().rsplit("\n", 1)[0])
    print(f"Best of {wish.rounds} rounds, 2 threads.\n")
    rows = [(work, 1, *prepare(work)) for work in WORKLOADS.values()]
    rows.append((DEEP, MANY, *prepare(DEEP)))
    best = np.full((len(rows), 2), np.inf)
    peak = np.inf
    for _ in range(wish.rounds):
        for i, row in enumerate(rows):
            best[i] = np.minimum(best[i], seconds(*row))
            peak = min(peak, product())
    peak = 2 * 2048**3 / peak / 1e9
    print(f"NumPy's product: {peak:.0f} GFLOP/s\n")
    print("| networks | us per step | GFLOP/s | share | us per epoch outside C++ |")
    print("|---|---|---|---|---|")
    for (work, n_networks, *_), (total, outside) in zip(rows, best, strict=True):
        products = [n * m for n, m in pairwise(work.sizes)]
        n_rows = work.n_rows * work.epochs * n_networks
        rate = 2 * n_rows * (3 * sum(products) - products[0]) / total / 1e9
        steps = work.epochs * -(-work.n_rows // work.batch_size) * n_networks
        name = f"{'-'.join(map(str, work.sizes))}, {work.batch_size}"
        name = name if n_networks == 1 else f"{n_networks} of {name}"
        print(
            f"| {name} | {total / steps * 1e6:.1f} | {rate:.0f} | {rate / peak:.0%} "
            f"| {outside / work.epochs * 1e6:.1f} |"
        )


def seconds(work, n_networks, x, y, net, theta):
    """Return the seconds of a training, and those that are spent outside C++."""
    update = Update(Adam())
    thetas = np.stack([theta] * n_networks)
    state = TrainState.start(thetas, update.optimizer.init(thetas), range(n_networks), 1e-3)
    problem = Problem(net, x, y[:, None], np.ones(work.n_rows, np.float32))
    config = TrainConfig(update, work.epochs, work.batch_size, patience=np.inf)
    engine = TimedEngine()
    began = time.perf_counter()
    train(problem, state, config, engine)
    total = time.perf_counter() - began
    return total, total - engine.seconds


def product():
    """Return the seconds of NumPy's product of 2048 x 2048 in float32: the best of three."""
    a = np.ones((2048, 2048), np.float32)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - began)
    return min(times)


if __name__ == "__main__":
    main()
