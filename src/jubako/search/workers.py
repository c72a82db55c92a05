"""Workers: parallel tasks in threads, in processes or on other machines, run by joblib.

Tasks, epochs and results are exchanged in the run folder, to which all workers have access; joblib
transfers only a few hundred bytes per task, and no results. So all backends work the same way, also
those that return results only when all tasks are done.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, Final, cast

from joblib import Parallel, delayed, effective_n_jobs

from jubako._version import __version__
from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message
from jubako.model.atomic import host
from jubako.training.engines.base import Engine
from jubako.training.history import Record

from .crossval import CrossValResult, cross_validate, network_for, race_after
from .encoded import EncodedRows
from .errors import SearchFileError
from .fold_task import cross_validate_fold
from .racing import NO_RACE, Race
from .run_folder import RunFolder
from .selection import discard_snapshots
from .stored_rows import StoredRows
from .tasks import Task

ABORT_PATIENCE = 5.0  # seconds to wait for the threads and processes of joblib


def worker_count(n_jobs: int | None) -> int:
    """Return the number of workers of joblib for its `n_jobs`."""
    return cast(Any, effective_n_jobs)(n_jobs)


@dataclass(frozen=True, slots=True)
class WorkerInputs:
    """The inputs of a worker besides its task.

    Parameters
    ----------
    version : str
        Version of the library, which must be the same everywhere.
    folder : RunFolder
    rows : StoredRows
    engine : Engine
    first : Task or None
        The first candidate, whose result decides whether this one is stopped early.
    """

    version: str
    folder: RunFolder
    rows: StoredRows
    engine: Engine
    first: Task | None = None

    def race(self, rows: EncodedRows) -> Race:
        """Return what decides whether a candidate is stopped early."""
        if self.first is None:
            return NO_RACE
        results = self.folder.read(self.first, network_for(self.first.candidate, rows))
        if not results:
            raise SearchFileError(
                Message(
                    "The result of the first candidate in {path!r} can't be read any more: run "
                    "the same command again.",
                    path=str(self.folder.path),
                )
            )
        tried = [results]
        discard_snapshots(tried)  # as in the process of the search
        return race_after(tried[0], rows)


def run_task(
    task: Task,
    rows: EncodedRows,
    engine: Engine,
    race: Race,
    observe: Callable[[Record], object],
    folder: RunFolder | None = None,
) -> list[CrossValResult]:
    """Cross-validate a candidate; with a folder, resume from its files, and write the result.

    Parameters
    ----------
    task : Task
        Of all folds, or of one, which needs a folder.
    rows : EncodedRows
    engine : Engine
    race : Race
        See `cross_validate`.
    observe : callable
        Called with the `Record` of each epoch; training stops if it returns True.
    folder : RunFolder or None

    Returns
    -------
    list of CrossValResult
        Empty if other folds have not ended.
    """
    if folder is None:
        return cross_validate(task.candidate, rows, engine, task.epochs, race, observe)
    net = network_for(task.candidate, rows)
    if results := folder.read(task.whole(), net):
        return results
    if task.fold is None and folder.fold_files(task):  # an earlier command has cut it
        for fold in task.folds(len(rows.held)):
            results = run_task(fold, rows, engine, race, observe, folder)
        return results
    with folder.epoch_log(task) as log:

        def log_and_observe(record: Record) -> object:
            log.write(record)
            return observe(record)

        if task.fold is not None:
            cross_validate_fold(task, rows, engine, race, log_and_observe, folder)
            return folder.read(task.whole(), net)
        checkpoint = folder.checkpoint(task)
        results = cross_validate(
            task.candidate, rows, engine, task.epochs, race, log_and_observe, checkpoint
        )
    folder.write(task, results)
    return results


def run_in_worker(task: Task, inputs: WorkerInputs) -> None:
    """Run a task until it is finished, or the folder is stopped.

    Parameters
    ----------
    task : Task
    inputs : WorkerInputs

    Raises
    ------
    ParameterError
        If this worker has another version of the library, or can't read the folder.
    """
    if inputs.version != __version__:
        raise ParameterError(
            Message(
                "The worker on {host!r} has Jubako {other}, and the search runs with {version}: "
                "install the same version on all machines.",
                host=host(),
                other=__version__,
                version=inputs.version,
            )
        )
    rows, folder = inputs.rows.load(), inputs.folder
    if not folder.is_stopped():
        run_task(
            task,
            rows,
            inputs.engine,
            inputs.race(rows),
            lambda record: folder.is_stopped(),
            folder,
        )


class Workers:
    """Run tasks with joblib, in a separate thread, so that they can be followed.

    Parameters
    ----------
    tasks : iterator of Task
        Advanced whenever a worker is free.
    inputs : WorkerInputs
    n_jobs : int or None
        As in joblib.
    n_candidates : int
        Number of candidates up to the last one of the tasks; a candidate is cut into its folds if
        there are more workers than candidates left.

    Attributes
    ----------
    handed_out : list of Task
        Tasks so far, including those that were finished before.
    error : exception or None
        The error that has ended the run.
    """

    def __init__(
        self,
        tasks: Iterator[Task],
        inputs: WorkerInputs,
        n_jobs: int | None,
        n_candidates: int,
    ) -> None:
        self.tasks: Iterator[Task] = tasks
        self.inputs: WorkerInputs = inputs
        self.n_candidates: int = n_candidates
        self.n_workers: int = worker_count(n_jobs)
        self.handed_out: list[Task] = []
        self.error: BaseException | None = None
        # created in this thread, to which `parallel_config` applies
        self.pool: Any = cast(Any, Parallel)(n_jobs, pre_dispatch="n_jobs", batch_size=1)
        # not the thread's own state: Ctrl-C in `Thread.join` spoils it in Python 3.11 (bpo-45274)
        self.ended: Final = Event()
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self.pool(self._calls())
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()

    def _calls(self) -> Iterator[Any]:
        folder = self.inputs.folder
        for task in self.tasks:
            if folder.is_stopped():
                return
            self.handed_out.append(task)
            if not folder.has_ended(task):
                for part in self.cut(task):
                    yield delayed(run_in_worker)(part, self.inputs)

    def cut(self, task: Task) -> list[Task]:
        """Return the tasks of single folds, or only this one."""
        folder, n_folds = self.inputs.folder, len(self.inputs.rows.load().held)
        few_left = self.n_candidates - task.i < self.n_workers
        if folder.fold_files(task):  # an earlier command has cut it
            return task.folds(n_folds)
        if few_left and n_folds > 1 and not folder.checkpoint(task).path.exists():
            return task.folds(n_folds)
        return [task]

    @property
    def is_running(self) -> bool:
        """Whether there are tasks that have not ended."""
        return not self.ended.is_set()

    def wait(self, seconds: float) -> None:
        """Wait until all tasks have ended, but at most some seconds."""
        self.ended.wait(seconds)

    def abort(self) -> None:
        """Stop waiting for running tasks, and kill the processes that joblib has started."""
        self.pool.timeout = 0
        until = time.monotonic() + ABORT_PATIENCE
        while self.is_running and time.monotonic() < until:
            self.wait(0.05)
