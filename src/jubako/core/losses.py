"""Losses of the raw prediction, and their derivatives.

They are of single rows, without sample weights: these enter once, in `network.loss_and_grad`.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy import absolute, exp, log, maximum, square, tanh, where
from scipy.special import expit, xlogy

from .activations import Array, softplus

Target = Literal["real", "count", "binary", "class"]


class Loss(Protocol):
    """Three functions of the raw prediction b, which is the output layer's u @ w + b.

    b has shape (..., M, n_out). So has y, except that a `class` target is one column of class
    numbers, shape (..., M, 1).
    """

    target: ClassVar[Target]
    """The kind of y: any real number, a count >= 0, 0 or 1 for each output, or a class number."""

    def value(self, b: Array, y: Array) -> Array:
        """Return the loss of each row, summed over its outputs, shape (..., M)."""
        ...

    def delta(self, b: Array, y: Array) -> Array:
        """Return d value / d b, shape (..., M, n_out): mostly prediction minus target."""
        ...

    def mean(self, b: Array) -> Array:
        """Return the prediction of b, a number, a count or probabilities, shape (..., M, n_out)."""
        ...


@dataclass(frozen=True)
class SquaredError:
    """value = (b - y)² / 2. Predicts the mean."""

    target: ClassVar[Target] = "real"

    def value(self, b: Array, y: Array) -> Array:
        """Return (b - y)² / 2, summed over outputs, shape (..., M)."""
        return square(b - y).sum(-1) / 2

    def delta(self, b: Array, y: Array) -> Array:
        """Return b - y, shape (..., M, n_out)."""
        return b - y

    def mean(self, b: Array) -> Array:
        """Return b, shape (..., M, n_out)."""
        return b


@dataclass(frozen=True)
class AbsoluteError:
    """value = |b - y|. Predicts the median."""

    target: ClassVar[Target] = "real"

    def value(self, b: Array, y: Array) -> Array:
        """Return |b - y|, summed over outputs, shape (..., M)."""
        return absolute(b - y).sum(-1)

    def delta(self, b: Array, y: Array) -> Array:
        """Return sign(b - y), shape (..., M, n_out)."""
        return np.sign(b - y)

    def mean(self, b: Array) -> Array:
        """Return b, shape (..., M, n_out)."""
        return b


@dataclass(frozen=True)
class Huber:
    """Squared up to `threshold`, absolute beyond: outliers have a bounded gradient (Huber 1964).

    value = r² / 2 where |r| <= threshold, else threshold * (|r| - threshold / 2), with r = b - y.

    Parameters
    ----------
    threshold : float > 0
        In units of y.
    """

    threshold: float = 1.0
    target: ClassVar[Target] = "real"

    def value(self, b: Array, y: Array) -> Array:
        """Return the loss of each row, summed over outputs, shape (..., M)."""
        r = absolute(b - y)
        near, far = square(r) / 2, self.threshold * (r - self.threshold / 2)
        return where(r <= self.threshold, near, far).sum(-1)

    def delta(self, b: Array, y: Array) -> Array:
        """Return b - y, clipped to [-threshold, threshold], shape (..., M, n_out)."""
        return np.clip(b - y, -self.threshold, self.threshold)

    def mean(self, b: Array) -> Array:
        """Return b, shape (..., M, n_out)."""
        return b


@dataclass(frozen=True)
class LogCosh:
    """value = log cosh(b - y): like the Huber loss, quadratic then linear, but smooth."""

    target: ClassVar[Target] = "real"

    def value(self, b: Array, y: Array) -> Array:
        """Return log cosh(b - y), summed over outputs, shape (..., M)."""
        r = absolute(b - y)
        return (r + softplus(-2 * r) - math.log(2)).sum(-1)  # cosh would overflow

    def delta(self, b: Array, y: Array) -> Array:
        """Return tanh(b - y), shape (..., M, n_out)."""
        return tanh(b - y)

    def mean(self, b: Array) -> Array:
        """Return b, shape (..., M, n_out)."""
        return b


@dataclass(frozen=True)
class Quantile:
    """value = max(q * (y - b), (1 - q) * (b - y)). Predicts the q-quantile (Koenker 1978).

    Parameters
    ----------
    q : float in (0, 1)
        Fraction of the targets below the prediction.
    """

    q: float = 0.5
    target: ClassVar[Target] = "real"

    def value(self, b: Array, y: Array) -> Array:
        """Return max(q * (y - b), (1 - q) * (b - y)), summed over outputs, shape (..., M)."""
        return maximum(self.q * (y - b), (1 - self.q) * (b - y)).sum(-1)

    def delta(self, b: Array, y: Array) -> Array:
        """Return 1 - q above y, -q below it and 0 on it, shape (..., M, n_out)."""
        return np.heaviside(b - y, self.q) - self.q  # 1 - q above y, -q below, 0 on it

    def mean(self, b: Array) -> Array:
        """Return b, shape (..., M, n_out)."""
        return b


@dataclass(frozen=True)
class Poisson:
    """value = exp(b) - y * b + (y log y - y). Predicts the mean exp(b) of counts y >= 0.

    Half the Poisson deviance: with the terms in brackets, a perfect prediction has loss 0.
    """

    target: ClassVar[Target] = "count"

    def value(self, b: Array, y: Array) -> Array:
        """Return exp(b) - y * b + (y log y - y), summed over outputs, shape (..., M)."""
        return (exp(b) - y * b + xlogy(y, y) - y).sum(-1)

    def delta(self, b: Array, y: Array) -> Array:
        """Return exp(b) - y, shape (..., M, n_out)."""
        return exp(b) - y

    def mean(self, b: Array) -> Array:
        """Return exp(b), shape (..., M, n_out)."""
        return exp(b)


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """value = log(1 + exp(b)) - y * b. Predicts the probability logistic(b) of each output.

    One output for two classes, one for each label in multilabel problems. With `smoothing` e > 0
    the target 0 or 1 becomes e/2 or 1 - e/2 (Szegedy et al. 2016, arXiv:1512.00567).

    Parameters
    ----------
    smoothing : float in [0, 1)
        Label smoothing.
    """

    smoothing: float = 0.0
    target: ClassVar[Target] = "binary"

    def value(self, b: Array, y: Array) -> Array:
        """Return log(1 + exp(b)) - y * b, summed over outputs, shape (..., M)."""
        return (softplus(b) - self.smooth(y) * b).sum(-1)

    def delta(self, b: Array, y: Array) -> Array:
        """Return logistic(b) - y with smoothed y, shape (..., M, n_out)."""
        return expit(b) - self.smooth(y)

    def mean(self, b: Array) -> Array:
        """Return logistic(b), shape (..., M, n_out)."""
        return expit(b)

    def smooth(self, y: Array) -> Array:
        """Return the smoothed targets, shape of y."""
        return y * (1 - self.smoothing) + self.smoothing / 2


@dataclass(frozen=True)
class CrossEntropy:
    """value = log sum_j exp(b_j) - sum_j t_j b_j. Predicts the class probabilities softmax(b).

    t is one-hot: 1 for the row's class, else 0. With `smoothing` e > 0 it is 1 - e + e/C for the
    class and e/C for the C - 1 others (Szegedy et al. 2016, arXiv:1512.00567).

    Parameters
    ----------
    smoothing : float in [0, 1)
        Label smoothing.
    """

    smoothing: float = 0.0
    target: ClassVar[Target] = "class"

    def value(self, b: Array, y: Array) -> Array:
        """Return log sum_j exp(b_j) - sum_j t_j b_j, shape (..., M)."""
        b = b - b.max(-1, keepdims=True)  # exp does not overflow, and the value is unchanged
        return log(exp(b).sum(-1)) - np.vecdot(self.one_hot(y, b), b)

    def delta(self, b: Array, y: Array) -> Array:
        """Return softmax(b) - t, shape (..., M, n_out)."""
        return self.mean(b) - self.one_hot(y, b)

    def mean(self, b: Array) -> Array:
        """Return softmax(b), shape (..., M, n_out)."""
        e = exp(b - b.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    def one_hot(self, y: Array, b: Array) -> Array:
        """Return the targets t (..., M, C) of class numbers (..., M, 1)."""
        n_classes = b.shape[-1]
        t: Array = y == np.arange(n_classes, dtype=y.dtype)
        if self.smoothing:
            t = t * b.dtype.type(1 - self.smoothing) + self.smoothing / n_classes
        return t


LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "log_cosh": LogCosh,
    "quantile": Quantile,
    "poisson": Poisson,
    "binary_cross_entropy": BinaryCrossEntropy,
    "cross_entropy": CrossEntropy,
}
