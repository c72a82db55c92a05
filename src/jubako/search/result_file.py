"""The file of a finished task: the fitted networks with their out-of-fold predictions."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.model.candidate import Candidate
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model_file import NONSENSE

from .array_file import write_arrays
from .checkpoint import records_of
from .crossval import CrossValResult


def write_results(path: Path, results: list[CrossValResult]) -> None:
    """Write the result of a task: the fitted networks with their out-of-fold predictions.

    Parameters
    ----------
    path : Path
    results : list of CrossValResult
    """
    first, arrays, lines = results[0], dict[str, Array](), list[dict[str, Any]]()
    for i, result in enumerate(results):
        fitted = result.fitted
        arrays |= {f"theta.{i}": fitted.theta, f"oof_prediction.{i}": result.oof_prediction}
        names = "loss", "epochs", "best_epoch", "seconds"
        lines.append({name: getattr(fitted, name) for name in names})
    description: dict[str, object] = {
        "candidate": asdict(first.candidate),
        "planned_epochs": first.planned_epochs,
        "lows": first.lows,
        "reason": first.reason,
        "networks": lines,
        "history": first.history,
    }
    write_arrays(path, description, arrays)


def results_in(
    content: tuple[dict[str, Any], dict[str, Array]], candidate: Candidate, net: Network
) -> list[CrossValResult]:
    """Return the result of a task.

    Parameters
    ----------
    content : pair
        Description and arrays of the file.
    candidate : Candidate
        The candidate of the task.
    net : Network
        Its network.

    Returns
    -------
    list of CrossValResult
        Empty if the file is of another candidate.
    """
    words, arrays = content
    with suppress(*NONSENSE):
        if candidate_of(words) != candidate:
            return []
        shared: dict[str, Any] = {
            "lows": tuple(words["lows"]),
            "planned_epochs": words["planned_epochs"],
            "reason": words["reason"],
            "history": records_of(words["history"]),
        }
        step = candidate.training_step(net.loss)
        return [
            CrossValResult(
                FittedNetwork(net, arrays[f"theta.{i}"], step, candidate, **line),
                arrays[f"oof_prediction.{i}"],
                **shared,
            )
            for i, line in enumerate(words["networks"])
        ]
    return []


def candidate_of(words: dict[str, Any]) -> Candidate:
    """Return the candidate in the description of a file.

    Parameters
    ----------
    words : dict

    Returns
    -------
    Candidate
    """
    plain: dict[str, Any] = {**words["candidate"]}
    plain["hidden"] = tuple(plain["hidden"])
    return Candidate(**plain)
