"""Fitted networks in plain words and arrays, and back. Hostile descriptions are refused."""

from dataclasses import asdict, fields, replace
from typing import Any, get_type_hints

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.data.target import ClassTarget
from jubako.data.unscaled_target import UnscaledTarget

from .candidate import Candidate
from .fitted_network import FittedNetwork
from .model import Target
from .schema import Schema
from .schema_json import count_from_value, from_value, network_from_plain, network_to_plain
from .training_step import TrainingStep


def fitted_to_plain(fitted: FittedNetwork) -> dict[str, Any]:
    """Describe a fitted network without its parameters.

    Parameters
    ----------
    fitted : FittedNetwork

    Returns
    -------
    dict
    """
    words = {"network": network_to_plain(fitted.net), "weight": float(fitted.weight)}
    if fitted.candidate is None:
        return words | {"seed": fitted.step.seed}
    return words | {
        "candidate": asdict(fitted.candidate) | {"hidden": list(fitted.candidate.hidden)},
        "loss": fitted.loss,
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "seconds": fitted.seconds,
    }


def fitted_from_plain(
    words: Any, theta: Array, name: str, step: TrainingStep | None
) -> FittedNetwork:
    """Create the fitted network that was described.

    Parameters
    ----------
    words : any JSON value
    theta : array, shape (K, P)
    name : str
        Of theta in the file, for messages.
    step : TrainingStep or None
        Settings of the training of a network without candidate.

    Returns
    -------
    FittedNetwork

    Raises
    ------
    ValueError
        If the description is invalid, or theta does not fit it.
    """
    net, weight = network_from_plain(words["network"]), from_value(float, words["weight"], "weight")
    check_theta(name, theta, net, (np.float64, np.float32) if step else (np.float32,))
    if step is not None:
        step = replace(step, seed=count_from_value(words, "seed"))
        return FittedNetwork(net, theta, step, weight=weight)
    candidate = candidate_from_plain(words["candidate"])
    return FittedNetwork(
        net,
        theta,
        candidate.training_step(net.loss),
        candidate,
        weight,
        loss=from_value(float, words["loss"], "loss"),
        epochs=count_from_value(words, "epochs"),
        best_epoch=count_from_value(words, "best_epoch"),
        seconds=from_value(float, words["seconds"], "seconds"),
    )


def candidate_from_plain(words: dict[str, Any]) -> Candidate:
    """Create the candidate that was described.

    Parameters
    ----------
    words : dict

    Returns
    -------
    Candidate

    Raises
    ------
    ValueError
        If a setting is missing, unknown or invalid.
    """
    words = {"discrete": False} | words  # earlier versions had none
    if words.keys() != {field.name for field in fields(Candidate)}:
        raise ValueError(f"a candidate described by {sorted(words)}")
    kinds = get_type_hints(Candidate).items()
    return Candidate(**{name: from_value(kind, words[name], name) for name, kind in kinds})


def check_theta(
    name: str, theta: Array, net: Network, kinds: tuple[type, ...] = (np.float32, np.float64)
) -> None:
    """Check that parameters fit a network and are finite.

    Parameters
    ----------
    name : str
        Of theta in the file, for messages.
    theta : array
        Expected shape (K, P).
    net : Network
    kinds : tuple of types
        The allowed precisions.

    Raises
    ------
    ValueError
        If not.
    """
    if theta.ndim != 2 or theta.shape[1] != net.n_params or not theta.size:
        raise ValueError(f"{name} of shape {theta.shape} does not fit {net.n_params} parameters")
    if theta.dtype not in map(np.dtype, kinds) or not np.isfinite(theta).all():
        raise ValueError(f"{name} holds other things than finite numbers")


def check_inputs(net: Network, n_in: int, names: tuple[str, ...], schema: Schema | None) -> None:
    """Check that a network fits the rows that it is given.

    Parameters
    ----------
    net : Network
    n_in : int
        Numbers in a row, if there is no schema.
    names : tuple of str
        Feature names, or ().
    schema : Schema or None

    Raises
    ------
    ValueError
        If the number of inputs, levels or names differs.
    """
    first = net.layers[0]
    if schema is not None:
        n_in = schema.n_inputs
    if first.n_in != n_in:
        raise ValueError(f"{n_in} numbers in a row for {first.n_in} inputs")
    levels = schema.levels if schema else ()
    unused = (
        (*levels[: len(levels) - schema.n_discrete], *[0] * schema.n_discrete) if schema else ()
    )
    if getattr(first, "levels", ()) not in (levels, unused):
        raise ValueError("a network whose tables do not fit the levels of the categories")
    if names and (schema is not None or len(names) != n_in):
        raise ValueError("there are not as many feature names as features")


def check_outputs(net: Network, target: Target) -> None:
    """Check that the loss and the number of outputs of a network fit the target.

    Parameters
    ----------
    net : Network
    target : Target

    Raises
    ------
    ValueError
        If not.
    """
    losses, n_out = ("real", "count"), 1
    if isinstance(target, ClassTarget):
        losses = {
            "binary": ("binary", "class"),
            "multiclass": ("class",),
            "multilabel": ("binary",),
        }[target.kind]
        n_out = len(target.classes) if net.loss.target == "class" else target.n_outputs
    elif isinstance(target, UnscaledTarget):
        n_out = target.n_outputs
    if net.loss.target not in losses:
        raise ValueError(f"a network with the loss {net.loss}, which does not suit the target")
    if net.layers[-1].n_out != n_out:
        raise ValueError(f"{net.layers[-1].n_out} outputs for {n_out} targets")
