"""The seam between training and what computes it: the problem, the engine, what an epoch leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.optimizers import Update
from jubako.training.state import TrainState


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
class EpochOutputs:
    """What E epochs in a row of K networks have left behind.

    Parameters
    ----------
    losses : array, shape (E, K)
        Mean over the epoch, of each batch before its update; not finite where a network has blown
        up.
    grads : array, shape (E, K, P)
        The gradient of each epoch's last batch.
    numbers : list of arrays, shape (E, K, ...)
        `TrainState.numbers` after each epoch.
    """

    losses: Array
    grads: Array
    numbers: list[Array]

    @classmethod
    def empty(cls, n_epochs: int, state: TrainState) -> "EpochOutputs":
        """Allocate the outputs of E epochs of a state."""
        numbers = [np.empty((n_epochs, *a.shape), a.dtype) for a in state.numbers()]
        return cls(np.empty((n_epochs, len(state.theta))), np.empty_like(numbers[0]), numbers)

    def finite(self) -> Array:
        """Tell which networks came through each epoch, with finite loss and weights: (E, K)."""
        return np.isfinite(self.losses) & np.isfinite(self.numbers[0]).all(-1)


class Stepper(Protocol):
    """Steps of K networks in two halves: gradient, then update.

    Something may stand between them, such as an average over machines: each computes the gradient
    of its rows of the batch with its part of `Problem.alpha`, they replace `grad` by the mean
    weighted by W, and all make the same update.

    Parameters
    ----------
    grad : array, shape (K, P)
        What `gradient` writes and `update` reads; an update may clip it in place.
    """

    grad: Array

    def gradient(self, rows: Array, step: int) -> Array:
        """Overwrite `grad` with the gradient of a batch, and return its loss, shape (K,).

        Parameters
        ----------
        rows : array of int, shape (K, M)
            The rows in each network's batch.
        step : int
            Number of the step since training began, which decides what dropout drops.
        """
        ...

    def update(self, lr: Array) -> None:
        """Update the state by `grad`, with the learning rates lr, shape (K, 1)."""
        ...


class Engine(Protocol):
    """The seam between what training is and what computes it.

    An engine may run whole epochs in one call, as the native one does. `stepper` is for what needs
    to act within a step.
    """

    name: str

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        """Return the name of the engine that computes this: some hand on what they do not know."""
        ...

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        """Return L(theta) over all rows, shape (...), and overwrite grad. Nothing is dropped."""
        ...

    def stepper(self, problem: Problem, update: Update, state: TrainState) -> Stepper:
        """Return what makes single steps of a state, in place."""
        ...

    def epochs_at_once(self, problem: Problem, state: TrainState) -> int:
        """Return how many epochs `run_epochs` should get, where nobody wants to know in between."""
        ...

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
        """Make one step for each batch of rows in each of E epochs; update the state in place.

        Parameters
        ----------
        rows : list of K arrays of int, or None
            The rows that each network learns from; default all. A network with fewer of them than
            others makes fewer steps.
        batch_size : int
            Rows in a step; the last step of an epoch has what is left.
        lrs : array, shape (E, n_steps, K)
            Learning rate of each step, for the network with the most of them.
        shuffle : bool
            Whether each network sees its rows in the order of `row_order`, else as they stand.
        """
        ...

    def predict(self, net: Network, theta: Array, x: Any) -> Array:
        """Return the raw prediction b of every row, shape (..., N, n_out)."""
        ...


def row_counts(rows: Rows, n_networks: int, n_rows: int) -> Array:
    """Return how many rows each network learns from, shape (K,), where the table has n_rows."""
    return np.array([n_rows] * n_networks if rows is None else [len(own) for own in rows])
