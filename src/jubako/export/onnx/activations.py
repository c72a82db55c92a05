"""Activation functions as nodes of a graph, by the names in `core.activations.ACTIVATIONS`."""

from collections.abc import Callable

import numpy as np

from jubako.core.activations import ALPHA, LEAK, QUICK, SCALE

from .graph import Graph

Real = type[np.floating]
Exporter = Callable[[Graph, str, Real], str]
"""Adds v = f(a), given the name of a and its precision, and returns the name of v."""


MOST = 30  # pre-activation from which on mish is the identity, in any precision


def leaky_relu(g: Graph, a: str, real: Real) -> str:
    """Add max(a, 0.01 a)."""
    return g.add("Max", a, g.add("Mul", a, real(LEAK)))


def elu(g: Graph, a: str, real: Real) -> str:
    """Add max(a, exp(min(a, 0)) - 1)."""
    return g.add("Max", a, exp_minus_1(g, a, real))


def selu(g: Graph, a: str, real: Real) -> str:
    """Add SCALE (max(a, 0) + ALPHA (exp(min(a, 0)) - 1)).

    Parameters
    ----------
    g : Graph
    a : str
        Name of the pre-activation.
    real : type
        Precision of a: `np.float32` or `np.float64`.

    Returns
    -------
    str
        Name of the output.
    """
    left = g.add("Mul", exp_minus_1(g, a, real), real(SCALE * ALPHA))
    return g.add("Add", g.add("Mul", g.add("Relu", a), real(SCALE)), left)


def exp_minus_1(g: Graph, a: str, real: Real) -> str:
    """Add exp(min(a, 0)) - 1."""
    return g.add("Sub", g.add("Exp", g.add("Min", a, real(0))), real(1))


def gelu(g: Graph, a: str, real: Real) -> str:
    """Add a (1 + erf(a / sqrt(2))) / 2; `Erf` is of single precision.

    Parameters
    ----------
    g : Graph
    a : str
        Name of the pre-activation.
    real : type
        Precision of a: `np.float32` or `np.float64`.

    Returns
    -------
    str
        Name of the output.
    """
    erf = g.add("Erf", g.cast(g.add("Mul", a, real(np.sqrt(0.5))), "float"))
    if real is np.float64:
        erf = g.cast(erf, "double")
    return g.add("Mul", g.add("Mul", a, real(0.5)), g.add("Add", erf, real(1)))


def logistic(g: Graph, a: str, real: Real) -> str:
    """Add 1 / (1 + exp(-a)), more exactly than `Sigmoid` of onnxruntime, where it is small."""
    return g.add("Div", real(1), g.add("Add", g.add("Exp", g.add("Neg", a)), real(1)))


def quick_gelu(g: Graph, a: str, real: Real) -> str:
    """Add a logistic(1.702 a)."""
    return g.add("Mul", a, logistic(g, g.add("Mul", a, real(QUICK)), real))


def silu(g: Graph, a: str, real: Real) -> str:
    """Add a logistic(a)."""
    return g.add("Mul", a, logistic(g, a, real))


def mish(g: Graph, a: str, real: Real) -> str:
    """Add a tanh(log(1 + e)) = a n / (n + 2), with e = exp(a) and n = e (e + 2).

    onnxruntime computes exponentials several times as fast as `Softplus`.

    Parameters
    ----------
    g : Graph
    a : str
        Name of the pre-activation.
    real : type
        Precision of a: `np.float32` or `np.float64`.

    Returns
    -------
    str
        Name of the output.
    """
    e = g.add("Exp", g.add("Min", a, real(MOST)))
    n = g.add("Mul", e, g.add("Add", e, real(2)))
    return g.add("Mul", a, g.add("Div", n, g.add("Add", n, real(2))))


def softplus(g: Graph, a: str, real: Real) -> str:
    """Add log(1 + exp(a)); in double precision, which `Softplus` lacks, without overflow.

    Parameters
    ----------
    g : Graph
    a : str
        Name of the pre-activation.
    real : type
        Precision of a: `np.float32` or `np.float64`.

    Returns
    -------
    str
        Name of the output.
    """
    if real is np.float32:
        return g.add("Softplus", a)
    small = g.add("Exp", g.add("Neg", g.add("Abs", a)))
    return g.add("Add", g.add("Relu", a), g.add("Log", g.add("Add", small, real(1))))


ACTIVATIONS: dict[str, Exporter] = {
    "identity": lambda g, a, real: a,
    "relu": lambda g, a, real: g.add("Relu", a),
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "quick_gelu": quick_gelu,
    "silu": silu,
    "mish": mish,
    "softplus": softplus,
    "tanh": lambda g, a, real: g.add("Tanh", a),
    "logistic": logistic,
}
