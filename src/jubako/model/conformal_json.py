"""Conformal scores in plain words and arrays, and back. Hostile descriptions are refused."""

from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.data.target import ClassTarget

from .conformal import Conformal, Scores, Spread
from .fitted_json import check_inputs, check_outputs, fitted_from_plain, fitted_to_plain
from .model import Target
from .schema import Schema
from .schema_json import count_from_value, from_value

LARGEST_LOG = 200.0  # of an error to expect, standardized


def conformal_to_plain(conformal: Conformal) -> tuple[dict[str, Any], dict[str, Array]]:
    """Describe scores, and the network that predicts the error to expect.

    Parameters
    ----------
    conformal : Conformal

    Returns
    -------
    words : dict
    arrays : dict of str to array
        "conformal.levels", "conformal.values", and "conformal.theta" of that network.
    """
    scores, spread = conformal.scores, conformal.spread
    words: dict[str, Any] = {"n_rows": scores.n_rows}
    arrays = {"conformal.levels": scores.levels, "conformal.values": scores.values}
    if spread is not None:
        words["spread"] = fitted_to_plain(spread.network) | {
            "low": spread.low,
            "high": spread.high,
            "median": spread.median,
        }
        arrays["conformal.theta"] = spread.network.theta
    return words, arrays


def conformal_from_plain(words: Any, arrays: dict[str, Array]) -> Conformal:
    """Create the scores that were described.

    Parameters
    ----------
    words, arrays
        From a file, so they may hold anything.

    Returns
    -------
    Conformal

    Raises
    ------
    ValueError
        If they make no sense, or do not fit together.
    """
    levels, values = arrays["conformal.levels"], arrays["conformal.values"]
    if not (levels.ndim == values.ndim == 1 and len(levels) == len(values) > 0):
        raise ValueError(f"{levels.shape} levels for scores of shape {values.shape}")
    if levels.dtype != np.float64 or values.dtype != np.float64:
        raise ValueError("scores that are not float64")
    steps = np.diff(levels) > 0, np.diff(values) >= 0, np.isfinite(values), values >= 0
    if not all(step.all() for step in steps) or not 0 < levels[0] <= levels[-1] < 1:
        raise ValueError("scores that do not ascend from 0, at levels between 0 and 1")
    n_rows = count_from_value(words, "n_rows")
    if n_rows < len(levels):
        raise ValueError(f"{len(levels)} quantiles of {n_rows} scores")
    spread, described = None, words.get("spread")
    if described is not None:
        theta = arrays["conformal.theta"]
        network = fitted_from_plain(described, theta, "conformal.theta", None)
        low, high, median = (
            from_value(float, described[name], name) for name in ("low", "high", "median")
        )
        if not (low <= high <= LARGEST_LOG and 0 < median < np.inf):
            raise ValueError(f"expected errors of exp({low}) to exp({high}), median {median}")
        spread = Spread(network, low, high, median)
    return Conformal(Scores(levels, values, n_rows), spread)


def check_spread(net: Network, target: Target, schema: Schema | None) -> None:
    """Refuse a network of expected errors that does not fit the model.

    Parameters
    ----------
    net : Network
    target : Target
    schema : Schema or None

    Raises
    ------
    ValueError
        If it does not take the rows of the schema, or the target is not numeric.
    """
    if schema is None or isinstance(target, ClassTarget):
        raise ValueError("expected errors of what is no number")
    check_inputs(net, schema.n_inputs, (), schema)
    check_outputs(net, target)
