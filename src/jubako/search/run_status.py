"""The status of a run folder: what is finished, what is running, and how long it takes yet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .array_file import read_arrays
from .checkpoint import EpochLogReader
from .result_file import candidate_of
from .run_folder import LOG, RESULT, is_locked, read_settings


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


def status_of(path: Path) -> RunStatus:
    """Return the status of a run folder, whether a command is using it or not.

    Parameters
    ----------
    path : Path

    Returns
    -------
    RunStatus

    Raises
    ------
    ParameterError
        If it is not a run folder.
    """
    settings, is_running = read_settings(path), is_locked(path)
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


def line_of(words: dict[str, Any]) -> dict[str, Any]:
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
