"""The run folder of a single network: a checkpoint, from which a killed training is resumed."""

import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from jubako.i18n.messages import Message
from jubako.training.history import Outcome, Record
from jubako.training.state import TrainState

from .checkpoint import CheckpointFile, EpochLog
from .errors import SearchFileError, writing
from .run_folder import CHECKPOINT, LOG, NETWORK, remove_leftovers
from .run_settings import check_settings, locked


@dataclass
class NetworkRun:
    """The training of one network in a run folder.

    Parameters
    ----------
    checkpoint : CheckpointFile
    log : EpochLog
    state : TrainState
        At first that of the checkpoint, if there is one.
    records : list of Record
        The epochs so far.
    """

    checkpoint: CheckpointFile
    log: EpochLog
    state: TrainState
    records: list[Record]

    def __post_init__(self) -> None:
        self.n_earlier: int = len(self.records)
        self.has_failed: bool = False

    def note(self, record: Record) -> None:
        """Append an epoch, and save the state after it if that is due."""
        self.records.append(record)
        self.log.write(record)
        if self.checkpoint.is_due():
            self.save()

    def finish(self, outcome: Outcome) -> Outcome:
        """Save the state at the end, and add the epochs of earlier commands to the outcome.

        Parameters
        ----------
        outcome : Outcome
            Of the training from the checkpoint on.

        Returns
        -------
        Outcome
            Of the whole training.
        """
        self.records = self.records[: self.n_earlier] + outcome.records
        self.save()
        return replace(outcome, records=self.records)

    def save(self) -> None:
        """Write the state; where that is not possible, warn, for training continues."""
        try:
            self.checkpoint.write(self.state, self.records)
        except SearchFileError as error:
            self.checkpoint.written = time.monotonic()  # the next attempt is due later
            if not self.has_failed:
                text = Message(
                    "{error} Training continues without checkpoints.", error=error.args[0]
                )
                warnings.warn(text, stacklevel=2)
            self.has_failed = True


@contextmanager
def open_network_run(
    path: Path, settings: dict[str, object], start: TrainState
) -> Generator[NetworkRun]:
    """Begin the training of a network in a folder, or continue the one that is there.

    Parameters
    ----------
    path : Path
    settings : dict
        What JSON can hold: training continues only with the same settings.
    start : TrainState
        Before the first epoch.

    Yields
    ------
    NetworkRun

    Raises
    ------
    ParameterError
        If another command uses the folder, or it holds something else.
    OSError
        If it can't be written.
    """
    with locked(path):
        check_settings(path, {**settings, "model": NETWORK})
        with writing(path):
            remove_leftovers(path)
        file = path / (NETWORK + CHECKPOINT)
        checkpoint = CheckpointFile(file, NETWORK, partial(writing, path))
        state, records = start, list[Record]()
        if earlier := checkpoint.read(start):
            state, records, _ = earlier
        elif file.exists():
            text = Message(
                "{file!r} in the run folder is damaged: it is computed again.", file=file.name
            )
            warnings.warn(text, stacklevel=2)
        with writing(path):
            log = EpochLog(path / f"{NETWORK}.{uuid4().hex[:8]}{LOG}")
        with log:
            yield NetworkRun(checkpoint, log, state, records)
