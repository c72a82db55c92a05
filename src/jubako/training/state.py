"""The complete state of training, as arrays and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jubako.core.activations import Array

from .optimizers import OptimizerState

ROUNDING = 1e-6  # the same rows in another order give a loss that differs by less, relatively


@dataclass
class NetworkProgress:
    """The progress of one network in training.

    Parameters
    ----------
    rate : float > 0
        Initial learning rate, as changed by rollbacks and by `adaptive`.
    stale : int
        Number of epochs in a row without improvement.
    blow_ups : int
        Number of rollbacks since the last new lowest training loss.
    learning : bool
        False once the network has stopped.
    """

    rate: float
    stale: int = 0
    blow_ups: int = 0
    learning: bool = True


@dataclass
class Milestones:
    """The weights of K networks that training may return to.

    After each whole epoch, for each network k:

    - `best_values[k]` is its highest validation score so far, where the score decides when to stop;
      otherwise minus its lowest training loss. `best[k]` holds the weights that training ends with:
      where the score decides, those of the epoch that had this score; otherwise, those that the
      network had when it stopped. Until there are any, these are the initial weights.
    - `lowest_losses[k]` is its lowest training loss so far, and `restart[k]` holds the weights and
      optimizer state from which that epoch started: a network that blows up returns to these.
      Later ones may be finite and yet have run away already.

    Arrays are replaced, never written to, so that copies of a state share them.

    Parameters
    ----------
    best_values : array of float64, shape (K,)
    best : array, shape (K, P)
    lowest_losses : array of float64, shape (K,)
    restart : list of arrays, shape (K, ...)
        With the shapes of `TrainState.numbers`.
    """

    best_values: Array
    best: Array
    lowest_losses: Array
    restart: list[Array]

    @classmethod
    def start(cls, numbers: list[Array]) -> "Milestones":
        """Return the milestones before the first epoch, given `TrainState.numbers`."""
        copies = [array.copy() for array in numbers]
        n_networks = len(copies[0])
        return cls(np.full(n_networks, -np.inf), copies[0], np.full(n_networks, np.inf), copies)

    def keep(self, networks: Array, theta: Array) -> None:
        """Set `best` to theta (K, P) for the networks where the mask (K,) is True."""
        if networks.any():
            self.best = np.where(networks[:, None], theta, self.best)

    def note_losses(self, losses: Array, before: list[Array], after: list[Array]) -> Array:
        """Update `lowest_losses` and `restart` with the training losses of n epochs.

        Parameters
        ----------
        losses : array, shape (n, K)
            Infinite where a network has diverged.
        before : list of arrays, shape (K, ...)
            `TrainState.numbers` before the first of the epochs; must not be modified later.
        after : list of arrays, shape (>= n, K, ...)
            `TrainState.numbers` after each epoch.

        Returns
        -------
        array of bool, shape (K,)
            Which networks had a new lowest loss, by more than rounding.
        """
        lowest = np.minimum.accumulate(np.concatenate([self.lowest_losses[None], losses]))
        is_lower = lowest[-1] < self.lowest_losses
        epochs = losses.argmin(0)
        if is_lower.all() and not epochs.any():
            self.restart = before
        elif is_lower.any():
            self.restart = [array.copy() for array in self.restart]
            for restart, first, later in zip(self.restart, before, after, strict=True):
                for k in np.flatnonzero(is_lower):
                    restart[k] = later[epochs[k] - 1, k] if epochs[k] else first[k]
        self.lowest_losses = lowest[-1]
        return np.any(losses < lowest[:-1] * (1 - ROUNDING), 0)


@dataclass
class TrainState:
    """The complete state of training of K networks, as arrays and numbers. A copy is a checkpoint.

    The order of rows and the dropout masks are functions of `seeds` and `epoch`, so training that
    resumes from a copy ends with the same bits as uninterrupted training.

    Parameters
    ----------
    theta : array, shape (K, P)
        Weights after the last step.
    optimizer_state : dict of arrays, shape (K, ...)
        State of the optimizer between steps.
    seeds : array of uint32, shape (K,)
        Seeds of each network's order of rows and dropout.
    progress : list of K NetworkProgress
    milestones : Milestones
    epoch : int >= 0
        Number of passes over the rows so far.
    seconds : float >= 0
        Time that these have taken.
    """

    theta: Array
    optimizer_state: OptimizerState
    seeds: Array
    progress: list[NetworkProgress]
    milestones: Milestones
    epoch: int = 0
    seconds: float = 0.0

    @classmethod
    def start(
        cls, theta: Array, optimizer_state: OptimizerState, seeds: Sequence[int], rate: float
    ) -> "TrainState":
        """Return the state before the first epoch.

        Parameters
        ----------
        theta : array, shape (K, P)
            Initial weights.
        optimizer_state : dict of arrays, shape (K, ...)
        seeds : sequence of K int
        rate : float > 0
            Initial learning rate.

        Returns
        -------
        TrainState
        """
        progress = [NetworkProgress(rate) for _ in seeds]
        milestones = Milestones.start([theta, *optimizer_state.values()])
        return cls(theta, optimizer_state, np.array(seeds, np.uint32), progress, milestones)

    @property
    def learning(self) -> Array:
        """Which networks have not stopped yet, bool (K,)."""
        return np.array([network.learning for network in self.progress])

    def numbers(self) -> list[Array]:
        """Return the arrays that an update changes: theta and the state of the optimizer."""
        return [self.theta, *self.optimizer_state.values()]

    def copy(self, numbers: list[Array] | None = None) -> "TrainState":
        """Return an independent copy, from which training can be resumed.

        Parameters
        ----------
        numbers : list of arrays, shape (K, ...)
            Equal to those of `numbers`, if there are such arrays already: the copy gets them.
        """
        theta, *arrays = numbers or [array.copy() for array in self.numbers()]
        return replace(
            self,
            theta=theta,
            optimizer_state=dict(zip(self.optimizer_state, arrays, strict=True)),
            progress=[replace(network) for network in self.progress],
            milestones=replace(self.milestones),
        )

    def go_back(self, copy: "TrainState") -> None:
        """Restore the state of a copy. The arrays of `numbers` are overwritten, not replaced."""
        self.set_numbers(copy.numbers())
        self.progress = [replace(network) for network in copy.progress]
        self.milestones = replace(copy.milestones)
        self.epoch, self.seconds = copy.epoch, copy.seconds

    def set_numbers(self, numbers: list[Array]) -> None:
        """Overwrite theta and the optimizer's state in place."""
        for target, source in zip(self.numbers(), numbers, strict=True):
            target[...] = source

    def roll_back(self, networks: Array) -> None:
        """Restore `milestones.restart` for the networks where the mask (K,) is True."""
        for target, restart in zip(self.numbers(), self.milestones.restart, strict=True):
            target[networks] = restart[networks]

    def only(self, k: int) -> "TrainState":
        """Return the state of network k alone; its arrays are views."""
        part = slice(k, k + 1)
        optimizer_state = {name: array[part] for name, array in self.optimizer_state.items()}
        return replace(
            self, theta=self.theta[part], optimizer_state=optimizer_state, seeds=self.seeds[part]
        )

    def result(self, by_score: bool) -> Array:
        """Return the weights that training ends with.

        Parameters
        ----------
        by_score : bool
            Whether the validation score decides: then the weights of the best epoch, else the last
            ones.

        Returns
        -------
        array, shape (K, P)
        """
        return np.where((by_score | ~self.learning)[:, None], self.milestones.best, self.theta)
