"""Selection: how much each member counts in the prediction of all, judged on rows not seen."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from jubako.core.activations import Array

ROUNDS = 30
DOUBT = 20
ENOUGH = 1e-5  # relative gain below which another round is not worth it


def select(guesses: Sequence[Array], loss: Callable[[Array], float]) -> Array:
    """Return each member's share in the mean that has the lowest loss, found greedily.

    Begin with the best member; add, as often as it lowers the loss, the one with which the mean is
    best. A member may be added again (Caruana et al. 2004, "Ensemble selection from libraries of
    models").

    Parameters
    ----------
    guesses : sequence of arrays, shape (N, n_out)
        Predictions of rows that their networks have not seen.
    loss : callable
        From a prediction (N, n_out) to a number.

    Returns
    -------
    array, shape (len(guesses),)
        Shares >= 0, which sum to one.
    """
    counts, total, lowest = np.zeros(len(guesses)), np.zeros_like(guesses[0]), np.inf
    for n in range(1, ROUNDS + 1):
        losses = np.array([loss((total + guess) / n) for guess in guesses])
        best = int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))
        if not losses[best] < lowest - ENOUGH * abs(lowest if n > 1 else 0):
            break
        lowest = losses[best]
        counts[best] += 1
        total = total + guesses[best]
    if not counts.any():  # all losses are NaN or infinite
        counts[0] = 1
    return counts / counts.sum()


def temperature(p: Array, loss: Callable[[Array], float]) -> float:
    """Return the T at which `soften(p, T)` has the lowest loss (Guo et al. 2017, arXiv:1706.04599).

    Below 1 probabilities become bolder. More cautious they never become: a guess of rows not seen
    comes from fewer networks than a prediction, whose mean is more cautious already. Few rows are
    not believed when they ask for much: (log T)² counts like the loss of `DOUBT` rows.
    """

    def cost(t: float) -> float:
        return loss(soften(p, np.exp(t))) + DOUBT / len(p) * t**2

    return float(np.exp(minimize_scalar(cost, bounds=(-1, 0), method="bounded").x))


def soften(p: Array, temperature: float) -> Array:
    """Return probabilities proportional to p^(1 / temperature), shape (N, n_classes)."""
    return softmax(np.log(p.clip(1e-12)) / temperature, axis=1)
