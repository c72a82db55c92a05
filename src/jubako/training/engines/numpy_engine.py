"""The NumPy engine: the passes of `core`, and the reference for other engines."""

from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.counter_rng import CounterRng, row_order
from jubako.core.layers import forward
from jubako.core.network import Network, loss_and_grad
from jubako.core.page import ParamViews
from jubako.training.optimizers import Rate, Update
from jubako.training.state import TrainState

from .base import EpochOutputs, Problem, Rows, Stepper, row_counts

CHUNK = 4096  # rows in one pass, which bounds the memory and does not affect the result


def take(x: Any, rows: Array) -> Array:
    """Gather rows of x.

    Parameters
    ----------
    x : array or SciPy sparse array, shape (N, n_in)
    rows : array of int, shape (..., M)

    Returns
    -------
    array, shape (..., M, n_in)
        Dense.
    """
    if hasattr(x, "toarray"):
        return x[rows.ravel()].toarray().reshape(*rows.shape, -1)
    return x.take(rows, axis=0)  # faster than x[rows]


class NumpyStepper:
    """Single steps in NumPy.

    Parameters
    ----------
    problem : Problem
    update : Update
    state : TrainState
        Updated in place.
    """

    def __init__(self, problem: Problem, update: Update, state: TrainState) -> None:
        net, dtype = problem.net, state.theta.dtype
        self.problem: Problem = problem
        self.rule: Update = update
        self.state: TrainState = state
        self.grad: Array = np.empty_like(state.theta)
        self.params: list[ParamViews] = net.views(state.theta)
        self.grads: list[ParamViews] = net.views(self.grad)
        self.is_weight: Array = net.is_weight.astype(dtype)
        self.multipliers: tuple[Rate, Array] = update.lr_multipliers(net, dtype)

    def gradient(self, rows: Array, step: int) -> Array:
        """Overwrite `grad` with the gradient of a batch (K, B), and return its loss (K,)."""
        problem, state = self.problem, self.state
        x, y, w = (take(array, rows) for array in (problem.x, problem.y, problem.w))
        total = w.sum(-1)
        rng = CounterRng(state.seeds, step)
        s = w / total[:, None]
        loss = loss_and_grad(problem.net, self.params, x, y, s, self.grads, rng)
        if problem.alpha:
            loss += problem.penalize(state.theta, self.grad, total, self.is_weight)
        return loss

    def update(self, lr: Array) -> None:
        """Apply `grad` to the state with the learning rates lr (K, 1)."""
        state = self.state
        self.rule.apply(state.theta, self.grad, state.optimizer_state, lr, self.multipliers)


class NumpyEngine:
    """The NumPy engine, which is the reference for other engines."""

    name = "numpy"

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        """Return "numpy", whatever is computed."""
        return NumpyEngine.name

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        """Compute L(theta) in chunks of rows, and overwrite grad."""
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

    def stepper(self, problem: Problem, update: Update, state: TrainState) -> Stepper:
        """Return a `NumpyStepper`."""
        return NumpyStepper(problem, update, state)

    def run_epoch(
        self,
        problem: Problem,
        update: Update,
        state: TrainState,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> tuple[Array, Array]:
        """Run one epoch, with lrs (n_steps, K): see `Engine.run_epochs`.

        Returns
        -------
        losses : array, shape (K,)
        grad : array, shape (K, P)
            As for one epoch of `EpochOutputs`.
        """
        sizes = row_counts(rows, len(state.theta), len(problem.y))
        if rows is not None and sizes.min() < sizes.max():  # batches of several sizes: one by one
            losses, grad = np.empty(len(sizes)), np.empty_like(state.theta)
            for k, own in enumerate(rows):
                one, lr = slice(k, k + 1), lrs[: -(-len(own) // batch_size), k : k + 1]
                losses[one], grad[one] = self.run_epoch(
                    problem, update, state.only(k), [own], batch_size, lr, shuffle
                )
            return losses, grad
        n_rows, n_networks = int(sizes[0]), len(state.theta)
        order = np.stack([np.arange(n_rows)] * n_networks if rows is None else list(rows))
        if shuffle:
            chosen = row_order(state.seeds, state.epoch, n_rows)
            order = np.take_along_axis(order, chosen, -1)
        stepper = self.stepper(problem, update, state)
        sum_of_losses = np.zeros(n_networks)
        for i, lr in enumerate(lrs[..., None]):
            batch = order[:, i * batch_size : (i + 1) * batch_size]
            loss = stepper.gradient(batch, state.epoch * len(lrs) + i)
            sum_of_losses += loss * batch.shape[-1]
            if not any(np.isfinite(loss)):
                break
            stepper.update(lr)
        return sum_of_losses / n_rows, stepper.grad

    def epochs_at_once(self, problem: Problem, state: TrainState) -> int:
        """Return 1: every epoch is a call."""
        return 1

    def run_epochs(
        self,
        problem: Problem,
        update: Update,
        state: TrainState,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> EpochOutputs:
        """Run epochs one after the other with `run_epoch`, and leave `state.epoch` unchanged."""
        outputs, first = EpochOutputs.empty(len(lrs), state), state.epoch
        for e, lr in enumerate(lrs):
            state.epoch = first + e
            outputs.losses[e], outputs.grads[e] = self.run_epoch(
                problem, update, state, rows, batch_size, lr, shuffle
            )
            for then, now in zip(outputs.numbers, state.numbers(), strict=True):
                then[e] = now
        state.epoch = first
        return outputs

    def predict(self, net: Network, theta: Array, x: Any) -> Array:
        """Compute the raw prediction b of every row in chunks of rows."""
        params = net.views(theta)
        b = np.empty((*theta.shape[:-1], x.shape[0], net.layers[-1].n_out), theta.dtype)
        for start in range(0, x.shape[0], CHUNK):
            rows = np.arange(start, min(start + CHUNK, x.shape[0]))
            b[..., rows, :], _ = forward(net.layers, params, take(x, rows))
        return b
