"""A run of a search: cross-validate candidates, select an ensemble, refit it."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any

import numpy as np
from joblib import cpu_count

from jubako.core.activations import Array
from jubako.i18n.messages import Message
from jubako.model.candidate import Candidate
from jubako.model.fitted_network import FittedNetwork
from jubako.training.engines.base import Engine
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record

from .budget import FIRST_SHARE, SHORTEST, affordable_epochs
from .candidates import widen
from .config import Progress, SearchConfig
from .crossval import (
    CrossValResult,
    epochs_after,
    epochs_for,
    is_falling,
    network_for,
    race_after,
)
from .encoded import EncodedRows
from .errors import SearchFileError
from .parallel import run_on_workers
from .racing import NO_RACE, Race
from .refit import nearest_cycle_end, refit_candidate
from .run_folder import RunFolder
from .search_state import SearchState, warn_if_diverged
from .selection import select_ensemble
from .stored_rows import StoredRows
from .tasks import Task
from .workers import run_task, worker_count


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The ensemble that a search has selected.

    Parameters
    ----------
    networks : list of FittedNetwork
        Their ensemble weights sum to one.
    leaderboard : list of dict
        One for each candidate that was tried.
    histories : list of lists of Record
        The epochs of each candidate that was tried.
    oof_prediction : array, shape (n_held_out, n_out)
        Out-of-fold prediction of the ensemble before the refit, not calibrated.
    loss : float
        Loss of that prediction.
    temperature : float
        1 without calibration.
    stopped : {"complete", "time", "callback", "interrupted", "memory", "disk"}
        Why the search ended.
    """

    networks: list[FittedNetwork]
    leaderboard: list[dict[str, Any]]
    histories: list[list[Record]]
    oof_prediction: Array
    loss: float
    temperature: float
    stopped: str


def search_ensemble(
    rows: EncodedRows,
    config: SearchConfig,
    loss: Callable[[Array], float],
    calibrate: bool = False,
    callbacks: Sequence[Callable[[Progress], object]] = (),
    folder: RunFolder | None = None,
    stored: StoredRows | None = None,
) -> Ensemble:
    """Search for the ensemble with the lowest loss.

    Parameters
    ----------
    rows : EncodedRows
    config : SearchConfig
    loss : callable
        From an out-of-fold prediction (n_held_out, n_out) to a number.
    calibrate : bool
        Whether to calibrate the predictions, which must be probabilities.
    callbacks : sequence of callables
        Each is called with a `Progress` after each epoch, in the thread that runs the search; the
        search ends if one returns True.
    folder : RunFolder or None
        Where results are stored, and read when a search is resumed; required for workers.
    stored : StoredRows or None
        The rows in the folder.

    Returns
    -------
    Ensemble
    """
    search = SearchState(rows, config, callbacks, folder, stored)
    tried = cross_validate_candidates(search)
    try:
        selection = select_ensemble(tried, loss, calibrate)
    except KeyboardInterrupt:  # the results are kept: the selection takes seconds
        search.stopped = "interrupted"
        selection = select_ensemble(tried, loss, calibrate)
    results = selection.results
    if config.refit and not search.is_over:
        results = refit_selected(search, results)
    return Ensemble(
        [
            replace(result.fitted, weight=float(weight))
            for result, weight in zip(results, selection.weights, strict=True)
        ],
        selection.leaderboard,
        [first.history for first, *_ in tried],
        selection.oof_prediction,
        selection.loss,
        selection.temperature,
        search.stopped,
    )


def cross_validate_candidates(search: SearchState) -> list[list[CrossValResult]]:
    """Train all candidates; return the best epoch and the snapshots of each.

    All finished candidates are kept if the search is ended early. They are the same, in the same
    order, for any number of workers.

    Parameters
    ----------
    search : SearchState

    Returns
    -------
    list of lists of CrossValResult
    """
    try:
        run_candidates(search)
    except KeyboardInterrupt:
        if not search.tried:
            raise
        search.stopped = "interrupted"
    except (MemoryError, BrokenExecutor) as error:
        search.end_early("memory", error, Message("Lower n_jobs, or free memory."))
    except SearchFileError as error:
        search.end_early("disk", error)
    return search.results()


