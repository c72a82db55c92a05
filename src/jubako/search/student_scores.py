"""Conformal scores of a student: those of its teacher, and what the student changes.

The teacher's scores are out-of-fold, and so honest; how far the student is from the teacher is
known without labels. Errors of the two are taken to be independent.
"""

from dataclasses import replace

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import SquaredError
from jubako.model.candidate import Candidate
from jubako.model.conformal import Conformal, Scores, Spread
from jubako.training.engines.native.engine import best_engine

from .crossval import cross_validate, epochs_for
from .encoded import EncodedRows

CANDIDATE = Candidate((32, 32), dropout=0)  # of the network that predicts the error to expect


def class_scores_of(teacher: Conformal, p: Array, q: Array) -> Conformal:
    """Return the scores of a student for classes.

    Each quantile of the teacher's scores is shifted by as much as the student shifts the quantile
    where the teacher's probabilities are true.

    Parameters
    ----------
    teacher : Conformal
    p, q : array, shape (N, n_classes)
        Probabilities of held-out rows by the teacher and by the student.

    Returns
    -------
    Conformal
    """
    levels, w = teacher.scores.levels, p.ravel()
    before, after = (quantiles(1 - each.ravel(), w, levels) for each in (p, q))
    values = (teacher.scores.values + after - before).clip(0, 1)
    return Conformal(with_values(teacher.scores, values))


def number_scores_of(
    teacher: Conformal, prediction: Array, own: Array, rows: EncodedRows
) -> Conformal:
    """Return the scores of a student for numbers.

    The error of the student on a row is the teacher's, which may have either sign and be of each
    score, plus the difference between the two.

    Parameters
    ----------
    teacher : Conformal
    prediction, own : array, shape (n_held_out, 1)
        Of held-out rows by the teacher and by the student, standardized.
    rows : EncodedRows
        All rows of the student, with the held-out ones.

    Returns
    -------
    Conformal
    """
    engine, (held_out,) = best_engine(), rows.held
    student = Conformal(teacher.scores, teacher.spread and student_spread(teacher.spread, rows))
    expected, own_expected = (
        each.expected_errors(engine, views_for(each, rows, held_out), len(held_out))[:, None]
        for each in (teacher, student)
    )
    errors, difference = expected * teacher.scores.values, prediction - own
    scores = np.stack([abs(errors + difference), abs(errors - difference)]) / own_expected
    levels = teacher.scores.levels
    edges = np.r_[0, (levels[1:] + levels[:-1]) / 2, 1]
    w = np.broadcast_to(np.diff(edges), scores.shape)
    values = quantiles(scores.ravel(), w.ravel(), levels)
    return replace(student, scores=with_values(teacher.scores, values))


def student_spread(teacher: Spread, rows: EncodedRows) -> Spread:
    """Distill the networks that predict the error to expect into one.

    Parameters
    ----------
    teacher : Spread
    rows : EncodedRows
        All rows of the student.

    Returns
    -------
    Spread
        The teacher's if Ctrl-C interrupts the training.
    """
    network = teacher.network
    y = network.predict(best_engine(), rows.view(network.quantiles))
    rows = replace(rows, y=y.astype(np.float32), loss=SquaredError(), start=y.mean(0))
    epochs = epochs_for(rows.n_learned)
    result = cross_validate(CANDIDATE, rows, best_engine(), epochs)[0]
    if result.reason == "interrupted":
        return teacher
    return replace(teacher, network=result.fitted)


def views_for(conformal: Conformal, rows: EncodedRows, held_out: Array) -> dict[bool, Array]:
    """Return the held-out rows as the network that predicts the error to expect needs them.

    Parameters
    ----------
    conformal : Conformal
    rows : EncodedRows
    held_out : array of int

    Returns
    -------
    dict of bool to array
        By `FittedNetwork.quantiles`; empty without such a network.
    """
    if conformal.spread is None:
        return {}
    is_quantiles = conformal.spread.network.quantiles
    return {is_quantiles: rows.view(is_quantiles)[held_out]}


def quantiles(values: Array, w: Array, levels: Array) -> Array:
    """Return weighted quantiles.

    Parameters
    ----------
    values, w : array, shape (N,)
        Values and their weights.
    levels : array in (0, 1), shape (n_levels,)

    Returns
    -------
    array, shape (n_levels,)
    """
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(w[order], dtype=np.float64) - w[order] / 2
    return np.interp(levels, mass / w.sum(dtype=np.float64), values[order])


def with_values(scores: Scores, values: Array) -> Scores:
    """Return scores with other quantiles.

    Parameters
    ----------
    scores : Scores
    values : array, shape (n_knots,)
        They are raised where they fall.

    Returns
    -------
    Scores
    """
    return replace(scores, values=np.maximum.accumulate(values))
