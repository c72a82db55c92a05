"""The settings of a training step: update rule, penalty and initial weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.optimizers import Update


@dataclass(frozen=True)
class TrainingStep:
    """The settings of a single training step of a network.

    Parameters
    ----------
    update : Update or None
        None for L-BFGS, whose steps depend on all steps before.
    learning_rate : float > 0
        The maximum, before the schedule.
    alpha : float >= 0
        L2 penalty, as in `MLPClassifier`.
    alpha_rows : int or None
        Number of rows in a step for which alpha holds; None if it holds for any number.
    class_weight : dict, "balanced" or None
        Weight of the rows of each class.
    init : str
        A name in `INITIALIZERS`.
    seed : int >= 0
        Seed of the initial weights.
    zero_output : bool
        Whether the output layer is initialized with zeros.
    """

    update: Update | None
    learning_rate: float
    alpha: float = 0.0
    alpha_rows: int | None = None
    class_weight: Mapping[Any, float] | str | None = None
    init: str = "lecun"
    seed: int = 0
    zero_output: bool = False

    def initial_theta(self, net: Network) -> Array:
        """Return the initial parameters of a network, shape (P,), float64."""
        theta = net.init(self.init, np.random.default_rng([self.seed, 1]))
        if self.zero_output:
            last = net.views(theta)[-1]
            last["w"][...], last["b"][...] = 0, 0
        return theta

    def alpha_for(self, n_rows: int) -> float:
        """Return the L2 penalty for a step of `n_rows` rows."""
        return self.alpha if self.alpha_rows is None else self.alpha * n_rows / self.alpha_rows
