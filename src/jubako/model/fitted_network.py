"""A fitted network: layers with their trained parameters, and their weight in the ensemble."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.engines.base import Engine

from .candidate import Candidate
from .training_step import TrainingStep


@dataclass(frozen=True)
class FittedNetwork:
    """K networks alike with their trained parameters, and their place in the ensemble.

    Parameters
    ----------
    net : Network
    theta : array, shape (K, P)
        The parameters of each network.
    step : TrainingStep
        How it was trained.
    candidate : Candidate or None
        The configuration that a search has tried; None where the user has chosen the network.
    weight : float in (0, 1]
        In the ensemble.
    loss : float
        Mean loss on the held-out rows, or on the training rows if there are none.
    epochs : int
        The number of epochs of training.
    best_epoch : int
        The epoch of `theta`, on average over the networks.
    seconds : float
    """

    net: Network
    theta: Array
    step: TrainingStep
    candidate: Candidate | None = None
    weight: float = 1.0
    loss: float = np.nan
    epochs: int = 0
    best_epoch: int = 0
    seconds: float = 0.0

    @property
    def quantiles(self) -> bool:
        """Whether it is given numbers by their place among all, or else by their size."""
        return self.candidate is not None and self.candidate.quantiles

    def predict(self, engine: Engine, x: Any) -> Array:
        """Return the mean prediction of the K networks, shape (N, n_outputs).

        Parameters
        ----------
        engine : Engine
        x : array or sparse array, shape (N, n_inputs)
            Computed with in the precision of theta.
        """
        x = x.astype(self.theta.dtype, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):  # the caller looks for NaN
            return self.net.loss.mean(engine.predict(self.net, self.theta, x)).mean(0)
