"""Saving: what an estimator has learned, in plain words and arrays, and back."""

import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from math import isfinite
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from jubako._version import __version__
from jubako.core.activations import ACTIVATIONS, Array
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.data.target import ClassTarget, NumericTarget
from jubako.model.errors import ModelFileError
from jubako.model.model_file import write_file
from jubako.model.schema_json import from_value, network_from_plain, network_to_plain
from jubako.search.candidates import Candidate
from jubako.search.crossval import FittedCandidate
from jubako.training.history import Reason, Record

from .targets import Numbers

KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
"""What the labels of a saved classifier may be."""

LABEL_CHARACTERS = 1 << 24  # of all labels of a model, each as wide as the longest

BOARD = {
    "layers": str,
    "activation": str,
    "configuration": str,
    "oof_loss": float,
    "weight": float,
    "epochs": int,
    "best_epoch": int,
    "seconds": float,
}
"""What a line of the leaderboard holds."""


class Saving:
    """What every estimator can: be saved. A subclass describes itself and takes that back."""

    def save(self, path: str | Path, note: dict[str, Any] | None = None) -> None:
        """Save the trained model as one file that `jubako.load` reads.

        The file holds the parameters, how columns become numbers, the labels and the weights, but
        no rows. (Levels of categories and labels are values from the table.) It is in the
        safetensors format, and nothing in it is ever run.

        Parameters
        ----------
        path : str or Path
        note : dict, optional
            Anything that JSON can hold, to be kept with the model. `jubako inspect` shows it.

        Raises
        ------
        OSError
            If it can't be written there.
        ModelFileError
            If it has labels that a file can't hold.
        """
        description, arrays = self.describe()
        description |= {"estimator": type(self).__name__, "library_version": __version__}
        write_file(path, description | {"note": note or {}}, arrays)

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return what was learned, as plain words and arrays."""
        raise NotImplementedError

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `describe` has returned.

        Raises
        ------
        ValueError
            If the words make no sense, or the arrays do not fit them.
        """
        raise NotImplementedError


# One network


