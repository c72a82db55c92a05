"""Greedy ensemble selection."""

from collections.abc import Callable, Sequence

import numpy as np

from jubako.core.activations import Array

ROUNDS = 30
ENOUGH = 1e-5  # minimum relative improvement of a round


def select(predictions: Sequence[Array], loss: Callable[[Array], float]) -> Array:
    """Return the weights of the mean prediction with the lowest loss, found greedily.

    Start with the best candidate; as long as the loss decreases, add the candidate with which the
    mean prediction is best. Candidates may be added repeatedly (Caruana et al. 2004, "Ensemble
    selection from libraries of models").

    Parameters
    ----------
    predictions : sequence of arrays, shape (N, n_out)
        Out-of-fold predictions of each candidate.
    loss : callable
        From a prediction (N, n_out) to a number.

    Returns
    -------
    array, shape (len(predictions),)
        Weights >= 0, which sum to one.
    """
    counts, total, lowest = np.zeros(len(predictions)), np.zeros_like(predictions[0]), np.inf
    for n in range(1, ROUNDS + 1):
        losses = np.array([loss((total + prediction) / n) for prediction in predictions])
        best = int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))
        if not losses[best] < lowest - ENOUGH * abs(lowest if n > 1 else 0):
            break
        lowest = losses[best]
        counts[best] += 1
        total = total + predictions[best]
    if not counts.any():  # all losses are NaN or infinite
        counts[0] = 1
    return counts / counts.sum()
