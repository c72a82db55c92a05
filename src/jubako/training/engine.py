"""Engines: who computes the passes. Everything above this file is the same for all of them.

An engine is three functions: the gradient over all rows, one epoch of updates, and prediction.
`PlainEngine` is NumPy and the definition of what is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from jubako.core.activations import Array
from jubako.core.layers import forward
from jubako.core.network import Network, loss_and_grad
from jubako.core.stream import Stream, row_order

from .optimizers import State, Update

CHUNK = 4096  # rows in one pass where the result does not depend on it; bounds the memory


@dataclass(frozen=True)
class Problem:
    """What is to be minimized over theta, with W = sum_i w_i and the sum over a batch or all rows.

    L(theta) = 1/W * (sum_i w_i * loss(b_i, y_i) + alpha / 2 * sum of all weights squared)

    Parameters
    ----------
    net : Network
    x : array or SciPy sparse array, shape (N, n_in)
    y : array, shape (N, n_out), or (N, 1) for class numbers
    w : array, shape (N,), all > 0
        Sample weights.
    alpha : float >= 0
        L2 penalty on the weights; biases are free.
    """

    net: Network
    x: Any
    y: Array
    w: Array
    alpha: float = 0.0

    def only(self, rows: Array) -> "Problem":
        """Return the problem with some of its rows."""
        return replace(self, x=self.x[rows], y=self.y[rows], w=self.w[rows])

    def penalize(self, theta: Array, grad: Array, total: Array, is_weight: Array) -> Array:
        """Add the penalty's gradient to grad, and return its value. `total` is W, shape (...)."""
        pull = (self.alpha / total)[..., None] * is_weight * theta
        grad += pull
        return (pull * theta).sum(-1, dtype=np.float64) / 2


Rows = Sequence[Array] | Array | None
"""The rows that each of K networks learns from: K arrays of row numbers, of any lengths; or all."""


@dataclass
class Run:
    """How one network is getting on."""

    rate: float  # initial learning rate, as rollbacks and `adaptive` have changed it
    best: float = -np.inf  # highest validation score, or minus the lowest training loss
    stale: int = 0  # epochs in a row without improvement
    lowest: float = np.inf  # training loss
    blow_ups: int = 0  # rollbacks since then
    learning: bool = True  # not yet stopped


@dataclass
class Learner:
    """All that changes while K networks learn: arrays and numbers only. A copy is a checkpoint.

    Which rows come next and which units are dropped follows from `seeds` and `epoch`, so training
    that goes on from a copy ends with the same bits as training that was never stopped.

    Parameters
    ----------
    theta : array, shape (K, P)
    state : dict of arrays, shape (K, ...)
        What the optimizer remembers.
    seeds : array of uint32, shape (K,)
        Of each network's order of rows and dropout.
    runs : list of K runs
    kept : array, shape (K, P)
        Weights of the best epoch; of networks that have stopped, those to end with. This array is
        replaced, never written to, so that copies share it.
    proven : list of arrays, shape (K, ...)
        `numbers` from which each network's epoch of the lowest loss started; replaced likewise.
    epoch : int
        Passes over the rows so far.
    seconds : float
        How long they have taken.
    """

    theta: Array
    state: State
    seeds: Array
    runs: list[Run]
    kept: Array
    proven: list[Array]
    epoch: int = 0
    seconds: float = 0.0

    @classmethod
    def start(cls, theta: Array, state: State, seeds: Sequence[int], rate: float) -> "Learner":
        """Begin with the weights theta (K, P); network k draws its random numbers from seed k."""
        proven = [theta.copy(), *(a.copy() for a in state.values())]
        runs = [Run(rate) for _ in seeds]
        return cls(theta, state, np.array(seeds, np.uint32), runs, proven[0], proven)

    def numbers(self) -> list[Array]:
        """Return what an update changes: theta and the optimizer's state."""
        return [self.theta, *self.state.values()]

    def copy(self) -> "Learner":
        """Return a copy that goes on from here, whatever becomes of this one."""
        state = {name: array.copy() for name, array in self.state.items()}
        runs = [replace(run) for run in self.runs]
        return replace(self, theta=self.theta.copy(), state=state, runs=runs)

    def go_back(self, copy: "Learner") -> None:
        """Become what a copy is. `numbers` stay the same arrays."""
        for now, then in zip(self.numbers(), copy.numbers(), strict=True):
            now[...] = then
        self.runs = [replace(run) for run in copy.runs]
        self.kept, self.proven = copy.kept, copy.proven
        self.epoch, self.seconds = copy.epoch, copy.seconds

    def only(self, k: int) -> "Learner":
        """Return network k alone; its numbers are views of these."""
        one = slice(k, k + 1)
        state = {name: array[one] for name, array in self.state.items()}
        return replace(self, theta=self.theta[one], state=state, seeds=self.seeds[one])

    def result(self, by_score: bool) -> Array:
        """Return the weights that training ends with, shape (K, P).

        Each network's last, or those of its best epoch where the validation score decides.
        """
        stopped = np.array([by_score or not run.learning for run in self.runs])
        return np.where(stopped[:, None], self.kept, self.theta)


