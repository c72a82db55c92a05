"""Activation functions v = f(a) of a unit's pre-activation a, with their slopes f'(a).

Sources: leaky_relu, Maas et al. 2013; elu, Clevert et al. 2016 (arXiv:1511.07289); selu, Klambauer
et al. 2017 (arXiv:1706.02515); gelu and quick_gelu, Hendrycks & Gimpel 2016 (arXiv:1606.08415);
silu, Elfwing et al. 2018 (arXiv:1702.03118); mish, Misra 2019 (arXiv:1908.08681); softplus, Dugas
et al. 2001.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy import exp, expm1, heaviside, logaddexp, maximum, minimum, ones_like, tanh, zeros_like
from numpy.typing import NDArray
from scipy.special import expit, ndtr  # the logistic and the normal distribution function

Array = NDArray[Any]

QUICK = 1.702  # the best approximation of gelu's normal distribution function by the logistic
LEAK = 0.01  # the derivative of leaky_relu for a < 0
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772  # with these selu keeps mean 0, variance 1


@dataclass(frozen=True, slots=True)
class Activation:
    """An elementwise function and its derivative, for arrays of any shape.

    Parameters
    ----------
    value : callable
        The function a -> v = f(a).
    slope : callable
        The derivative (a, v) -> f'(a), which uses whichever is cheaper.
    """

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(lambda a: a, lambda a, v: ones_like(a)),
    "relu": Activation(lambda a: maximum(a, zeros_like(a)), lambda a, v: a > 0),
    "leaky_relu": Activation(lambda a: maximum(a, LEAK * a), lambda a, v: step(a, LEAK, 1)),
    "elu": Activation(lambda a: maximum(a, expm1(minimum(a, 0))), lambda a, v: minimum(v, 0) + 1),
    "selu": Activation(
        lambda a: SCALE * (maximum(a, 0) + ALPHA * expm1(minimum(a, 0))),
        lambda a, v: minimum(v, 0) + step(a, SCALE * ALPHA, SCALE),
    ),
    "gelu": Activation(lambda a: a * ndtr(a), lambda a, v: ndtr(a) + a * bell(a)),
    "quick_gelu": Activation(
        lambda a: a * expit(QUICK * a), lambda a, v: expit(QUICK * a) * (1 + QUICK * (a - v))
    ),
    "silu": Activation(lambda a: a * expit(a), lambda a, v: expit(a) * (1 + a - v)),
    "mish": Activation(
        lambda a: a * tanh(softplus(a)),
        lambda a, v: (t := tanh(softplus(a))) + a * (1 - t * t) * expit(a),
    ),
    "softplus": Activation(lambda a: softplus(a), lambda a, v: expit(a)),
    "tanh": Activation(tanh, lambda a, v: 1 - v * v),
    "logistic": Activation(expit, lambda a, v: v * (1 - v)),
}


def step(a: Array, low: float, high: float) -> Array:
    """Return `high` where a > 0, else `low`, elementwise, in the shape and precision of a."""
    return low + (high - low) * heaviside(a, 0)


def softplus(a: Array) -> Array:
    """Return log(1 + exp(a)), elementwise and without overflow."""
    return logaddexp(0, a)


def bell(a: Array) -> Array:
    """Return exp(-a²/2) / sqrt(2 pi), elementwise: the derivative of `ndtr`."""
    return exp(-0.5 * a * a) / math.sqrt(2 * math.pi)
