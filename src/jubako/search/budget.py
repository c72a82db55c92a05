"""Time budget: the duration of an epoch, and the rows and epochs within a time limit."""

import time

import numpy as np

from jubako.core.activations import Array
from jubako.model.candidate import Candidate
from jubako.training.engines.base import Engine
from jubako.training.engines.native.engine import best_engine

from .candidates import CANDIDATES
from .crossval import epochs_for, prepare
from .encoded import EncodedRows
from .folds import FEW, MANY

ENCODE_SHARE = 0.3  # of the time limit for inferring and encoding the table,
CELLS_PER_SECOND = 3e6  # at this speed
FIRST_SHARE = 0.5  # of the time for the first candidate
SHORTEST = 0.3  # minimum fraction of its epochs for training a candidate on folds
SEARCH_SHARE = 0.6  # of the time for the search, if a refit follows
PILOT = 2048  # rows for estimating the cost of an epoch over all rows
PROBE = 1024  # rows for measuring the cost of an epoch
ROWS_PER_SECOND = 50  # per second of the time limit, up to which "best" repeats cross-validation
FEWEST = 4  # minimum number of training rows


def encodable_rows(n_rows: int, n_columns: int, time_limit: float, seed: int) -> Array:
    """Return the numbers of the rows that there is time to encode, in random order.

    Parameters
    ----------
    n_rows, n_columns : int
    time_limit : float > 0
        Seconds.
    seed : int

    Returns
    -------
    array of int, shape (n_encodable,)
    """
    n_affordable = int(ENCODE_SHARE * time_limit * CELLS_PER_SECOND / n_columns)
    return np.random.default_rng(seed).permutation(n_rows)[: max(FEWEST, n_affordable)]


def rows_to_repeat(preset: str, time_limit: float | None) -> float:
    """Return the number of rows up to which cross-validation is repeated.

    Parameters
    ----------
    preset : str
        A name in `PRESETS`.
    time_limit : float > 0 or None
        Seconds.

    Returns
    -------
    float
    """
    if preset != "best":
        return FEW
    return MANY if time_limit is None else max(FEW, ROWS_PER_SECOND * time_limit)


def rows_in_time(pilot: EncodedRows, seconds: float) -> float:
    """Return the number of rows that one network of the first candidate is trained on in a time.

    Parameters
    ----------
    pilot : EncodedRows
        Rows of one fold, on which the cost is measured.
    seconds : float

    Returns
    -------
    float
    """
    return seconds / seconds_per_epoch(CANDIDATES[0], pilot, best_engine()) * len(pilot.y)


def affordable_rows(
    pilot: EncodedRows, seconds: float, n_rows: int, n_folds: int
) -> tuple[int, bool]:
    """Return the number of rows that there is time to train the first candidate on.

    If there is no time for the fraction `SHORTEST` of its epochs on all folds, two networks have
    to suffice, as they do from `MANY` rows on: each is then trained more than twice as long. They
    are trained on as many rows as fit into one epoch.

    Parameters
    ----------
    pilot : EncodedRows
        Some of the rows, on which the cost of the others is estimated.
    seconds : float
    n_rows : int
        Number of rows that are encoded.
    n_folds : int

    Returns
    -------
    int
        At most `n_rows`, and not less than in the pilot.
    bool
        Whether there is time for folds.
    """
    n_in, n_affordable = pilot.view(CANDIDATES[0].quantiles).shape[1], rows_in_time(pilot, seconds)
    if n_rows < MANY and n_affordable >= n_folds * n_rows * SHORTEST * epochs_for(n_rows, n_in):
        return n_rows, True
    return max(len(pilot.y), min(n_rows, int(n_affordable / 2))), False


def affordable_epochs(candidate: Candidate, rows: EncodedRows, seconds: float) -> int:
    """Return the number of epochs of a candidate that fit into a time.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    seconds : float

    Returns
    -------
    int >= 0
    """
    if seconds <= 0:
        return 0
    return int(seconds / seconds_per_epoch(candidate, rows, best_engine()))


def seconds_per_epoch(candidate: Candidate, rows: EncodedRows, engine: Engine) -> float:
    """Measure the duration of an epoch of a candidate, with a step over some of the rows.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    engine : Engine

    Returns
    -------
    float
        Seconds.
    """
    state, problem, config = prepare(candidate, rows, 1, range(len(rows.held)))
    n, n_networks = min(PROBE, len(rows.y)), len(rows.held)
    probe = [np.arange(n)] * n_networks
    lrs = np.full((1, -(-n // config.batch_size), n_networks), 1e-3, np.float32)
    seconds = list[float]()
    for _ in range(2):  # the first touches the memory
        began = time.perf_counter()
        engine.run_epochs(problem, config.update, state, probe, config.batch_size, lrs)
        seconds.append(time.perf_counter() - began)
    n_held_out = sum(map(len, rows.held)) / n_networks
    passes = rows.n_learned + n_held_out / 3  # validating costs a third of training for each row
    return min(seconds) * passes / n
