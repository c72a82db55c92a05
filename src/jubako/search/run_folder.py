"""The run folder: the rows of a search and the results of its tasks, for resuming it."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from jubako.core.network import Network
from jubako.i18n.messages import Message

from .array_file import read_arrays
from .checkpoint import CheckpointFile, EpochLog, EpochLogReader, TaskReader
from .crossval import CrossValResult
from .encoded import EncodedRows
from .errors import writing
from .result_file import results_in, write_results
from .run_settings import ROWS, check_settings, locked
from .stored_rows import StoredRows, fingerprints, store_rows
from .tasks import Task

STOP = "stop"  # name in the folder
RESULT, PARTIAL, CHECKPOINT, LOG = ".safetensors", ".partial", ".checkpoint", ".jsonl"  # endings
FOLD = ".fold"  # ending of the result of one fold
ENSEMBLE, NETWORK = "ensemble", "network"  # types of runs


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of a search: one for each finished task, and one for each running task.

    Parameters
    ----------
    path : Path
    command : str
        Id of this command, which distinguishes its files from those of workers of an earlier
        command.
    """

    path: Path
    command: str

    def result_path(self, task: Task) -> Path:
        """Return the path of the result of a finished task."""
        return self.path / (task.name + RESULT)

    def partial_path(self, task: Task) -> Path:
        """Return the path of the result of a task that this command has ended early."""
        return self.path / f"{task.name}.{self.command}{PARTIAL}"

    def log_path(self, task: Task) -> Path:
        """Return the path of the log of epochs of a running task."""
        return self.path / f"{task.name}.{self.command}{LOG}"

    def fold_path(self, task: Task, epoch: int) -> Path:
        """Return the path of the result of one fold after an epoch."""
        return self.path / f"{task.name}.epoch-{epoch:04}{FOLD}"

    def checkpoint(self, task: Task) -> CheckpointFile:
        """Return the checkpoint of a task."""
        path = self.path / (task.name + CHECKPOINT)
        return CheckpointFile(path, task.describe(), partial(writing, self.path))

    def epoch_log(self, task: Task) -> EpochLog:
        """Open the log of epochs of a task for writing."""
        with writing(self.path):
            return EpochLog(self.log_path(task))

    def follow(self, task: Task, n_folds: int) -> TaskReader:
        """Return a reader of the logs of epochs of a task, whether it is cut into folds or not."""
        folds = [EpochLogReader(self.log_path(fold)) for fold in task.folds(n_folds)]
        return TaskReader(EpochLogReader(self.log_path(task)), folds)

    def write(self, task: Task, results: list[CrossValResult]) -> None:
        """Write the result of a task; if it is finished, remove its checkpoint.

        Raises
        ------
        OSError
            If the file can't be written.
        """
        is_partial = results[0].is_partial
        path = self.partial_path(task) if is_partial else self.result_path(task)
        with writing(self.path):
            write_results(path, results)
        if not is_partial:
            (self.path / (task.name + CHECKPOINT)).unlink(missing_ok=True)
            self.remove_folds(task)

    def write_fold(self, task: Task, epoch: int, results: list[CrossValResult]) -> None:
        """Write the result of one fold after an epoch.

        Parameters
        ----------
        task : Task
        epoch : int
        results : list of CrossValResult

        Raises
        ------
        OSError
            If the file can't be written.
        """
        with writing(self.path):
            write_results(self.fold_path(task, epoch), results)
        if epoch == task.epochs:
            (self.path / (task.name + CHECKPOINT)).unlink(missing_ok=True)

    def read_fold(self, task: Task, net: Network, epoch: int) -> list[CrossValResult]:
        """Return the result of one fold after an epoch.

        Parameters
        ----------
        task : Task
        net : Network
        epoch : int

        Returns
        -------
        list of CrossValResult
            Empty if there is none, or it is damaged or of another plan.
        """
        return self._results(self.fold_path(task, epoch), task, net)

    def read_partial(self, task: Task, net: Network) -> list[CrossValResult]:
        """Return the result of one fold that this command has ended early, or an empty list."""
        return self._results(self.partial_path(task), task, net)

    def _results(self, path: Path, task: Task, net: Network) -> list[CrossValResult]:
        content = read_arrays(path)
        results = [] if content is None else results_in(content, task.candidate, net)
        return [result for result in results if result.planned_epochs == task.epochs]

    def fold_files(self, task: Task) -> list[Path]:
        """Return the results and checkpoints of single folds of a task."""
        files = self.path.glob(f"{task.name}.fold-*")
        return [file for file in files if file.suffix in (FOLD, CHECKPOINT)]

    def remove_folds(self, task: Task) -> None:
        """Remove the files of single folds of a task, which is finished."""
        for file in self.fold_files(task):
            file.unlink(missing_ok=True)

    def read(self, task: Task, net: Network) -> list[CrossValResult]:
        """Return the result of a task with this network; an empty list if there is none.

        A damaged file is removed with a warning, so that the task is computed again.
        """
        paths = self.result_path(task), self.partial_path(task)
        path = next((path for path in paths if path.exists()), None)
        if path is None:
            return []
        content = read_arrays(path)
        if content is None:
            text = Message(
                "{file!r} in the run folder is damaged: it is computed again.", file=path.name
            )
            warnings.warn(text, stacklevel=2)
            path.unlink(missing_ok=True)
            return []
        return results_in(content, task.candidate, net)

    def has_ended(self, task: Task) -> bool:
        """Return whether there is a result of a task."""
        return self.result_path(task).exists() or self.partial_path(task).exists()

    def stop(self) -> None:
        """Make all workers end their tasks after the current epoch.

        Raises
        ------
        OSError
            If the folder can't be written.
        """
        with writing(self.path):
            (self.path / STOP).touch()

    def is_stopped(self) -> bool:
        """Return whether workers are to end their tasks."""
        return (self.path / STOP).exists()


