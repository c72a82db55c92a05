"""A step of training: the update rule, the penalty and the initial weights of a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.optimizers import Update


@dataclass(frozen=True)
class TrainingStep:
    """How a network was trained, as far as a single step shows it.

    Parameters
    ----------
    update : Update or None
        None for L-BFGS, whose steps follow from all steps before.
    learning_rate : float > 0
        The highest, before the schedule.
    alpha : float >= 0
        The L2 penalty, as in `MLPClassifier`.
    alpha_rows : int or None
        The number of rows in a step for which alpha is meant; None if it is meant for any.
    class_weight : dict, "balanced" or None
        The weight of the rows of each class.
    init : str
        The rule for the initial weights, a name in `INITIALIZERS`.
    seed : int >= 0
        Of the initial weights.
    zero_output : bool
        Whether the output layer starts with zeros.
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
        """Return the penalty of a step with a number of rows."""
        return self.alpha if self.alpha_rows is None else self.alpha * n_rows / self.alpha_rows
