"""The configuration of training."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from jubako.core.activations import Array

from .optimizers import Update
from .schedules import SCHEDULES


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The configuration of training.

    Parameters
    ----------
    update : Update
    epochs : int >= 0
        Maximum number of passes over the rows.
    batch_size : int > 0
        Rows per step; the last step of an epoch has the remaining rows.
    shuffle : bool
        Whether each epoch has a new order of the rows.
    schedule : str
        A name in `SCHEDULES`, over `epochs`.
    warm_up : float in [0, 1)
        Fraction of the run in which the learning rate rises from 0 (Goyal et al. 2017,
        arXiv:1706.02677).
    learning_rate : {"constant", "invscaling", "adaptive"}
        As in scikit-learn. `invscaling` divides by (rows seen so far + 1)^power_t; `adaptive`
        divides by 5 instead of stopping.
    power_t : float
        Exponent of `invscaling`.
    tol : float >= 0
        Minimum improvement of the training loss, or of the validation score if early stopping uses
        it.
    patience : float >= 0
        A network stops after more than this number of epochs in a row without an improvement by
        `tol`.
    """

    update: Update
    epochs: int
    batch_size: int
    shuffle: bool = True
    schedule: str = "constant"
    warm_up: float = 0.0
    learning_rate: Literal["constant", "invscaling", "adaptive"] = "constant"
    power_t: float = 0.5
    tol: float = 1e-4
    patience: float = 10

    def factors(self, epoch: int, n_rows: int) -> Array:
        """Return the factors of the initial learning rate in an epoch.

        Parameters
        ----------
        epoch : int >= 0
        n_rows : int > 0

        Returns
        -------
        array of float64, shape (n_steps,)
        """
        n_steps = -(-n_rows // self.batch_size)
        t = (epoch + np.arange(n_steps) / n_steps) / max(self.epochs, epoch + 1)
        factors = SCHEDULES[self.schedule](t)
        if self.warm_up:
            factors = factors * np.minimum(1, t / self.warm_up)
        if self.learning_rate == "invscaling" and epoch:
            factors = factors / (epoch * n_rows + 1) ** self.power_t
        return factors
