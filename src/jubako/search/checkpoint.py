"""Checkpoints of a task, from which the training of a candidate can be resumed."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.training.checkpoint import from_arrays, to_arrays
from jubako.training.history import Record, mean
from jubako.training.state import TrainState

from .array_file import read_arrays, write_arrays

CHECKPOINT_EVERY = 30.0  # seconds


@dataclass
class CheckpointFile:
    """The checkpoint file of a task.

    Parameters
    ----------
    path : Path
    task : str
        Description of the task; a checkpoint of another task is not used.
    writing : callable
        Returns the context manager in which the file is written.
    written : float
        Time of the last checkpoint, by `time.monotonic`; initially the start of training.
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
        """Write the training state, the records of its epochs, and other arrays.

        Parameters
        ----------
        state : TrainState
        records : list of Record
        more : dict of str to array, optional

        Raises
        ------
        OSError
            If the file can't be written.
        """
        description: dict[str, object] = {"task": self.task, "records": records}
        with self.writing():
            write_arrays(self.path, description, to_arrays(state) | (more or {}))
        self.written = time.monotonic()

    def read(self, start: TrainState) -> tuple[TrainState, list[Record], dict[str, Array]] | None:
        """Read the checkpoint.

        Parameters
        ----------
        start : TrainState
            The state before the first epoch.

        Returns
        -------
        state : TrainState
        records : list of Record
        arrays : dict of str to array
            None instead of the triple, if there is no checkpoint that fits the task.
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
    """Restore records from the lists that JSON has made of them."""
    return [Record._make([*row[:5], tuple(row[5]), *row[6:]]) for row in rows]


def merge_records(records: Sequence[Record]) -> Record:
    """Return the record of K networks, given those of each alone.

    It has the same bits as if the networks had been trained side by side.

    Parameters
    ----------
    records : sequence of K Record
        Of the same epoch.

    Returns
    -------
    Record
    """
    good = np.isfinite([[record.train_loss for record in records]])

    def mean_of(values: Sequence[Any], of: Array = good) -> Any:
        return mean(np.array([values], np.float64), of)[0]

    val_losses = [record.val_loss for record in records]
    val_scores = [record.val_score for record in records]
    width = max(len(record.grad_norms) for record in records)
    norms = [record.grad_norms or (0.0,) * width for record in records]
    rates = [record.learning_rate for record in records]
    return Record(
        records[0].epoch,
        mean_of([record.train_loss for record in records]),
        None if None in val_losses else mean_of(val_losses),
        None if None in val_scores else mean_of(val_scores),
        mean_of(rates, np.ones_like(good)),
        tuple(mean_of(norms)) if width else (),
        max(record.seconds for record in records),
        next((record.message for record in reversed(records) if record.message), ""),
    )


class EpochLog:
    """A log of the epochs of a running task, one line of JSON each, which others can follow.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.file: TextIOWrapper = path.open("a", encoding="utf-8")

    def write(self, record: Record) -> None:
        """Append an epoch."""
        with suppress(OSError):  # others then do not see it
            self.file.write(json.dumps(record) + "\n")
            self.file.flush()

    def __enter__(self) -> "EpochLog":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.file.close()


class EpochLogReader:
    """A reader of an `EpochLog` that another process writes.

    Parameters
    ----------
    path : Path
        It may not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path = path
        self.position: int = 0

    def read(self) -> list[Record]:
        """Return the records that are new since the last call."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.position)
                data = file.read()
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]  # the last line may not be complete yet
        self.position += len(whole)
        return records_of([json.loads(line) for line in whole.splitlines()])


class TaskReader:
    """A reader of the logs of a task, which is trained as a whole or cut into its folds.

    Parameters
    ----------
    whole : EpochLogReader
    folds : list of EpochLogReader
    """

    def __init__(self, whole: EpochLogReader, folds: list[EpochLogReader]) -> None:
        self.whole: EpochLogReader = whole
        self.folds: list[EpochLogReader] = folds
        self.records: list[dict[int, Record]] = [dict[int, Record]() for _ in folds]  # by epoch

    @property
    def has_begun(self) -> bool:
        """Whether the task is being trained."""
        return any(log.path.exists() for log in (self.whole, *self.folds))

    def read(self) -> list[Record]:
        """Return the new epochs; of a task in folds, those that all folds have completed."""
        for log, records in zip(self.folds, self.records, strict=True):
            records |= {record.epoch: record for record in log.read()}
        complete = sorted(set.intersection(*(set(records) for records in self.records)))
        merged = [merge_records([records[n] for records in self.records]) for n in complete]
        for records in self.records:
            for epoch in [epoch for epoch in records if complete and epoch <= complete[-1]]:
                del records[epoch]
        return self.whole.read() + merged