@dataclass
class Trail:
    """What E epochs in a row of K networks have left behind.

    Parameters
    ----------
    losses : array, shape (E, K)
        Mean over the epoch, of each batch before its update; not finite where a network has blown
        up.
    grads : array, shape (E, K, P)
        The gradient of each epoch's last batch.
    numbers : list of arrays, shape (E, K, ...)
        `Learner.numbers` after each epoch.
    """

    losses: Array
    grads: Array
    numbers: list[Array]

    @classmethod
    def empty(cls, n_epochs: int, learner: Learner) -> "Trail":
        """Make room for so many epochs of a learner."""
        numbers = [np.empty((n_epochs, *a.shape), a.dtype) for a in learner.numbers()]
        return cls(np.empty((n_epochs, len(learner.runs))), np.empty_like(numbers[0]), numbers)


class Engine(Protocol):
    """The seam between what learning is and who computes it."""

    name: str

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        """Return the name of the engine that computes this: some hand on what they do not know."""
        ...

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        """Return L(theta) over all rows, shape (...), and overwrite grad. Nothing is dropped."""
        ...

    def run_epoch(
        self,
        problem: Problem,
        update: Update,
        learner: Learner,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> tuple[Array, Array]:
        """Make one update of the learner for each batch of rows.

        Parameters
        ----------
        rows : list of K arrays of int, or None
            The rows that each network learns from; default all. A network with fewer of them than
            others makes fewer steps.
        batch_size : int
            Rows in a step; the last step has what is left.
        lrs : array, shape (n_steps, K)
            Learning rate of each step, for the network with the most of them.
        shuffle : bool
            Whether each network sees its rows in the order of `row_order`, else as they stand.

        Returns
        -------
        losses : array, shape (K,)
            Mean over the epoch, of each batch before its update; not finite where a network
            has blown up.
        grad : array, shape (K, P)
            The last batch's gradient.
        """
        ...

    def epochs_at_once(self, problem: Problem, learner: Learner) -> int:
        """Return how many epochs `run_epochs` should get, where nobody wants to know in between."""
        ...

    def run_epochs(
        self,
        problem: Problem,
        update: Update,
        learner: Learner,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> Trail:
        """Do what `run_epoch` does E times, with lrs (E, n_steps, K)."""
        ...

    def predict(self, net: Network, theta: Array, x: Any) -> Array:
        """Return the raw prediction b of every row, shape (..., N, n_out)."""
        ...


def sizes_of(rows: Rows, n_networks: int, n_rows: int) -> Array:
    """Return how many rows each network learns from, shape (K,), where the table has n_rows."""
    return np.array([n_rows] * n_networks if rows is None else [len(own) for own in rows])


def take(x: Any, rows: Array) -> Array:
    """Gather rows (..., M) of x as a dense array (..., M, n_in)."""
    if hasattr(x, "toarray"):
        return x[rows.ravel()].toarray().reshape(*rows.shape, -1)
    return x.take(rows, axis=0)  # faster than x[rows]


class PlainEngine:
    """The passes of `core`, in NumPy: what they say is right."""

    name = "plain"

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        return PlainEngine.name

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        net, total = problem.net, problem.w.sum()
        part = np.empty_like(grad)
        params, grads = net.views(theta), net.views(part)
        loss, grad[...] = np.zeros(theta.shape[:-1]), 0
        for rows in np.split(np.arange(len(problem.y)), range(CHUNK, len(problem.y), CHUNK)):
            s = problem.w[rows] / total  # they sum to one over all chunks
            x, y = take(problem.x, rows), take(problem.y, rows)
            loss += loss_and_grad(net, params, x, y, s, grads)
            grad += part
        return loss + problem.penalize(theta, grad, total, net.is_weight)

    def run_epoch(
        self,
        problem: Problem,
        update: Update,
        learner: Learner,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> tuple[Array, Array]:
        sizes = sizes_of(rows, len(learner.theta), len(problem.y))
        if rows is not None and sizes.min() < sizes.max():  # batches of several sizes: one by one
            losses, grad = np.empty(len(sizes)), np.empty_like(learner.theta)
            for k, own in enumerate(rows):
                one, lr = slice(k, k + 1), lrs[: -(-len(own) // batch_size), k : k + 1]
                losses[one], grad[one] = self.run_epoch(
                    problem, update, learner.only(k), [own], batch_size, lr, shuffle
                )
            return losses, grad
        net, theta, n_rows = problem.net, learner.theta, int(sizes[0])
        order = np.stack([np.arange(n_rows)] * len(theta) if rows is None else list(rows))
        if shuffle:
            chosen = row_order(learner.seeds, learner.epoch, n_rows)
            order = np.take_along_axis(order, chosen, -1)
        grad = np.empty_like(theta)
        params, grads = net.views(theta), net.views(grad)
        is_weight, paces = net.is_weight.astype(theta.dtype), update.paces(net, theta.dtype)
        sum_of_losses = np.zeros(len(theta))
        for i, lr in enumerate(lrs[..., None]):
            batch = order[:, i * batch_size : (i + 1) * batch_size]
            x, y, w = (take(a, batch) for a in (problem.x, problem.y, problem.w))
            total = w.sum(-1)
            stream = Stream(learner.seeds, step=learner.epoch * len(lrs) + i)
            loss = loss_and_grad(net, params, x, y, w / total[:, None], grads, stream)
            if problem.alpha:
                loss += problem.penalize(theta, grad, total, is_weight)
            sum_of_losses += loss * batch.shape[-1]
            if not any(np.isfinite(loss)):
                break
            update.apply(theta, grad, learner.state, lr, paces)
        return sum_of_losses / n_rows, grad

    def epochs_at_once(self, problem: Problem, learner: Learner) -> int:
        return 1

    def run_epochs(
        self,
        problem: Problem,
        update: Update,
        learner: Learner,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> Trail:
        trail, first = Trail.empty(len(lrs), learner), learner.epoch
        for e, lr in enumerate(lrs):
            learner.epoch = first + e
            trail.losses[e], trail.grads[e] = self.run_epoch(
                problem, update, learner, rows, batch_size, lr, shuffle
            )
            for then, now in zip(trail.numbers, learner.numbers(), strict=True):
                then[e] = now
        learner.epoch = first
        return trail

    def predict(self, net: Network, theta: Array, x: Any) -> Array:
        params = net.views(theta)
        b = np.empty((*theta.shape[:-1], x.shape[0], net.layers[-1].n_out), theta.dtype)
        for start in range(0, x.shape[0], CHUNK):
            rows = np.arange(start, min(start + CHUNK, x.shape[0]))
            b[..., rows, :], _ = forward(net.layers, params, take(x, rows))
        return b
