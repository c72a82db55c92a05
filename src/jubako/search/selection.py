"""Ensemble selection: the weights of candidates, from out-of-fold predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array

from .calibration import fit_temperature
from .crossval import CrossValResult

ROUNDS = 30
ENOUGH = 1e-5  # minimum relative improvement of a round
MEMORY = 2**29  # maximum bytes of snapshots


@dataclass(frozen=True)
class Selection:
    """The candidates and snapshots in the ensemble, selected by their out-of-fold predictions.

    Parameters
    ----------
    results : list of CrossValResult
    weights : array, shape (len(results),)
        Positive ensemble weights, which sum to one.
    leaderboard : list of dict
        One for each candidate that was tried.
    oof_prediction : array, shape (n_held_out, n_out)
        Out-of-fold prediction of the ensemble, not calibrated.
    loss : float
        Loss of that prediction.
    temperature : float
        1 without calibration.
    """

    results: list[CrossValResult]
    weights: Array
    leaderboard: list[dict[str, Any]]
    oof_prediction: Array
    loss: float
    temperature: float


def select_ensemble(
    tried: Sequence[Sequence[CrossValResult]],
    loss: Callable[[Array], float],
    calibrate: bool = False,
) -> Selection:
    """Select the ensemble.

    Parameters
    ----------
    tried : sequence of sequences of CrossValResult
        For each candidate its best epoch, then its snapshots.
    loss : callable
        From an out-of-fold prediction (n_held_out, n_out) to a number.
    calibrate : bool
        Whether to fit a temperature to the predictions, which must be probabilities.

    Returns
    -------
    Selection
    """
    owners = [i for i, results in enumerate(tried) for _ in results]
    results = [result for some in tried for result in some]
    weights = select([result.oof_prediction for result in results], loss)
    mean = np.tensordot(weights, np.stack([result.oof_prediction for result in results]), 1)
    by_candidate = np.bincount(owners, weights, minlength=len(tried))
    leaderboard = [
        leaderboard_line(first, loss(first.oof_prediction), weight)
        for (first, *_), weight in zip(tried, by_candidate, strict=True)
    ]
    return Selection(
        [result for result, weight in zip(results, weights, strict=True) if weight],
        weights[weights > 0],
        leaderboard,
        mean,
        loss(mean),
        fit_temperature(mean, loss) if calibrate else 1.0,
    )


def leaderboard_line(result: CrossValResult, loss: float, weight: float) -> dict[str, object]:
    """Return the entry of a candidate in the leaderboard.

    Parameters
    ----------
    result : CrossValResult
    loss : float
        Out-of-fold loss.
    weight : float
        Sum of its ensemble weights.

    Returns
    -------
    dict
    """
    candidate, fitted = result.candidate, result.fitted
    return {
        "layers": "-".join(map(str, candidate.hidden)) or "linear",
        "activation": candidate.activation if candidate.hidden else "",
        "configuration": candidate.describe(),
        "oof_loss": float(loss),
        "weight": float(weight),
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "seconds": round(fitted.seconds, 3),
    }


def discard_snapshots(tried: list[list[CrossValResult]]) -> None:
    """Discard the snapshots of the worst candidates, if all snapshots take more than `MEMORY`.

    The losses of the snapshots are no criterion: the last ones of a good candidate are
    overconfident alone, and good when averaged with others.

    Parameters
    ----------
    tried : list of lists of CrossValResult
        For each candidate its best epoch, then its snapshots, which are removed in place.
    """
    sizes = [
        sum(result.fitted.theta.nbytes + result.oof_prediction.nbytes for result in snapshots)
        for _, *snapshots in tried
    ]
    excess = sum(sizes) - MEMORY
    for i in sorted(range(len(tried)), key=lambda i: -tried[i][0].fitted.loss):
        if excess <= 0:
            break
        excess -= sizes[i]
        del tried[i][1:]


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
