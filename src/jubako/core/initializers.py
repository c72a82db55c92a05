"""Initial weights, whose variance keeps signals from vanishing or exploding with depth.

An initializer takes the random generator, the numbers n_in and n_out of a layer's inputs and
outputs, and the name of its activation. It returns w, shape (n_in, n_out), and b, shape (1, n_out),
both in float64.
"""

from collections.abc import Callable

import numpy as np

from .activations import Array

Initializer = Callable[[np.random.Generator, int, int, str], tuple[Array, Array]]


def he(rng: np.random.Generator, n_in: int, n_out: int, activation: str) -> tuple[Array, Array]:
    """w ~ N(0, 2 / n_in): preserves the variance with relu (He et al. 2015, arXiv:1502.01852)."""
    return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros((1, n_out))


def lecun(rng: np.random.Generator, n_in: int, n_out: int, activation: str) -> tuple[Array, Array]:
    """w ~ N(0, 1 / n_in): preserves the variance with tanh and selu (LeCun et al. 1998)."""
    return rng.normal(0, np.sqrt(1 / n_in), (n_in, n_out)), np.zeros((1, n_out))


def glorot(rng: np.random.Generator, n_in: int, n_out: int, activation: str) -> tuple[Array, Array]:
    """w ~ U(-r, r), r² = 6 / (n_in + n_out): for both passes (Glorot & Bengio 2010).

    Parameters
    ----------
    rng : Generator
    n_in, n_out : int > 0
    activation : str
        Not used.

    Returns
    -------
    w : array, shape (n_in, n_out)
    b : array, shape (1, n_out)
        Zeros.
    """
    r = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-r, r, (n_in, n_out)), np.zeros((1, n_out))


def sklearn(
    rng: np.random.Generator, n_in: int, n_out: int, activation: str
) -> tuple[Array, Array]:
    """w, b ~ U(-r, r), r² = 6 / (n_in + n_out), or 2 / (n_in + n_out) for logistic.

    Parameters
    ----------
    rng : Generator
    n_in, n_out : int > 0
    activation : str
        A name in `ACTIVATIONS`.

    Returns
    -------
    w : array, shape (n_in, n_out)
    b : array, shape (1, n_out)
    """
    r = np.sqrt((2 if activation == "logistic" else 6) / (n_in + n_out))
    return rng.uniform(-r, r, (n_in, n_out)), rng.uniform(-r, r, (1, n_out))


INITIALIZERS: dict[str, Initializer] = {
    "he": he,
    "lecun": lecun,
    "glorot": glorot,
    "sklearn": sklearn,
}
