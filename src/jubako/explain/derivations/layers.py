"""Formulas of a, v, delta and the gradients of each type of layer.

A layer without an entry in `DERIVATIONS` shows its values, but not their formulas.
"""

from math import pi
from typing import cast

import numpy as np

from jubako.core.activations import ACTIVATIONS
from jubako.core.embeddings import Embedding, Periodic
from jubako.core.layers import Dense, Dropout, Layer, Residual, Scale
from jubako.explain.expression import Applied, Expression, Leaf, Product, Sum, over
from jubako.explain.trace_box import Box
from jubako.explain.trace_index import Cell

from .base import Derivation, Derived, Reader


class DenseDerivation(Derivation):
    """v = f(u @ w + b)."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive a = u @ w + b."""
        products = (
            Product((f.leaf(box.name, "u", i, j), f.leaf(box.name, "w.before", j, k)))
            for j in range(box.layer.n_in)
        )
        u, w, b = (f.letter(box.name, name) for name in ("u", "w", "b"))
        return f"{u} @ {w} + {b}", Sum((*products, f.leaf(box.name, "b.before", 0, k)))

    def v(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive v = f(a)."""
        name = box.activation
        if name == "identity":
            return self.a(f, box, i, k)
        rule, a = self.a(f, box, i, k)
        assert a is not None
        value, letter = ACTIVATIONS[name].value, f.letter(box.name, "a")
        return f"{name}({letter}), {letter} = {rule}", Applied(f"{name}({{}})", value, (a,))

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive delta = f'(a) * dL/dv; the derivative of the loss for a linear last layer."""
        name = box.activation
        words, dv = f.dv(box, i, k)
        if name == "identity":
            if box is f.trace.layers[-1]:
                return f.expand(Cell("", "yd", (i, k)))
            return words, dv
        known = ACTIVATIONS[name]

        def slope(a: float) -> object:
            return known.slope(np.array(a), known.value(np.array(a)))

        if dv is None:
            return "", None
        factor = Applied(f"{name}'({{}})", slope, (f.leaf(box.name, "a", i, k),))
        return f"{name}'({f.letter(box.name, 'a')}) * {words}", Product((factor, dv))

    def du(self, f: Reader, box: Box, i: int, j: int) -> Derived:
        """Derive dL/du = delta @ w.T."""
        products = (
            Product((f.leaf(box.name, "delta", i, k), f.leaf(box.name, "w.before", j, k)))
            for k in range(box.layer.n_out)
        )
        delta, w = f.letter(box.name, "delta"), f.letter(box.name, "w")
        return f"({delta} @ {w}.T)", Sum(tuple(products))

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Derived:
        """Derive the term of row i in dL/dw = u.T @ delta or dL/db = sum(delta)."""
        j, k = index
        delta, name = f.leaf(box.name, "delta", i, k, with_row=True), f.letter(box.name, "delta")
        if part == "b":
            return f"sum({name})", delta
        u = f.leaf(box.name, "u", i, j, with_row=True)
        return f"{f.letter(box.name, 'u')}.T @ {name}", Product((u, delta))


class FactorDerivation(Derivation):
    """v = u times a factor for each unit: the mask of dropout, or a parameter of scale."""

    def __init__(self, factor: str) -> None:
        self.factor = factor

    def by(self, f: Reader, box: Box, i: int, k: int) -> Leaf:
        """Return the factor of unit k."""
        return f.leaf(box.name, self.factor, 0 if "." in self.factor else i, k)

    def a(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive a = u * factor."""
        words = f"{f.letter(box.name, 'u')} * {f.letter(box.name, self.factor)}"
        return words, Product((f.leaf(box.name, "u", i, k), self.by(f, box, i, k)))

    def v(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive v = a."""
        return self.a(f, box, i, k)

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive delta = dL/dv."""
        return f.dv(box, i, k)

    def du(self, f: Reader, box: Box, i: int, j: int) -> Derived:
        """Derive dL/du = delta * factor."""
        words = f"{f.letter(box.name, 'delta')} * {f.letter(box.name, self.factor)}"
        delta = f.leaf(box.name, "delta", i, j)
        return words, Product((delta, self.by(f, box, i, j)))

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Derived:
        """Derive the term of row i in the gradient of the factor, sum(u * delta)."""
        k = index[-1]
        u, delta = (f.leaf(box.name, name, i, k, with_row=True) for name in ("u", "delta"))
        names = f.letter(box.name, "u"), f.letter(box.name, "delta")
        return f"sum({names[0]} * {names[1]})", Product((u, delta))


class ResidualDerivation(Derivation):
    """v = u + stack(u)."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive a, the output of the stack."""
        layer, name = (box.inside[-1].name, "v") if box.inside else (box.name, "u")
        return f.letter(layer, name), f.leaf(layer, name, i, k)

    def v(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive v = u + a."""
        words = f"{f.letter(box.name, 'u')} + {f.letter(box.name, 'a')}"
        return words, Sum((f.leaf(box.name, "u", i, k), f.leaf(box.name, "a", i, k)))

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive delta = dL/dv."""
        return f.dv(box, i, k)

    def du(self, f: Reader, box: Box, i: int, j: int) -> Derived:
        """Derive dL/du = delta + the derivative through the stack."""
        delta, name = f.leaf(box.name, "delta", i, j), f.letter(box.name, "delta")
        if not box.inside:
            return f"{name} + {name}", Sum((delta, delta))
        first = box.inside[0]
        words, inner = DERIVATIONS.get(type(first.layer), Derivation()).du(f, first, i, j)
        if inner is None:
            return "", None
        terms = inner.terms if isinstance(inner, Sum) else (inner,)
        return f"({name} + {words})", Sum((delta, *terms))


class EmbeddingDerivation(Derivation):
    """v = [numbers, E_1[c_1], E_2[c_2], ...]: codes select rows of tables."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive a: a number, or an entry of the selected row of a table."""
        u = f.letter(box.name, "u")
        for name, row, known, place in cast(Embedding, box.layer).codes(box.u[[i]]):
            if place.start <= k < place.stop:
                at = int(row[0]), k - place.start
                chosen = f.leaf(box.name, f"{name}.before", *at) if known[0] else Leaf("0", 0.0)
                return f"{f.letter(box.name, name)}[{u}]", chosen
        return u, f.leaf(box.name, "u", i, k)

    def v(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive v = a."""
        return self.a(f, box, i, k)

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive delta = dL/dv."""
        return f.dv(box, i, k)

    def du(self, f: Reader, box: Box, i: int, j: int) -> Derived:
        """Derive dL/du: delta for a number, 0 for a code."""
        if j < cast(Embedding, box.layer).n_numbers:
            return f.letter(box.name, "delta"), f.leaf(box.name, "delta", i, j)
        return "0", Leaf("0", 0.0)

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Derived:
        """Derive the term of row i in dL/dE: delta where the code selects this row, else 0."""
        layer, delta = cast(Embedding, box.layer), f.letter(box.name, "delta")
        words = f"sum({delta} where {f.letter(box.name, 'u')} chooses this row)"
        for name, row, known, place in layer.codes(box.u[[i]]):
            if name == part and known[0] and row[0] == index[0]:
                return words, f.leaf(box.name, "delta", i, place.start + index[1], with_row=True)
        return words, Leaf("0", 0.0)


class PeriodicDerivation(Derivation):
    """v = [u, z]: z are weighted sums of cosines of each number."""

    def angle(self, f: Reader, box: Box, i: int, n: int, q: int) -> Expression:
        """Return 2 pi f u + c of frequency q of number n."""
        wave = Product((f.leaf(box.name, "f.before", n, q), f.leaf(box.name, "u", i, n)))
        turned = Applied("2 pi {}", lambda x: 2 * pi * x, (wave,))
        return Sum((turned, f.leaf(box.name, "c.before", n, q)))

    def a(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive a: an input, or sum(mix * cos(2 pi f u + c)) + b."""
        layer = cast(Periodic, box.layer)
        if k < layer.n_in:
            return f.letter(box.name, "u"), f.leaf(box.name, "u", i, k)
        n, j = divmod(k - layer.n_in, layer.n_sums)
        waves = (
            Product(
                (
                    f.leaf(box.name, "mix.before", n, j * layer.n_frequencies + q),
                    Applied("cos({})", np.cos, (self.angle(f, box, i, n, q),)),
                )
            )
            for q in range(layer.n_frequencies)
        )
        mix, b = (f.letter(box.name, name) for name in ("mix", "b"))
        return f"sum({mix} * cos(2 pi f u + c)) + {b}", Sum(
            (*waves, f.leaf(box.name, "b.before", n, j))
        )

    def v(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive v = a."""
        return self.a(f, box, i, k)

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Derive delta = dL/dv."""
        return f.dv(box, i, k)

    def by_angle(self, f: Reader, box: Box, i: int, n: int, q: int) -> list[Product]:
        """Return the terms of dL/d(angle): delta * mix * -sin(angle), for each sum."""
        layer = cast(Periodic, box.layer)
        slope = Applied("-sin({})", lambda x: -np.sin(x), (self.angle(f, box, i, n, q),))
        return [
            Product(
                (
                    f.leaf(box.name, "delta", i, layer.n_in + n * layer.n_sums + j, with_row=True),
                    f.leaf(box.name, "mix.before", n, j * layer.n_frequencies + q),
                    slope,
                )
            )
            for j in range(layer.n_sums)
        ]

    def du(self, f: Reader, box: Box, i: int, j: int) -> Derived:
        """Derive dL/du: delta, and the derivative through the cosines for a number."""
        layer, delta = cast(Periodic, box.layer), f.leaf(box.name, "delta", i, j)
        if j >= layer.n_numbers:
            return f.letter(box.name, "delta"), delta
        terms = list[Expression]()
        for q in range(layer.n_frequencies):
            frequency = f.leaf(box.name, "f.before", j, q)
            for term in self.by_angle(f, box, i, j, q):
                terms.append(
                    Applied("2 pi {}", lambda x: 2 * pi * x, (Product((*term.factors, frequency)),))
                )
        name = f.letter(box.name, "delta")
        return f"({name} - sum(2 pi f * sin(2 pi f u + c) * mix * {name}))", Sum((delta, *terms))

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Derived:
        """Derive the term of row i in the gradient of f, c, mix or b."""
        layer, (n, place) = cast(Periodic, box.layer), index
        name = f.letter(box.name, "delta")
        if part in ("b", "mix"):
            j, q = (place, 0) if part == "b" else divmod(place, layer.n_frequencies)
            delta = f.leaf(box.name, "delta", i, layer.n_in + n * layer.n_sums + j, with_row=True)
            if part == "b":
                return f"sum({name})", delta
            wave = Applied("cos({})", np.cos, (self.angle(f, box, i, n, q),))
            return f"sum({name} * cos(2 pi f u + c))", Product((delta, wave))
        terms = Sum(tuple(self.by_angle(f, box, i, n, place)))
        words = f"-sum({name} * mix * sin(2 pi f u + c)"
        if part == "c":
            return f"{words})", terms
        u = f.leaf(box.name, "u", i, n, with_row=True)
        scaled = Applied("2 pi {} * {}", lambda x, y: 2 * pi * x * y, (u, terms))
        return f"{words} * 2 pi u)", scaled


DERIVATIONS: dict[type[Layer], Derivation] = {
    Dense: DenseDerivation(),
    Dropout: FactorDerivation("mask"),
    Scale: FactorDerivation("s.before"),
    Embedding: EmbeddingDerivation(),
    Periodic: PeriodicDerivation(),
    Residual: ResidualDerivation(),
}


def expand_gradient(
    f: Reader, derivation: Derivation, box: Box, part: str, index: tuple[int, ...]
) -> Derived:
    """Return the formula of a gradient: the mean of the rows' terms, and the penalty's term."""
    M, shares, words = len(f.trace.rows), list[Expression](), ""
    for i in range(M):
        words, share = derivation.share(f, box, part, i, index)
        if share is None:
            return "", None
        if not f.equal:
            s = f.leaf("", "s", i, with_row=True)
            share = Product((s, *(share.factors if isinstance(share, Product) else (share,))))
        shares.append(share)
    mean: Expression = Sum(tuple(shares))
    if f.equal:
        words += " / M"
        mean = over(mean, Leaf("M", M)) if M > 1 else mean
    else:
        words = words.replace(f.letter(box.name, "delta"), f"(s * {f.letter(box.name, 'delta')})")
    p = f.trace.problem
    if p.alpha and part.endswith("w"):
        w = f.leaf(box.name, f"{part}.before", *index)
        pull = over(Product((Leaf("alpha", p.alpha), w)), Leaf("W", float(p.w.sum())))
        return f"{words} + alpha * {f.letter(box.name, part)} / W", Sum((mean, pull))
    return words, mean
