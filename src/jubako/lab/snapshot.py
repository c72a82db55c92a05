"""A snapshot: the network at one moment, which can be drawn while training continues."""

from dataclasses import dataclass

import numpy as np

from jubako.core.activations import Array
from jubako.core.layers import Dense, Residual, backward, forward
from jubako.core.network import Network
from jubako.core.page import ParamViews
from jubako.training.engines.base import Problem

from .configuration import Setup
from .data import PreparedData
from .measurements import Point


@dataclass(frozen=True, slots=True)
class Layer:
    """One box: the position of its parameters, its sizes and activation."""

    index: int  # in net.layers
    prefix: str  # of the names of its parameters: "0." inside a Residual
    n_in: int
    n_out: int
    activation: str
    residual: bool

    def w(self, parts: list[ParamViews]) -> Array:
        """Return its weights, shape (n_in, n_out), or their gradient."""
        return parts[self.index][self.prefix + "w"]

    def b(self, parts: list[ParamViews]) -> Array:
        """Return its biases, shape (1, n_out), or their gradient."""
        return parts[self.index][self.prefix + "b"]


def layers_of(net: Network) -> list[Layer]:
    """Return the boxes of a network: its dense layers, with or without a residual connection."""
    found = list[Layer]()
    for i, layer in enumerate(net.layers):
        residual = isinstance(layer, Residual)
        dense = layer.layers[0] if isinstance(layer, Residual) else layer
        if isinstance(dense, Dense):
            prefix = "0." if residual else ""
            found.append(Layer(i, prefix, dense.n_in, dense.n_out, dense.activation, residual))
    return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The network at one moment."""

    version: int
    setup: Setup
    data: PreparedData
    net: Network
    layers: list[Layer]
    theta: Array
    batch: Problem  # the rows of the next step
    train_problem: Problem  # the training rows, or a sample
    points: list[Point]
    running: bool

    def has(self, layer: int, unit: int) -> bool:
        """Return whether the unit exists."""
        return layer < len(self.layers) and unit < self.layers[layer].n_out

    @property
    def parts(self) -> list[ParamViews]:
        """Its parameters by name, layer by layer."""
        return self.net.views(self.theta)

    def outputs(self, x: Array) -> tuple[list[Array], Array]:
        """Return the output of each hidden layer, (M, n_out), and the prediction."""
        with np.errstate(all="ignore"):  # weights may have diverged
            b, pages = forward(self.net.layers, self.parts, x)
            hidden = [pages[layer.index].v for layer in self.layers[:-1]]
            return hidden, self.net.loss.mean(b)

    def gradients(self, problem: Problem | None = None) -> tuple[list[ParamViews], list[Array]]:
        """Return dL/dw and dL/db, and delta = dL/da of each layer and row.

        By default they are those of `train_problem`. Each delta is the derivative of the loss of
        its row, not of the mean.
        """
        problem, grad = problem or self.train_problem, np.empty_like(self.theta)
        s = np.full(len(problem.y), 1 / len(problem.y))
        grads = self.net.views(grad)
        with np.errstate(all="ignore"):
            b, pages = forward(self.net.layers, self.parts, problem.x)
            delta = s[:, None] * self.net.loss.delta(b, problem.y)
            backward(self.net.layers, self.parts, pages, delta, grads)
            problem.penalize(self.theta, grad, problem.w.sum(), self.net.is_weight)
        deltas = list[Array]()
        for layer in self.layers:
            page = pages[layer.index]
            page = page.inside[0] if page.inside else page
            assert page.delta is not None
            deltas.append(page.delta * len(problem.y))
        return grads, deltas
