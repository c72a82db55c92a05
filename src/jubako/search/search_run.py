"""A run of a search: cross-validate one candidate after another, select an ensemble, refit it."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any, cast

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning

from jubako._version import __version__
from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.model.candidate import Candidate
from jubako.model.fitted_network import FittedNetwork
from jubako.training.engines.base import Engine
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record

from .budget import FIRST_SHARE, SEARCH_SHARE, affordable_epochs
from .checkpoint import EpochLogReader
from .config import Progress, SearchConfig, candidates_of
from .crossval import CrossValResult, epochs_after, epochs_for, loss_limits_after, network_for
from .encoded import EncodedRows
from .refit import nearest_cycle_end, refit_candidate
from .run_folder import RunFolder, RunFolderError, writing
from .selection import discard_snapshots, select_ensemble
from .stored_rows import StoredRows
from .tasks import Task
from .workers import WorkerInputs, Workers, run_task

GRACE = 0.1  # of the time, after which workers that have not ended are not waited for
STOP_PATIENCE = 5.0  # seconds in which they end an epoch where something else ends the search
POLL = 0.05  # seconds after which the files of workers are looked at again
GIVEN_UP = MemoryError, BrokenExecutor, RunFolderError  # what ends a search with what there is
SHORTEST = 0.3  # of its epochs with which a candidate is still worth training


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The ensemble that a search has found.

    Parameters
    ----------
    networks : list of FittedNetwork
        With their weights in the ensemble, which sum to one.
    leaderboard : list of dict
        A line for each candidate that was tried.
    histories : list of lists of Record
        The epochs of each candidate that was tried.
    oof_prediction : array, shape (n_judged, n_out)
        Of the ensemble before the refit, not calibrated.
    loss : float
        Of that prediction.
    temperature : float
        1 where probabilities are not calibrated.
    stopped : {"complete", "time", "callback", "interrupted", "memory", "disk"}
        What ended the search.
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
    """Find the ensemble with the lowest loss.

    Parameters
    ----------
    rows : EncodedRows
    config : SearchConfig
    loss : callable
        From an out-of-fold prediction (n_judged, n_out) to a number.
    calibrate : bool
        Whether predictions are probabilities, whose temperature is to be fitted.
    callbacks : sequence of callables
        Each is called with a `Progress` after each epoch, in the thread that runs the search; True
        ends it.
    folder : RunFolder, optional
        Where results are kept, and found if the search was killed; workers need it.
    stored : StoredRows, optional
        The rows in the folder.
    """
    run = SearchRun(rows, config, callbacks, folder, stored)
    tried = run.cross_validate()
    try:
        selection = select_ensemble(tried, loss, calibrate)
    except KeyboardInterrupt:  # what was trained is not lost: the selection takes seconds
        run.stopped = "interrupted"
        selection = select_ensemble(tried, loss, calibrate)
    results = selection.results
    if config.refit and not run.is_over:
        results = run.refit(results)
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
        run.stopped,
    )


@dataclass(slots=True)
class SearchRun:
    """A search under way: its inputs, what came of it so far, and what has ended it.

    Parameters
    ----------
    rows, config, callbacks, folder, stored
        See `search_ensemble`.
    stopped : {"complete", "time", "callback", "interrupted", "memory", "disk"}
        What has ended the search.
    tried : list of lists of CrossValResult
        Of the candidates that have ended, up to the first that has not.
    early : dict
        From the places of tasks to what came of them, where one before them has not ended.
    done : dict
        From the places of tasks to the share that is over.
    n_running : int
        The number of candidates that are being trained.
    """

    rows: EncodedRows
    config: SearchConfig
    callbacks: Sequence[Callable[[Progress], object]] = ()
    folder: RunFolder | None = None
    stored: StoredRows | None = None
    stopped: str = "complete"
    tried: list[list[CrossValResult]] = field(default_factory=list)
    early: dict[int, list[CrossValResult]] = field(default_factory=dict)
    n_in_order: int = 0
    done: dict[int, float] = field(default_factory=dict)
    n_running: int = 1

    @property
    def is_over(self) -> bool:
        """Whether the search has ended before its time."""
        return self.stopped in ("callback", "interrupted", "memory", "disk")

    @property
    def search_end(self) -> float:
        """When cross-validation ends, so that there is time for a refit."""
        began, end = self.config.began, self.config.end
        return began + (SEARCH_SHARE if self.config.refit else 1.0) * (end - began)

    @property
    def n_candidates(self) -> int:
        """The number of candidates to try."""
        return len(self._candidates())

    def _candidates(self) -> list[Candidate]:
        """Return the candidates to try, in order."""
        is_class = self.rows.loss.target == "class"
        return candidates_of(self.config.preset, is_class, self.rows.seed)

    def cross_validate(self) -> list[list[CrossValResult]]:
        """Train one candidate after another; return each one's best epoch and snapshots.

        What ends the search keeps all candidates that have finished. They are the same, in the same
        order, for any number of workers.
        """
        try:
            self._run()
        except KeyboardInterrupt:
            if not self.tried:
                raise
            self.stopped = "interrupted"
        except (MemoryError, BrokenExecutor) as error:
            self._end_early("memory", error, "Lower n_jobs, or free memory.")
        except (RunFolderError, FileNotFoundError) as error:
            self._end_early("disk", error, "")
        return self.tried + [results for _, results in sorted(self.early.items()) if results]

    def _end_early(self, why: str, error: BaseException, advice: str) -> None:
        """Warn that the search ends with the candidates that there are.

        Raises
        ------
        BaseException
            The error, if there are none.
        """
        if not self.tried:
            raise error
        self.stopped = why
        text = str(error).split("\n")[0]
        if why == "memory":
            text = f"no memory was left, or a worker was killed ({type(error).__name__}: {text})."
        warnings.warn(
            f"The search has ended early, with {len(self.tried)} candidates: {text} {advice}",
            stacklevel=3,
        )

    def _run(self) -> None:
        """Run the task of the first candidate, then those of the others as the first suggests."""
        candidates = iter(self._candidates())
        first = self._plan_first(next(candidates))
        self._run_here(first)
        if self.is_over:
            return
        best_of_first = self.tried[0][0]
        loss_limits = loss_limits_after(best_of_first)
        tasks = self._plan_rest(candidates, epochs_after(best_of_first))
        if self.stored and effective_n_jobs(cast(int, self.config.n_jobs)) > 1:
            tasks = self._run_on_workers(tasks, loss_limits)
        for task in tasks:
            self._run_here(task, loss_limits)
            if self.is_over:
                break

    def _plan_first(self, candidate: Candidate) -> Task:
        """Return the task of the first candidate, with the epochs for which there is time."""
        rows = self.rows
        n_rows, n_in = rows.n_learned * rows.epochs_in_pass, rows.view(candidate.quantiles).shape[1]
        epochs = epochs_for(n_rows, n_in) * rows.epochs_in_pass
        if self.search_end < np.inf:
            seconds = FIRST_SHARE * (self.search_end - time.perf_counter())
            epochs = max(1, min(epochs, affordable_epochs(candidate, self.rows, seconds)))
        return Task(0, 0, candidate, epochs)

    def _plan_rest(self, candidates: Iterator[Candidate], epochs: int) -> Iterator[Task]:
        """Yield the tasks of the other candidates, each with the epochs for which there is time.

        The time that is left is measured whenever the next task is wanted.
        """
        places = count(1)
        for i, candidate in enumerate(candidates, start=1):
            affordable = epochs
            if self.search_end < np.inf:
                seconds = self.search_end - time.perf_counter()
                affordable = affordable_epochs(candidate, self.rows, seconds)
            if affordable < SHORTEST * epochs:
                self.stopped = "time"
                if affordable < 1:
                    return
                continue
            yield Task(next(places), i, candidate, min(epochs, affordable))

    def _run_here(self, task: Task, loss_limits: tuple[float, float] = (np.inf, np.inf)) -> None:
        """Run a task in this thread."""
        observe = self._observer(task, self.n_candidates, self.search_end)
        results = run_task(task, self.rows, best_engine(), loss_limits, observe, self.folder)
        self._note_end(task, results)
        if results[0].reason == "interrupted":
            self.stopped = "interrupted"

    def _run_on_workers(
        self, tasks: Iterator[Task], loss_limits: tuple[float, float]
    ) -> Iterator[Task]:
        """Run tasks side by side; return those that are left where the workers have gone away."""
        assert self.folder
        assert self.stored
        inputs = WorkerInputs(__version__, self.folder, self.stored, best_engine(), loss_limits)
        workers, logs = Workers(tasks, inputs, self.config.n_jobs), dict[int, EpochLogReader]()
        try:
            while workers.is_running and not self.is_over:
                if time.perf_counter() >= self.search_end:
                    self.stopped = "time"
                    break
                workers.wait(POLL)
                self._follow(workers, logs)
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        self._end(workers, logs)
        left = [task for task in workers.handed_out if task.place not in self._ended()]
        if workers.error is None or self.stopped != "complete":
            return iter(())
        if isinstance(workers.error, (*GIVEN_UP, ParameterError, KeyboardInterrupt)):
            raise workers.error
        error = f"{type(workers.error).__name__}: {workers.error}".split("\n")[0]
        warnings.warn(
            f"The workers have gone away ({error}): the search goes on in this process.",
            stacklevel=5,
        )
        return chain(left, tasks)

    def _end(self, workers: Workers, logs: dict[int, EpochLogReader]) -> None:
        """Have the workers end what they do, and wait for it as long as is reasonable."""
        assert self.folder
        try:
            if workers.is_running:
                with writing(self.folder.path):
                    self.folder.stop()
            patience = STOP_PATIENCE
            if self.stopped == "time":
                patience = GRACE * (self.search_end - self.config.began)
            until = time.monotonic() + patience
            while workers.is_running and time.monotonic() < until:
                workers.wait(POLL)
        finally:
            if workers.is_running:
                workers.abort()
        self._follow(workers, logs)

    def _follow(self, workers: Workers, logs: dict[int, EpochLogReader]) -> None:
        """Call the callbacks for new epochs of workers, and collect the results that are there."""
        assert self.folder
        ended = self._ended()
        running = [task for task in list(workers.handed_out) if task.place not in ended]
        self.n_running = max(1, sum(self.folder.log_path(task).exists() for task in running))
        for task in running:
            log = logs.setdefault(task.place, self.folder.follow(task))
            has_ended = self.folder.has_ended(task)  # before its last epochs are read
            for record in log.read():
                if not self.is_over:
                    self._call_back(task, self.n_candidates, record)
            if has_ended:
                net = network_for(task.candidate, self.rows)
                self._note_end(task, self.folder.read(task, net))

    def _ended(self) -> set[int]:
        """Return the places of the tasks that have ended."""
        return {*range(self.n_in_order), *self.early}

    def _note_end(self, task: Task, results: list[CrossValResult]) -> None:
        """Keep what came of a task, in the order of the tasks."""
        self.early[task.place], self.done[task.place] = results, 1.0
        while self.n_in_order in self.early:
            if in_order := self.early.pop(self.n_in_order):
                self.tried.append(in_order)
                discard_snapshots(self.tried)
            self.n_in_order += 1
        if results:
            warn_if_diverged(results[0], task.i, self.n_candidates)

    def refit(self, selected: list[CrossValResult]) -> list[CrossValResult]:
        """Train candidates again, on all rows; without the time for it, one stays as it is."""
        engine, results, n = best_engine(), list(selected), len(selected)
        cost_factor = self.rows.n_refit / self.rows.n_learned
        try:
            for i, result in enumerate(selected):
                fitted = result.fitted
                epochs = nearest_cycle_end(fitted.best_epoch, result.planned_epochs)
                cost = cost_factor * fitted.seconds * epochs / max(fitted.epochs, 1)
                if time.perf_counter() + cost > self.config.end:
                    self.stopped = "time"
                    continue
                task = Task(i, i, result.candidate, epochs, "refit")
                observe = self._observer(task, n, self.config.end)
                results[i] = self._refit(task, result, engine, observe)
                warn_if_diverged(results[i], i, n, refit=True)
                if results[i].reason == "interrupted":
                    self.stopped = "interrupted"
                if self.is_over:
                    break
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        except (RunFolderError, FileNotFoundError) as error:
            self._end_early("disk", error, "")
        return results

    def _refit(
        self,
        task: Task,
        result: CrossValResult,
        engine: Engine,
        observe: Callable[[Record], object],
    ) -> CrossValResult:
        """Train a candidate again, or read what came of it."""
        if self.folder is None:
            return refit_candidate(result, self.rows, engine, observe)
        for earlier in self.folder.read(task, result.fitted.net):
            if earlier.fitted.best_epoch == result.fitted.best_epoch:
                return earlier
        checkpoint = self.folder.checkpoint(task)
        refitted = refit_candidate(result, self.rows, engine, observe, checkpoint)
        if refitted.reason in ("epochs", "diverged"):
            self.folder.write(task, [refitted])
        return refitted

    def _observer(self, task: Task, n: int, end: float) -> Callable[[Record], bool]:
        """Return what is called after each epoch: it calls the callbacks, and may stop training."""

        def observe(record: Record) -> bool:
            self._call_back(task, n, record)
            is_late = time.perf_counter() >= end
            if is_late and record.epoch < task.epochs and not self.is_over:
                self.stopped = "time"
            return self.is_over or is_late

        return observe

    def _call_back(self, task: Task, n: int, record: Record) -> None:
        """Call the callbacks after an epoch of a task; any may end the search."""
        refit, share = task.stage == "refit", record.epoch / task.epochs
        if refit:
            done = task.i + share
        else:
            self.done[task.place] = share
            done = sum(self.done.values())
        progress = Progress(
            task.candidate,
            task.i + 1,
            n,
            record.epoch,
            task.epochs,
            record,
            time.perf_counter() - self.config.began,
            refit,
            done / n,
            self.n_running,
        )
        for callback in self.callbacks:
            if callback(progress) is True:
                self.stopped = "callback"


def warn_if_diverged(result: CrossValResult, i: int, n: int, refit: bool = False) -> None:
    """Warn of a candidate whose training has ended because its loss was no longer finite."""
    if result.reason != "diverged":
        return
    fitted = result.fitted
    when, kept = "", f"of epoch {fitted.best_epoch}" if fitted.best_epoch else "before training"
    if refit:
        when, kept = " when trained again", "from before"
    warnings.warn(
        f"Candidate {i + 1} of {n} ({result.candidate.describe()}) diverged{when}: its loss grew "
        f"beyond all numbers, even at lower learning rates. Its weights {kept} are kept.",
        ConvergenceWarning,
        stacklevel=3,
    )
