"""Microseconds per training step: the native engine, scikit-learn and PyTorch, side by side.

    make bench-speed

Adam, float32, relu, softmax, two threads for everybody. They take turns; the best round
counts. Ours is the time of all of `train`. torch: eager, fused Adam, the better of 1 and 2 threads.
"""

import time

import numpy as np
import torch

import plain_engine
from jubako.training.native.engine import NativeEngine
from plain_engine import WORKLOADS, machine, ours, prepare, scikit_learn

ROUNDS = 5


def main():
    plain_engine.PlainEngine = NativeEngine
    print(machine())
    peak = sgemm()
    print(f"NumPy's sgemm, 2048 x 2048: {peak:.0f} GFLOP/s. Times in microseconds per step.")
    print(
        f"{'network':22}{'batch':>6}{'ours':>9}{'GFLOP/s':>9}{'of sgemm':>9}{'sklearn':>9}"
        f"{'ratio':>7}{'torch':>9}{'ratio':>7}"
    )
    for work in WORKLOADS.values():
        x, y, net, theta = prepare(work)
        steps = work.epochs * -(-work.n_rows // work.batch_size)
        best = [np.inf] * 3
        for _ in range(ROUNDS):
            times = (
                ours(work, x, y, net, theta)[0],
                scikit_learn(work, x, y),
                min(pytorch(work, x, y, n) for n in (1, 2)),
            )
            best = np.minimum(best, times)
        a, b, c = best / steps
        products = [n * m for n, m in zip(work.sizes, work.sizes[1:], strict=False)]
        rate = 2 * work.n_rows * work.epochs * (3 * sum(products) - products[0]) / best[0] / 1e9
        print(
            f"{'-'.join(map(str, work.sizes)):22}{work.batch_size:6}{a * 1e6:9.1f}{rate:9.0f}"
            f"{rate / peak:9.0%}{b * 1e6:9.0f}{b / a:7.1f}{c * 1e6:9.0f}{c / a:7.1f}",
            flush=True,
        )


def sgemm():
    a, best = np.ones((2048, 2048), np.float32), np.inf
    for _ in range(10):
        start = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - start)
    return 2 * 2048**3 / best / 1e9


def pytorch(work, x, y, n_threads):
    torch.set_num_threads(n_threads)
    layers = []
    for n_in, n_out in zip(work.sizes, work.sizes[1:], strict=False):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    start = time.perf_counter()
    for _ in range(max(1, work.epochs // 4)):  # it needs no more to be measured
        order = torch.randperm(len(x))
        for rows in order.split(work.batch_size):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            adam.step()
    return (time.perf_counter() - start) * work.epochs / max(1, work.epochs // 4)


if __name__ == "__main__":
    main()
