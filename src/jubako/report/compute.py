"""The facts of a report, computed from a model and rows with its target."""

import platform
from datetime import date
from math import isfinite

import numpy as np
from scipy.stats import t as student_t

from jubako._version import __version__
from jubako.data.dataset import Dataset
from jubako.i18n.messages import Message
from jubako.model.model import Model
from jubako.model.training_log import TrainingLog
from jubako.training.engines.native.library import chosen

from .columns import describe_columns, table_remarks
from .diagnostics import class_diagnostics, compute_coverage, number_diagnostics
from .drift import compute_drift
from .explanation import explain
from .predictions import Predictions
from .report import Environment, FoldLosses, LearningCurve, ModelFacts, Report, Source
from .scores import compute_scores, verdict
from .worst_rows import find_worst_rows

SEED = 0  # of resamples, folds, and shuffled columns
HISTORY = ("epoch", "train_loss", "val_loss")


def compute_report(model: Model, rows: Dataset, source: Source, n_worst: int = 0) -> Report:
    """Compute a report.

    Parameters
    ----------
    model : Model
        With one target.
    rows : Dataset
        With at least one label that the model knows.
    source : Source
    n_worst : int >= 0
        Number of rows with the largest errors to show.

    Returns
    -------
    Report
    """
    predictions = Predictions.of(model, rows)
    known = rows.take(predictions.known)
    scores = compute_scores(model, rows, predictions, SEED)
    is_class = model.task == "classify"
    return Report(
        source=source,
        model=model_facts(model),
        n_rows=len(rows.target),
        verdict=verdict(scores),
        warnings=training_warnings(source, len(rows.target)),
        columns=describe_columns(model, rows.table),
        remarks=table_remarks(model, rows, source.target),
        scores=scores,
        history={name: model.log.history[name] for name in HISTORY} if model.log.history else {},
        curves=candidate_curves(model.log),
        classes=class_diagnostics(predictions) if is_class else None,
        numbers=None if is_class else number_diagnostics(predictions),
        coverage=compute_coverage(model, known),
        leaderboard=sorted(model.log.leaderboard, key=lambda line: line["oof_loss"]),
        fold_losses=summarize_folds(model.log.fold_losses),
        explanation=explain(model, known, source.target, SEED),
        drift=compute_drift(model, rows.table),
        worst_rows=find_worst_rows(model, rows, predictions, n_worst),
        environment=environment(),
    )


def candidate_curves(log: TrainingLog) -> list[LearningCurve]:
    """Return the learning curves of the candidates in an ensemble, the best candidate first.

    Parameters
    ----------
    log : TrainingLog

    Returns
    -------
    list of LearningCurve
        Empty if the model keeps none.
    """
    tried = zip(log.leaderboard, log.val_losses, strict=False)
    chosen = [(line, losses) for line, losses in tried if line["weight"]]
    return [
        LearningCurve(line["layers"], line["activation"], line["configuration"], losses)
        for line, losses in sorted(chosen, key=lambda pair: pair[0]["oof_loss"])
    ]


def summarize_folds(losses: list[float]) -> FoldLosses | None:
    """Return the mean of losses, and its 95 % interval by Student's t distribution.

    Parameters
    ----------
    losses : list of float
        On each fold.

    Returns
    -------
    FoldLosses or None
        None if there are fewer than two.
    """
    if len(losses) < 2:
        return None
    n, mean = len(losses), float(np.mean(losses))
    radius = float(student_t.ppf(0.975, n - 1) * np.std(losses, ddof=1) / n**0.5)
    low = mean - radius if min(losses) < 0 else max(mean - radius, 0.0)
    return FoldLosses(losses, mean, low, mean + radius)


def model_facts(model: Model) -> ModelFacts:
    """Describe a model.

    Parameters
    ----------
    model : Model

    Returns
    -------
    ModelFacts
    """
    loss = model.log.loss
    return ModelFacts(
        task=model.task,
        classes=() if model.classes is None else tuple(str(label) for label in model.classes),
        n_networks=model.n_networks,
        n_parameters=sum(network.theta.size for network in model.networks),
        stopped=model.log.stopped,
        loss=loss if isfinite(loss) else None,
        seconds=model.log.seconds,
        distilled=model.log.distilled,
    )


def training_warnings(source: Source, n_rows: int) -> list[str]:
    """Warn if the model may have been trained on these rows.

    Parameters
    ----------
    source : Source
    n_rows : int

    Returns
    -------
    list of str
    """
    name, n_train = source.training.get("data"), source.training.get("rows")
    if not name or name != source.data:
        return []
    return [
        Message(
            "The model was trained on {n_train} rows of a table named {name!r}. If these {n} rows "
            "are the same, scores are optimistic: give rows that the model has not seen.",
            n_train=n_train,
            name=name,
            n=n_rows,
        )
    ]


def environment() -> Environment:
    """Describe what computes the report.

    Returns
    -------
    Environment
    """
    library = chosen()
    return Environment(
        date=date.today().isoformat(),
        jubako=__version__,
        engine=f"native, {library.build}" if library else "NumPy",
        python=platform.python_version(),
        numpy=np.__version__,
        seed=SEED,
    )
