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
    """K networks of one architecture with their trained parameters, and their ensemble weight.

    Parameters
    ----------
    net : Network
    theta : array, shape (K, P)
        The parameters of each network.
    step : TrainingStep
        Settings of its training.
    candidate : Candidate or None
        The configuration in a search; None if the user has chosen the network.
    weight : float in (0, 1]
        Ensemble weight.
    loss : float
        Mean loss on the held-out rows, or on the training rows if there are none.
    epochs : int
        Number of epochs of training.
    best_epoch : int
        The epoch of `theta`, averaged over the networks.
    seconds : float
        Training time.
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
        """Whether its numeric inputs are quantile-transformed instead of standardized."""
        return self.candidate is not None and self.candidate.quantiles

    def predict(self, engine: Engine, x: Any) -> Array:
        """Return the mean prediction of the K networks.

        Parameters
        ----------
        engine : Engine
        x : array or sparse array, shape (N, n_inputs)
            Converted to the precision of theta.

        Returns
        -------
        array, shape (N, n_outputs)
        """
        x = x.astype(self.theta.dtype, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):  # the caller looks for NaN
            means = self.net.loss.mean(engine.predict(self.net, self.theta, x))
            return means[0] if len(means) == 1 else means.mean(0)
