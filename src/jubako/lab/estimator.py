"""The estimator that a setup describes, with the targets and the problem that it takes."""

from itertools import pairwise
from typing import Any

import numpy as np

from jubako import MLPClassifier, MLPRegressor
from jubako.core.activations import Array
from jubako.i18n.messages import Message
from jubako.training.engines.base import Problem

from .configuration import Setup
from .data import PreparedData


def parameters(setup: Setup, data: PreparedData) -> dict[str, Any]:
    """Return the parameters of the estimator for this setup."""
    activations = [box.activation for box in setup.boxes]
    return {
        "hidden_layer_sizes": tuple(box.units for box in setup.boxes),
        "activation": activations[0] if len(set(activations)) == 1 else activations or "relu",
        "solver": setup.solver,
        "momentum": setup.momentum,
        "learning_rate_init": setup.rate,
        "batch_size": min(setup.batch or len(data.y), len(data.y)),
        "alpha": setup.alpha,
        "dropout": setup.dropout if setup.boxes else 0.0,
        "residual": setup.residual and allows_residual(setup),
        "init": setup.init,
        "random_state": setup.seed,
        "dtype": "float64",
    }


def allows_residual(setup: Setup) -> bool:
    """Return whether a hidden layer is as wide as the one before it."""
    sizes = [box.units for box in setup.boxes]
    return any(a == b for a, b in pairwise(sizes))


def loss_name(setup: Setup, data: PreparedData) -> str:
    """Return the name of the loss.

    Raises
    ------
    ValueError
        If it does not fit the task.
    """
    if data.task == "classify":
        if setup.loss not in ("", "cross_entropy", "squared_error"):
            raise ValueError(
                Message(
                    "The loss {loss!r} is for regression, but {target!r} has classes: choose "
                    "cross_entropy or squared_error.",
                    loss=setup.loss,
                    target=data.target,
                )
            )
        return setup.loss or "cross_entropy"
    if setup.loss == "cross_entropy":
        raise ValueError(
            Message(
                "The loss 'cross_entropy' is for classification, but {target!r} is a number: "
                "choose squared_error.",
                target=data.target,
            )
        )
    return setup.loss or "squared_error"


def estimator(setup: Setup, data: PreparedData) -> tuple[Any, Array]:
    """Return the unfitted estimator for this setup, and its y."""
    more: dict[str, Any] = parameters(setup, data) | {"max_iter": 0}
    y = targets(setup, data, data.y)
    if data.task == "classify" and loss_name(setup, data) == "cross_entropy":
        return MLPClassifier(**more), y
    return MLPRegressor(loss_name(setup, data), **more), y


def targets(setup: Setup, data: PreparedData, y: Array) -> Array:
    """Return y for the estimator; for squared errors of classes with one column per class."""
    if data.task == "regress":
        return y[:, 0]
    if loss_name(setup, data) == "squared_error":
        return (y[:, None] == np.unique(data.y)).astype(float)
    return y


def problem_of(model: Any, x: Array, y: Array, alpha: float) -> Problem:
    """Return rows as a problem for the engine."""
    encoded = model.model_.target.encode(y)
    if model.network_.loss.target != "class":
        encoded = encoded.astype(np.float64)
    return Problem(model.network_, x, encoded, np.ones(len(y)), alpha)
