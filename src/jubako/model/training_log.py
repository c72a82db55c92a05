"""The log of a training: why it ended, its epochs, and the candidates that were tried."""

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from jubako.core.activations import ACTIVATIONS
from jubako.training.history import Reason, Record

from .schema_json import count_from_value, from_value

REASONS = (*Reason.__args__, "complete", "time", "memory", "disk")
"""What may have ended a training: of one network, or of a search."""

LEADERBOARD: dict[str, type[str | float | int]] = {
    "layers": str,
    "activation": str,
    "configuration": str,
    "oof_loss": float,
    "weight": float,
    "epochs": int,
    "best_epoch": int,
    "seconds": float,
}
"""The columns of a leaderboard."""


@dataclass(frozen=True)
class TrainingLog:
    """How a model was trained.

    Parameters
    ----------
    stopped : str
        Why training ended, one of `REASONS`.
    loss : float
        Of the last epoch of one network, or out-of-fold of the ensemble of a search.
    seconds : float
        Training time.
    epochs : int
        Of the last fit of one network; 0 after a search, whose candidates have their own.
    rows_seen : int
        Number of rows, over all epochs of one network.
    history : dict of str to list
        The fields of a `Record` for each epoch of one network; empty after a search.
    leaderboard : list of dict
        One for each candidate of a search, with the keys of `LEADERBOARD`; empty without a search.
    val_losses : list of lists of float or None
        Of each candidate of the leaderboard: the validation loss after each epoch, None where it
        was not measured. Models of earlier versions have none.
    distilled : bool
        Whether the network is a student: its losses are then those that it adds to its teacher's,
        and the leaderboard has the sizes that were tried.
    fold_losses : list of float
        Out-of-fold loss of the ensemble on each fold; empty without folds.
    """

    stopped: str
    loss: float = np.nan
    seconds: float = 0.0
    epochs: int = 0
    rows_seen: int = 0
    history: dict[str, list[Any]] = field(default_factory=dict)
    leaderboard: list[dict[str, Any]] = field(default_factory=list)
    val_losses: list[list[float | None]] = field(default_factory=list)
    distilled: bool = False
    fold_losses: list[float] = field(default_factory=list)

    def extended(
        self, records: list[Record], stopped: str, epochs: int, n_rows: int
    ) -> "TrainingLog":
        """Return the log after more training of one network. The history is extended in place.

        Parameters
        ----------
        records : list of Record
            Of the epochs since this log.
        stopped : str
            Why training ended.
        epochs : int
            Number of epochs of the last fit.
        n_rows : int
            Rows per epoch.

        Returns
        -------
        TrainingLog
        """
        history = self.history or {name: list[Any]() for name in Record._fields}
        for record in records:
            for name, column in history.items():
                column.append(getattr(record, name))
        losses, seconds = history["train_loss"], history["seconds"]
        return TrainingLog(
            stopped=stopped,
            loss=losses[-1] if losses else np.nan,
            seconds=seconds[-1] if epochs else 0.0,
            epochs=epochs,
            rows_seen=self.rows_seen + len(records) * n_rows,
            history=history,
        )

    def to_plain(self) -> dict[str, Any]:
        """Return the log as JSON values."""
        plain = {
            "stopped": self.stopped,
            "loss": plain_entry(self.loss),
            "seconds": self.seconds,
            "epochs": self.epochs,
            "rows_seen": self.rows_seen,
            "history": {
                name: [plain_entry(value) for value in column]
                for name, column in self.history.items()
            },
            "leaderboard": self.leaderboard,
            "val_losses": [[plain_entry(loss) for loss in losses] for losses in self.val_losses],
        }
        optional = {"distilled": self.distilled, "fold_losses": self.fold_losses}
        return plain | {name: value for name, value in optional.items() if value}


def log_from_plain(words: Any) -> TrainingLog:
    """Create the log that was described.

    Parameters
    ----------
    words : any JSON value

    Returns
    -------
    TrainingLog

    Raises
    ------
    ValueError
        If the description is invalid.
    """
    stopped, loss = words["stopped"], words["loss"]
    if stopped not in REASONS:
        raise ValueError(f"training can't have stopped by {stopped!r}")
    return TrainingLog(
        stopped=stopped,
        loss=np.nan if loss is None else from_value(float, loss, "loss"),
        seconds=from_value(float, words["seconds"], "seconds"),
        epochs=count_from_value(words, "epochs"),
        rows_seen=count_from_value(words, "rows_seen"),
        history=restore_history(words["history"]),
        leaderboard=restore_leaderboard(words["leaderboard"]),
        val_losses=[
            [None if loss is None else from_value(float, loss, "val_losses") for loss in losses]
            for losses in words.get("val_losses", [])
        ],
        distilled=from_value(bool, words.get("distilled", False), "distilled"),
        fold_losses=[
            from_value(float, loss, "fold_losses") for loss in words.get("fold_losses", [])
        ],
    )


def restore_leaderboard(words: list[dict[str, object]]) -> list[dict[str, Any]]:
    """Create the leaderboard that was described.

    Parameters
    ----------
    words : list of dict

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        If an entry is missing or invalid.
    """
    board = [
        {name: from_value(kind, line[name], name) for name, kind in LEADERBOARD.items()}
        for line in words
    ]
    for line in board:
        if not re.fullmatch(r"linear|\d+(-\d+)*", line["layers"]):
            raise ValueError(f"a network with the layers {line['layers']!r}")
        if line["activation"] not in ("", *ACTIVATIONS):
            raise ValueError(f"there is no activation {line['activation']!r}")
    return board


def plain_entry(value: object) -> Any:
    """Return an entry of the history as a JSON value.

    Parameters
    ----------
    value : str, number, None, or tuple of numbers

    Returns
    -------
    JSON value
        None for a number that is not finite.
    """
    if isinstance(value, tuple):
        return [plain_entry(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def restore_history(words: Any) -> dict[str, list[Any]]:
    """Create the history that was described.

    Parameters
    ----------
    words : any JSON value

    Returns
    -------
    dict of str to list
        One list for each field of `Record`.

    Raises
    ------
    ValueError
        If a column is missing, unknown, of another length or type.
    """
    if words.keys() not in (set(), set(Record._fields)):
        raise ValueError(f"a history of {sorted(words)}")
    columns = {name: [restore_entry(name, entry) for entry in words[name]] for name in words}
    if len(set(map(len, columns.values()))) > 1:
        raise ValueError("a history whose columns differ in length")
    return columns


def restore_entry(name: str, value: Any) -> Any:
    """Invert `plain_entry`: None stands for a loss or gradient norm that was not finite.

    Parameters
    ----------
    name : str
        A field of `Record`.
    value : any JSON value

    Returns
    -------
    str, number, None, or tuple of floats

    Raises
    ------
    ValueError
        If the value has another type.
    """
    if name == "message":
        return from_value(str, value, name)
    if name == "epoch":
        return from_value(int, value, name)
    if name == "grad_norms":
        return tuple(np.nan if item is None else from_value(float, item, name) for item in value)
    if value is None:
        return np.nan if name == "train_loss" else None
    return from_value(float, value, name)
