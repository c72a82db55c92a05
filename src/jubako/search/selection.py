"""Ensemble selection: the weights of candidates, from out-of-fold predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array

from .calibration import fit_temperature
from .crossval import CrossValResult
from .greedy import select

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