@contextmanager
def open_run(
    path: Path | None, settings: dict[str, object], rows: EncodedRows
) -> Generator[tuple[RunFolder, StoredRows]]:
    """Start a search in a folder, or resume the one in it.

    Parameters
    ----------
    path : Path or None
        None for a temporary folder, which is removed at the end.
    settings : dict of JSON values
        A search is only resumed with the same settings and rows.
    rows : EncodedRows

    Yields
    ------
    RunFolder
    StoredRows

    Raises
    ------
    ParameterError
        If another command uses the folder, or it holds other files or another search.
    OSError
        If the folder can't be written.
    """
    command = uuid4().hex[:8]
    if path is None:
        with TemporaryDirectory(prefix="jubako-run-", ignore_cleanup_errors=True) as folder:
            with writing(Path(folder)):
                stored = store_rows(rows, Path(folder) / ROWS, command)
            yield RunFolder(Path(folder), command), stored
        return
    with locked(path):
        prints = fingerprints(rows)
        check_settings(path, {**settings, **prints, "model": ENSEMBLE})
        with writing(path):
            stored = store_rows(rows, path / ROWS, "".join(prints.values()))
            remove_leftovers(path)
        yield RunFolder(path.resolve(), command), stored


@contextmanager
def folder_for_rows(path: Path | None) -> Generator[Path]:
    """Lock a run folder, and yield the folder of its rows.

    Parameters
    ----------
    path : Path or None
        None for a temporary folder, which is removed at the end.

    Yields
    ------
    Path

    Raises
    ------
    ParameterError, OSError
        See `locked`.
    """
    if path is None:
        with TemporaryDirectory(prefix="jubako-") as folder:
            yield Path(folder)
        return
    with locked(path):
        folder = path.resolve() / ROWS
        with writing(path):
            folder.mkdir(exist_ok=True)
        yield folder


def remove_leftovers(path: Path) -> None:
    """Remove the files of a killed command, except results and checkpoints."""
    for file in path.iterdir():
        if file.name == STOP or file.suffix in (PARTIAL, LOG):
            file.unlink(missing_ok=True)
