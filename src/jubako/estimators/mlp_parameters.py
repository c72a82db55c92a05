"""The parameters of a multilayer perceptron: validation, and the network and its update."""

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np

from jubako.core.errors import ParameterError
from jubako.core.layers import Dense, Dropout, Layer, Residual
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.optimizers import OPTIMIZERS, Update

from .validation import RULES

SMALL = 10_000  # size of X up to which float64 is as fast


def check_parameters(estimator: Any) -> tuple[int, ...]:
    """Validate all parameters, and return the sizes of the hidden layers.

    Raises
    ------
    ParameterError
        If one is invalid; with its value and the valid ones.
    """
    owner = type(estimator).__name__
    for name, value in estimator.get_params(deep=False).items():
        RULES[name].check(owner, name, value)
    sizes = estimator.hidden_layer_sizes
    hidden = tuple(int(size) for size in np.atleast_1d(np.array(sizes, int)))
    for name in ("activation", "dropout"):
        given = getattr(estimator, name)
        if np.ndim(given) and len(given) != len(hidden):
            raise ParameterError(
                f"{name}={given!r} has {len(given)} entries, but there are {len(hidden)} "
                f"hidden layers: hidden_layer_sizes={sizes!r}. Pass one for each, or one for all."
            )
    if estimator.residual and not any(a == b for a, b in pairwise(hidden)):
        raise ParameterError(
            "residual=True bridges hidden layers as wide as the one before, but there is none in "
            f"hidden_layer_sizes={sizes!r}: try (64, 64)."
        )
    if estimator.solver == "lbfgs" and np.any(estimator.dropout):
        raise ParameterError(
            "solver='lbfgs' needs the same loss at every look, so it cannot drop units: set "
            "dropout=0, or solver='adam'."
        )
    return hidden


def build_network(
    estimator: Any, n_in: int, hidden: tuple[int, ...], n_out: int, loss: Loss
) -> Network:
    """Return the network that the parameters describe."""
    activations = np.broadcast_to(estimator.activation, len(hidden))
    dropouts = np.broadcast_to(estimator.dropout, len(hidden))
    layers, n = list[Layer](), n_in
    for units, activation, rate in zip(hidden, activations, dropouts, strict=True):
        box: tuple[Layer, ...] = (Dense(n, units, str(activation)),)
        if rate:
            box += (Dropout(units, float(rate)),)
        layers += (Residual(box),) if estimator.residual and layers and n == units else box
        n = units
    return Network((*layers, Dense(n, n_out)), loss)


def choose_dtype(estimator: Any, X: Any) -> object:
    """Return the precision in which a new network is trained on X."""
    if estimator.dtype != "auto":
        return np.dtype(estimator.dtype)
    exact = estimator.solver == "lbfgs" or X.shape[0] * X.shape[1] <= SMALL
    return np.dtype(np.float64 if exact else np.float32)


def update_of(estimator: Any) -> Update | None:
    """Return the update rule that the parameters describe; None for L-BFGS."""
    if estimator.solver == "lbfgs":
        return None
    given = {
        "momentum": estimator.momentum,
        "nesterov": estimator.nesterovs_momentum,
        "beta_1": estimator.beta_1,
        "beta_2": estimator.beta_2,
        "epsilon": estimator.epsilon,
    }
    limit = estimator.max_grad_norm
    return Update(
        make(OPTIMIZERS[estimator.solver], given),
        estimator.weight_decay,
        np.inf if limit is None else limit,
    )


def config_of(estimator: Any, update: Update, batch_size: int) -> TrainConfig:
    """Return the configuration of training that the parameters describe."""
    return TrainConfig(
        update=update,
        epochs=estimator.max_iter,
        batch_size=batch_size,
        shuffle=bool(estimator.shuffle),
        schedule=estimator.schedule,
        warm_up=estimator.warmup_fraction,
        learning_rate=estimator.learning_rate if estimator.solver == "sgd" else "constant",
        power_t=estimator.power_t,
        tol=estimator.tol,
        patience=estimator.n_iter_no_change,
    )


def make(cls: type, given: dict[str, float]) -> Any:
    """Create an instance of a class, with those of the given settings that it has."""
    return cls(**{field.name: given[field.name] for field in fields(cls) if field.name in given})
