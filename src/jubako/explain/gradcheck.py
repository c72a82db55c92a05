"""The gradient check: backpropagation against finite differences.

A finite difference moves one parameter up and down, and divides the change of the loss. That costs
two forward passes for each parameter, too many for training; but it does not use the backward pass,
and so can verify it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.layers import forward
from jubako.core.network import Network, loss_and_grad
from jubako.i18n.messages import Message

EPSILON = float(np.finfo(np.float64).eps)
STEPS = (1e-5, 1e-6, 1e-7)  # h, times |theta_i| where that is above one
BOUND = 1e-5  # a larger relative difference is a disagreement
ROUNDING = 30  # times EPSILON: rounding error of a loss, relative to its terms


@dataclass(frozen=True, slots=True)
class Probe:
    """One parameter, with the losses at its value and at ± h."""

    index: tuple[int, ...]  # where it stands in its part
    value: float
    h: float
    low: float  # L(value - h)
    middle: float  # L(value)
    high: float  # L(value + h)
    quotient: float  # (high - low) / 2h
    grad: float  # dL/dvalue by backpropagation
    noise: float  # what rounding may add to the quotient

    @property
    def difference(self) -> float:
        """|grad - quotient|."""
        return abs(self.grad - self.quotient)

    @property
    def error(self) -> float:
        """The difference relative to the larger of the two derivatives.

        Differences below `noise` are hidden by rounding, so a derivative counts as at least noise /
        `BOUND`.
        """
        size = max(abs(self.grad), abs(self.quotient), self.noise / BOUND)
        return self.difference / size

    @property
    def agrees(self) -> bool:
        """Whether the gradient agrees with the quotient, within the precision of the quotient."""
        return self.error <= BOUND

    @property
    def on_kink(self) -> bool:
        """Whether the loss has a kink here, and the gradient is between the one-sided derivatives.

        At a kink there is no derivative, and any number between the one-sided ones is a valid
        subgradient.
        """
        sides = (self.middle - self.low) / self.h, (self.high - self.middle) / self.h
        between = min(sides) - self.noise <= self.grad <= max(sides) + self.noise
        return not self.agrees and between


@dataclass(frozen=True, slots=True)
class Part:
    """The parameters of one name in one layer: w, b, s, or 0.w inside a Residual."""

    layer: int  # its place in net.layers
    name: str
    shape: tuple[int, ...]
    grad_norm: float  # length of the whole part's gradient by backpropagation
    probes: tuple[Probe, ...]

    @property
    def compared(self) -> list[Probe]:
        """The probes that can be compared: those not on a kink."""
        return [probe for probe in self.probes if not probe.on_kink]

    @property
    def agrees(self) -> bool:
        """Whether no probe disagrees."""
        return all(probe.agrees for probe in self.compared)

    @property
    def furthest(self) -> Probe:
        """The compared probe with the largest relative difference."""
        return max(self.compared or self.probes, key=lambda probe: probe.error)

    @property
    def steepest(self) -> Probe:
        """The probe with the largest gradient, for display."""
        return max(self.compared or self.probes, key=lambda probe: abs(probe.quotient))


def check_gradient(
    net: Network, theta: Array, x: Array, y: Array, rng: np.random.Generator, most: int = 100
) -> list[Part]:
    """Compare backpropagation with (L(theta_i + h) - L(theta_i - h)) / 2h, layer by layer.

    L is the mean loss of the rows, in float64, without dropout. The error of the quotient is about
    h² L'''/6 by truncation, and about 1e-16 L / h by rounding. Their sum is lowest near h = 1e-5,
    where both are below 1e-10 if L and L''' are near one. If the two derivatives disagree, the
    check is repeated with h = 1e-6 and 1e-7: this reduces the truncation error, which is large for
    large inputs, and excludes kinks within h, as of relu and the absolute error. The larger
    rounding error is taken into account. If the parameter is exactly on a kink, see
    `Probe.on_kink`.

    The derivatives agree if they differ by at most 1e-5 of the larger one (`BOUND`), or by less
    than the rounding error. A correct gradient is usually within 1e-7, a wrong formula off by more
    than 1e-2. Errors below 1e-7 of the loss can't be detected, as in a layer with hardly any effect
    on it.

    Parameters
    ----------
    net : Network
    theta : array, shape (P,)
    x : array, shape (M, n_in)
    y : array, shape (M, n_out), or (M, 1) for class numbers
    rng : numpy.random.Generator
        Selects parameters from parameter arrays with more than `most`.
    most : int
        Maximum number of parameters to check per parameter array: each costs two forward passes.

    Returns
    -------
    list of Part
        In the order of the layers; layers without parameters have none.

    Raises
    ------
    ParameterError
        If theta is not of shape (P,), there are no rows, or the loss is not finite.
    """
    theta, x, y = (np.array(a, np.float64) for a in (theta, x, y))
    check_sizes(net, theta, x)
    s, grad = np.full(len(x), 1 / len(x)), np.empty_like(theta)
    loss = float(loss_and_grad(net, net.views(theta), x, y, s, net.views(grad)))
    b, _ = forward(net.layers, net.views(theta), x)
    if not np.isfinite(loss):
        raise ParameterError(
            Message("The loss is {loss}, so it has no gradient: check x, y and theta.", loss=loss)
        )
    middle = float((s * net.loss.value(b, y)).sum())
    scale = max(1.0, abs(loss), float(abs(b).max()))
    parts = list[Part]()
    for i, layout in enumerate(net.layout):
        for name, (where, shape) in layout.items():
            n = where.stop - where.start
            chosen = np.sort(rng.choice(n, most, replace=False)) if n > most else np.arange(n)
            probes = list[Probe]()
            for j in chosen:
                at, index = where.start + int(j), tuple(map(int, np.unravel_index(j, shape)))
                loss_at = loss_along(net, theta, x, y, s, at)
                attempts = probe(loss_at, theta[at], middle, index, grad[at], scale)
                probes.append(first_good(attempts))
            norm = float(np.linalg.norm(grad[where]))
            parts.append(Part(i, name, shape, norm, tuple(probes)))
    return parts


def check_sizes(net: Network, theta: Array, x: Array) -> None:
    """Check that the parameters fit the network, and that x has rows."""
    if theta.shape != (net.n_params,):
        raise ParameterError(
            f"theta has the shape {theta.shape}, but the network has {net.n_params} parameters: "
            f"pass an array of shape ({net.n_params},)."
        )
    if not len(x):
        raise ParameterError("x has no rows: the gradient check needs one at least.")


def loss_along(
    net: Network, theta: Array, x: Array, y: Array, s: Array, i: int
) -> Callable[[float], float]:
    """Return the loss as a function of theta[i]. theta is not changed."""
    theta = theta.copy()

    def loss_at(value: float) -> float:
        theta[i] = value
        b, _ = forward(net.layers, net.views(theta), x)
        return float((s * net.loss.value(b, y)).sum())

    return loss_at


def probe(
    loss_at: Callable[[float], float],
    value: Any,
    middle: float,
    index: tuple[int, ...],
    grad: Any,
    scale: float,
) -> Iterator[Probe]:
    """Compute the finite difference of a parameter with loss `middle`, with decreasing h."""
    value, grad = float(value), float(grad)
    for step in STEPS:
        h = step * max(1.0, abs(value))
        up, down = value + h, value - h
        low, high = loss_at(down), loss_at(up)
        quotient = (high - low) / (up - down)  # 2h after rounding
        noise = ROUNDING * EPSILON * scale / h
        yield Probe(index, value, h, low, middle, high, quotient, grad, noise)


def first_good(attempts: Iterator[Probe]) -> Probe:
    """Return the first attempt that agrees; if none does, the last one, with the smallest h."""
    last = next(attempts)
    while not last.agrees and (following := next(attempts, None)) is not None:
        last = following
    return last
