"""The metrics of a report with their intervals, the baselines, and the verdict."""

import numpy as np
from sklearn import config_context
from sklearn.metrics import accuracy_score, log_loss, r2_score

from jubako.core.activations import Array
from jubako.data.column_encoding import encode, fit_columns
from jubako.data.dataset import Dataset
from jubako.evaluation.baselines import NAMES as BASELINES
from jubako.evaluation.baselines import cross_validated_predictions
from jubako.evaluation.metric_names import NAMES
from jubako.evaluation.metrics import Metrics, main_metric
from jubako.evaluation.scorer import model_input
from jubako.i18n.messages import Message
from jubako.model.model import Model

from .numbers import metric_text
from .predictions import Predictions
from .report import Scores

N_RESAMPLES = 200
MOST_RESAMPLED = 2000  # rows of a resample
MOST_COMPARED = 20_000  # rows on which the baselines are cross-validated,
MOST_CELLS = 2_000_000  # with this many inputs in all
TAILS = 0.025, 0.975  # of a 95 % interval
ENOUGH = 0.9  # share of the resamples in which a metric must be defined


def compute_scores(model: Model, rows: Dataset, predictions: Predictions, seed: int) -> Scores:
    """Compute the metrics of a model with their intervals, and those of the baselines.

    Parameters
    ----------
    model : Model
    rows : Dataset
    predictions : Predictions
        Of these rows.
    seed : int
        Of the resamples and the folds.

    Returns
    -------
    Scores
    """
    metrics = predictions.metrics()
    intervals = bootstrap(predictions, metrics, seed)
    at = predictions.known
    if len(at) > MOST_COMPARED:
        at = np.random.default_rng(seed).permutation(at)[:MOST_COMPARED]
    x = baseline_inputs(model, rows.take(at))
    if x.size > MOST_CELLS:
        at, x = at[: MOST_CELLS // x.shape[1]], x[: MOST_CELLS // x.shape[1]]
    compared = predictions.take(at)
    y = compared.true
    classes = None if model.classes is None else np.unique(y)
    baselines, differences = dict[str, Metrics](), dict[str, dict[str, tuple[float, float]]]()
    for name, p in cross_validated_predictions(x, y, classes is not None, seed=seed).items():
        if classes is None:
            baseline = Predictions(y, p)
        else:
            baseline = Predictions(y, classes[p.argmax(1)], p, classes)
        baselines[name] = baseline.metrics()
        differences[name] = paired(compared, baseline, seed)
    return Scores(metrics, intervals, N_RESAMPLES, baselines, differences, len(at))


def baseline_inputs(model: Model, rows: Dataset) -> Array:
    """Return rows as inputs of the baselines, with one input for each level of categories.

    Parameters
    ----------
    model : Model
    rows : Dataset

    Returns
    -------
    array, shape (N, n_in)
    """
    if model.schema is None:
        return np.asarray(model_input(model, rows.table))
    readings = {column.name: column.reading for column in model.columns}
    table = rows.table.select(list(readings))
    columns, _ = fit_columns(table, readings=readings)
    return encode(columns, table)


def bootstrap(
    predictions: Predictions, metrics: Metrics, seed: int
) -> dict[str, tuple[float, float]]:
    """Compute 95 % percentile intervals of metrics by resampling rows.

    Of many rows, resamples are smaller, and deviations are scaled by the square root of the ratio
    (m out of n bootstrap, Bickel et al. 1997).

    Parameters
    ----------
    predictions : Predictions
    metrics : dict
        Of all rows.
    seed : int

    Returns
    -------
    dict of str to (float, float)
        Without metrics that are undefined, or hardly vary since there is a single row.
    """
    rng, coded, n = np.random.default_rng(seed), predictions.coded(), len(predictions.true)
    names = [name for name, value in metrics.items() if isinstance(value, float)]
    if n < 2:
        return {}
    m = min(n, MOST_RESAMPLED)
    found = dict[str, list[float]]((name, []) for name in names)
    with config_context(assume_finite=True, skip_parameter_validation=True):  # faster
        for _ in range(N_RESAMPLES):
            resampled = coded.take(rng.integers(n, size=m)).metrics()
            for name in names:
                if resampled[name] is not None:
                    found[name].append(resampled[name])
    intervals = dict[str, tuple[float, float]]()
    for name, values in found.items():
        if len(values) >= ENOUGH * N_RESAMPLES:
            deviations = np.quantile(values, TAILS) - metrics[name]
            low, high = metrics[name] + deviations * np.sqrt(m / n)
            intervals[name] = float(low), float(high)
    return intervals


def paired(model: Predictions, baseline: Predictions, seed: int) -> dict[str, tuple[float, float]]:
    """Compute 95 % intervals of how much better a model is than a baseline, on the same rows.

    Parameters
    ----------
    model, baseline : Predictions
        Of the same rows.
    seed : int

    Returns
    -------
    dict of str to (float, float)
        Of R², or of accuracy and log loss; positive where the model is better. Empty for one row.
    """
    rng, n = np.random.default_rng(seed), len(model.true)
    if n < 2:
        return {}
    m, coded = min(n, MOST_RESAMPLED), (model.coded(), baseline.coded())
    better, point = list[Array](), advantage(*coded)
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for _ in range(N_RESAMPLES):
            rows = rng.integers(n, size=m)
            better.append(advantage(*(each.take(rows) for each in coded)))
    ends = point + (np.quantile(better, TAILS, axis=0) - point) * np.sqrt(m / n)
    names = ("r2",) if model.classes is None else ("accuracy", "log_loss")
    return {
        name: (float(low), float(high)) for name, (low, high) in zip(names, ends.T, strict=True)
    }


def advantage(model: Predictions, baseline: Predictions) -> Array:
    """Return how much better a model is than a baseline by each metric of `paired`.

    Parameters
    ----------
    model, baseline : Predictions
        Of the same rows, with class numbers as labels.

    Returns
    -------
    array, shape (n_metrics,)
    """
    if model.classes is None:
        scores = [r2_score(each.true, each.predicted) for each in (model, baseline)]
        return np.array([scores[0] - scores[1]])
    pair = model, baseline
    right = [accuracy_score(each.true, each.predicted) for each in pair]
    losses = [log_loss(each.true, each.probabilities, labels=each.classes) for each in pair]
    return np.array([right[0] - right[1], losses[1] - losses[0]])


def verdict(scores: Scores) -> Message:
    """Compare a model with the baselines in one sentence.

    One is better than the other if the interval of their difference on the same rows is on one side
    of zero.

    Parameters
    ----------
    scores : Scores

    Returns
    -------
    Message
    """
    metric = main_metric(scores.metrics)
    name, value = NAMES[metric], score_text(scores, metric)
    by_score = sorted(scores.baselines, key=lambda b: -(scores.baselines[b][metric] or 0.0))
    if metric not in scores.intervals or not by_score or not scores.differences[by_score[0]]:
        return Message(
            "{metric} {value}: these rows do not suffice to compare the model with baselines.",
            metric=name,
            value=value,
        )
    best, baseline = scores.baselines[by_score[0]], BASELINES[by_score[0]]
    low, high = scores.differences[by_score[0]][metric]
    if low > 0:
        return better(scores, by_score)
    if high < 0:
        return Message(
            "The model is worse than the baseline ({baseline}): {metric} {value}, against {other}.",
            metric=name,
            value=value,
            baseline=baseline,
            other=metric_text(metric, best[metric]),
        )
    if scores.differences[by_score[0]].get("log_loss", (0.0, 0.0))[0] > 0:
        return Message(
            "The model is about as good as the baseline ({baseline}) by {metric}, {value} "
            "against {other}, but its probabilities are better: log loss {loss}, against "
            "{other_loss}.",
            metric=name,
            value=value,
            baseline=baseline,
            other=metric_text(metric, best[metric]),
            loss=score_text(scores, "log_loss"),
            other_loss=metric_text("log_loss", best["log_loss"]),
        )
    return Message(
        "The model is not clearly better than the baseline ({baseline}): {metric} {value}, "
        "against {other}.",
        metric=name,
        value=value,
        baseline=baseline,
        other=metric_text(metric, best[metric]),
    )


def better(scores: Scores, by_score: list[str]) -> Message:
    """Return the verdict on a model that is better than all baselines.

    Parameters
    ----------
    scores : Scores
    by_score : list of str
        The baselines, the best one first.

    Returns
    -------
    Message
    """
    metric = main_metric(scores.metrics)
    value, best = score_text(scores, metric), by_score[0]
    if len(by_score) == 1:
        return Message(
            "The model is better than the baseline: {metric} {value}; {baseline} {other}.",
            metric=NAMES[metric],
            value=value,
            baseline=BASELINES[best],
            other=metric_text(metric, scores.baselines[best][metric]),
        )
    return Message(
        "The model is better than the baselines: {metric} {value}; {baseline} {other}, {worse} "
        "{least}.",
        metric=NAMES[metric],
        value=value,
        baseline=BASELINES[best],
        other=metric_text(metric, scores.baselines[best][metric]),
        worse=BASELINES[by_score[1]],
        least=metric_text(metric, scores.baselines[by_score[1]][metric]),
    )


def score_text(scores: Scores, metric: str) -> Message | str:
    """Return a metric with its interval as text.

    Parameters
    ----------
    scores : Scores
    metric : str

    Returns
    -------
    Message or str
    """
    value = metric_text(metric, scores.metrics[metric])
    if metric not in scores.intervals:
        return value
    low, high = (metric_text(metric, end) for end in scores.intervals[metric])
    return Message("{value} (95 % interval {low} – {high})", value=value, low=low, high=high)
