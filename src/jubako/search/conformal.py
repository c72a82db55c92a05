"""Conformal scores of the out-of-fold predictions of a search."""

import time
from dataclasses import replace
from functools import cache

import numpy as np

from jubako.core.activations import Array
from jubako.model.candidate import Candidate
from jubako.model.conformal import NEIGHBOURS, Conformal, Scores, Spread
from jubako.training.engines.native.engine import best_engine

from .budget import affordable_epochs
from .crossval import cross_validate, epochs_for
from .encoded import EncodedRows

CANDIDATE = Candidate((64, 64))  # the network that predicts the spread
EPOCHS = 16  # maximum number of epochs of its training
FEWEST = 50  # minimum number of rows for which the expected error is predicted row by row
TIME_SHARE = 0.05  # of a time limit, for training this network


def class_scores(rows: EncodedRows, p: Array) -> Conformal | None:
    """Return the scores of a classifier; None if too few rows were held out.

    Parameters
    ----------
    rows : EncodedRows
    p : array, shape (n_held_out, n_classes)
        Out-of-fold probabilities, calibrated as those of the model.

    Returns
    -------
    Conformal or None
    """
    held_out = rows.held_out
    if len(held_out) < NEIGHBOURS:
        return None
    scores = 1 - p[np.arange(len(held_out)), rows.y[held_out, 0].astype(int)]
    return Conformal(Scores.fit(scores, rows.w[held_out]))


def number_scores(rows: EncodedRows, prediction: Array, end: float = np.inf) -> Conformal | None:
    """Return the scores of a regressor; None if too few rows were held out.

    Parameters
    ----------
    rows : EncodedRows
    prediction : array, shape (n_held_out, 1)
        Out-of-fold, standardized.
    end : float
        Time at which the search must end. The spread is not fitted if there is no time for it.

    Returns
    -------
    Conformal or None
    """
    held_out = rows.held_out
    if len(held_out) < NEIGHBOURS:
        return None
    errors = abs(rows.y[held_out] - prediction)[:, 0].astype(np.float64)
    spread, expected = fit_spread(rows, errors, end)
    return Conformal(Scores.fit(errors / expected, rows.w[held_out]), spread)


def fit_spread(rows: EncodedRows, errors: Array, end: float) -> tuple[Spread | None, Array]:
    """Fit the expected error of a row; return it with the out-of-fold expected errors.

    It is fitted on the held-out rows, in their folds, so that no error is divided by an
    expectation that was fitted on it.

    Parameters
    ----------
    rows : EncodedRows
    errors : array, shape (n_held_out,)
        The absolute errors of the out-of-fold predictions, standardized.
    end : float
        Time at which the search must end.

    Returns
    -------
    spread : Spread or None
        None where the rows or the time are too few: all rows have the same expected error then.
    expected : array, shape (n_held_out,)
    """
    median = float(np.median(errors))
    if len(errors) < FEWEST or median <= 0:
        return None, np.ones(len(errors))
    log_errors = Spread.target(errors, median).astype(np.float32)
    held_out = held_out_rows(rows, log_errors)
    epochs = min(EPOCHS, epochs_for(held_out.n_learned))
    if end < np.inf:
        epochs = min(epochs, affordable_epochs(CANDIDATE, held_out, end - time.perf_counter()))
    if epochs < 1:
        return None, np.ones(len(errors))
    result = cross_validate(CANDIDATE, held_out, best_engine(), epochs)[0]
    if not np.isfinite(result.oof_prediction).all():
        return None, np.ones(len(errors))
    spread = Spread(result.fitted, float(log_errors.min()), float(log_errors.max()), median)
    return spread, spread.of(result.oof_prediction)


def held_out_rows(rows: EncodedRows, y: Array) -> EncodedRows:
    """Return the held-out rows alone, with other targets.

    Parameters
    ----------
    rows : EncodedRows
    y : array, shape (n_held_out,), float32
        Their targets.

    Returns
    -------
    EncodedRows
        Of n_held_out rows. Folds that hold all of them, as where the user gave validation rows, are
        replaced by random ones.
    """
    held_out = rows.held_out
    held = [np.searchsorted(held_out, fold) for fold in rows.held]
    if any(len(fold) == len(held_out) for fold in held):
        # all networks have the same validation rows
        n_folds = max(2, min(len(held), len(held_out)))
        from sklearn.model_selection import KFold

        split = KFold(n_folds, shuffle=True, random_state=rows.seed).split(held_out)
        held = [fold for _, fold in split]
    return replace(
        rows,
        view=cache(lambda quantiles: rows.view(quantiles)[held_out]),  # it is a copy
        y=y[:, None],
        w=rows.w[held_out],
        start=np.array([np.average(y, weights=rows.w[held_out])]),
        held=held,
        windows=None,
    )
