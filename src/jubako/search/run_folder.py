"""The run folder: what is searched, and what came of each task, so that a killed search goes on."""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from jubako.core.errors import ParameterError
from jubako.core.network import Network
from jubako.i18n.messages import Message, Series
from jubako.model.atomic import whole_or_not_at_all

from .array_file import read_arrays
from .checkpoint import CheckpointFile, EpochLog, EpochLogReader
from .crossval import CrossValResult
from .encoded import EncodedRows
from .errors import writing
from .result_file import results_in, write_results
from .stored_rows import StoredRows, fingerprints, store_rows
from .tasks import Task

RUN, LOCK, STOP, ROWS = "run.json", "lock", "stop", "rows"  # names in the folder
RESULT, PARTIAL, CHECKPOINT, LOG = ".safetensors", ".partial", ".checkpoint", ".jsonl"  # endings
FORMAT = 1  # of the folder


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of a search: one for each task that is finished, one for each that is running.

    Parameters
    ----------
    path : Path
    command : str
        Tells the files of this command from those of workers that an earlier one has left behind.
    """

    path: Path
    command: str

    def result_path(self, task: Task) -> Path:
        """Return where the result of a task is written when it is finished."""
        return self.path / (task.name + RESULT)

    def partial_path(self, task: Task) -> Path:
        """Return where the result of a task is written that this command has ended early."""
        return self.path / f"{task.name}.{self.command}{PARTIAL}"

    def log_path(self, task: Task) -> Path:
        """Return where the epochs of a task are written while it is running."""
        return self.path / f"{task.name}.{self.command}{LOG}"

    def checkpoint(self, task: Task) -> CheckpointFile:
        """Return the checkpoint of a task."""
        path = self.path / (task.name + CHECKPOINT)
        return CheckpointFile(path, task.describe(), partial(writing, self.path))

    def epoch_log(self, task: Task) -> EpochLog:
        """Begin to write the epochs of a task."""
        with writing(self.path):
            return EpochLog(self.log_path(task))

    def follow(self, task: Task) -> EpochLogReader:
        """Return what reads the epochs of a task."""
        return EpochLogReader(self.log_path(task))

    def write(self, task: Task, results: list[CrossValResult]) -> None:
        """Write what came of a task; its checkpoint is of no more use, if it is finished.

        Raises
        ------
        OSError
            If it can't be written there.
        """
        is_partial = results[0].is_partial
        path = self.partial_path(task) if is_partial else self.result_path(task)
        with writing(self.path):
            write_results(path, results)
        if not is_partial:
            (self.path / (task.name + CHECKPOINT)).unlink(missing_ok=True)

    def read(self, task: Task, net: Network) -> list[CrossValResult]:
        """Return what came of a task of this network; nothing if that is not known.

        A damaged file is removed with a warning: the task is then computed again.
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
        """Have all workers end their tasks after the epoch that they are in.

        Raises
        ------
        OSError
            If the folder can't be written.
        """
        with writing(self.path):
            (self.path / STOP).touch()

    def is_stopped(self) -> bool:
        """Return whether workers end their tasks now."""
        return (self.path / STOP).exists()


@contextmanager
def open_run(
    path: Path | None, settings: dict[str, Any], rows: EncodedRows
) -> Iterator[tuple[RunFolder, StoredRows]]:
    """Begin a search in a folder, or go on with the one that is there.

    Parameters
    ----------
    path : Path or None
        None: a temporary folder, which is removed at the end.
    settings : dict
        What JSON can hold: the search goes on only with the same settings and rows.
    rows : EncodedRows

    Yields
    ------
    RunFolder, StoredRows

    Raises
    ------
    ParameterError
        If another command uses the folder, or it holds something else.
    OSError
        If it can't be written.
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
        check_settings(path, {"format": FORMAT, **settings, **prints})
        with writing(path):
            stored = store_rows(rows, path / ROWS, "".join(prints.values()))
            remove_leftovers(path)
        yield RunFolder(path.resolve(), command), stored


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep the folder to this process; the system gives it back when the process dies.

    Raises
    ------
    ParameterError
        If another process has it, or it is no run folder.
    OSError
        If it can't be written.
    """
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        others = [name for name in os.listdir(path) if name != LOCK and not name.startswith(".")]
    if others and not (path / RUN).exists():
        raise ParameterError(
            Message(
                "The folder {path!r} holds other files ({file!r}) and no run: choose a new folder.",
                path=str(path),
                file=min(others),
            )
        )
    lock = FileLock(path / LOCK)
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
    """Return whether a command is using a run folder."""
    lock = FileLock(path / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def check_settings(path: Path, settings: dict[str, Any]) -> None:
    """Write down what is searched, or compare it with what is written down.

    Raises
    ------
    ParameterError
        If the folder holds another search, with what differs.
    """
    settings = json.loads(json.dumps(settings))
    if not (path / RUN).exists():
        with writing(path), whole_or_not_at_all(path / RUN) as part:
            part.write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")
        return
    earlier = read_settings(path)
    different = [
        name if is_drawn(name, settings.get(name)) else f"{name} {earlier.get(name)!r}"
        for name in settings | earlier
        if settings.get(name) != earlier.get(name)
    ]
    if different:
        raise ParameterError(
            Message(
                "The run folder {path!r} holds another search, which differs in {names}: give the "
                "same again, or choose another folder.",
                path=str(path),
                names=Series(different),
            )
        )


def read_settings(path: Path) -> dict[str, Any]:
    """Return what is searched in a run folder.

    Raises
    ------
    ParameterError
        If it is no run folder, or the file is damaged.
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


def is_drawn(name: str, value: Any) -> bool:
    """Return whether a setting is a fingerprint or drawn, which means nothing to a reader."""
    return name == "seed" or (isinstance(value, str) and len(value) == 64)


def remove_leftovers(path: Path) -> None:
    """Remove what a killed command has left, but results and checkpoints."""
    for file in path.iterdir():
        if file.name == STOP or file.suffix in (PARTIAL, LOG):
            file.unlink(missing_ok=True)


def earlier_settings(path: Path | None) -> dict[str, Any]:
    """Return what is searched in a run folder; nothing if the search is yet to begin."""
    return read_settings(path) if path is not None and (path / RUN).exists() else {}
