"""Layers, and the forward and backward pass through a stack of layers.

A layer is a description without parameters. These are views of one flat buffer, theta, which the
layer gets by name in `p`. It writes the intermediate values of one pass on a `Page`, which the
backward pass and the trace read. Theta of shape (P,) is one network; theta of shape (K, P) is K
networks, computed by the same lines, since `@` broadcasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .activations import ACTIVATIONS, Array
from .counter_rng import CounterRng
from .embeddings import Embedding, Periodic
from .initializers import Initializer
from .page import Multipliers, Page, ParamViews


class Layer(Protocol):
    """The interface of a layer. Adding one takes a class here and a line in `LAYERS`."""

    @property
    def n_in(self) -> int:
        """The number of inputs."""
        ...

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        ...

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each parameter array by name. The names of weights end with w."""
        ...

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Write initial values into the parameter arrays p.

        Parameters
        ----------
        p : dict of arrays
        rule : Initializer
        rng : Generator
        """
        ...

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return the multipliers of learning rate and weight decay of each of its parameters."""
        ...

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute the output of the layer.

        Parameters
        ----------
        p : dict of arrays
            Parameters, each with the shape of `shapes` and optionally K in front.
        u : array, shape (..., M, n_in)
        rng : CounterRng or None
            Source of dropout masks; None outside training.

        Returns
        -------
        v : array, shape (..., M, n_out)
        page : Page
        """
        ...

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Overwrite g with dL/dp, and return dL/du.

        Parameters
        ----------
        p : dict of arrays
            Parameters, as in `forward`.
        page : Page
            From `forward`; `page.delta` is set.
        dv : array, shape (..., M, n_out)
            dL/dv.
        g : dict of arrays
            Gradients, with the names and shapes of p.
        need_du : bool
            Whether the result is used; it is not for the first layer of a network.

        Returns
        -------
        array, shape (..., M, n_in)
            dL/du. Without `need_du`, it may be anything.
        """
        ...


