"""Layers, and the forward and backward pass through a stack of layers.

A layer is a description without parameters. These are views of one flat buffer, theta, which the
layer gets by name in `p`. It writes the intermediate values of one pass on a `Page`, which the
backward pass and the trace read. Theta of shape (P,) is one network; theta of shape (K, P) is K
networks, computed by the same lines, since `@` broadcasts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .activations import ACTIVATIONS, Array
from .counter_rng import CounterRng
from .initializers import Initializer

ParamViews = dict[str, Array]
"""The parameters of one layer by name, or their gradients: views of a flat buffer."""

Multipliers = tuple[float, float]
"""Factors of the learning rate and of the weight decay of one parameter array."""


@dataclass
class Page:
    """The intermediate values of one layer in one pass.

    Parameters
    ----------
    u : array, shape (..., M, n_in)
        Input of the layer.
    a : array, shape (..., M, n_out)
        Pre-activation u @ w + b; in `Residual`, the output of the contained layers.
    v : array, shape (..., M, n_out)
        Output of the layer.
    delta : array, shape (..., M, n_out), or None
        dL/da, with the weights s of the rows. None before the backward pass.
    mask : array, shape (..., M, n_out), or None
        Factors of dropout: 0 or 1 / (1 - rate).
    inside : sequence of Page
        Pages of the contained layers.
    """

    u: Array
    a: Array
    v: Array
    delta: Array | None = None
    mask: Array | None = None
    inside: "Sequence[Page]" = ()


class Layer(Protocol):
    """The interface of a layer. Adding one takes a class here and a line in `LAYERS`."""

    @property
    def n_in(self) -> int: ...
    @property
    def n_out(self) -> int: ...

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
        return {"w": (self.n_in, self.n_out), "b": (1, self.n_out)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        p["w"][...], p["b"][...] = rule(rng, self.n_in, self.n_out, self.activation)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        # sums of n_in numbers change by as much for any n_in (Jacot et al. 2018, arXiv:1806.07572)
        return {"w": (1 / np.sqrt(self.n_in), 1), "b": (0.1, 0)}

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        a = u @ p["w"]  # (M, n_in) @ (n_in, n_out)
        a += p["b"]
        v = ACTIVATIONS[self.activation].value(a)
        return v, Page(u, a, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
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
        return self.n

    @property
    def n_out(self) -> int:
        return self.n

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        pass

    def lr_multipliers(self) -> dict[str, Multipliers]:
        return {}

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        if rng is None:
            return u, Page(u, u, u)
        mask = rng.keep(self.rate, u.shape[-2], self.n) * u.dtype.type(1 / (1 - self.rate))
        v = u * mask
        return v, Page(u, v, v, mask=mask)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
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
        return self.n

    @property
    def n_out(self) -> int:
        return self.n

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"s": (1, self.n)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        p["s"][...] = 1

    def lr_multipliers(self) -> dict[str, Multipliers]:
        return {"s": (6, 36)}  # Holzmüller et al. 2024: a soft selection of features

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        v = u * p["s"]
        return v, Page(u, v, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        page.delta = dv
        (page.u * dv).sum(axis=-2, keepdims=True, out=g["s"])
        return dv * p["s"]


@dataclass(frozen=True)
class Embedding:
    """Category embedding: v = [numbers, E_1[c_1], E_2[c_2], ...].

    The categories are the last numbers in u: a code c_j, from 1 to the number of levels, selects a
    row of the table E_j. Any other code gives zeros. With at most `most` levels, the table is
    initialized as the identity, a one-hot encoding; with more, its rows have `most` numbers,
    initially near zero, so that rare levels have little effect (Guo & Berkhahn 2016,
    arXiv:1604.06737).

    Parameters
    ----------
    n_in : int
        Number of inputs; the last `len(levels)` are codes.
    levels : tuple of int
        Number of levels of each categorical input; at most n_in entries.
    most : int > 0
        Maximum embedding dimension.
    """

    n_in: int
    levels: tuple[int, ...]
    most: int = 8

    @property
    def n_numbers(self) -> int:
        return self.n_in - len(self.levels)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The embedding dimension of each category."""
        return tuple(min(n, self.most) for n in self.levels)

    @property
    def n_out(self) -> int:
        return self.n_numbers + sum(self.sizes)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        tables = zip(self.levels, self.sizes, strict=True)
        return {f"E{j}": shape for j, shape in enumerate(tables, 1)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        for table in p.values():
            n, size = table.shape
            table[...] = np.eye(n) if n == size else rng.normal(0, 0.1, table.shape)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        return {name: (1, 1) for name in self.shapes()}

    def codes(self, u: Array) -> Iterator[tuple[str, Array, Array, slice]]:
        """Yield, for each table, what the codes in u (..., M, n_in) select.

        Yields
        ------
        name : str
        row : array of int, shape (..., M)
            Row of the table; 0 where the code is not a level.
        known : array of bool, shape (..., M)
            Whether the code is a level.
        place : slice
            The columns of v.
        """
        start = self.n_numbers
        for j, (n, size) in enumerate(zip(self.levels, self.sizes, strict=True)):
            c = np.rint(u[..., self.n_numbers + j])
            known = (c >= 1) & (c <= n)
            row = np.where(known, c, 1).astype(np.intp) - 1
            yield f"E{j + 1}", row, known, slice(start, start := start + size)

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        lead = next(iter(p.values())).shape[:-2]
        u = np.broadcast_to(u, lead + u.shape[-2:])  # K networks may see the same rows
        v = np.empty((*u.shape[:-1], self.n_out), u.dtype)
        v[..., : self.n_numbers] = u[..., : self.n_numbers]
        for name, row, known, place in self.codes(u):
            chosen = np.take_along_axis(p[name], row[..., None], axis=-2)
            v[..., place] = np.where(known[..., None], chosen, 0)
        return v, Page(u, v, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        page.delta = dv
        for name, row, known, place in self.codes(page.u):
            g[name][...] = 0
            for k in np.ndindex(dv.shape[:-2]):
                rows = known[k]
                np.add.at(g[name][k], row[k][rows], dv[k][rows, place])
        du = np.zeros_like(page.u)  # a code does not move by a little
        du[..., : self.n_numbers] = dv[..., : self.n_numbers]
        return du


@dataclass(frozen=True)
class Periodic:
    """Periodic embedding: v = [u, z], with `n_sums` weighted sums z of cosines for each number.

    z_j = sum_q mix_jq * cos(2 pi f_q u + c_q) + b_j, where each number has its own f, c, mix and b.
    It helps networks to fit high-frequency functions of a number (PBLD: Holzmüller et al. 2024,
    arXiv:2407.04491; Gorishniy et al. 2022, arXiv:2203.05556).

    Parameters
    ----------
    n_in : int > 0
        Number of inputs.
    n_numbers : int <= n_in
        Number of numeric inputs, which come first.
    n_frequencies : int > 0
        Frequencies f_q per numeric input.
    n_sums : int > 0
        Sums z_j per numeric input.
    spread : float > 0
        Frequency scale: standard deviation of the initial f ~ N(0, spread²).
    """

    n_in: int
    n_numbers: int
    n_frequencies: int = 16
    n_sums: int = 3
    spread: float = 0.1

    @property
    def n_out(self) -> int:
        return self.n_in + self.n_numbers * self.n_sums

    def shapes(self) -> dict[str, tuple[int, ...]]:
        n, waves, sums = self.n_numbers, self.n_frequencies, self.n_sums
        return {"f": (n, waves), "c": (n, waves), "mix": (n, sums * waves), "b": (n, sums)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        p["f"][...] = rng.normal(0, self.spread, p["f"].shape)
        p["c"][...] = rng.uniform(-np.pi, np.pi, p["c"].shape)
        for name in "mix", "b":
            p[name][...] = rng.uniform(-1, 1, p[name].shape) / np.sqrt(self.n_frequencies)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        return {name: (0.1, 0) for name in self.shapes()}

    def angles(self, p: ParamViews, u: Array) -> Array:
        """Return 2 pi f u + c, shape (..., M, n_numbers, n_frequencies)."""
        x = u[..., : self.n_numbers, None] * u.dtype.type(2 * np.pi)
        return x * p["f"][..., None, :, :] + p["c"][..., None, :, :]

    def by_sum(self, mix: Array) -> Array:
        """Return a view of mix, shape (..., n_numbers, n_sums, n_frequencies)."""
        return mix.reshape(*mix.shape[:-1], self.n_sums, self.n_frequencies)

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        waves, mix = np.cos(self.angles(p, u)), self.by_sum(p["mix"])
        z = np.einsum("...mnq,...njq->...mnj", waves, mix) + p["b"][..., None, :, :]
        if z.ndim > u.ndim + 1:  # K networks see the same rows
            u = np.broadcast_to(u, z.shape[:-2] + u.shape[-1:])
        v = np.concatenate([u, z.reshape(*z.shape[:-2], -1)], axis=-1)
        return v, Page(u, v, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        page.delta = dv
        u, du = page.u, dv[..., : self.n_in].copy()
        angles = self.angles(p, u)
        dz = dv[..., self.n_in :].reshape(*dv.shape[:-1], self.n_numbers, self.n_sums)
        self.by_sum(g["mix"])[...] = np.einsum("...mnj,...mnq->...njq", dz, np.cos(angles))
        g["b"][...] = dz.sum(-3)
        da = -np.sin(angles) * np.einsum("...mnj,...njq->...mnq", dz, self.by_sum(p["mix"]))
        g["c"][...] = da.sum(-3)
        tau = u.dtype.type(2 * np.pi)
        g["f"][...] = np.einsum("...mnq,...mn->...nq", da, tau * u[..., : self.n_numbers])
        du[..., : self.n_numbers] += tau * np.einsum("...mnq,...nq->...mn", da, p["f"])
        return du


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
        return self.layers[0].n_in

    @property
    def n_out(self) -> int:
        return self.layers[-1].n_out

    def shapes(self) -> dict[str, tuple[int, ...]]:
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
        for layer, q in zip(self.layers, self.inside(p), strict=True):
            layer.init(q, rule, rng)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        return {
            f"{i}.{name}": multipliers
            for i, layer in enumerate(self.layers)
            for name, multipliers in layer.lr_multipliers().items()
        }

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        a, pages = forward(self.layers, self.inside(p), u, rng)
        v = u + a
        return v, Page(u, a, v, inside=pages)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        page.delta = dv
        p_inside, g_inside = self.inside(p), self.inside(g)
        return dv + backward(self.layers, p_inside, page.inside, dv, g_inside, need_du=True)


LAYERS = {
    "dense": Dense,
    "dropout": Dropout,
    "scale": Scale,
    "embedding": Embedding,
    "periodic": Periodic,
    "residual": Residual,
}
