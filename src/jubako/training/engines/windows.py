"""Training on rows that do not fit into memory: an epoch is a window of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.optimizers import Update
from jubako.training.state import TrainState

from .base import Engine, EpochOutputs, Problem, Rows, Stepper


@dataclass
class WindowEngine:
    """Train each epoch on a window of rows, which are read when it begins.

    Passes and updates are those of another engine. The rows of the problem itself are not trained
    on.

    Parameters
    ----------
    engine : Engine
        Computes the epochs.
    load : callable
        Takes the number of an epoch, and returns its rows: x (N, n_in), y (N, n_y) and w (N,).
    name : str
        Name of this engine.
    """

    engine: Engine
    load: Callable[[int], tuple[Array, Array, Array]]
    name: str = "windows"

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        """Return the name that the other engine returns."""
        return self.engine.name_for(problem, theta, update)

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        """Compute L(theta) over the rows of the problem with the other engine."""
        return self.engine.loss_and_grad(problem, theta, grad)

    def stepper(self, problem: Problem, update: Update, state: TrainState) -> Stepper:
        """Return the stepper of the other engine."""
        return self.engine.stepper(problem, update, state)

    def epochs_at_once(self, problem: Problem, state: TrainState) -> int:
        """Return 1: each epoch has a window of its own."""
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
        """Load the window of the epoch, and run one epoch on it with the other engine."""
        assert len(lrs) == 1, "each epoch has rows of its own: see epochs_at_once"
        x, y, w = self.load(state.epoch)
        window = replace(problem, x=x, y=y, w=w)
        return self.engine.run_epochs(window, update, state, None, batch_size, lrs, shuffle)

    def predict(self, net: Network, theta: Array, x: Any) -> Array:
        """Compute the raw prediction b of every row with the other engine."""
        return self.engine.predict(net, theta, x)
