"""Decisions: which class is predicted, given the probabilities of all."""

import numpy as np

from jubako.core.activations import Array


def cheapest(p: Array, costs: Array | None = None) -> Array:
    """Return the number of the class with the lowest expected cost, argmin(p @ costs).

    Parameters
    ----------
    p : array, shape (N, n_classes)
        Probabilities.
    costs : array, shape (n_classes, n_classes), or None
        The cost of each error: rows are true classes, columns are predicted ones (Elkan 2001). None
        means that all errors cost the same: the most probable class.

    Returns
    -------
    array of int, shape (N,)
    """
    return p.argmax(1) if costs is None else (p @ costs).argmin(1)


def costs_of_threshold(threshold: float) -> Array:
    """Return the costs by which the second class is predicted where p > threshold.

    Parameters
    ----------
    threshold : float in (0, 1)

    Returns
    -------
    array, shape (2, 2)
        With a threshold t, a false positive costs t and a false negative 1 - t.
    """
    return np.array([[0.0, threshold], [1.0 - threshold, 0.0]])


def threshold_of_costs(costs: Array) -> float:
    """Return the probability of the second class above which it is predicted.

    Parameters
    ----------
    costs : array, shape (2, 2)
        Errors cost more than what is right.

    Returns
    -------
    float in (0, 1)
    """
    positive, negative = costs[0, 1] - costs[0, 0], costs[1, 0] - costs[1, 1]
    return float(positive / (positive + negative))


def cheap_errors(costs: Array) -> Array:
    """Return which errors cost no more than a correct prediction of the same class.

    Parameters
    ----------
    costs : array, shape (n_classes, n_classes)

    Returns
    -------
    array of bool, shape (n_classes, n_classes)
    """
    return (costs <= costs.diagonal()[:, None]) & ~np.eye(len(costs), dtype=bool)
