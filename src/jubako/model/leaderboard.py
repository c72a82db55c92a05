"""The candidates in a leaderboard: their names and settings as text, and the best of each depth."""

from collections.abc import Iterable
from typing import Any

from jubako.i18n.messages import Message

SETTINGS = {
    "quantile-transformed": Message("quantile-transformed"),
    "standardized": Message("standardized"),
    "PBLD": Message("PBLD"),
    "residual": Message("residual"),
    "dropout": Message("dropout"),
    "weight decay": Message("weight decay"),
    "label smoothing": Message("label smoothing"),
    "learning rate x": Message("learning rate x"),
}
"""From a setting, as `Candidate.describe` names it, to its text."""


def name_of(layers: str, activation: str) -> str:
    """Return the name of a candidate: "3 x 128 relu" for the layers "128-128-128".

    Parameters
    ----------
    layers, activation : str
        As in a leaderboard.

    Returns
    -------
    str
    """
    if layers == "linear":
        return Message("linear")
    sizes = layers.split("-")
    if len(sizes) > 1 and len(set(sizes)) == 1:
        layers = f"{len(sizes)} x {sizes[0]}"
    return f"{layers} {activation}"


def settings_of(configuration: str) -> list[tuple[str, str]]:
    """Return the settings of a configuration.

    Parameters
    ----------
    configuration : str
        As `Candidate.describe` returns it.

    Returns
    -------
    list of (str, str)
        The name of each, a `Message` if it is in `SETTINGS`, and what follows it: " 0.15".
    """
    found = list[tuple[str, str]]()
    for setting in configuration.split(", "):
        name, space, value = setting.rpartition(" ")
        name, end = (name, space + value) if name in SETTINGS else (setting, "")
        found.append((SETTINGS.get(name, name), end))
    return found


def depth_of(layers: str) -> int:
    """Return the number of hidden layers: 3 for the layers "128-128-128"."""
    return 0 if layers == "linear" else layers.count("-") + 1


def best_by_depth(leaderboard: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return the line of the lowest out-of-fold loss for each number of hidden layers, ascending.

    Parameters
    ----------
    leaderboard : iterable of dict
        See `TrainingLog`.

    Returns
    -------
    dict of int to dict
    """
    best = dict[int, dict[str, Any]]()
    for line in leaderboard:
        depth = depth_of(line["layers"])
        if depth not in best or line["oof_loss"] < best[depth]["oof_loss"]:
            best[depth] = line
    return dict(sorted(best.items()))
