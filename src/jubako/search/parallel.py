"""Parallel candidates: run tasks on workers, and follow them in the run folder."""

import time
import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from itertools import chain

from jubako._version import __version__
from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message
from jubako.training.engines.native.engine import best_engine

from .checkpoint import TaskReader
from .crossval import network_for
from .errors import SearchFileError
from .run_folder import RunFolder
from .search_state import SearchState
from .stored_rows import StoredRows
from .tasks import Task
from .workers import WorkerInputs, Workers

GRACE = 0.1  # fraction of the time limit to wait for workers
STOP_PATIENCE = 5.0  # seconds to wait for workers when the search is ended
POLL = 0.05  # seconds between two looks at the files of workers
ENDS_SEARCH = MemoryError, BrokenExecutor, SearchFileError, ParameterError, KeyboardInterrupt
"""Errors of workers after which the search does not go on in this process."""


def run_on_workers(
    search: SearchState,
    folder: RunFolder,
    stored: StoredRows,
    tasks: Iterator[Task],
    n_candidates: int,
    first: Task | None = None,
) -> Iterator[Task]:
    """Run tasks in parallel.

    Parameters
    ----------
    search : SearchState
        Updated with the results.
    folder : RunFolder
    stored : StoredRows
        The rows in the folder.
    tasks : iterator of Task
    n_candidates : int
        Number of candidates up to the last one of the tasks.
    first : Task or None
        The first candidate, if these are the others.

    Returns
    -------
    iterator of Task
        The tasks that are left to this process: those whose results were damaged, and all others if
        the workers have failed.
    """
    inputs = WorkerInputs(__version__, folder, stored, best_engine(), first)
    workers = Workers(tasks, inputs, search.config.n_jobs, n_candidates)
    follower = Follower(search, folder, workers)
    try:
        while workers.is_running and not search.is_over:
            if time.perf_counter() >= search.search_end:
                search.stopped = "time"
                break
            workers.wait(POLL)
            follower.follow()
    except KeyboardInterrupt:
        search.stopped = "interrupted"
    except BaseException:  # of a callback
        search.stopped = "callback"
        end_workers(search, folder, workers)
        raise
    end_workers(search, folder, workers)
    follower.follow()
    for task in workers.handed_out:
        if folder.result_path(task).exists():
            folder.remove_folds(task)  # of those that have ended after it was known
    left = [task for task in workers.handed_out if not search.has_ended(task)]
    if search.stopped != "complete":
        return iter(())
    if isinstance(workers.error, ENDS_SEARCH):
        stored.check()  # it is no fault of the workers if this process can't read them either
        raise workers.error
    if workers.error is not None:
        error = f"{type(workers.error).__name__}: {workers.error}".split("\n")[0]
        warnings.warn(
            Message(
                "The workers have gone away ({error}): the search goes on in this process.",
                error=error,
            ),
            stacklevel=5,
        )
    return chain(left, tasks)


def end_workers(search: SearchState, folder: RunFolder, workers: Workers) -> None:
    """Make the workers end their tasks, and wait for them for a limited time.

    Parameters
    ----------
    search : SearchState
    folder : RunFolder
    workers : Workers
    """
    try:
        if workers.is_running:
            folder.stop()
        patience = STOP_PATIENCE
        if search.stopped == "time":
            patience = GRACE * (search.search_end - search.config.began)
        until = time.monotonic() + patience
        while workers.is_running and time.monotonic() < until:
            workers.wait(POLL)
    finally:
        if workers.is_running:
            workers.abort()


class Follower:
    """A reader of the files that workers write.

    Parameters
    ----------
    search : SearchState
        Updated with the results.
    folder : RunFolder
    workers : Workers
    """

    def __init__(self, search: SearchState, folder: RunFolder, workers: Workers) -> None:
        self.search: SearchState = search
        self.folder: RunFolder = folder
        self.workers: Workers = workers
        self.logs: dict[int, TaskReader] = {}

    def follow(self) -> None:
        """Call the callbacks for new epochs of the workers, and collect new results."""
        search, folder = self.search, self.folder
        running = [task for task in list(self.workers.handed_out) if not search.has_ended(task)]
        n_folds = len(search.rows.held)
        for task in running:
            self.logs.setdefault(task.place, folder.follow(task, n_folds))
        search.n_running = max(1, sum(self.logs[task.place].has_begun for task in running))
        for task in running:
            log = self.logs[task.place]
            has_ended = folder.has_ended(task)  # before its last epochs are read
            for record in log.read():
                if not search.is_over:
                    search.call_back(task, search.n_candidates, record)
            if has_ended:
                net = network_for(task.candidate, search.rows)
                if results := folder.read(task, net):
                    search.note_end(task, results)
