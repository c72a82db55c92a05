"""Layers and losses as nodes of a graph, by their classes in `core`.

K networks are computed by the same nodes, as in `core.layers`: values have the shape (K, N, n), or
(N, n) for a single network, whose parameters come without the axis K.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.layers import (
    Dense,
    Dropout,
    Embedding,
    Layer,
    ParamViews,
    Periodic,
    Residual,
    Scale,
)
from jubako.core.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    Huber,
    LogCosh,
    Poisson,
    Quantile,
    SquaredError,
)
from jubako.core.network import Network
from jubako.export.missing_exporter import exporter_of

from .activations import ACTIVATIONS, Real, logistic
from .graph import Graph, integers

Exporter = Callable[[Graph, Any, ParamViews, str], str]
"""Adds the output v of a layer with its parameters, given the name of its input u."""


def dense(g: Graph, layer: Dense, p: ParamViews, u: str) -> str:
    """Add f(u @ w + b).

    Parameters
    ----------
    g : Graph
    layer : Dense
    p : ParamViews
        Parameters of the layer by name, with a leading axis for K networks.
    u : str
        Name of the input, shape (N, n_in) or (K, N, n_in).

    Returns
    -------
    str
        Name of the output.
    """
    a = g.add("Add", g.add("MatMul", u, p["w"]), p["b"])
    return exporter_of(ACTIVATIONS, layer.activation, "activation")(g, a, p["w"].dtype.type)


def scale(g: Graph, layer: Scale, p: ParamViews, u: str) -> str:
    """Add u * s."""
    return g.add("Mul", u, p["s"])


def embedding(g: Graph, layer: Embedding, p: ParamViews, u: str) -> str:
    """Add [numbers, E_1[c_1], E_2[c_2], ...]; a code without a row in its table selects zeros.

    Parameters
    ----------
    g : Graph
    layer : Embedding
    p : ParamViews
        Parameters of the layer by name, with a leading axis for K networks.
    u : str
        Name of the input, shape (N, n_in) or (K, N, n_in).

    Returns
    -------
    str
        Name of the output.
    """
    lead = next(iter(p.values())).shape[:-2]
    parts = [for_each(g, g.columns(u, 0, layer.n_numbers), lead)] if layer.n_numbers else []
    for j, (n, size) in enumerate(zip(layer.levels, layer.sizes, strict=True)):
        if not n:
            continue
        place = layer.n_numbers + j
        c = g.cast(g.add("Round", g.columns(u, place, place + 1)), "int64")
        c = g.add("Squeeze", c, integers(-1))
        known = g.add("And", g.add("Greater", c, integers(0)), g.add("LessOrEqual", c, integers(n)))
        row = g.where(known, c, integers(0))
        table = p[f"E{j + 1}"]
        table = np.concatenate([np.zeros((*lead, 1, size), table.dtype), table], axis=-2)
        if lead:  # the tables of K networks one below the other
            row = g.add("Add", row, (n + 1) * np.arange(lead[0])[:, None])
        parts.append(g.add("Gather", table.reshape(-1, size), row))
    return g.add("Concat", *parts, axis=-1)


def periodic(g: Graph, layer: Periodic, p: ParamViews, u: str) -> str:
    """Add [u, sums of cos(2 pi f u + c)].

    Parameters
    ----------
    g : Graph
    layer : Periodic
    p : ParamViews
        Parameters of the layer by name, with a leading axis for K networks.
    u : str
        Name of the input, shape (N, n_in) or (K, N, n_in).

    Returns
    -------
    str
        Name of the output.
    """
    lead = p["f"].shape[:-2]
    rank = len(lead) + 2
    n, sums = layer.n_numbers, layer.n_sums
    swap = [*range(rank - 2), rank - 1, rank - 2]
    x = g.add("Transpose", g.columns(u, 0, n), perm=swap)  # (..., n, M)
    x = g.add("Mul", g.add("Unsqueeze", x, integers(-1)), p["f"].dtype.type(2 * np.pi))
    f, c, b = (p[name][..., None, :] for name in "fcb")
    waves = g.add("Cos", g.add("Add", g.add("Mul", x, f), c))  # (..., n, M, n_frequencies)
    z = g.add("Add", g.add("MatMul", waves, layer.by_sum(p["mix"]).mT), b)  # (..., n, M, sums)
    z = g.add("Transpose", z, perm=[*range(rank - 2), rank - 1, rank - 2, rank])
    z = g.add("Reshape", z, integers(*[0] * (rank - 1), n * sums))
    return g.add("Concat", for_each(g, u, lead), z, axis=-1)


def residual(g: Graph, layer: Residual, p: ParamViews, u: str) -> str:
    """Add u + stack(u)."""
    return g.add("Add", u, stack(g, layer.layers, layer.inside(p), u))


def for_each(g: Graph, u: str, lead: tuple[int, ...]) -> str:
    """Add u for each of K networks, which may all have the same."""
    return g.add("Expand", u, integers(*lead, 1, 1)) if lead else u


LAYERS: dict[type, Exporter] = {
    Dense: dense,
    Dropout: lambda g, layer, p, u: u,
    Scale: scale,
    Embedding: embedding,
    Periodic: periodic,
    Residual: residual,
}
LOSSES: dict[type, Callable[[Graph, str, Real], str]] = {
    SquaredError: lambda g, b, real: b,
    AbsoluteError: lambda g, b, real: b,
    Huber: lambda g, b, real: b,
    LogCosh: lambda g, b, real: b,
    Quantile: lambda g, b, real: b,
    Poisson: lambda g, b, real: g.add("Exp", b),
    BinaryCrossEntropy: logistic,
    CrossEntropy: lambda g, b, real: g.add("Softmax", b, axis=-1),
}
"""Adds the prediction of the raw prediction b."""


def stack(g: Graph, layers: Sequence[Layer], params: Sequence[ParamViews], u: str) -> str:
    """Add a stack of layers.

    Parameters
    ----------
    g : Graph
    layers : sequence of Layer
    params : sequence of ParamViews
        Parameters of each layer by name.
    u : str
        Name of the input, shape (N, n_in) or (K, N, n_in).

    Returns
    -------
    str
        Name of the output of the last layer.
    """
    for layer, p in zip(layers, params, strict=True):
        u = exporter_of(LAYERS, type(layer), "layer")(g, layer, p, u)
    return u


def network(g: Graph, net: Network, theta: Array, x: str) -> str:
    """Add the mean prediction of K networks, double, shape (N, n_outputs).

    Parameters
    ----------
    g : Graph
    net : Network
    theta : array, shape (K, P)
    x : str
        Rows in the precision of theta, shape (N, n_inputs).

    Returns
    -------
    str
        Name of the prediction.
    """
    several = len(theta) > 1
    params = net.views(theta if several else theta[0])
    x = g.add("Unsqueeze", x, integers(0)) if several else x
    b = stack(g, net.layers, params, x)
    mean = exporter_of(LOSSES, type(net.loss), "loss")(g, b, theta.dtype.type)
    if several:
        mean = g.add("ReduceMean", mean, integers(0), keepdims=0)
    return g.cast(mean, "double")
