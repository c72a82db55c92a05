"""The checkpoint of a task: where the training of a candidate is, so that it can go on there."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jubako.core.activations import Array
from jubako.training.checkpoint import from_arrays, to_arrays
from jubako.training.history import Record
from jubako.training.state import TrainState

from .array_file import read_arrays, write_arrays

CHECKPOINT_EVERY = 30.0  # seconds


@dataclass
class CheckpointFile:
    """A file that holds how far a task is.

    Parameters
    ----------
    path : Path
    task : str
        What is trained: training goes on only where this is the same.
    writing : callable
        Returns the context in which it is written.
    written : float
        When, on the clock of `time.monotonic`; at first when training began.
    """

    path: Path
    task: str
    writing: Callable[[], AbstractContextManager[object]] = nullcontext
    written: float = field(default_factory=time.monotonic)

    def is_due(self) -> bool:
        """Return whether the last checkpoint is `CHECKPOINT_EVERY` seconds old."""
        return time.monotonic() - self.written >= CHECKPOINT_EVERY

    def write(
        self, state: TrainState, records: list[Record], more: dict[str, Array] | None = None
    ) -> None:
        """Write the state of training, its epochs so far, and other arrays.

        Raises
        ------
        OSError
            If they can't be written there.
        """
        description = {"task": self.task, "records": records}
        with self.writing():
            write_arrays(self.path, description, to_arrays(state) | (more or {}))
        self.written = time.monotonic()

    def read(self, start: TrainState) -> tuple[TrainState, list[Record], dict[str, Array]] | None:
        """Return what was written; None if there is nothing that fits the task.

        Parameters
        ----------
        start : TrainState
            Before the first epoch.
        """
        content = read_arrays(self.path)
        if content is None or content[0].get("task") != self.task:
            return None
        words, arrays = content
        try:
            state = from_arrays(arrays, start.theta, start.optimizer_state)
            records = records_of(words["records"])
        except (KeyError, TypeError, ValueError):
            return None
        return (state, records, arrays) if len(records) == state.epoch else None


def records_of(rows: list[list[Any]]) -> list[Record]:
    """Return records that JSON has made lists of."""
    return [Record._make([*row[:5], tuple(row[5]), *row[6:]]) for row in rows]


class EpochLog:
    """The epochs of a task that is being trained, a line each, for others to follow.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", encoding="utf-8")

    def write(self, record: Record) -> None:
        """Append an epoch."""
        with suppress(OSError):  # others then do not hear of it
            self.file.write(json.dumps(record) + "\n")
            self.file.flush()

    def __enter__(self) -> "EpochLog":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.file.close()


class EpochLogReader:
    """Follows an `EpochLog` that another process writes.

    Parameters
    ----------
    path : Path
        Which need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.position = path, 0

    def read(self) -> list[Record]:
        """Return the epochs that are new since the last call."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.position)
                data = file.read()
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]  # the last line may not be complete yet
        self.position += len(whole)
        return records_of([json.loads(line) for line in whole.splitlines()])
