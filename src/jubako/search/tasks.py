"""Tasks: candidates trained side by side, in other threads, processes or on other machines."""

import multiprocessing
import time
import warnings
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

from jubako.model.candidate import Candidate
from jubako.training.engines.base import Engine
from jubako.training.history import Record

from .crossval import CrossValResult, cross_validate
from .encoded import EncodedRows


@dataclass(slots=True)
class Deadline:
    """When training ends: at a time, or once it is called off in the same process.

    Parameters
    ----------
    at : float
        On the clock of `time.time`, which other processes and machines have too.
    grace : float
        Seconds after which results that are still missing are not waited for.
    is_off : bool
        Whether nobody waits for the results any more.
    """

    at: float
    grace: float
    is_off: bool = False

    def is_over(self) -> bool:
        """Return whether training must end now."""
        return self.is_off or time.time() >= self.at

    def patience(self) -> float | None:
        """Return for how many seconds to wait for a result; None means as long as it takes."""
        return None if self.at == np.inf else max(0.0, self.at + self.grace - time.time())


@dataclass(frozen=True, slots=True)
class Task:
    """A candidate to train.

    Parameters
    ----------
    place : int
        In the order in which tasks are handed out.
    i : int
        The candidate's number, from 0. It is the place unless candidates were skipped.
    candidate : Candidate
    epochs : int
    """

    place: int
    i: int
    candidate: Candidate
    epochs: int


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What came of a task.

    Parameters
    ----------
    task : Task
    results : list of CrossValResult
        Empty if there was no time left for one epoch.
    records : list of (float, Record)
        What callbacks have yet to hear, and when it was, on the clock of `time.time`.
    is_late : bool
        Whether it ended because the time was over.
    """

    task: Task
    results: list[CrossValResult]
    records: list[tuple[float, Record]] = field(default_factory=list)
    is_late: bool = False

    @property
    def place(self) -> int:
        """The place of its task."""
        return self.task.place


def run_task(
    task: Task,
    rows: EncodedRows,
    engine: Engine,
    loss_limits: tuple[float, float],
    deadline: Deadline,
) -> TaskResult:
    """Cross-validate a candidate until the deadline.

    Callbacks can't be sent to other processes: they hear of the epochs when all are over.
    """
    records, is_late = list[tuple[float, Record]](), False

    def observe(record: Record) -> bool:
        nonlocal is_late
        records.append((time.time(), record))
        is_over = deadline.is_over()
        is_late = is_over and record.epoch < task.epochs
        return is_over

    if deadline.is_over():
        return TaskResult(task, [], is_late=True)
    results = cross_validate(task.candidate, rows, engine, task.epochs, loss_limits, observe)
    return TaskResult(task, results, records, is_late)


def run_parallel(
    tasks: Iterator[Task],
    rows: EncodedRows,
    engine: Engine,
    loss_limits: tuple[float, float],
    deadline: Deadline,
    n_jobs: int | None,
) -> Generator[TaskResult]:
    """Run tasks with joblib, some at once; yield each result when it is there.

    Backends that can't hand over results one by one (multiprocessing, Ray, Spark) get as many
    tasks at a time as they have workers. Ctrl-C, or closing the iterator, calls off the others.

    Raises
    ------
    TimeoutError
        If a result is not there when the deadline and its grace are over.
    """
    calls = (delayed(run_task)(task, rows, engine, loss_limits, deadline) for task in tasks)
    results: Any = None
    try:
        if (pool := streaming_pool(n_jobs)) is not None:
            results = pool(calls)
            pool.timeout = deadline.patience()
            for result in results:
                yield result
                pool.timeout = deadline.patience()
            return
        with Parallel(n_jobs) as pool:
            while batch := list(islice(calls, effective_n_jobs(cast(int, n_jobs)))):
                pool.timeout = deadline.patience()
                yield from cast(Any, pool(batch))
    except multiprocessing.TimeoutError as error:
        raise TimeoutError from error
    finally:
        deadline.is_off = True
        if results is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that calls are called off
                results.close()


def streaming_pool(n_jobs: int | None) -> Any:
    """Return a pool of joblib that hands over each result when it is there, if there is one."""
    try:
        return Parallel(n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs")
    except ValueError:  # not with the backend in use
        return None
