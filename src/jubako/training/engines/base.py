"""The interface between training and engines: the problem, the engine, the outputs of epochs."""

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
    """The objective L(theta) to be minimized.

    L(theta) = 1/W * (sum_i w_i * loss(b_i, y_i) + alpha / 2 * sum of all squared weights), where W
    = sum_i w_i. The sums are over a batch or over all rows.

    Parameters
    ----------
    net : Network
    x : array or SciPy sparse array, shape (N, n_in)
    y : array, shape (N, n_out), or (N, 1) for class numbers
    w : array, shape (N,), all > 0
        Sample weights.
    alpha : float >= 0
        L2 penalty on the weights; biases are not penalized.
    """

    net: Network
    x: Any
    y: Array
    w: Array
    alpha: float = 0.0

    def only(self, rows: Array) -> "Problem":
        """Return the problem restricted to the given row numbers."""
        return replace(self, x=self.x[rows], y=self.y[rows], w=self.w[rows])

    def penalize(self, theta: Array, grad: Array, total: Array, is_weight: Array) -> Array:
        """Add the gradient of the penalty to grad in place, and return the penalty.

        Parameters
        ----------
        theta, grad : array, shape (..., P)
        total : array, shape (...)
            W of the rows.
        is_weight : array, shape (P,)
            `Network.is_weight`.

        Returns
        -------
        array of float64, shape (...)
        """
        pull = (self.alpha / total)[..., None] * is_weight * theta
        grad += pull
        return (pull * theta).sum(-1, dtype=np.float64) / 2


Rows = Sequence[Array] | Array | None
"""The rows that each of K networks learns from: K arrays of row numbers, of any lengths; or all."""


@dataclass
class EpochOutputs:
    """The outputs of E consecutive epochs of K networks.

    Parameters
    ----------
    losses : array, shape (E, K)
        Mean over the epoch of the loss of each batch before its update; not finite where a network
        has diverged.
    grads : array, shape (E, K, P)
        Gradient of the last batch of each epoch.
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

    def numbers_after(self, n: int) -> list[Array]:
        """Return `TrainState.numbers` after n > 0 of these epochs, as views."""
        return [array[n - 1] for array in self.numbers]

    def finite(self) -> Array:
        """Return which networks have a finite loss and weights after each epoch, bool (E, K)."""
        return np.isfinite(self.losses) & np.isfinite(self.numbers[0]).all(-1)


class Stepper(Protocol):
    """Steps of K networks in two halves: gradient, then update.

    Something may stand between them, such as an average over machines: each computes the gradient
    of its rows of the batch with its part of `Problem.alpha`, they replace `grad` by the mean
    weighted by W, and all make the same update.

    Attributes
    ----------
    grad : array, shape (K, P)
        Written by `gradient` and read by `update`, which may clip it in place.
    """

    grad: Array

    def gradient(self, rows: Array, step: int) -> Array:
        """Overwrite `grad` with the gradient of a batch, and return its loss.

        Parameters
        ----------
        rows : array of int, shape (K, M)
            The rows in each network's batch.
        step : int >= 0
            Number of the step since the start of training; dropout masks depend on it.

        Returns
        -------
        array, shape (K,)
        """
        ...

    def update(self, lr: Array) -> None:
        """Update the state by `grad`, with the learning rates lr, shape (K, 1)."""
        ...


class Engine(Protocol):
    """The interface of an engine, which computes the passes and updates of training.

    An engine may run whole epochs in one call, as the native one does. `stepper` is for code that
    acts between gradient and update.
    """

    name: str

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        """Return the name of the engine that computes this; an engine may delegate to another."""
        ...

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        """Compute L(theta) over all rows without dropout, and overwrite grad.

        Parameters
        ----------
        problem : Problem
        theta, grad : array, shape (..., P)

        Returns
        -------
        array of float64, shape (...)
        """
        ...

    def stepper(self, problem: Problem, update: Update, state: TrainState) -> Stepper:
        """Return a `Stepper` that updates the state in place."""
        ...

    def epochs_at_once(self, problem: Problem, state: TrainState) -> int:
        """Return how many epochs, >= 1, to run in one call if nothing is measured in between."""
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
        problem : Problem
        update : Update
        state : TrainState
        rows : list of K arrays of int, or None
            The rows that each network is trained on; default all. A network with fewer rows makes
            fewer steps.
        batch_size : int > 0
            Rows in a step; the last step of an epoch has the remaining rows.
        lrs : array, shape (E, n_steps, K)
            Learning rate of each step; n_steps is that of the network with the most rows.
        shuffle : bool
            Whether each network visits its rows in the order of `row_order`, instead of as given.

        Returns
        -------
        EpochOutputs
        """
        ...

    def predict(self, net: Network, theta: Array, x: object) -> Array:
        """Return the raw prediction b of every row.

        Parameters
        ----------
        net : Network
        theta : array, shape (..., P)
        x : array or SciPy sparse array, shape (N, n_in)

        Returns
        -------
        array, shape (..., N, n_out)
        """
        ...


def row_counts(rows: Rows, n_networks: int, n_rows: int) -> Array:
    """Return the number of rows that each of K networks is trained on, shape (K,).

    Parameters
    ----------
    rows : list of K arrays of int, or None
        None for all `n_rows` rows of the table.
    n_networks, n_rows : int
    """
    return np.array([n_rows] * n_networks if rows is None else [len(own) for own in rows])
