"""Initial weights: how wide to spread them so that signals neither die nor explode with depth.

A rule takes the random generator, the layer's sizes and its activation, and returns w of shape
(n_in, n_out) and b of shape (1, n_out). It knows nothing of losses, optimizers or other layers.
"""

from collections.abc import Callable

import numpy as np

from .activations import Array

Initializer = Callable[[np.random.Generator, int, int, str], tuple[Array, Array]]


def he(rng: np.random.Generator, n_in: int, n_out: int, activation: str) -> tuple[Array, Array]:
    """w ~ N(0, 2 / n_in): keeps the variance through relu (He et al. 2015, arXiv:1502.01852)."""
    return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros((1, n_out))


def lecun(rng: np.random.Generator, n_in: int, n_out: int, activation: str) -> tuple[Array, Array]:
    """w ~ N(0, 1 / n_in): keeps the variance through tanh and selu (LeCun et al. 1998)."""
    return rng.normal(0, np.sqrt(1 / n_in), (n_in, n_out)), np.zeros((1, n_out))


def glorot(rng: np.random.Generator, n_in: int, n_out: int, activation: str) -> tuple[Array, Array]:
    """w ~ U(-r, r), r² = 6 / (n_in + n_out): the same both ways (Glorot & Bengio 2010)."""
    r = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-r, r, (n_in, n_out)), np.zeros((1, n_out))


def sklearn(
    rng: np.random.Generator, n_in: int, n_out: int, activation: str
) -> tuple[Array, Array]:
    """w, b ~ U(-r, r), r² = 6 / (n_in + n_out), or 2 / (n_in + n_out) before a logistic."""
    r = np.sqrt((2 if activation == "logistic" else 6) / (n_in + n_out))
    return rng.uniform(-r, r, (n_in, n_out)), rng.uniform(-r, r, (1, n_out))


INITIALIZERS: dict[str, Initializer] = {
    "he": he,
    "lecun": lecun,
    "glorot": glorot,
    "sklearn": sklearn,
}
