"""Conformal prediction: intervals and sets from the errors on rows that were held out.

The promise is marginal: of new rows that are like the held-out ones, on average over all of them,
at least the share `coverage` lies inside (Vovk et al. 2005; Lei et al. 2018, arXiv:1604.04173).
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message
from jubako.training.engines.base import Engine

from .fitted_network import FittedNetwork

NEIGHBOURS = 4  # scores whose mean is stored, at least: no row's own score is in a saved model
FINENESS = 32  # a stored mean is of at most 1/32 as many scores as are larger
OFFSET = 0.1  # of the median error, which is added before the logarithm of an error is taken
SHARE = 0.5  # of the median error, which is added to each error expected


@dataclass(frozen=True, eq=False)
class Scores:
    """The quantiles of conformity scores: the larger a score, the worse was the prediction.

    Parameters
    ----------
    levels : array, shape (n_knots,)
        Shares of the scores, in (0, 1), ascending.
    values : array, shape (n_knots,)
        The quantiles at these levels, ascending.
    n_rows : int
        The number of scores.
    """

    levels: Array
    values: Array
    n_rows: int

    @classmethod
    def fit(cls, scores: Array, w: Array) -> Self:
        """Return the weighted quantiles of scores (N,), each the mean of neighbouring ones.

        They lie the closer, the fewer scores are larger: high coverages depend on those.
        """
        order = np.argsort(scores, kind="stable")
        ends = np.cumsum(part_sizes(len(scores))[::-1])
        parts = np.split(order, ends[:-1])
        mass = np.array([w[part].sum(dtype=np.float64) for part in parts])
        levels = (np.cumsum(mass) - mass / 2) / mass.sum()
        values = np.array([np.average(scores[part], weights=w[part]) for part in parts])
        return cls(levels, np.maximum.accumulate(values), len(scores))

    @property
    def highest_coverage(self) -> float:
        """The highest coverage for which there are enough rows."""
        return float(self.levels[-1]) * self.n_rows / (self.n_rows + 1)

    def quantile(self, coverage: float) -> float:
        """Return the score that a new row exceeds with the probability 1 - coverage, at most.

        Raises
        ------
        ParameterError
            If the coverage is not in (0, 1), or too high for the number of rows.
        """
        if not 0 < coverage < 1:
            raise ParameterError(
                Message("coverage={coverage!r} must be between 0 and 1.", coverage=coverage)
            )
        if coverage > self.highest_coverage:
            raise ParameterError(
                Message(
                    "coverage={coverage!r} is too high: with {n} held-out rows, the highest is "
                    "{highest:g}. Lower it, or train on more rows.",
                    coverage=coverage,
                    n=self.n_rows,
                    highest=np.floor(self.highest_coverage * 1e4) / 1e4,
                )
            )
        level = coverage * (self.n_rows + 1) / self.n_rows  # the new row is one more
        return float(np.interp(level, self.levels, self.values))


def part_sizes(n: int) -> list[int]:
    """Return the numbers of neighbouring scores whose means are stored, the largest scores first.

    Parameters
    ----------
    n : int >= 4
        The number of all scores.

    Returns
    -------
    list of int
        Each >= 4; their sum is n.

    Examples
    --------
    >>> part_sizes(13)
    [4, 4, 5]
    """
    sizes, above = list[int](), 0
    while n - above >= (size := max(NEIGHBOURS, above // FINENESS)) + NEIGHBOURS:
        sizes.append(size)
        above += size
    return [*sizes, n - above]


@dataclass(frozen=True, eq=False)
class Spread:
    """The error to expect of each row: exp(network) + half the median error, standardized.

    Parameters
    ----------
    network : FittedNetwork
        Predicts the logarithm of the error plus a tenth of the median error.
    low, high : float
        The range of that logarithm on the held-out rows, beyond which nothing is predicted.
    median : float > 0
        The median error on the held-out rows.
    """

    network: FittedNetwork
    low: float
    high: float
    median: float

    @staticmethod
    def target(errors: Array, median: float) -> Array:
        """Return what the network learns, given the size of errors (N,)."""
        return np.log(errors + OFFSET * median)

    def of(self, output: Array) -> Array:
        """Return the error to expect (N,), given outputs of the network (N, 1)."""
        log_error = output[:, 0].astype(np.float64).clip(self.low, self.high)
        return np.exp(log_error) + SHARE * self.median


@dataclass(frozen=True, eq=False)
class Conformal:
    """What turns predictions into intervals or sets of a stated coverage.

    Parameters
    ----------
    scores : Scores
        Of a regressor: errors as multiples of the error to expect. Of a classifier: one minus the
        probability of the true class (Sadinle et al. 2019, arXiv:1609.00451).
    spread : Spread or None
        Of a regressor: the error to expect of each row (Lei et al. 2018, section 5.2); None if it
        is taken to be the same for all rows.
    """

    scores: Scores
    spread: Spread | None = None

    def expected_errors(self, engine: Engine, views: dict[bool, Any], n_rows: int) -> Array:
        """Return the error to expect of each row, standardized, shape (N,).

        Parameters
        ----------
        engine : Engine
        views : dict
            From `FittedNetwork.quantiles` to the encoded rows.
        n_rows : int
        """
        if self.spread is None:
            return np.ones(n_rows)
        network = self.spread.network
        return self.spread.of(network.predict(engine, views[network.quantiles]))

    def sets(self, p: Array, coverage: float) -> Array:
        """Return which classes are in the set of each row, given probabilities; (N, n_classes).

        The likeliest class always is.
        """
        included = 1 - p <= self.scores.quantile(coverage)
        included[np.arange(len(p)), p.argmax(1)] = True
        return included
