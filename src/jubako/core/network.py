"""The network: a stack of layers and a loss over one flat buffer, and `loss_and_grad`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .activations import Array
from .counter_rng import CounterRng
from .initializers import INITIALIZERS
from .layers import Layer, backward, forward
from .losses import Loss
from .page import ParamViews


@dataclass(frozen=True)
class Network:
    """An architecture as plain data; its parameters are in theta, shape (P,) or (K, P).

    Parameters
    ----------
    layers : tuple of Layer
        Each takes the outputs of the one before.
    loss : Loss
        Of the raw prediction, the output of the last layer.
    """

    layers: tuple[Layer, ...]
    loss: Loss

    @cached_property
    def layout(self) -> list[dict[str, tuple[slice, tuple[int, ...]]]]:
        """The slice of theta and the shape of each parameter array, by name, for each layer."""
        layout, i = list[dict[str, tuple[slice, tuple[int, ...]]]](), 0
        for layer in self.layers:
            layout.append({})
            for name, shape in layer.shapes().items():
                layout[-1][name] = slice(i, i := i + math.prod(shape)), shape
        return layout

    @cached_property
    def n_params(self) -> int:
        """P, the number of parameters."""
        return sum(math.prod(shape) for parts in self.layout for _, shape in parts.values())

    def views(self, buffer: Array) -> list[ParamViews]:
        """Return the parameter arrays of each layer, by name, as views of a buffer (..., P)."""
        lead = buffer.shape[:-1]
        return [
            {name: buffer[..., part].reshape(lead + shape) for name, (part, shape) in parts.items()}
            for parts in self.layout
        ]

    @cached_property
    def is_weight(self) -> Array:
        """The mask of the L2 penalty and weight decay: 1 for weights, 0 for others; shape (P,)."""
        mask = np.zeros(self.n_params)
        for p in self.views(mask):
            for name, part in p.items():
                part[...] = name.endswith("w")
        return mask

    @cached_property
    def lr_multipliers(self) -> Array:
        """The multipliers of learning rate and weight decay of each parameter, shape (2, P)."""
        buffer = np.empty((2, self.n_params))
        for layer, p in zip(self.layers, self.views(buffer), strict=True):
            for name, multipliers in layer.lr_multipliers().items():
                p[name].reshape(2, -1)[...] = np.array([multipliers]).T
        return buffer

    def init(self, rule: str, rng: np.random.Generator) -> Array:
        """Return the initial theta of one network, float64 of shape (P,).

        Parameters
        ----------
        rule : str
            A name in `INITIALIZERS`.
        rng : Generator
        """
        theta = np.empty(self.n_params)
        for layer, p in zip(self.layers, self.views(theta), strict=True):
            layer.init(p, INITIALIZERS[rule], rng)
        return theta


def loss_and_grad(
    net: Network,
    params: Sequence[ParamViews],
    x: Array,
    y: Array,
    s: Array,
    grads: Sequence[ParamViews],
    rng: CounterRng | None = None,
) -> Array:
    """Compute L = sum_i s_i * loss(b_i, y_i), and overwrite grads with dL/dtheta.

    Parameters
    ----------
    net : Network
    params : `net.views` of theta, shape (P,) or (K, P)
    x : array, shape (M, n_in), or (K, M, n_in) if each network has its own rows
    y : array, shape (M, n_out), or (M, 1) for class numbers; optionally with K in front
    s : array, shape (M,) or (K, M)
        Weights of the rows, which sum to one: 1/M each if all rows have equal weight.
    grads : `net.views` of the gradient's buffer, of the shape of theta
    rng : CounterRng or None
        The source of dropout masks; None for no dropout.

    Returns
    -------
    array, shape () or (K,)
        The loss of each network, summed in double precision.
    """
    b, pages = forward(net.layers, params, x, rng)
    backward(net.layers, params, pages, s[..., None] * net.loss.delta(b, y), grads)
    return (s * net.loss.value(b, y)).sum(-1, dtype=np.float64)