@dataclass(frozen=True)
class Dense:
    """v = f(u @ w + b).

    Parameters
    ----------
    n_in, n_out : int > 0
    activation : str
        A name in `ACTIVATIONS`.
    """

    n_in: int
    n_out: int
    activation: str = "identity"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of w, (n_in, n_out), and b, (1, n_out)."""
        return {"w": (self.n_in, self.n_out), "b": (1, self.n_out)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Draw w and b by the rule."""
        p["w"][...], p["b"][...] = rule(rng, self.n_in, self.n_out, self.activation)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return 1 / sqrt(n_in) for w, and 0.1 without weight decay for b."""
        # makes changes of a independent of n_in (Jacot et al. 2018, arXiv:1806.07572)
        return {"w": (1 / np.sqrt(self.n_in), 1), "b": (0.1, 0)}

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute v = f(a) with a = u @ w + b."""
        a = u @ p["w"]  # (M, n_in) @ (n_in, n_out)
        a += p["b"]
        v = ACTIVATIONS[self.activation].value(a)
        return v, Page(u, a, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Compute delta = dL/da = dv * f'(a), dL/dw = u.T @ delta and dL/db = sum(delta)."""
        delta = page.delta = dv * ACTIVATIONS[self.activation].slope(page.a, page.v)
        np.matmul(page.u.mT, delta, out=g["w"])  # (n_in, M) @ (M, n_out)
        delta.sum(axis=-2, keepdims=True, out=g["b"])
        return delta @ p["w"].mT if need_du else delta  # (M, n_out) @ (n_out, n_in)


def forward(
    layers: Sequence[Layer], params: Sequence[ParamViews], x: Array, rng: CounterRng | None = None
) -> tuple[Array, list[Page]]:
    """Pass x through a stack of layers.

    Parameters
    ----------
    layers : sequence of Layer
    params : sequence of dict of arrays
        The parameters of each layer.
    x : array, shape (..., M, n_in)
    rng : CounterRng or None
        Source of dropout masks; None for no dropout.

    Returns
    -------
    v : array, shape (..., M, n_out)
        Output of the last layer.
    pages : list of Page
        One for each layer.
    """
    u, pages = x, list[Page]()
    for layer, p in zip(layers, params, strict=True):
        u, page = layer.forward(p, u, rng)
        pages.append(page)
    return u, pages


def backward(
    layers: Sequence[Layer],
    params: Sequence[ParamViews],
    pages: Sequence[Page],
    dv: Array,
    grads: Sequence[ParamViews],
    need_du: bool = False,
) -> Array:
    """Propagate dv = dL/dv of the last layer back through the layers, and overwrite grads.

    Parameters
    ----------
    layers : sequence of Layer
    params : sequence of dict of arrays
        The parameters of each layer.
    pages : sequence of Page
        From `forward`; their `delta` are set.
    dv : array, shape (..., M, n_out)
    grads : sequence of dict of arrays
        Receive dL/dp, with the names and shapes of `params`.
    need_du : bool
        Whether dL/dx is used.

    Returns
    -------
    array, shape (..., M, n_in)
        dL/dx. Without `need_du`, it may be anything.
    """
    for i in reversed(range(len(layers))):
        dv = layers[i].backward(params[i], pages[i], dv, grads[i], need_du or i > 0)
    return dv


@dataclass(frozen=True)
class Dropout:
    """v = u * mask: in training a unit is 0 with probability `rate`, else u / (1 - rate).

    Outside training v = u, which is what v is on average (Srivastava et al. 2014, JMLR 15).

    Parameters
    ----------
    n : int > 0
        Number of units.
    rate : float in [0, 1)
        Probability that a unit is dropped.
    """

    n: int
    rate: float

    @property
    def n_in(self) -> int:
        """The number of inputs."""
        return self.n

    @property
    def n_out(self) -> int:
        """The number of outputs, which is that of the inputs."""
        return self.n

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return no shapes: dropout has no parameters."""
        return {}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Do nothing: there are no parameters."""

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return no multipliers: there are no parameters."""
        return {}

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute v = u * mask with a mask from rng; v = u without rng."""
        if rng is None:
            return u, Page(u, u, u)
        mask = rng.keep(self.rate, u.shape[-2], self.n) * u.dtype.type(1 / (1 - self.rate))
        v = u * mask
        return v, Page(u, v, v, mask=mask)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Return dL/du = dv * mask."""
        page.delta = dv
        return dv if page.mask is None else dv * page.mask


@dataclass(frozen=True)
class Scale:
    """v = u * s: each unit has a learned scale, initially 1.

    Parameters
    ----------
    n : int > 0
        Number of units.
    """

    n: int

    @property
    def n_in(self) -> int:
        """The number of inputs."""
        return self.n

    @property
    def n_out(self) -> int:
        """The number of outputs, which is that of the inputs."""
        return self.n

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of s, (1, n)."""
        return {"s": (1, self.n)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Set all scales to 1."""
        p["s"][...] = 1

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return the multipliers of s: learning rate 6, weight decay 36."""
        return {"s": (6, 36)}  # Holzmüller et al. 2024: a soft selection of features

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute v = u * s."""
        v = u * p["s"]
        return v, Page(u, v, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Compute dL/ds = sum(u * dv), and return dL/du = dv * s."""
        page.delta = dv
        (page.u * dv).sum(axis=-2, keepdims=True, out=g["s"])
        return dv * p["s"]


@dataclass(frozen=True)
class Residual:
    """v = u + stack(u): layers with a residual connection (He et al. 2016, arXiv:1512.03385).

    Parameters are named by the position of their layer: 0.w is the w of the first one.

    Parameters
    ----------
    layers : tuple of Layer
        The last has as many outputs as the first has inputs.
    """

    layers: tuple[Layer, ...]

    @property
    def n_in(self) -> int:
        """The number of inputs of the first layer."""
        return self.layers[0].n_in

    @property
    def n_out(self) -> int:
        """The number of outputs of the last layer."""
        return self.layers[-1].n_out

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters of all layers: 0.w is w of the first."""
        return {
            f"{i}.{name}": shape
            for i, layer in enumerate(self.layers)
            for name, shape in layer.shapes().items()
        }

    def inside(self, p: ParamViews) -> list[ParamViews]:
        """Return the parameter arrays of each contained layer by name: 0.w is w of the first."""
        return [
            {name: p[f"{i}.{name}"] for name in layer.shapes()}
            for i, layer in enumerate(self.layers)
        ]

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Initialize each layer by the rule."""
        for layer, q in zip(self.layers, self.inside(p), strict=True):
            layer.init(q, rule, rng)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return the multipliers of the parameters of all layers."""
        return {
            f"{i}.{name}": multipliers
            for i, layer in enumerate(self.layers)
            for name, multipliers in layer.lr_multipliers().items()
        }

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute v = u + stack(u)."""
        a, pages = forward(self.layers, self.inside(p), u, rng)
        v = u + a
        return v, Page(u, a, v, inside=pages)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Compute the gradients of all layers, and return dL/du = dv + dL/du of the stack."""
        page.delta = dv
        p_inside, g_inside = self.inside(p), self.inside(g)
        return dv + backward(self.layers, p_inside, page.inside, dv, g_inside, need_du=True)


LAYERS: dict[str, type[Layer]] = {
    "dense": Dense,
    "dropout": Dropout,
    "scale": Scale,
    "embedding": Embedding,
    "periodic": Periodic,
    "residual": Residual,
}
