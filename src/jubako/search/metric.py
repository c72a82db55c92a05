"""Metrics for selecting candidates: tried before training, applied after it."""

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.target import ClassTarget, NumericTarget
from jubako.model.decision import cheapest

WORST = float(np.finfo(np.float64).max)  # loss of predictions that can't be scored: JSON has no inf


@dataclass
class KnownClasses(ClassifierMixin, BaseEstimator):
    """A classifier that returns given predictions, for scorers.

    Parameters
    ----------
    classes_ : array, shape (n_classes,)
    p : array, shape (N, n_classes)
        Probabilities.
    costs : array, shape (n_classes, n_classes), or None
        By which classes are predicted; see `Model.costs`.
    """

    classes_: Array
    p: Array
    costs: Array | None = None

    def predict(self, X: object) -> Array:
        """Return the labels with the lowest expected cost, shape (N,), whatever X is."""
        return self.classes_[cheapest(self.p, self.costs)]

    def predict_proba(self, X: object) -> Array:
        """Return p, whatever X is."""
        return self.p


@dataclass
class KnownNumbers(RegressorMixin, BaseEstimator):
    """A regressor that returns given predictions, for scorers.

    Parameters
    ----------
    numbers : array, shape (N,)
    """

    numbers: Array

    def predict(self, X: object) -> Array:
        """Return the numbers, whatever X is."""
        return self.numbers


@dataclass(frozen=True)
class Metric:
    """A scorer of scikit-learn, applied to given predictions.

    Parameters
    ----------
    scorer : callable
        Called with an estimator, X and y; returns a number, higher is better.
    takes_weights : bool
        Whether it has the parameter `sample_weight`.
    """

    scorer: Callable[..., Any]
    takes_weights: bool = True

    def score(self, known: BaseEstimator, y: Array, w: Array) -> float:
        """Return the score of predictions.

        Parameters
        ----------
        known : KnownClasses or KnownNumbers
            The predictions.
        y, w : array, shape (N,)
            Labels or numbers, and sample weights.

        Returns
        -------
        float
        """
        weights = {"sample_weight": w} if self.takes_weights else {}
        return float(self.scorer(known, np.zeros((len(y), 1)), y, **weights))

    def loss(self, known: BaseEstimator, y: Array, w: Array) -> float:
        """Return minus the score; if the scorer fails, warn and return `WORST`.

        The scorer has succeeded on other predictions before, and what was trained must not be lost.

        Parameters
        ----------
        known : KnownClasses or KnownNumbers
            The predictions.
        y, w : array, shape (N,)
            Labels or numbers, and sample weights.

        Returns
        -------
        float
        """
        try:
            loss = -self.score(known, y, w)
            reason = f"it returned {-loss}"
        except Exception as error:
            loss, reason = np.nan, brief(error)
        if np.isfinite(loss):
            return loss
        warnings.warn(
            f"eval_metric could not judge a candidate, which counts as the worst: {reason}.",
            stacklevel=2,
        )
        return WORST


def known_estimator(
    target: ClassTarget | NumericTarget, outputs: Array, costs: Array | None = None
) -> BaseEstimator:
    """Return an estimator that returns these predictions, for scorers.

    Parameters
    ----------
    target : ClassTarget or NumericTarget
    outputs : array, shape (N, n_out)
        Probabilities, or encoded numbers.
    costs : array, shape (n_classes, n_classes), or None
        By which classes are predicted; see `Model.costs`.

    Returns
    -------
    KnownClasses or KnownNumbers
    """
    if isinstance(target, ClassTarget):
        return KnownClasses(target.classes, outputs, costs)
    return KnownNumbers(target.decode_predictions(outputs))


def loss_function(
    eval_metric: object,
    target: ClassTarget | NumericTarget,
    codes: Array,
    w: Array,
    costs: Array | None = None,
) -> Callable[[Array], float]:
    """Return the loss by which predictions are compared.

    Parameters
    ----------
    eval_metric : str, callable or None
        None means the log loss, or the squared error of standardized targets.
    target : ClassTarget or NumericTarget
    codes : array, shape (N, 1)
        Encoded targets.
    w : array, shape (N,)
        Sample weights.
    costs : array, shape (n_classes, n_classes), or None
        By which classes are predicted; see `Model.costs`.

    Returns
    -------
    callable
        From predictions (N, n_out) to a number.

    Raises
    ------
    ParameterError
        If `eval_metric` does not fit the target.
    """
    if eval_metric is None:
        return default_loss(target, codes, w)
    y = target.decode(codes)
    example = known_estimator(target, example_predictions(target, codes))
    metric = find_metric(eval_metric, example, y, w)
    return lambda outputs: metric.loss(known_estimator(target, outputs, costs), y, w)


def default_loss(
    target: ClassTarget | NumericTarget, codes: Array, w: Array
) -> Callable[[Array], float]:
    """Return the log loss, or the squared error, as a function of predictions.

    Parameters
    ----------
    target : ClassTarget or NumericTarget
    codes : array, shape (N, 1)
        Encoded targets.
    w : array, shape (N,)
        Sample weights.

    Returns
    -------
    callable
        From predictions (N, n_out) to a number.
    """
    if isinstance(target, ClassTarget):
        classes, rows = codes[:, 0].astype(int), np.arange(len(codes))
        return lambda p: float(np.average(-np.log(p[rows, classes].clip(1e-12)), weights=w))
    low, high = target.encoded_range
    return lambda b: float(np.average((b.clip(low, high) - codes)[:, 0] ** 2, weights=w))


