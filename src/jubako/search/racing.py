"""Racing: candidates are stopped early if they would not improve an ensemble with the first one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy
from jubako.model.candidate import Candidate

from .encoded import EncodedRows
from .greedy import select
from .held_out import LossCurve

GAINS = 0.01, 0.015  # minimum relative gains of an ensemble, at two of the `CYCLE_ENDS`


class Rival(NamedTuple):
    """Results of the first candidate, with which another candidate is to improve an ensemble.

    Parameters
    ----------
    predictions : sequence of arrays, shape (n_held_out, n_out)
        Out-of-fold predictions.
    loss : float
        The loss of their ensemble.
    """

    predictions: Sequence[Array]
    loss: float

    @classmethod
    def of(cls, predictions: Sequence[Array], rows: EncodedRows) -> Self:
        """Return a rival with these predictions of the held-out rows."""
        return cls(predictions, ensemble_loss(predictions, rows))


@dataclass(frozen=True, eq=False)
class Race:
    """What decides whether the training of a candidate is stopped early.

    It depends on the first candidate only, so that the result is the same for any number of
    workers.

    Parameters
    ----------
    loss_limits : pair of float
        Losses above which training is stopped at the second of the `CYCLE_ENDS`, and at the third.
    rivals : pair of lists of Rival
        What a candidate has to improve there: all results of the first candidate, and at the second
        cycle end also its snapshot there alone.
    """

    loss_limits: tuple[float, float] = (np.inf, np.inf)
    rivals: tuple[list[Rival], list[Rival]] = field(default_factory=lambda: ([], []))

    def is_lost(
        self,
        candidate: Candidate,
        curve: LossCurve,
        rows: EncodedRows,
        predictions: Callable[[], Sequence[Array]],
    ) -> bool:
        """Return whether to stop the training of a candidate after this epoch.

        Training is stopped

        - at the second or third cycle end if the lowest loss so far is above the limit,
        - at the third if that loss was reached before the second: then the networks overfit,
        - at both if its results so far improve no ensemble of its rivals by one of
          `GAINS`; but not a linear model, whose training takes next to no time.

        Parameters
        ----------
        candidate : Candidate
        curve : LossCurve
            The epochs so far.
        rows : EncodedRows
        predictions : callable
            Returns the out-of-fold predictions of the candidate so far.

        Returns
        -------
        bool
        """
        if curve.gives_up(self.loss_limits):
            return True
        epoch = curve.records[-1].epoch
        if not candidate.hidden or epoch not in curve.ends or epoch == curve.planned_epochs:
            return False
        place = curve.ends.index(epoch)
        if not self.rivals[place]:
            return False
        own = predictions()
        return all(
            ensemble_loss([*rival.predictions, *own], rows) > (1 - GAINS[place]) * rival.loss
            for rival in self.rivals[place]
        )


NO_RACE = Race()


def ensemble_loss(predictions: Sequence[Array], rows: EncodedRows) -> float:
    """Return the loss of the ensemble that is selected by its out-of-fold prediction.

    Parameters
    ----------
    predictions : sequence of arrays, shape (n_held_out, n_out)
    rows : EncodedRows

    Returns
    -------
    float
        Mean log loss, or mean squared error.
    """
    held_out = rows.held_out
    y, w = rows.y[held_out, 0], rows.w[held_out]
    if isinstance(rows.loss, CrossEntropy):  # only the probability of the true class counts
        true = np.arange(len(held_out)), y.astype(int)
        parts = [p[true] for p in predictions]
    else:
        parts = [prediction[:, 0] for prediction in predictions]

    def loss(mean: Array) -> float:
        if isinstance(rows.loss, CrossEntropy):
            return float(np.average(-np.log(mean.clip(1e-12)), weights=w))
        return float(np.average((mean - y) ** 2, weights=w))

    weights = select(parts, loss)
    selected = [weight * part for weight, part in zip(weights, parts, strict=True) if weight]
    return loss(np.sum(selected, axis=0))