def run_candidates(search: SearchState) -> None:
    """Run the task of the first candidate, then the others, which are planned by its result.

    If there are many rows, and the loss of the first candidate was still falling at its end, the
    others are wider and are trained for longer.

    Parameters
    ----------
    search : SearchState
    """
    candidates = iter(search.candidates())
    n_jobs = worker_count(search.config.n_jobs)
    first = plan_first(search, next(candidates))
    run_alone(search, first, n_jobs)
    if search.is_over:
        return
    best_of_first = search.tried[0][0]
    if search.rows.is_large and is_falling(best_of_first):
        candidates = map(widen, candidates)
    race = race_after(search.tried[0], search.rows)
    candidates = like_better(search, candidates)
    tasks = plan_rest(search, candidates, epochs_after(best_of_first, search.rows.is_large))
    if search.rows.n_discrete:
        for task in islice(tasks, 1):
            run_alone(search, task, n_jobs, race, first)
        if search.is_over:
            return
    if search.folder and search.stored and n_jobs > 1:
        tasks = run_on_workers(
            search, search.folder, search.stored, tasks, search.n_candidates, first
        )
    for task in tasks:
        run_here(search, task, race)
        if search.is_over:
            break


def like_better(search: SearchState, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Yield the candidates; if discrete values improved the first one, every second uses them.

    The others remain as they are, since an ensemble of different networks is better.

    Parameters
    ----------
    search : SearchState
        The second candidate must have ended when the third is requested.
    candidates : iterator of Candidate
        Those after the first.

    Yields
    ------
    Candidate
    """
    if not search.rows.n_discrete:
        yield from candidates
        return
    yield next(candidates)
    losses = {r[0].candidate.discrete: r[0].fitted.loss for r in search.tried[:2]}
    is_better = losses.get(True, np.inf) < losses[False]
    for i, candidate in enumerate(candidates):
        uses_them = is_better and bool(candidate.hidden) and i % 2 == 0
        yield replace(candidate, discrete=True) if uses_them else candidate


def run_alone(
    search: SearchState, task: Task, n_jobs: int, race: Race = NO_RACE, first: Task | None = None
) -> None:
    """Run a task that decides about others: here, or in folds if there are more workers than cores.

    Parameters
    ----------
    search : SearchState
    task : Task
    n_jobs : int
        Number of workers.
    race : Race
    first : Task or None
        The first candidate, if that was another.

    Raises
    ------
    KeyboardInterrupt
        If it is interrupted before it has a result.
    """
    if search.folder and search.stored and n_jobs > cpu_count():
        run_on_workers(search, search.folder, search.stored, iter([task]), task.i + 1, first)
        if search.stopped == "interrupted" and not search.tried:
            raise KeyboardInterrupt
    if not search.has_ended(task) and not search.is_over:
        run_here(search, task, race)


def plan_first(search: SearchState, candidate: Candidate) -> Task:
    """Return the task of the first candidate, with the epochs that there is time for.

    Parameters
    ----------
    search : SearchState
    candidate : Candidate

    Returns
    -------
    Task
    """
    rows, epochs = search.rows, unlimited_epochs(candidate, search.rows)
    if search.search_end < np.inf:
        seconds = FIRST_SHARE * (search.search_end - time.perf_counter())
        epochs = max(1, min(epochs, affordable_epochs(candidate, rows, seconds)))
    return Task(0, 0, candidate, epochs)


def unlimited_epochs(candidate: Candidate, rows: EncodedRows) -> int:
    """Return the number of epochs of a candidate as the first one, without a time limit.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows

    Returns
    -------
    int >= 1
    """
    n_rows, n_in = rows.n_learned * rows.epochs_in_pass, rows.view(candidate.quantiles).shape[1]
    return epochs_for(n_rows, n_in) * rows.epochs_in_pass


def plan_rest(search: SearchState, candidates: Iterator[Candidate], epochs: int) -> Iterator[Task]:
    """Yield the tasks of the other candidates, each with the epochs that there is time for.

    The remaining time is measured when a task is requested. If it limited the first candidate, a
    small network such as the linear model has more epochs than that one.

    Parameters
    ----------
    search : SearchState
    candidates : iterator of Candidate
    epochs : int
        Number of epochs, given those of the first candidate.

    Yields
    ------
    Task
    """
    places = count(1)
    for i, candidate in enumerate(candidates, start=1):
        wanted = affordable = epochs
        if search.search_end < np.inf:
            seconds = search.search_end - time.perf_counter()
            affordable = affordable_epochs(candidate, search.rows, seconds)
            unlimited = unlimited_epochs(candidate, search.rows)
            if search.tried[0][0].planned_epochs < unlimited:
                wanted = max(epochs, min(unlimited, int(FIRST_SHARE * affordable)))
        if affordable < SHORTEST * wanted:
            search.stopped = "time"
            if affordable < 1:
                return
            continue
        yield Task(next(places), i, candidate, min(wanted, affordable))


def run_here(search: SearchState, task: Task, race: Race = NO_RACE) -> None:
    """Run a task in this thread.

    Parameters
    ----------
    search : SearchState
    task : Task
    race : Race
        See `cross_validate`.
    """
    observe = search.observer(task, search.n_candidates, search.search_end)
    try:
        results = run_task(task, search.rows, best_engine(), race, observe, search.folder)
    except KeyboardInterrupt:  # it may come when the result has been written
        results = []
        if search.folder:
            results = search.folder.read(task.whole(), network_for(task.candidate, search.rows))
        if not results:
            raise
        search.stopped = "interrupted"
    search.note_end(task, results)
    if results[0].reason == "interrupted":
        search.stopped = "interrupted"


def refit_selected(search: SearchState, selected: list[CrossValResult]) -> list[CrossValResult]:
    """Train candidates again on all rows. Those that there is no time for are returned unchanged.

    Parameters
    ----------
    search : SearchState
    selected : list of CrossValResult

    Returns
    -------
    list of CrossValResult
    """
    engine, results, n = best_engine(), list(selected), len(selected)
    cost_factor = search.rows.n_refit / search.rows.n_learned
    try:
        for i, result in enumerate(selected):
            fitted = result.fitted
            epochs = nearest_cycle_end(fitted.best_epoch, result.planned_epochs)
            cost = cost_factor * fitted.seconds * epochs / max(fitted.epochs, 1)
            if time.perf_counter() + cost > search.config.end:
                search.stopped = "time"
                continue
            task = Task(i, i, result.candidate, epochs, "refit")
            observe = search.observer(task, n, search.config.end)
            results[i] = refit_or_read(search, task, result, engine, observe)
            warn_if_diverged(results[i], i, n, refit=True)
            if results[i].reason == "interrupted":
                search.stopped = "interrupted"
            if search.is_over:
                break
    except KeyboardInterrupt:
        search.stopped = "interrupted"
    except SearchFileError as error:
        search.end_early("disk", error)
    return results


def refit_or_read(
    search: SearchState,
    task: Task,
    result: CrossValResult,
    engine: Engine,
    observe: Callable[[Record], object],
) -> CrossValResult:
    """Train a candidate again, or read the stored result.

    Parameters
    ----------
    search : SearchState
    task : Task
    result : CrossValResult
        Of its cross-validation.
    engine : Engine
    observe : callable
        Called with the `Record` of each epoch; training stops if it returns True.

    Returns
    -------
    CrossValResult
    """
    folder = search.folder
    if folder is None:
        return refit_candidate(result, search.rows, engine, observe)
    for earlier in folder.read(task, result.fitted.net):
        if earlier.fitted.best_epoch == result.fitted.best_epoch:
            return earlier
    checkpoint = folder.checkpoint(task)
    refitted = refit_candidate(result, search.rows, engine, observe, checkpoint)
    if refitted.reason in ("epochs", "diverged"):
        folder.write(task, [refitted])
    return refitted