def describe_network(model: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what an `MLPClassifier` or `MLPRegressor` has learned."""
    words = {
        "params": plain_params(model),
        "targets": describe_targets(model._targets),
        "network": network_to_plain(model.network_),
        "n_features": model.n_features_in_,
        "features": [str(name) for name in getattr(model, "feature_names_in_", [])],
        "history": {
            name: [plain_entry(value) for value in column]
            for name, column in model.history_.items()
        },
        "rows_seen": model.t_,
        "epochs": model.n_iter_,
        "stopped": model.stopped_,
    }
    return words, {"theta": model.theta_}


def restore_network(model: Any, words: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Give a new `MLPClassifier` or `MLPRegressor` what another has learned."""
    model.set_params(**{key: as_param(value) for key, value in words["params"].items()})
    model._check_parameters()
    net, targets, theta = network_from_plain(words["network"]), words["targets"], arrays["theta"]
    check_theta("theta", theta, net)
    model._targets = restore_targets(targets)
    loss = model._loss(model._targets)
    if type(net.loss) is not type(loss):
        raise ValueError(f"a network with the loss {net.loss}, where {loss} is needed")
    if net.layers[-1].n_out != model._targets.n_outputs:
        raise ValueError(f"{net.layers[-1].n_out} outputs for {model._targets.n_outputs} targets")
    n_features = from_value(int, words["n_features"], "n_features")
    if net.layers[0].n_in != n_features:
        raise ValueError(f"{net.layers[0].n_in} inputs for {n_features} features")
    model.network_, model.theta_ = net, theta
    model.n_outputs_, model.n_features_in_ = model._targets.n_outputs, n_features
    names = from_value(tuple[str, ...], words["features"], "features")
    if names:
        if len(names) != n_features:
            raise ValueError("there are not as many feature names as features")
        model.feature_names_in_ = np.array(names, object)
    model.history_ = restore_history(words["history"])
    stopped = words["stopped"]
    if stopped not in Reason.__args__:
        raise ValueError(f"training can't have stopped by {stopped!r}")
    model.stopped_ = stopped
    model.t_, epochs = (restore_count(words, name) for name in ("rows_seen", "epochs"))
    model._summarize(epochs)


# Ensembles


def describe_ensemble(
    ensemble: list[FittedCandidate], weights: Array
) -> tuple[list[dict[str, Any]], dict[str, Array]]:
    """Return what the candidates in the ensemble have learned, with their weights."""
    words = [
        {
            "member": asdict(fitted.candidate) | {"hidden": list(fitted.candidate.hidden)},
            "network": network_to_plain(fitted.net),
            "share": float(weight),
            "loss": fitted.loss,
            "epochs": fitted.epochs,
            "best": fitted.best_epoch,
            "seconds": fitted.seconds,
        }
        for fitted, weight in zip(ensemble, weights, strict=True)
    ]
    return words, {f"theta.{i}": fitted.theta for i, fitted in enumerate(ensemble)}


def restore_ensemble(
    words: list[dict[str, Any]],
    arrays: dict[str, Array],
    n_in: int,
    levels: tuple[int, ...],
    n_out: int,
    loss: type[Loss],
) -> tuple[list[FittedCandidate], Array]:
    """Make the candidates that were described, for rows of `n_in` numbers, and their weights."""
    ensemble = list[FittedCandidate]()
    for i, described in enumerate(words):
        net, theta = network_from_plain(described["network"]), arrays[f"theta.{i}"]
        check_theta(f"theta.{i}", theta, net, (np.float32,))
        if net.layers[0].n_in != n_in:
            raise ValueError(f"{n_in} numbers from columns for {net.layers[0].n_in} inputs")
        if getattr(net.layers[0], "levels", ()) != levels:
            raise ValueError("a network whose tables do not fit the levels of the categories")
        if net.layers[-1].n_out != n_out:
            raise ValueError(f"a network with {net.layers[-1].n_out} outputs")
        if not isinstance(net.loss, loss):
            raise ValueError(f"a network with the loss {net.loss}")
        ensemble.append(
            FittedCandidate(
                restore_candidate(described["member"]),
                net,
                theta,
                loss=from_value(float, described["loss"], "loss"),
                epochs=restore_count(described, "epochs"),
                best_epoch=restore_count(described, "best"),
                seconds=from_value(float, described["seconds"], "seconds"),
            )
        )
    weights = np.array([from_value(float, described["share"], "share") for described in words])
    if not len(weights) or not (weights > 0).all() or abs(weights.sum() - 1) > 1e-6:
        raise ValueError(f"shares {weights.tolist()} that are not positive with the sum one")
    return ensemble, weights


def restore_board(words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the leaderboard that was saved."""
    board = [{name: from_value(BOARD[name], line[name], name) for name in BOARD} for line in words]
    for line in board:
        if not re.fullmatch(r"linear|\d+(-\d+)*", line["layers"]):
            raise ValueError(f"a network with the layers {line['layers']!r}")
        if line["activation"] not in ("", *ACTIVATIONS):
            raise ValueError(f"there is no activation {line['activation']!r}")
    return board


def restore_candidate(words: dict[str, Any]) -> Candidate:
    """Make the candidate that was described."""
    if words.keys() != {field.name for field in fields(Candidate)}:
        raise ValueError(f"a member described by {sorted(words)}")
    kinds = get_type_hints(Candidate).items()
    return Candidate(**{name: from_value(kind, words[name], name) for name, kind in kinds})


def check_finite(prediction: Array) -> None:
    """Refuse predictions that are infinite or NaN: no number may look like an answer.

    Raises
    ------
    ModelFileError
        With the first row, counted from 1. Training keeps weights for which this does not happen,
        on values like those that it has seen.
    """
    if not np.isfinite(prediction).all():
        row = int((~np.isfinite(prediction).reshape(len(prediction), -1)).any(1).argmax())
        raise ModelFileError(
            f"The prediction of row {row + 1} is not finite: the weights of the network, or values "
            "in the row, are too large. Train the model again, or scale the row as in training."
        )


# Parameters, records and targets


def check_theta(
    name: str, theta: Array, net: Network, kinds: tuple[type, ...] = (np.float32, np.float64)
) -> None:
    """Refuse weights (K, P) that do not fit a network, or are no finite numbers of these kinds."""
    if theta.ndim != 2 or theta.shape[1] != net.n_params or not theta.size:
        raise ValueError(f"{name} of shape {theta.shape} does not fit {net.n_params} parameters")
    if theta.dtype not in kinds or not np.isfinite(theta).all():
        raise ValueError(f"{name} holds other things than finite numbers")


def plain_params(model: Any) -> dict[str, Any]:
    """Return those parameters that a file can hold: callables and generators are left out."""
    params = {}
    for name, value in model.get_params(deep=False).items():
        if isinstance(value, np.ndarray | np.generic):
            value = value.tolist()
        if isinstance(value, tuple):
            value = list(value)
        if isinstance(value, float) and not isfinite(value):
            value = str(value)  # JSON has no infinity
        items = value if isinstance(value, list) else [value]
        if all(item is None or isinstance(item, bool | int | float | str) for item in items):
            params[name] = value
    return params


def as_param(value: Any) -> Any:
    """Undo what `plain_params` did."""
    if isinstance(value, list):
        return tuple(value)
    return float(value) if value in ("inf", "-inf", "nan") else value


def plain_entry(value: Any) -> Any:
    """Return an entry of the history as JSON can hold it."""
    if isinstance(value, tuple):
        return [plain_entry(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def restore_history(words: Any) -> dict[str, list[Any]]:
    """Make the records of the epochs that were saved, by column.

    Raises
    ------
    ValueError
        If a column is missing or unknown, of another length, or holds something else.
    """
    if words.keys() != set(Record._fields):
        raise ValueError(f"a history of {sorted(words)}")
    columns = {name: [restore_entry(name, entry) for entry in words[name]] for name in words}
    if len(set(map(len, columns.values()))) > 1:
        raise ValueError("a history whose columns differ in length")
    return columns


def restore_entry(name: str, value: Any) -> Any:
    """Undo `plain_entry`: a loss that is missing was not finite."""
    if name == "message":
        return from_value(str, value, name)
    if name == "epoch":
        return from_value(int, value, name)
    if name == "grad_norms":
        return tuple(np.nan if item is None else from_value(float, item, name) for item in value)
    if value is None:
        return np.nan if name == "train_loss" else None
    return from_value(float, value, name)


def restore_count(words: dict[str, Any], name: str) -> int:
    """Return a whole number that is not negative."""
    value: int = from_value(int, words[name], name)
    if value < 0:
        raise ValueError(f"{name!r} is {value}")
    return value


def describe_targets(targets: ClassTarget | Numbers) -> dict[str, Any]:
    """Describe what is predicted."""
    if isinstance(targets, Numbers):
        return {"targets": "numbers", "n_outputs": targets.n_outputs, "counts": targets.counts}
    labels: list[Any] = targets.classes.tolist()
    if label_characters(labels) > LABEL_CHARACTERS:
        longest = max(map(len, labels))
        raise ModelFileError(
            f"{len(labels)} labels of up to {longest} characters can't be saved: shorten them."
        )
    for name, kind in KINDS.items():
        if all(type(label) is kind for label in labels):
            return {"targets": "labels", "kind": targets.kind, "type": name, "classes": labels}
    raise ModelFileError(
        f"The labels {labels[:3]!r} can't be saved: only strings, numbers or booleans can."
    )


def restore_targets(words: dict[str, Any]) -> ClassTarget | Numbers:
    """Make the targets that were described."""
    if words["targets"] == "numbers":
        n_outputs = from_value(int, words["n_outputs"], "n_outputs")
        if n_outputs < 1:
            raise ValueError(f"a network can't have {n_outputs!r} outputs")
        return Numbers(n_outputs, from_value(bool, words["counts"], "counts"))
    labels = from_value(tuple[KINDS[words["type"]], ...], words["classes"], "classes")
    if label_characters(labels) > LABEL_CHARACTERS:
        raise ValueError(f"{len(labels)} labels of up to {max(map(len, labels))} characters")
    n, kind = len(labels), words["kind"]
    fewest, most = {"binary": (2, 2), "multiclass": (1, n), "multilabel": (1, n)}[kind]
    if not fewest <= n <= most or (kind == "multiclass" and n == 2):
        raise ValueError(f"{n} labels of a {kind} problem")
    classes = np.array(labels)
    if not (classes[1:] > classes[:-1]).all():
        raise ValueError("the labels are not in order, or one stands twice")
    if kind == "multilabel" and (classes != np.arange(n)).any():
        raise ValueError("the labels of a multilabel problem are not the numbers of its columns")
    return ClassTarget(classes, kind)


def restore_numeric_target(words: dict[str, Any], limits: Any = None) -> NumericTarget:
    """Make the target coding that was described by its center, scale and, if any, limits."""
    center, scale = (from_value(float, words[name], name) for name in ("center", "scale"))
    low, high = -np.inf, np.inf
    if limits is not None:
        low, high = from_value(tuple[float, ...], limits, "range")
    if not (low <= high and scale > 0):
        raise ValueError(f"a target around {center} with a spread of {scale}")
    return NumericTarget(center, scale, low, high)


def label_characters(labels: Sequence[Any]) -> int:
    """Return how many characters an array of these labels takes, each as wide as the longest."""
    return len(labels) * max((len(label) for label in labels if isinstance(label, str)), default=0)