def example_predictions(target: ClassTarget | NumericTarget, codes: Array) -> Array:
    """Return predictions such as a model could make, for trying a metric.

    Parameters
    ----------
    target : ClassTarget or NumericTarget
    codes : array, shape (N, 1)
        Encoded targets.

    Returns
    -------
    array, shape (N, n_out)
    """
    if isinstance(target, NumericTarget):
        return (2 * codes + codes.mean()) / 3
    n_classes, predicted = len(target.classes), codes[:, 0].astype(int)
    predicted[::3] = (predicted[::3] + 1) % n_classes  # not all of them are right
    return np.eye(n_classes)[predicted] / 2 + 0.5 / n_classes


def check_name(eval_metric: object) -> None:
    """Check that a scorer of scikit-learn has this name.

    Parameters
    ----------
    eval_metric : str, callable or None

    Raises
    ------
    ParameterError
        If not; with the most similar name, if there is one.
    """
    if not isinstance(eval_metric, str):
        return
    from sklearn.metrics import get_scorer_names  # loads most of scikit-learn

    if eval_metric not in get_scorer_names():
        near = get_close_matches(eval_metric, get_scorer_names(), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "See sklearn.metrics.get_scorer_names()."
        raise ParameterError(f"No scorer of scikit-learn is named {eval_metric!r}. {hint}")


def find_metric(eval_metric: object, known: BaseEstimator, y: Array, w: Array) -> Metric:
    """Return the requested metric, after trying it on example predictions.

    Parameters
    ----------
    eval_metric : str or callable
    known : KnownClasses or KnownNumbers
        Example predictions.
    y, w : array, shape (N,)
        Labels or numbers, and sample weights.

    Returns
    -------
    Metric

    Raises
    ------
    ParameterError
        If it can't score predictions of this target.
    """
    try:
        return tried(eval_metric, known, y, w)
    except Exception as error:
        name = repr(eval_metric)
        if isinstance(eval_metric, str):
            others = ", ".join(map(repr, fitting(eval_metric, known, y, w)))
            hint = f"Name one that does, such as {others}"
        else:
            name = getattr(eval_metric, "__name__", name)
            hint = (
                "Pass a scorer, which is called with (estimator, X, y) and returns a number: "
                "sklearn.metrics.make_scorer makes one of a metric"
            )
        reason = brief(error).replace(type(known).__name__, "the model")
        raise ParameterError(
            f"eval_metric={name} does not fit this target: {reason}. {hint}."
        ) from error


def brief(error: Exception) -> str:
    """Return the first sentence of an error on one line.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str
    """
    words = " ".join(str(error).split())
    return words.split(". ")[0].rstrip(".") or type(error).__name__


def tried(eval_metric: Any, known: BaseEstimator, y: Array, w: Array) -> Metric:
    """Return the metric, after trying it on example predictions.

    Parameters
    ----------
    eval_metric : str or callable
    known : KnownClasses or KnownNumbers
        Example predictions.
    y, w : array, shape (N,)
        Labels or numbers, and sample weights.

    Returns
    -------
    Metric

    Raises
    ------
    Exception
        Any error of the scorer.
    """
    from sklearn.metrics import get_scorer

    scorer = get_scorer(eval_metric) if isinstance(eval_metric, str) else eval_metric
    function: Any = getattr(scorer, "_score_func", None)
    module = getattr(function, "__module__", "")
    if isinstance(known, ClassifierMixin) and module.startswith("sklearn.metrics._regression"):
        raise ValueError("it is for numbers, and these are classes")
    try:
        metric = Metric(scorer)
        metric.score(known, y, w)
    except TypeError as error:
        if "sample_weight" not in str(error):
            raise
        if (w != w[0]).any():
            raise ValueError(
                "it has no parameter sample_weight, and rows differ in weight"
            ) from error
        metric = Metric(scorer, takes_weights=False)
        metric.score(known, y, w)
    return metric


def fitting(wanted: str, known: BaseEstimator, y: Array, w: Array, most: int = 3) -> list[str]:
    """Return the names of the most similar scorers that can score these predictions.

    Parameters
    ----------
    wanted : str
        The requested name.
    known : KnownClasses or KnownNumbers
        Example predictions.
    y, w : array, shape (N,)
        Labels or numbers, and sample weights.
    most : int
        Maximum number of names.

    Returns
    -------
    list of str
    """
    from sklearn.metrics import get_scorer_names

    usual = ["neg_log_loss", "accuracy", "r2", "neg_mean_absolute_error"]
    names = [name for name in get_scorer_names() if name.startswith(wanted + "_")] + usual
    fit = list[str]()
    for name in sorted(names, key=lambda name: (name in usual, "ovr" not in name)):
        with suppress(Exception):
            tried(name, known, y, w)
            fit.append(name)
    similar = [name for name in fit if name not in usual]
    return (similar or fit)[:most]
