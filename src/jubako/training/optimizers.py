"""Optimizers: from a gradient to a step, on flat buffers, in place.

An optimizer holds its settings only. Its state between steps is a dictionary of arrays
that `init` creates and `step` updates, so a run can be saved, rolled back and resumed by copying.
theta and grad are (P,) or (K, P), and the state's arrays have K in front too; lr is a number, or
(K, 1), one rate for each network, or (K, P), one for each parameter.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy import sqrt, square

from jubako.core.activations import Array
from jubako.core.network import Network

OptimizerState = dict[str, Array]
Rate = float | Array


class Optimizer(Protocol):
    """The interface of an optimizer. Adding one is one class here and one line in `OPTIMIZERS`."""

    def init(self, theta: Array) -> OptimizerState:
        """Return the state before the first step: named arrays with the leading axes of theta."""
        ...

    def step(self, theta: Array, grad: Array, state: OptimizerState, lr: Rate) -> None:
        """Move theta against the gradient, and update the state, both in place.

        Parameters
        ----------
        theta, grad : array, shape (P,) or (K, P)
        state : dict of arrays
        lr : float, or array of shape (K, 1) or (K, P)
            Learning rate.
        """
        ...


@dataclass(frozen=True)
class SGD:
    """Gradient descent with a velocity z (Sutskever et al. 2013, Nesterov's form in eq. 3, 4).

    z <- momentum * z - lr * grad;  theta <- theta + z, or + (momentum * z - lr * grad) if nesterov

    Parameters
    ----------
    momentum : float in [0, 1]
    nesterov : bool
        Whether to use Nesterov's form.
    """

    momentum: float = 0.9
    nesterov: bool = True

    def init(self, theta: Array) -> OptimizerState:
        """Return the velocity z = 0, with the shape of theta."""
        return {"z": np.zeros_like(theta)}

    def step(self, theta: Array, grad: Array, state: OptimizerState, lr: Rate) -> None:
        """Update z <- momentum * z - lr * grad, and theta by z, both in place."""
        z = state["z"]
        z *= self.momentum
        z -= lr * grad
        theta += self.momentum * z - lr * grad if self.nesterov else z


@dataclass(frozen=True)
class Adam:
    """Steps of about lr in every parameter, whatever its gradient's size (arXiv:1412.6980).

    m <- beta_1 m + (1 - beta_1) grad;  v <- beta_2 v + (1 - beta_2) grad²
    theta <- theta - lr * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)

    This is the paper's second form (end of its section 2), in which epsilon is not corrected for
    bias. With weight decay in `Update` it is AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101).

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1)
        Decay rates of the mean of the gradient and of its square.
    epsilon : float > 0
        Added to the denominator.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def init(self, theta: Array) -> OptimizerState:
        """Return m = v = 0, with the shape of theta, and the number of steps t = 0."""
        t = np.zeros((*theta.shape[:-1], 1))  # steps made, by network
        return {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "t": t}

    def step(self, theta: Array, grad: Array, state: OptimizerState, lr: Rate) -> None:
        """Update t, m, v and theta in place by the formulas of the class."""
        m, v, t = state["m"], state["v"], state["t"]
        t += 1
        m += (1 - self.beta_1) * (grad - m)
        v += (1 - self.beta_2) * (square(grad) - v)
        rate = lr * sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)  # m and v start at 0
        theta -= rate.astype(theta.dtype) * m / (sqrt(v) + self.epsilon)


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam that looks ahead, as Nesterov's momentum does (Dozat 2016, with a constant beta_1).

    With Adam's m and v, and n = beta_1 m + (1 - beta_1) grad, where m will be if grad stays:
    theta <- theta - lr * sqrt(1 - beta_2^t) / (1 - beta_1^(t + 1)) * n / (sqrt(v) + epsilon)

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1)
        Decay rates of the mean of the gradient and of its square.
    epsilon : float > 0
        Added to the denominator.
    """

    def step(self, theta: Array, grad: Array, state: OptimizerState, lr: Rate) -> None:
        """Update t, m, v and theta in place by the formulas of the class."""
        m, v, t = state["m"], state["v"], state["t"]
        t += 1
        m += (1 - self.beta_1) * (grad - m)
        v += (1 - self.beta_2) * (square(grad) - v)
        ahead = m + (1 - self.beta_1) * (grad - m)
        rate = lr * sqrt(1 - self.beta_2**t) / (1 - self.beta_1 ** (t + 1))
        theta -= rate.astype(theta.dtype) * ahead / (sqrt(v) + self.epsilon)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam, "nadam": NAdam}


@dataclass(frozen=True)
class Update:
    """One update of theta in three fixed stages: clip the gradient, decay the weights, step.

    Parameters
    ----------
    optimizer : Optimizer
    weight_decay : float >= 0
        Each step first multiplies the weights, not the biases, by 1 - lr * weight_decay.
    max_grad_norm : float > 0
        Gradients with a larger norm are scaled down to it, separately for each network.
    per_parameter : bool
        Whether to multiply learning rate and weight decay by `Network.lr_multipliers`.
    """

    optimizer: Optimizer
    weight_decay: float = 0.0
    max_grad_norm: float = np.inf
    per_parameter: bool = False

    def lr_multipliers(self, net: Network, dtype: Any) -> tuple[Rate, Array]:
        """Return the multipliers of the learning rate and of the weight decay of each parameter.

        Parameters
        ----------
        net : Network
        dtype : dtype
            Of the result.

        Returns
        -------
        lr : 1.0, or array of shape (P,)
        decay : array, shape (P,)
        """
        if self.per_parameter:
            rates, decays = net.lr_multipliers.astype(dtype)
            return rates, decays
        return 1.0, net.is_weight.astype(dtype)

    def apply(
        self,
        theta: Array,
        grad: Array,
        state: OptimizerState,
        lr: Rate,
        multipliers: tuple[Rate, Array],
    ) -> None:
        """Update theta and state in place; grad may be clipped in place.

        Parameters
        ----------
        theta, grad : array, shape (P,) or (K, P)
        state : dict of arrays
        lr : float, or array of shape (K, 1)
        multipliers : pair
            From `lr_multipliers`.
        """
        lr_multiplier, decay_multiplier = multipliers
        if self.max_grad_norm < np.inf:
            norm = sqrt(square(grad).sum(-1, keepdims=True))
            grad *= self.max_grad_norm / np.maximum(norm, self.max_grad_norm)
        if self.weight_decay:
            theta -= lr * self.weight_decay * decay_multiplier * theta
        self.optimizer.step(theta, grad, state, lr * lr_multiplier)
