"""The history of training: a record of each epoch, and how training ended."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal, NamedTuple

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network

from .engines.base import EpochOutputs
from .state import TrainState


class Record(NamedTuple):
    """The record of an epoch: means over the networks that are still training.

    Parameters
    ----------
    epoch : int
        From 1.
    train_loss : float
        Mean over the batches of the epoch, including the penalty.
    val_loss, val_score : float or None
        None without validation.
    learning_rate : float or None
        In the last step of the epoch; L-BFGS has none.
    grad_norms : tuple of float
        Of each layer with parameters, in the last step of the epoch, after clipping.
    seconds : float
        Since the start of training.
    message : str
        For the user, as after a divergence.
    """

    epoch: int
    train_loss: float
    val_loss: float | None
    val_score: float | None
    learning_rate: float | None
    grad_norms: tuple[float, ...]
    seconds: float
    message: str = ""


Observer = Callable[[Record], object]
"""Called after each epoch. Training stops if it returns True."""

Reason = Literal["epochs", "converged", "callback", "interrupted", "diverged"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of training.

    Parameters
    ----------
    records : list of Record
    reason : str
        Why training ended, one of `Reason`.
    theta : array, shape (K, P)
        The final weights: each network's last, or its best if the validation score decides.
    """

    records: list[Record]
    reason: Reason
    theta: Array


@np.errstate(over="ignore", invalid="ignore")  # of networks that have diverged
def records_of(
    net: Network,
    state: TrainState,
    outputs: EpochOutputs,
    lrs: Array,
    finite: Array,
    measured: tuple[Array, Array] | None,
    end: float,
) -> list[Record]:
    """Return the records of the first n epochs after a state.

    Parameters
    ----------
    net : Network
    state : TrainState
        The state before these epochs, except for its numbers.
    outputs : EpochOutputs
        Of at least n epochs.
    lrs : array, shape (>= n, n_steps, K)
        Learning rates.
    finite : array of bool, shape (n, K)
        Which networks had a finite loss and weights in each epoch.
    measured : pair of arrays, shape (K,), or None
        Validation loss and score, which require n = 1.
    end : float
        When the epochs ended, in seconds since the start of training.

    Returns
    -------
    list of n Record
    """
    n, learning = len(finite), state.learning
    good = finite & learning
    losses = mean(outputs.losses[:n], good)
    norms = mean(lengths_by_layer(net, outputs.grads[:n]), good)
    rates = mean(lrs[:n, -1], np.broadcast_to(learning, good.shape))
    val_losses, val_scores = (
        (mean(values[None], good) for values in measured) if measured else repeat([None] * n, 2)
    )
    is_known = np.any(good, 1).tolist()
    by_layer = [tuple(norms[e]) if is_known[e] else () for e in range(n)]
    epochs = range(state.epoch + 1, state.epoch + 1 + n)
    seconds = np.linspace(state.seconds, end, n + 1)[1:].tolist()
    # made from columns, since short epochs take no longer than a record
    return list(map(Record, epochs, losses, val_losses, val_scores, rates, by_layer, seconds))


def mean(values: Array, of: Array) -> list[Any]:
    """Return the mean over the selected networks in each epoch.

    Parameters
    ----------
    values : array, shape (E, K, ...)
    of : array of bool, shape (E, K)
        The networks to average over; NaN where there are none.

    Returns
    -------
    list of E floats or nested lists
    """
    if of.shape[1] == 1 and of.all():  # a single network: the same, in a tenth of the time
        return values[:, 0].tolist()
    shares = of / np.maximum(of.sum(1, keepdims=True), 1)
    shares[~of.any(1)] = np.nan
    lead = of.reshape(of.shape + (1,) * (values.ndim - 2))
    return (np.where(lead, values, 0) * shares.reshape(lead.shape)).sum(1).tolist()


def lengths_by_layer(net: Network, grads: Array) -> Array:
    """Return the norm of the gradient in each layer with parameters.

    Parameters
    ----------
    net : Network
    grads : array, shape (..., P)

    Returns
    -------
    array of float64, shape (..., n_layers)
    """
    places = [[part for part, _ in parts.values()] for parts in net.layout if parts]
    layers = [grads[..., parts[0].start : parts[-1].stop] for parts in places]
    return np.sqrt(np.stack([np.vecdot(part, part) for part in layers], -1, dtype=np.float64))


def norms_by_layer(net: Network, grad: Array) -> tuple[float, ...]:
    """Return the norm of the gradient (K, P) in each layer with parameters, mean over networks."""
    return tuple(lengths_by_layer(net, grad).mean(0).tolist())
