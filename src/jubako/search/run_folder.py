"""The run folder: the settings of a search and the results of its tasks, for resuming it."""

import json
import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from jubako.core.errors import ParameterError
from jubako.core.network import Network
from jubako.i18n.messages import Message, Series
from jubako.model.atomic import whole_or_not_at_all

from .array_file import read_arrays
from .checkpoint import CheckpointFile, EpochLog, EpochLogReader, TaskReader
from .crossval import CrossValResult
from .encoded import EncodedRows
from .errors import writing
from .result_file import results_in, write_results
from .stored_rows import StoredRows, fingerprints, store_rows
from .tasks import Task

RUN, LOCK, STOP, ROWS = "run.json", "lock", "stop", "rows"  # names in the folder
RESULT, PARTIAL, CHECKPOINT, LOG = ".safetensors", ".partial", ".checkpoint", ".jsonl"  # endings
FOLD = ".fold"  # ending of the result of one fold
ENSEMBLE, NETWORK = "ensemble", "network"  # types of runs
FORMAT = 2  # of the folder


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


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Lock a run folder for this process; the operating system releases it if the process dies.

    Parameters
    ----------
    path : Path

    Yields
    ------
    None

    Raises
    ------
    ParameterError
        If another process has locked it, or it is not a run folder.
    OSError
        If it can't be written.
    """
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        ours = LOCK, ROWS  # also where a command was killed before it began to search
        others = [name for name in os.listdir(path) if name not in ours and name[0] != "."]
    from filelock import FileLock, Timeout

    if others and not has_run(path):
        raise ParameterError(
            Message(
                "The folder {path!r} holds other files ({file!r}) and no run: choose a new folder.",
                path=str(path),
                file=min(others),
            )
        )
    lock = FileLock(path.resolve() / LOCK, is_singleton=True)  # this thread may lock it twice
    with writing(path):
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ParameterError(
                Message(
                    "The run folder {path!r} is in use by another command: wait until that has "
                    "ended, or choose another folder.",
                    path=str(path),
                )
            ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Return whether a command is using a run folder.

    Parameters
    ----------
    path : Path
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def check_settings(path: Path, settings: dict[str, object]) -> None:
    """Store the settings of a new search, or compare them with the stored ones.

    Parameters
    ----------
    path : Path
        Run folder.
    settings : dict of JSON values

    Raises
    ------
    ParameterError
        If the folder holds another run, with the differing settings.
    """
    settings = json.loads(json.dumps({"format": FORMAT, **settings}))
    if not has_run(path):
        with writing(path), whole_or_not_at_all(path / RUN) as part:
            part.write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")
        return
    earlier = read_settings(path)
    names = [name for name in settings | earlier if settings.get(name) != earlier.get(name)]
    if "model" in names:  # then all other settings differ, too
        names = ["model"]
    different = [
        name if is_drawn(name, settings.get(name)) else f"{name} {earlier.get(name)!r}"
        for name in names
    ]
    if different:
        raise ParameterError(
            Message(
                "The run folder {path!r} holds another run, which differs in {names}: give the "
                "same again, or choose another folder.",
                path=str(path),
                names=Series(different),
            )
        )


def read_settings(path: Path) -> dict[str, object]:
    """Return the settings of the search in a run folder.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If it is not a run folder, or the file is damaged.
    """
    try:
        settings = json.loads((path / RUN).read_text(encoding="utf-8"))
        if isinstance(settings, dict):
            return settings
        damage = None
    except FileNotFoundError as error:
        raise ParameterError(
            Message(
                "There is no run in {path!r}: `jubako train ... --run {path}` begins one.",
                path=str(path),
            )
        ) from error
    except (OSError, ValueError) as error:
        damage = error
    raise ParameterError(
        Message(
            "The run in {path!r} can't be read: {file} is damaged. Choose another folder.",
            path=str(path),
            file=RUN,
        )
    ) from damage


def is_drawn(name: str, value: object) -> bool:
    """Return whether a setting is a fingerprint or a random seed, which has no meaning to users."""
    return name in ("seed", "seeds") or (isinstance(value, str) and len(value) == 64)


def remove_leftovers(path: Path) -> None:
    """Remove the files of a killed command, except results and checkpoints."""
    for file in path.iterdir():
        if file.name == STOP or file.suffix in (PARTIAL, LOG):
            file.unlink(missing_ok=True)


def has_run(path: Path) -> bool:
    """Return whether a folder holds a run."""
    return (path / RUN).exists()


def earlier_settings(path: Path | None) -> dict[str, Any]:
    """Return the settings of the search in a run folder; an empty dict if there is none yet."""
    return read_settings(path) if path is not None and has_run(path) else {}
