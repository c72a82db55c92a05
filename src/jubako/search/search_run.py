"""A run of a search: cross-validate one candidate after another, select an ensemble, refit it."""

import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, count, islice, repeat
from typing import Any, cast

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning

from jubako.core.activations import Array
from jubako.model.candidate import Candidate
from jubako.model.fitted_network import FittedNetwork
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record

from .budget import FIRST_SHARE, SEARCH_SHARE, affordable_epochs
from .candidates import CANDIDATES, random_candidate
from .config import PRESETS, Progress, SearchConfig
from .crossval import (
    CrossValResult,
    cross_validate,
    epochs_after,
    epochs_for,
    loss_limits_after,
)
from .encoded import EncodedRows
from .refit import nearest_cycle_end, refit_candidate
from .selection import discard_snapshots, select_ensemble
from .tasks import Deadline, Task, TaskResult, run_parallel

GRACE = 0.1  # of the time, after which workers that have not answered are not waited for
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
    stopped : {"complete", "time", "callback", "interrupted", "memory"}
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
    """
    run = SearchRun(rows, config, callbacks)
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
    """A search under way: its inputs, and what has ended it.

    Parameters
    ----------
    rows, config, callbacks
        See `search`.
    stopped : {"complete", "time", "callback", "interrupted", "memory"}
        What has ended the search.
    """

    rows: EncodedRows
    config: SearchConfig
    callbacks: Sequence[Callable[[Progress], object]] = ()
    stopped: str = "complete"

    @property
    def is_over(self) -> bool:
        """Whether the search has ended before its time."""
        return self.stopped in ("callback", "interrupted", "memory")

    @property
    def search_end(self) -> float:
        """When cross-validation ends, so that there is time for a refit."""
        began, end = self.config.began, self.config.end
        return began + (SEARCH_SHARE if self.config.refit else 1.0) * (end - began)

    @property
    def n_candidates(self) -> int:
        """The number of candidates to try."""
        preset = self.config.preset
        return len(self._listed()) if preset == "default" else PRESETS[preset]

    def _listed(self) -> list[Candidate]:
        """Return the `CANDIDATES` that suit the target."""
        is_class = self.rows.loss.target == "class"
        return [candidate for candidate in CANDIDATES if is_class or not candidate.label_smoothing]

    def _candidates(self) -> Iterator[Candidate]:
        """Yield the candidates to try, in order."""
        rng = np.random.default_rng(self.rows.seed)
        drawn = (random_candidate(rng) for _ in repeat(None))
        return islice(chain(self._listed(), drawn), self.n_candidates)

    def cross_validate(self) -> list[list[CrossValResult]]:
        """Train one candidate after another; return each one's best epoch and snapshots.

        What ends the search keeps all candidates that have finished. They are the same, in the same
        order, for any number of workers.
        """
        tried, early, n_in_order = list[list[CrossValResult]](), dict[int, Any](), 0
        try:
            with closing(self._run()) as finished:
                for n_done, task_result in enumerate(finished):
                    early[task_result.place] = task_result.results
                    while n_in_order in early:
                        if early[n_in_order]:
                            tried.append(early[n_in_order])
                            discard_snapshots(tried)
                        del early[n_in_order]
                        n_in_order += 1
                    self._report(task_result, n_done)
                    if self.is_over:
                        break
        except KeyboardInterrupt:
            if not tried:
                raise
            self.stopped = "interrupted"
        except (MemoryError, BrokenExecutor) as error:
            if not tried:
                raise
            self.stopped = "memory"
            warnings.warn(
                f"The search has ended early, with {len(tried)} candidates: no memory was left, or "
                f"a worker was killed ({type(error).__name__}: {str(error).split(chr(10))[0]}). "
                "Lower n_jobs, or free memory.",
                stacklevel=2,
            )
        return tried + [results for _, results in sorted(early.items()) if results]

    def _run(self) -> Generator[TaskResult]:
        """Run the task of the first candidate, then those of the others as the first suggests."""
        candidates = self._candidates()
        first = self._run_task(self._plan_first(next(candidates)))
        yield first
        best_of_first = first.results[0]
        loss_limits = loss_limits_after(best_of_first)
        tasks = self._plan_rest(candidates, epochs_after(best_of_first))
        if effective_n_jobs(cast(int, self.config.n_jobs)) == 1:
            for task in tasks:
                yield self._run_task(task, loss_limits)
        else:
            yield from self._run_parallel(tasks, loss_limits)

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

    def _run_task(
        self, task: Task, loss_limits: tuple[float, float] = (np.inf, np.inf)
    ) -> TaskResult:
        """Run a task in this thread."""
        observe = self._observer(task, self.n_candidates, self.search_end)
        engine = best_engine()
        return TaskResult(
            task,
            cross_validate(task.candidate, self.rows, engine, task.epochs, loss_limits, observe),
        )

    def _run_parallel(
        self, tasks: Iterator[Task], loss_limits: tuple[float, float]
    ) -> Generator[TaskResult]:
        """Run tasks side by side."""
        end, config = self.search_end, self.config
        deadline = Deadline(time.time() + end - time.perf_counter(), GRACE * (end - config.began))
        finished = run_parallel(
            tasks, self.rows, best_engine(), loss_limits, deadline, config.n_jobs
        )
        with closing(finished):
            try:
                yield from finished
            except TimeoutError:
                self.stopped = "time"

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
                task = Task(i, i, result.candidate, epochs)
                observe = self._observer(task, n, self.config.end, refit=True)
                results[i] = refit_candidate(result, self.rows, engine, observe)
                warn_if_diverged(results[i], i, n, refit=True)
                if results[i].reason == "interrupted":
                    self.stopped = "interrupted"
                if self.is_over:
                    break
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        return results

    def _observer(
        self, task: Task, n: int, end: float, refit: bool = False
    ) -> Callable[[Record], bool]:
        """Return what is called after each epoch: it calls the callbacks, and may stop training."""

        def observe(record: Record) -> bool:
            now = time.perf_counter()
            done = (task.i + record.epoch / task.epochs) / n
            self._call_back(task, n, record, now - self.config.began, done, refit)
            if now >= end and record.epoch < task.epochs and not self.is_over:
                self.stopped = "time"
            return self.is_over or now >= end

        return observe

    def _call_back(
        self, task: Task, n: int, record: Record, seconds: float, done: float, refit: bool = False
    ) -> None:
        """Call the callbacks after an epoch of a task; any may end the search."""
        number, epoch = task.i + 1, record.epoch
        progress = Progress(
            task.candidate, number, n, epoch, task.epochs, record, seconds, refit, done
        )
        for callback in self.callbacks:
            if callback(progress) is True:
                self.stopped = "callback"

    def _report(self, task_result: TaskResult, n_done: int) -> None:
        """Note how a task has ended; call the callbacks for the epochs of another process.

        Parameters
        ----------
        n_done : int
            How many tasks were finished before it.
        """
        task, results, n = task_result.task, task_result.results, self.n_candidates
        if results:
            warn_if_diverged(results[0], task.i, n)
        if results and results[0].reason == "interrupted":
            self.stopped = "interrupted"
        elif task_result.is_late and not self.is_over:
            self.stopped = "time"
        began = time.time() - (time.perf_counter() - self.config.began)
        for then, record in task_result.records:
            done = (n_done + record.epoch / task.epochs) / n
            self._call_back(task, n, record, then - began, done)
            if self.stopped == "callback":
                break


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
