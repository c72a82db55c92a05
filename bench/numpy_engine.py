"""Microseconds per training step: NumpyEngine, the same step hand-tuned in NumPy, scikit-learn.

    python bench/numpy_engine.py [workload ...]

Adam, float32, relu, softmax, L2 penalty, shuffled rows, the loss of each epoch. The three take
turns in one process; of several rounds the best counts. Our time is that of all of `train`. We and
the tuned step begin at the same weights and see the same rows: their last losses must agree.
"""

import os
import platform
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy
import sklearn
from sklearn.neural_network import MLPClassifier

from jubako.core.layers import Dense
from jubako.core.losses import CrossEntropy
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.loop import train
from jubako.training.optimizers import Adam, Update
from jubako.training.state import TrainState

ROUNDS = 7
RATE, ALPHA = 1e-3, 1e-4
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
BLOCK = 16384  # parameters that the tuned Adam works on at a time, so that they stay in the cache


class Workload(NamedTuple):
    """A network, its table, and how long it learns."""

    sizes: tuple[int, ...]  # units: inputs, hidden layers, classes
    n_rows: int
    batch_size: int
    epochs: int


WORKLOADS = {
    "small": Workload((4, 128, 3), 105, 105, 1000),
    "digits": Workload((64, 128, 64, 10), 1437, 32, 20),
    "deep": Workload((32, 256, 256, 256, 2), 25600, 256, 2),
    "wide": Workload((784, 512, 256, 10), 12800, 128, 2),
}


