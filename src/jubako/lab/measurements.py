"""Measurements: loss and score of a network, and their curves over the epochs."""

from dataclasses import dataclass

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine

MAX_POINTS = 2000  # of a learning curve; beyond, it is thinned to half
MEASURED = 2000  # rows on which loss and score are measured; more are drawn from, in their order


@dataclass(frozen=True, slots=True)
class Point:
    """Loss and score after some steps."""

    epoch: float  # with its fraction, where a step is shorter
    loss: float  # on the training set, without penalty
    test_loss: float
    score: float  # accuracy, or R²
    test_score: float


def measure(
    net: Network, theta: Array, problems: tuple[Problem, Problem], epoch: float, task: str
) -> Point:
    """Compute loss and score on the training and the held-out rows."""
    engine, figures = NumpyEngine(), list[float]()
    with np.errstate(all="ignore"):
        for problem in problems:
            b = engine.predict(net, theta, problem.x)
            loss = net.loss.value(b, problem.y).mean(dtype=np.float64)
            figures += [float(loss), score(net, b, problem.y, task)]
    return Point(epoch, figures[0], figures[2], figures[1], figures[3])


def thinned(problem: Problem) -> Problem:
    """Return at most `MEASURED` of the rows, evenly spaced."""
    n = len(problem.y)
    return problem if n <= MEASURED else problem.only(np.linspace(0, n - 1, MEASURED).astype(int))


def thinned_curve(points: list[Point]) -> list[Point]:
    """Return a curve with at most `MAX_POINTS`, evenly spaced, including its ends."""
    if len(points) <= MAX_POINTS:
        return points
    epochs = np.array([point.epoch for point in points])
    wanted = np.linspace(epochs[0], epochs[-1], MAX_POINTS // 2)
    kept = np.unique(np.searchsorted(epochs, wanted))
    return [points[i] for i in kept]


def classes(net: Network, b: Array) -> Array:
    """Return the number of the predicted class of each row, shape (M,)."""
    return (b[:, 0] > 0).astype(int) if b.shape[1] == 1 else b.argmax(1)


def true_classes(y: Array) -> Array:
    """Return the number of the true class of each row, shape (M,), from the targets of a loss."""
    return (y[:, 0] if y.shape[1] == 1 else y.argmax(1)).astype(int)


def score(net: Network, b: Array, y: Array, task: str) -> float:
    """Return the accuracy, or R²; NaN where b is not finite or there are no rows."""
    if not len(y) or not np.isfinite(b).all():
        return float("nan")
    if task == "classify":
        return float((classes(net, b) == true_classes(y)).mean())
    spread = float(np.square(y - y.mean()).sum())
    return 1 - float(np.square(net.loss.mean(b) - y).sum()) / (spread or 1.0)
