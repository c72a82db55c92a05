"""The status of a run folder: finished tasks, running tasks, and the remaining time."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from jubako.training.history import Record

from .array_file import read_arrays
from .checkpoint import EpochLogReader, records_of
from .result_file import candidate_of
from .run_folder import CHECKPOINT, LOG, NETWORK, RESULT
from .run_settings import is_locked, read_settings


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The progress of a search in a run folder.

    Parameters
    ----------
    is_running : bool
        Whether a command is using the folder.
    n_candidates : int
        Number of candidates to try.
    finished : list of dict
        One for each finished candidate, by ascending validation loss.
    running : list of dict
        The last epoch of each candidate in training: candidate, epoch, val_loss, seconds.
    n_refitted : int
        Number of refitted candidates.
    seconds_left : float or None
        Estimate from the finished candidates, without the refit.
    """

    is_running: bool
    n_candidates: int
    finished: list[dict[str, Any]]
    running: list[dict[str, Any]]
    n_refitted: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class NetworkStatus:
    """How far the training of one network in a run folder is.

    Parameters
    ----------
    is_running : bool
        Whether a command is using the folder.
    epoch : int
        The last epoch that is known.
    n_epochs : int
        The maximum number of epochs.
    train_loss, val_loss : float or None
        Of that epoch.
    seconds : float
        How long training has taken.
    seconds_left : float or None
        Until the last epoch, if none is slower than those before.
    """

    is_running: bool
    epoch: int
    n_epochs: int
    train_loss: float | None
    val_loss: float | None
    seconds: float
    seconds_left: float | None


def status_of(path: Path) -> RunStatus | NetworkStatus:
    """Return the status of a run folder, whether a command is using it or not.

    Parameters
    ----------
    path : Path

    Returns
    -------
    RunStatus or NetworkStatus

    Raises
    ------
    ParameterError
        If it is not a run folder.
    """
    settings, is_running = read_settings(path), is_locked(path)
    if settings.get("model") == NETWORK:
        return network_status(path, settings, is_running)
    return search_status(path, settings, is_running)


def network_status(path: Path, settings: dict[str, Any], is_running: bool) -> NetworkStatus:
    """Return the status of the folder of one network.

    Parameters
    ----------
    path : Path
    settings : dict
        Those of the folder.
    is_running : bool

    Returns
    -------
    NetworkStatus
    """
    records = list[Record]()
    if content := read_arrays(path / (NETWORK + CHECKPOINT)):
        records += records_of(content[0]["records"])
    for file in path.glob(f"{NETWORK}.*{LOG}"):
        records += EpochLogReader(file).read()
    n_epochs = int(settings["max_iter"])
    if not records:
        return NetworkStatus(is_running, 0, n_epochs, None, None, 0.0, None)
    last = max(records, key=lambda record: record.epoch)
    left = last.seconds / last.epoch * (n_epochs - last.epoch)
    return NetworkStatus(
        is_running,
        last.epoch,
        n_epochs,
        finite(last.train_loss),
        finite(last.val_loss),
        round(last.seconds, 3),
        round(left, 3),
    )


def finite(loss: float | None) -> float | None:
    """Return a loss that JSON can hold: None for one that is not finite."""
    return None if loss is None or not isfinite(loss) else loss


def search_status(path: Path, settings: dict[str, Any], is_running: bool) -> RunStatus:
    """Return the status of the folder of a search.

    Parameters
    ----------
    path : Path
    settings : dict
        Those of the folder.
    is_running : bool

    Returns
    -------
    RunStatus
    """
    finished = dict[int, dict[str, Any]]()
    for file in path.glob(f"candidate-*{RESULT}"):
        content = read_arrays(file)
        if content is not None:
            number = number_of(file)
            finished[number] = {"candidate": number, **line_of(content[0])}
    running = list[dict[str, Any]]()
    for file in sorted(path.glob(f"candidate-*{LOG}")) if is_running else ():
        number, records = number_of(file), EpochLogReader(file).read()
        if number not in finished and records:
            last = records[-1]
            running.append(
                {
                    "candidate": number,
                    "epoch": last.epoch,
                    "val_loss": last.val_loss,
                    "seconds": round(last.seconds, 3),
                }
            )
    n = int(settings["n_candidates"])
    left = None
    if finished:
        mean = sum(line["seconds"] for line in finished.values()) / len(finished)
        spent = sum(line["seconds"] for line in running)
        left = max(0.0, mean * (n - len(finished)) - spent) / max(1, len(running))
    board = sorted(finished.values(), key=lambda line: line["val_loss"])
    n_refitted = len(list(path.glob(f"refit-*{RESULT}")))
    return RunStatus(is_running, n, board, running, n_refitted, left)


def number_of(file: Path) -> int:
    """Return the number of a candidate, given one of its files."""
    return int(file.name.split(".")[0].split("-")[1])


def line_of(words: dict[str, Any]) -> dict[str, object]:
    """Return an entry of the leaderboard, without the fields that depend on the whole search.

    Parameters
    ----------
    words : dict
        Description in a result file.

    Returns
    -------
    dict
    """
    candidate, network = candidate_of(words), words["networks"][0]
    return {
        "layers": "-".join(map(str, candidate.hidden)) or "linear",
        "activation": candidate.activation if candidate.hidden else "",
        "configuration": candidate.describe(),
        "val_loss": network["loss"],
        "epochs": network["epochs"],
        "best_epoch": network["best_epoch"],
        "seconds": round(network["seconds"], 3),
    }
