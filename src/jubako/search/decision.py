"""Decisions of a classifier: a threshold or costs, given by the user or chosen by a metric."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.target import ClassTarget
from jubako.i18n.messages import Message
from jubako.model.decision import cheap_errors, costs_of_threshold

from .config import SearchConfig
from .metric import example_predictions, find_metric, known_estimator

N_THRESHOLDS = 200  # that are tried, at most
APART = 1e-6  # relative difference of losses that are not the same


@dataclass(frozen=True, slots=True)
class Decision:
    """By which costs classes are predicted.

    Parameters
    ----------
    costs : array, shape (n_classes, n_classes), or None
        Those of the user, by which candidates are compared too; see `Model.costs`.
    chooser : callable or None
        From out-of-fold probabilities (n_held_out, 2) to costs, where a threshold is to be chosen.
    """

    costs: Array | None = None
    chooser: Callable[[Array], Array] | None = None

    def choose(self, p: Array) -> Array | None:
        """Return the costs of the model, given probabilities (n_held_out, n_classes)."""
        return self.chooser(p) if self.chooser else self.costs


DEFAULT = Decision()
"""The most probable class is predicted."""


def decision_for(config: SearchConfig, target: Any, codes: Array, w: Array) -> Decision:
    """Return the decision that the user has asked for.

    Parameters
    ----------
    config : SearchConfig
    target : ClassTarget or NumericTarget
    codes : array, shape (n_held_out, 1)
        Encoded targets of the held-out rows.
    w : array, shape (n_held_out,)

    Returns
    -------
    Decision

    Raises
    ------
    ParameterError
        If it does not fit the classes or the metric.
    """
    costs = given_costs(config, target)
    return Decision(costs, threshold_chooser(config, target, codes, w))


def given_costs(config: SearchConfig, target: Any) -> Array | None:
    """Return the costs that the user has given, or those of the threshold that the user has given.

    Parameters
    ----------
    config : SearchConfig
    target : ClassTarget or NumericTarget

    Returns
    -------
    array, shape (n_classes, n_classes), or None
        None if there are none, or the threshold is to be chosen.

    Raises
    ------
    ParameterError
        If they do not fit the classes, or each other.
    """
    threshold, costs = config.threshold, config.cost_matrix
    if not isinstance(target, ClassTarget):
        return None
    n_classes = len(target.classes)
    if threshold is not None and costs is not None:
        raise ParameterError(
            Message("threshold and cost_matrix both decide what is predicted: give one of them.")
        )
    if costs is not None:
        return checked_costs(costs, n_classes)
    if threshold is None:
        return None
    if n_classes != 2:
        raise ParameterError(
            Message(
                "threshold={threshold!r} is for two classes, and y has {n}: give a cost_matrix.",
                threshold=threshold,
                n=n_classes,
            )
        )
    return None if threshold == "auto" else costs_of_threshold(threshold)


def checked_costs(costs: Any, n_classes: int) -> Array:
    """Return costs as an array.

    Parameters
    ----------
    costs : array-like, shape (n_classes, n_classes)
    n_classes : int

    Returns
    -------
    array, shape (n_classes, n_classes)

    Raises
    ------
    ParameterError
        If they are no finite numbers of this shape, or an error costs less than what is right.
    """
    try:
        array = np.array(costs, np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != (n_classes, n_classes) or not np.isfinite(array).all():
        raise ParameterError(
            Message(
                "cost_matrix must hold {n} rows of {n} finite numbers, one row for each true class "
                "and one column for each predicted class, in the order of the classes.",
                n=n_classes,
            )
        )
    cheap = cheap_errors(array)
    if cheap.any():
        row, column = np.argwhere(cheap)[0].tolist()
        raise ParameterError(
            Message(
                "cost_matrix[{row}, {column}] is {cost:g}, but an error must cost more than a "
                "correct prediction, cost_matrix[{row}, {row}], which is {right:g}.",
                row=row,
                column=column,
                cost=float(array[row, column]),
                right=float(array[row, row]),
            )
        )
    return array


def threshold_chooser(
    config: SearchConfig, target: Any, codes: Array, w: Array
) -> Callable[[Array], Array] | None:
    """Return what chooses the threshold with the lowest loss, given out-of-fold probabilities.

    Parameters
    ----------
    config : SearchConfig
    target : ClassTarget or NumericTarget
    codes : array, shape (n_held_out, 1)
        Encoded targets.
    w : array, shape (n_held_out,)

    Returns
    -------
    callable or None
        From probabilities (n_held_out, 2) to costs (2, 2). None if no threshold is to be chosen.

    Raises
    ------
    ParameterError
        If the metric is the same for any threshold.
    """
    if config.threshold != "auto" or not isinstance(target, ClassTarget):
        return None
    y, example = target.decode(codes), example_predictions(target, codes)
    metric = None
    if config.eval_metric is not None:
        metric = find_metric(config.eval_metric, known_estimator(target, example), y, w)

    def loss_at(threshold: float, p: Array) -> float:
        assert metric
        return metric.loss(known_estimator(target, p, costs_of_threshold(threshold)), y, w)

    if metric is None or len({loss_at(threshold, example) for threshold in (0.2, 0.5, 0.8)}) == 1:
        raise ParameterError(
            Message(
                "threshold='auto' needs an eval_metric that compares predicted classes, such as "
                "'f1' or 'balanced_accuracy', but eval_metric is {metric}, which no threshold "
                "changes.",
                metric=repr(config.eval_metric),
            )
        )

    def choose(p: Array) -> Array:
        levels = np.linspace(0, 1, N_THRESHOLDS + 2)[1:-1]
        thresholds = np.unique(np.r_[0.5, np.quantile(p[:, 1], levels).clip(1e-9, 1 - 1e-9)])
        losses = np.array([loss_at(float(threshold), p) for threshold in thresholds])
        least = losses.min()
        best = thresholds[losses <= least + APART * abs(least)]
        return costs_of_threshold(float(best[abs(best - 0.5).argmin()]))

    return choose
