"""Calibration: temperature scaling of class probabilities."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

from jubako.core.activations import Array
from jubako.model.calibration import soften

PRIOR_ROWS = 20  # number of rows that the penalty (log T)² is worth


def fit_temperature(p: Array, loss: Callable[[Array], float]) -> float:
    """Return the T at which `soften(p, T)` has the lowest loss (Guo et al. 2017, arXiv:1706.04599).

    T is at most 1, which makes probabilities sharper: an out-of-fold prediction is the mean of
    fewer networks than a prediction of new rows, which is less confident already. On few rows T
    stays near 1, because of the penalty (log T)², which has the weight of `PRIOR_ROWS` rows.

    Parameters
    ----------
    p : array, shape (N, n_classes)
        Out-of-fold probabilities.
    loss : callable
        From probabilities of the same shape to a number.

    Returns
    -------
    float in [1/e, 1]
    """

    def cost(t: float) -> float:
        return loss(soften(p, np.exp(t))) + PRIOR_ROWS / len(p) * t**2

    return float(np.exp(minimize_scalar(cost, bounds=(-1, 0), method="bounded").x))
