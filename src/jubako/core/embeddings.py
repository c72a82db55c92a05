"""Layers that embed the inputs of a network: categories and numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .activations import Array
from .counter_rng import CounterRng
from .initializers import Initializer
from .page import Multipliers, Page, ParamViews


@dataclass(frozen=True)
class Embedding:
    """Category embedding: v = [numbers, E_1[c_1], E_2[c_2], ...].

    The categories are the last numbers in u: a code c_j, from 1 to the number of levels, selects a
    row of the table E_j. Any other code gives zeros. With at most `most` levels, the table is
    initialized as the identity, a one-hot encoding; with more, its rows have `most` numbers,
    initially near zero, so that rare levels have little effect (Guo & Berkhahn 2016,
    arXiv:1604.06737). An input with 0 levels is not used.

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
        """The number of inputs that are numbers, which come first."""
        return self.n_in - len(self.levels)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The embedding dimension of each category."""
        return tuple(min(n, self.most) for n in self.levels)

    @property
    def n_out(self) -> int:
        """The number of outputs: the numbers and all embedding dimensions."""
        return self.n_numbers + sum(self.sizes)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each table E_j, (number of levels, embedding dimension)."""
        tables = zip(self.levels, self.sizes, strict=True)
        return {f"E{j}": shape for j, shape in enumerate(tables, 1)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Set square tables to the identity; draw the others from N(0, 0.1²)."""
        for table in p.values():
            n, size = table.shape
            table[...] = np.eye(n) if n == size else rng.normal(0, 0.1, table.shape)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return 1 for the learning rate and the weight decay of each table."""
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
            if not n:
                continue
            c = np.rint(u[..., self.n_numbers + j])
            known = (c >= 1) & (c <= n)
            row = np.where(known, c, 1).astype(np.intp) - 1
            yield f"E{j + 1}", row, known, slice(start, start := start + size)

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute v = [numbers, E_1[c_1], E_2[c_2], ...]; zeros where a code is not a level."""
        lead = next(iter(p.values())).shape[:-2]
        u = np.broadcast_to(u, lead + u.shape[-2:])  # K networks may share the rows
        v = np.empty((*u.shape[:-1], self.n_out), u.dtype)
        v[..., : self.n_numbers] = u[..., : self.n_numbers]
        for name, row, known, place in self.codes(u):
            chosen = np.take_along_axis(p[name], row[..., None], axis=-2)
            v[..., place] = np.where(known[..., None], chosen, 0)
        return v, Page(u, v, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Sum dv by selected row into dL/dE_j; return dL/du, which is 0 for codes."""
        page.delta = dv
        for name, row, known, place in self.codes(page.u):
            g[name][...] = 0
            for k in np.ndindex(dv.shape[:-2]):
                rows = known[k]
                np.add.at(g[name][k], row[k][rows], dv[k][rows, place])
        du = np.zeros_like(page.u)  # a code is discrete: it has no derivative
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
        """The number of outputs: the inputs, and `n_sums` for each number."""
        return self.n_in + self.n_numbers * self.n_sums

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of f, c, mix and b; their first axis is the number."""
        n, waves, sums = self.n_numbers, self.n_frequencies, self.n_sums
        return {"f": (n, waves), "c": (n, waves), "mix": (n, sums * waves), "b": (n, sums)}

    def init(self, p: ParamViews, rule: Initializer, rng: np.random.Generator) -> None:
        """Draw f ~ N(0, spread²), and c, mix and b from uniform distributions around 0."""
        p["f"][...] = rng.normal(0, self.spread, p["f"].shape)
        p["c"][...] = rng.uniform(-np.pi, np.pi, p["c"].shape)
        for name in "mix", "b":
            p[name][...] = rng.uniform(-1, 1, p[name].shape) / np.sqrt(self.n_frequencies)

    def lr_multipliers(self) -> dict[str, Multipliers]:
        """Return the learning rate 0.1 without weight decay for all parameters."""
        return {name: (0.1, 0) for name in self.shapes()}

    def angles(self, p: ParamViews, u: Array) -> Array:
        """Return 2 pi f u + c, shape (..., M, n_numbers, n_frequencies)."""
        x = u[..., : self.n_numbers, None] * u.dtype.type(2 * np.pi)
        return x * p["f"][..., None, :, :] + p["c"][..., None, :, :]

    def by_sum(self, mix: Array) -> Array:
        """Return a view of mix, shape (..., n_numbers, n_sums, n_frequencies)."""
        return mix.reshape(*mix.shape[:-1], self.n_sums, self.n_frequencies)

    def forward(self, p: ParamViews, u: Array, rng: CounterRng | None) -> tuple[Array, Page]:
        """Compute v = [u, z] with z_j = sum_q mix_jq * cos(2 pi f_q u + c_q) + b_j."""
        waves, mix = np.cos(self.angles(p, u)), self.by_sum(p["mix"])
        z = np.einsum("...mnq,...njq->...mnj", waves, mix) + p["b"][..., None, :, :]
        u = np.broadcast_to(u, z.shape[:-2] + u.shape[-1:])  # K networks may share the rows
        v = np.concatenate([u, z.reshape(*z.shape[:-2], -1)], axis=-1)
        return v, Page(u, v, v)

    def backward(self, p: ParamViews, page: Page, dv: Array, g: ParamViews, need_du: bool) -> Array:
        """Compute dL/d(f, c, mix, b), and return dL/du."""
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
