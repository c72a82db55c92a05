"""The network: a stack of layers and a loss over one flat buffer. `loss_and_grad` is the heart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .activations import Array
from .counter_rng import CounterRng
from .initializers import INITIALIZERS
from .layers import Layer, ParamViews, backward, forward
from .losses import Loss


@dataclass(frozen=True)
class Network:
    """What to compute, as plain data. The numbers are in theta, shape (P,) or (K, P)."""

    layers: tuple[Layer, ...]
    loss: Loss

    @cached_property
    def layout(self) -> list[dict[str, tuple[slice, tuple[int, ...]]]]:
        """Where in theta the parts of each layer stand, and their shapes."""
        layout, i = list[dict[str, tuple[slice, tuple[int, ...]]]](), 0
        for layer in self.layers:
            layout.append({})
            for name, shape in layer.shapes().items():
                layout[-1][name] = slice(i, i := i + math.prod(shape)), shape
        return layout

    @cached_property
    def n_params(self) -> int:
        """P, the length of theta."""
        return sum(math.prod(shape) for parts in self.layout for _, shape in parts.values())

    def views(self, buffer: Array) -> list[ParamViews]:
        """Name the parts of a (..., P) buffer, layer by layer. Nothing is copied."""
        lead = buffer.shape[:-1]
        return [
            {name: buffer[..., part].reshape(lead + shape) for name, (part, shape) in parts.items()}
            for parts in self.layout
        ]

    @cached_property
    def is_weight(self) -> Array:
        """Mark the parameters that penalties and decay act on: 1 for weights, 0 for biases."""
        mask = np.zeros(self.n_params)
        for p in self.views(mask):
            for name, part in p.items():
                part[...] = name.endswith("w")
        return mask

    @cached_property
    def lr_multipliers(self) -> Array:
        """Multipliers of the learning rate and of the weight decay, by parameter: shape (2, P)."""
        buffer = np.empty((2, self.n_params))
        for layer, p in zip(self.layers, self.views(buffer), strict=True):
            for name, multipliers in layer.lr_multipliers().items():
                p[name].reshape(2, -1)[...] = np.array([multipliers]).T
        return buffer

    def init(self, rule: str, rng: np.random.Generator) -> Array:
        """Draw the initial theta of one network, shape (P,), float64."""
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
    params, grads : `net.views` of theta and of the gradient's buffer, both (P,) or (K, P)
    x : array, shape (M, n_in), or (K, M, n_in) where each network sees rows of its own
    y : array, shape (M, n_out), (M, 1) for class numbers; or with K in front
    s : array, shape (M,) or (K, M)
        How much each row counts. They sum to one: 1/M each, if all rows count alike.
    rng : CounterRng or None
        The source of dropout. None: nothing is dropped.

    Returns
    -------
    array, shape () or (K,)
        The loss of each network, summed in double precision.
    """
    b, pages = forward(net.layers, params, x, rng)
    backward(net.layers, params, pages, s[..., None] * net.loss.delta(b, y), grads)
    return (s * net.loss.value(b, y)).sum(-1, dtype=np.float64)