def main(names):
    if unknown := set(names) - set(WORKLOADS):
        sys.exit(f"No workload {', '.join(sorted(unknown))}: choose from {', '.join(WORKLOADS)}.")
    print(machine())
    print(
        f"{'network':22}{'rows':>6}{'batch':>6}{'ours us':>10}{'tuned us':>10}{'sklearn us':>12}"
        f"{'ours/tuned':>12}{'sklearn/ours':>14}{'losses: ours':>14}{'tuned':>9}"
    )
    for name in names or WORKLOADS:
        work = WORKLOADS[name]
        x, y, net, theta = prepare(work)
        times = np.empty((ROUNDS, 3))
        for times_of_round in times:
            times_of_round[0], loss = ours(work, x, y, net, theta)
            times_of_round[1], loss_tuned = tuned(work, x, y, net, theta)
            times_of_round[2] = scikit_learn(work, x, y)
        a, b, c = times.min(0) * 1e6 / (work.epochs * -(-work.n_rows // work.batch_size))
        print(
            f"{'-'.join(map(str, work.sizes)):22}{work.n_rows:6}{work.batch_size:6}"
            f"{a:10.0f}{b:10.0f}{c:12.0f}{a / b:12.2f}{c / a:14.2f}{loss:14.4f}{loss_tuned:9.4f}",
            flush=True,
        )


def machine():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(s.split(":")[1].strip() for s in lines if s.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{processor}, {os.cpu_count()} cores. Python {platform.python_version()}, "
        f"NumPy {np.__version__} ({blas['name']} {blas['version']}), SciPy {scipy.__version__}, "
        f"scikit-learn {sklearn.__version__}.\nBest of {ROUNDS} rounds."
    )


def prepare(work):
    """Make rows whose class is the largest of some random sums, and the initial weights."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((work.n_rows, work.sizes[0]), np.float32)
    y = (x @ rng.standard_normal((work.sizes[0], work.sizes[-1]))).argmax(1)
    *hidden, last = pairwise(work.sizes)
    net = Network((*(Dense(*n, "relu") for n in hidden), Dense(*last)), CrossEntropy())
    return x, y, net, net.init("he", rng).astype(np.float32)


def ours(work, x, y, net, theta):
    theta, update = theta[None].copy(), Update(Adam(BETA_1, BETA_2, EPSILON))
    state = TrainState.start(theta, update.optimizer.init(theta), [1], RATE)
    problem = Problem(net, x, y[:, None], np.ones(work.n_rows, np.float32), ALPHA)
    config = TrainConfig(update, work.epochs, work.batch_size, patience=np.inf)
    start = time.perf_counter()
    outcome = train(problem, state, config, NumpyEngine())
    return time.perf_counter() - start, outcome.records[-1].train_loss


def scikit_learn(work, x, y):
    model = MLPClassifier(
        work.sizes[1:-1],
        alpha=ALPHA,
        batch_size=work.batch_size,
        learning_rate_init=RATE,
        max_iter=work.epochs,
        n_iter_no_change=work.epochs,
        random_state=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        start = time.perf_counter()
        model.fit(x, y)
        return time.perf_counter() - start


def tuned(work, x, y, net, theta):
    """Train as fast as NumPy can: no array is made twice, and nothing is general."""
    sizes, n_rows, batch_size, epochs = work
    pairs = list(pairwise(sizes))
    n_weights = sum(n * m for n, m in pairs)
    theta, initial = np.empty_like(theta), net.views(theta)
    grad, m, v = (np.zeros_like(theta) for _ in range(3))

    def views(buffer):  # all weights first, then all biases: the penalty acts on one slice
        weights = np.split(buffer[:n_weights], np.cumsum([n * m for n, m in pairs])[:-1])
        biases = np.split(buffer[n_weights:], np.cumsum(sizes[1:])[:-1])
        return [w.reshape(n) for w, n in zip(weights, pairs, strict=True)], biases

    (ws, bs), (gws, gbs) = views(theta), views(grad)
    for w, b, p in zip(ws, bs, initial, strict=True):
        w[...], b[...] = p["w"], p["b"][0]
    wts, last = [w.T for w in ws], len(ws) - 1
    weights, grad_of_weights = theta[:n_weights], grad[:n_weights]
    blocks = [
        (theta[i : i + BLOCK], grad[i : i + BLOCK], m[i : i + BLOCK], v[i : i + BLOCK])
        for i in range(0, len(theta), BLOCK)
    ]
    temp, pull = np.empty(BLOCK, np.float32), np.empty_like(weights)
    zeros = [np.zeros(n, np.float32) for n in sizes[1:]]  # faster than 0
    temps = [temp[: len(block[0])] for block in blocks]

    def allocate(k):
        vs = [np.empty((k, n), np.float32) for n in sizes]
        return (
            vs,
            [u.T for u in vs],
            [np.empty_like(u) for u in vs[1:]],  # deltas
            [np.empty(u.shape, bool) for u in vs[1:]],  # masks
            np.empty((k, 1), np.float32),
            np.empty(k, np.intp),
            np.arange(k) * sizes[-1],
            np.empty(k, np.float32),
            np.ones(k, np.float32),
        )

    arrays = {k: allocate(k) for k in {min(batch_size, n_rows), n_rows % batch_size} if k}
    rng, t = np.random.default_rng(1), 0
    scale = np.sqrt(1 - BETA_2)
    start = time.perf_counter()
    for _ in range(epochs):
        order, losses = rng.permutation(n_rows), 0.0
        for i in range(0, n_rows, batch_size):
            rows = order[i : i + batch_size]
            k = len(rows)
            vs, uts, deltas, masks, of_row, cells, starts, chosen, ones = arrays[k]
            x.take(rows, 0, vs[0], "clip")
            for j, w in enumerate(ws):
                a = vs[j + 1]
                np.matmul(vs[j], w, a)
                np.add(a, bs[j], a)
                if j < last:
                    np.maximum(a, zeros[j], out=a)
            delta = deltas[last]
            np.maximum.reduce(a, 1, None, of_row, True)
            np.subtract(a, of_row, delta)
            np.exp(delta, delta)
            np.add.reduce(delta, 1, None, of_row, True)
            np.divide(delta, of_row, delta)
            y.take(rows, 0, cells, "clip")
            np.add(cells, starts, cells)
            flat = delta.ravel()
            flat.take(cells, 0, chosen, "clip")
            flat[cells] = chosen - 1
            np.log(chosen, chosen)
            np.multiply(delta, np.float32(1 / k), delta)
            for j in range(last, -1, -1):
                delta = deltas[j]
                np.matmul(uts[j], delta, gws[j])
                np.matmul(ones, delta, gbs[j])
                if j:
                    np.matmul(delta, wts[j], deltas[j - 1])
                    np.greater(vs[j], 0, masks[j - 1])
                    np.multiply(deltas[j - 1], masks[j - 1], deltas[j - 1])
            np.multiply(weights, np.float32(ALPHA / k), pull)
            np.add(grad_of_weights, pull, grad_of_weights)
            losses += float(pull @ weights) * k / 2 - float(np.add.reduce(chosen))
            # Adam, with m / (1 - beta_1) and v / (1 - beta_2) in the places of m and v
            t += 1
            step = RATE * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t) * (1 - BETA_1) / scale
            for (th, g, m, v), out in zip(blocks, temps, strict=True):
                np.multiply(m, BETA_1, m)
                np.add(m, g, m)
                np.multiply(v, BETA_2, v)
                np.multiply(g, g, g)
                np.add(v, g, v)
                np.sqrt(v, out)
                np.add(out, EPSILON / scale, out)
                np.divide(m, out, out)
                np.multiply(out, np.float32(step), out)
                np.subtract(th, out, th)
    return time.perf_counter() - start, losses / n_rows


if __name__ == "__main__":
    main(sys.argv[1:])
