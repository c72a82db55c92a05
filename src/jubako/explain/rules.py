"""The rules: how each number of a step is computed, in letters and as an expression.

A layer, a loss or an optimizer that is not named here still shows its numbers, but not where they
come from.
"""

from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import Dense, Dropout, Layer, Lookup, Periodic, Residual, Scale
from jubako.core.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    Huber,
    LogCosh,
    Loss,
    Poisson,
    Quantile,
    SquaredError,
)
from jubako.training.optimizers import SGD, Adam, NAdam, Optimizer

from .cells import Cell
from .expression import Applied, Expression, Leaf, Product, Sum, minus, over
from .trace import Box

if TYPE_CHECKING:
    from .formula import Reader

Expanded = tuple[str, Expression | None]
"""A rule in letters, and the expression of one cell."""


class Rule:
    """How the cells of a layer are computed. Of one without an entry in `RULES` we cannot say."""

    def a(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        """Write the sum a of unit k in row i."""
        return "", None

    def v(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        """Write the output."""
        return "", None

    def delta(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        """Write the derivative by a."""
        return "", None

    def du(self, f: "Reader", box: Box, i: int, j: int) -> Expanded:
        """Write the derivative by the input j."""
        return "", None

    def share(self, f: "Reader", box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        """Write what row i adds to the gradient of a parameter."""
        return "", None


class DenseRule(Rule):
    """v = f(u @ w + b)."""

    def a(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        products = (
            Product((f.leaf(box.name, "u", i, j), f.leaf(box.name, "w.before", j, k)))
            for j in range(box.layer.n_in)
        )
        u, w, b = (f.letter(box.name, name) for name in ("u", "w", "b"))
        return f"{u} @ {w} + {b}", Sum((*products, f.leaf(box.name, "b.before", 0, k)))

    def v(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        name = activation(box)
        if name == "identity":
            return self.a(f, box, i, k)
        rule, a = self.a(f, box, i, k)
        assert a is not None
        value, letter = ACTIVATIONS[name].value, f.letter(box.name, "a")
        return f"{name}({letter}), {letter} = {rule}", Applied(f"{name}({{}})", value, (a,))

    def delta(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        name = activation(box)
        words, dv = f.dv(box, i, k)
        if name == "identity":
            if box is f.trace.layers[-1]:
                return f.expand(Cell("", "yd", (i, k)))
            return words, dv
        known = ACTIVATIONS[name]

        def slope(a: float) -> Any:
            return known.slope(np.array(a), known.value(np.array(a)))

        if dv is None:
            return "", None
        factor = Applied(f"{name}'({{}})", slope, (f.leaf(box.name, "a", i, k),))
        return f"{name}'({f.letter(box.name, 'a')}) * {words}", Product((factor, dv))

    def du(self, f: "Reader", box: Box, i: int, j: int) -> Expanded:
        products = (
            Product((f.leaf(box.name, "delta", i, k), f.leaf(box.name, "w.before", j, k)))
            for k in range(box.layer.n_out)
        )
        delta, w = f.letter(box.name, "delta"), f.letter(box.name, "w")
        return f"({delta} @ {w}.T)", Sum(tuple(products))

    def share(self, f: "Reader", box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        j, k = index
        delta, name = f.leaf(box.name, "delta", i, k, with_row=True), f.letter(box.name, "delta")
        if part == "b":
            return f"sum({name})", delta
        u = f.leaf(box.name, "u", i, j, with_row=True)
        return f"{f.letter(box.name, 'u')}.T @ {name}", Product((u, delta))


class FactorRule(Rule):
    """v = u times a number for each unit: of dropout the row's mask, of scale a parameter."""

    def __init__(self, factor: str) -> None:
        self.factor = factor

    def by(self, f: "Reader", box: Box, i: int, k: int) -> Leaf:
        """Return the number that unit k is multiplied by."""
        return f.leaf(box.name, self.factor, 0 if "." in self.factor else i, k)

    def a(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        words = f"{f.letter(box.name, 'u')} * {f.letter(box.name, self.factor)}"
        return words, Product((f.leaf(box.name, "u", i, k), self.by(f, box, i, k)))

    def v(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return self.a(f, box, i, k)

    def delta(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return f.dv(box, i, k)

    def du(self, f: "Reader", box: Box, i: int, j: int) -> Expanded:
        words = f"{f.letter(box.name, 'delta')} * {f.letter(box.name, self.factor)}"
        delta = f.leaf(box.name, "delta", i, j)
        return words, Product((delta, self.by(f, box, i, j)))

    def share(self, f: "Reader", box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        k = index[-1]
        u, delta = (f.leaf(box.name, name, i, k, with_row=True) for name in ("u", "delta"))
        names = f.letter(box.name, "u"), f.letter(box.name, "delta")
        return f"sum({names[0]} * {names[1]})", Product((u, delta))


class ResidualRule(Rule):
    """v = u + stack(u)."""

    def a(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        layer, name = (box.inside[-1].name, "v") if box.inside else (box.name, "u")
        return f.letter(layer, name), f.leaf(layer, name, i, k)

    def v(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        words = f"{f.letter(box.name, 'u')} + {f.letter(box.name, 'a')}"
        return words, Sum((f.leaf(box.name, "u", i, k), f.leaf(box.name, "a", i, k)))

    def delta(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return f.dv(box, i, k)

    def du(self, f: "Reader", box: Box, i: int, j: int) -> Expanded:
        delta, name = f.leaf(box.name, "delta", i, j), f.letter(box.name, "delta")
        if not box.inside:
            return f"{name} + {name}", Sum((delta, delta))
        first = box.inside[0]
        words, inner = RULES.get(type(first.layer), Rule()).du(f, first, i, j)
        if inner is None:
            return "", None
        terms = inner.terms if isinstance(inner, Sum) else (inner,)
        return f"({name} + {words})", Sum((delta, *terms))


class LookupRule(Rule):
    """v = [numbers, E_1[c_1], E_2[c_2], ...]: codes choose rows of tables."""

    def a(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        u = f.letter(box.name, "u")
        for name, row, known, place in cast(Lookup, box.layer).codes(box.u[[i]]):
            if place.start <= k < place.stop:
                at = int(row[0]), k - place.start
                chosen = f.leaf(box.name, f"{name}.before", *at) if known[0] else Leaf("0", 0.0)
                return f"{f.letter(box.name, name)}[{u}]", chosen
        return u, f.leaf(box.name, "u", i, k)

    def v(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return self.a(f, box, i, k)

    def delta(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return f.dv(box, i, k)

    def du(self, f: "Reader", box: Box, i: int, j: int) -> Expanded:
        if j < cast(Lookup, box.layer).n_numbers:
            return f.letter(box.name, "delta"), f.leaf(box.name, "delta", i, j)
        return "0", Leaf("0", 0.0)

    def share(self, f: "Reader", box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        layer, delta = cast(Lookup, box.layer), f.letter(box.name, "delta")
        words = f"sum({delta} where {f.letter(box.name, 'u')} chooses this row)"
        for name, row, known, place in layer.codes(box.u[[i]]):
            if name == part and known[0] and row[0] == index[0]:
                return words, f.leaf(box.name, "delta", i, place.start + index[1], with_row=True)
        return words, Leaf("0", 0.0)


class PeriodicRule(Rule):
    """v = [u, z]: z are sums of waves of each number."""

    def angle(self, f: "Reader", box: Box, i: int, n: int, q: int) -> Expression:
        """Return 2 pi f u + c of wave q of number n."""
        wave = Product((f.leaf(box.name, "f.before", n, q), f.leaf(box.name, "u", i, n)))
        turned = Applied("2 pi {}", lambda x: 2 * pi * x, (wave,))
        return Sum((turned, f.leaf(box.name, "c.before", n, q)))

    def a(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        layer = cast(Periodic, box.layer)
        if k < layer.n_in:
            return f.letter(box.name, "u"), f.leaf(box.name, "u", i, k)
        n, j = divmod(k - layer.n_in, layer.n_sums)
        waves = (
            Product(
                (
                    f.leaf(box.name, "mix.before", n, j * layer.n_waves + q),
                    Applied("cos({})", np.cos, (self.angle(f, box, i, n, q),)),
                )
            )
            for q in range(layer.n_waves)
        )
        mix, b = (f.letter(box.name, name) for name in ("mix", "b"))
        return f"sum({mix} * cos(2 pi f u + c)) + {b}", Sum(
            (*waves, f.leaf(box.name, "b.before", n, j))
        )

    def v(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return self.a(f, box, i, k)

    def delta(self, f: "Reader", box: Box, i: int, k: int) -> Expanded:
        return f.dv(box, i, k)

    def by_angle(self, f: "Reader", box: Box, i: int, n: int, q: int) -> list[Product]:
        """Return the terms of dL/d(angle): delta * mix * -sin(angle), for each sum."""
        layer = cast(Periodic, box.layer)
        slope = Applied("-sin({})", lambda x: -np.sin(x), (self.angle(f, box, i, n, q),))
        return [
            Product(
                (
                    f.leaf(box.name, "delta", i, layer.n_in + n * layer.n_sums + j, with_row=True),
                    f.leaf(box.name, "mix.before", n, j * layer.n_waves + q),
                    slope,
                )
            )
            for j in range(layer.n_sums)
        ]

    def du(self, f: "Reader", box: Box, i: int, j: int) -> Expanded:
        layer, delta = cast(Periodic, box.layer), f.leaf(box.name, "delta", i, j)
        if j >= layer.n_numbers:
            return f.letter(box.name, "delta"), delta
        terms = list[Expression]()
        for q in range(layer.n_waves):
            frequency = f.leaf(box.name, "f.before", j, q)
            for term in self.by_angle(f, box, i, j, q):
                terms.append(
                    Applied("2 pi {}", lambda x: 2 * pi * x, (Product((*term.factors, frequency)),))
                )
        name = f.letter(box.name, "delta")
        return f"({name} - sum(2 pi f * sin(2 pi f u + c) * mix * {name}))", Sum((delta, *terms))

    def share(self, f: "Reader", box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        layer, (n, place) = cast(Periodic, box.layer), index
        name = f.letter(box.name, "delta")
        if part in ("b", "mix"):
            j, q = (place, 0) if part == "b" else divmod(place, layer.n_waves)
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


RULES: dict[type[Layer], Rule] = {
    Dense: DenseRule(),
    Dropout: FactorRule("mask"),
    Scale: FactorRule("s.before"),
    Lookup: LookupRule(),
    Periodic: PeriodicRule(),
    Residual: ResidualRule(),
}


def activation(box: Box) -> str:
    """Return the name of a dense layer's activation."""
    return str(getattr(box.layer, "activation", "identity"))


def expand_grad(f: "Reader", rule: Rule, box: Box, part: str, index: tuple[int, ...]) -> Expanded:
    """Write a gradient: the rows' mean of what each adds, and the penalty's share."""
    M, shares, words = len(f.trace.rows), list[Expression](), ""
    for i in range(M):
        words, share = rule.share(f, box, part, i, index)
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


def expand_step(f: "Reader", box: Box, part: str, index: tuple[int, ...]) -> Expanded:
    """Write a parameter after the step."""
    before = f.leaf(box.name, f"{part}.before", *index)
    lr, update = Leaf("lr", f.trace.lr), f.trace.update
    w, start, words = f.letter(box.name, part), before, f.letter(box.name, part)
    if update.weight_decay and part.endswith("w"):
        decay = Product((lr, Leaf("decay", update.weight_decay), before))
        words, start = f"{w} - lr * decay * {w}", minus(before, decay)
    words_of_step, step = expand_move(f, update.optimizer, box, part, index)
    if step is None:
        after = f.leaf(box.name, f"{part}.after", *index)
        step = Leaf("step", after.value - before.value)
        return f"{w} + step", Sum((before, step))
    return f"{words} - {words_of_step}", minus(start, step)


def expand_move(
    f: "Reader", optimizer: Optimizer, box: Box, part: str, index: tuple[int, ...]
) -> Expanded:
    """Write what an optimizer takes off a parameter; nothing of one that is not known here."""
    lr, (words, grad) = Leaf("lr", f.trace.lr), clipped(f, box, part, index)
    match optimizer:
        case SGD(momentum=0.0):
            return f"lr * {words}", Product((lr, grad))
        case SGD(momentum, nesterov):
            z, name = remembered(f, box, part, "z", index)
            if not nesterov:
                return f"(-{name})", Applied("-{}", lambda z: -z, (z,))
            ahead = Product((Leaf("momentum", momentum), z))
            return f"(lr * {words} - momentum * {name})", minus(Product((lr, grad)), ahead)
        case NAdam(beta_1, beta_2, epsilon):
            (m, m_name), (v, v_name) = (remembered(f, box, part, k, index) for k in "mv")
            n = Sum((m, Product((Leaf("1 - beta_1", 1 - beta_1), minus(grad, m)))))
            n_name = f"({m_name} + (1 - beta_1) * ({words} - {m_name}))"
            rate = rate_of_adam(f, beta_1, beta_2, ahead=1)
            return f"rate * {n_name} / (sqrt({v_name}) + epsilon)", adam_step(rate, n, v, epsilon)
        case Adam(beta_1, beta_2, epsilon):
            (m, m_name), (v, v_name) = (remembered(f, box, part, k, index) for k in "mv")
            rate = rate_of_adam(f, beta_1, beta_2)
            return f"rate * {m_name} / (sqrt({v_name}) + epsilon)", adam_step(rate, m, v, epsilon)
        case _:
            return "", None


def adam_step(rate: Expression, m: Expression, v: Leaf, epsilon: float) -> Expression:
    """Write rate * m / (sqrt(v) + epsilon)."""
    arguments = rate, m, v, Leaf("epsilon", epsilon)
    words = "{} · {} / (sqrt({}) + {})"
    return Applied(words, lambda rate, m, v, e: rate * m / (sqrt(v) + e), arguments)


def rate_of_adam(f: "Reader", beta_1: float, beta_2: float, ahead: int = 0) -> Expression:
    """Write lr * sqrt(1 - beta_2^t) / (1 - beta_1^t)."""
    t = Leaf("t", float(f.trace.memory["t"][1][0]))
    later = Leaf("(t + 1)", t.value + 1) if ahead else t
    arguments = Leaf("lr", f.trace.lr), Leaf("beta_2", beta_2), t, Leaf("beta_1", beta_1), later
    words = "{} · sqrt(1 - {}^{}) / (1 - {}^{})"

    def rate(lr: float, beta_2: float, t: float, beta_1: float, later: float) -> float:
        return lr * sqrt(1 - beta_2**t) / (1 - beta_1**later)

    return Applied(words, rate, arguments)


def remembered(
    f: "Reader", box: Box, part: str, name: str, index: tuple[int, ...]
) -> tuple[Leaf, str]:
    """Return what the optimizer remembers after the step, and its letter."""
    quantity = f"{part}.{name}.after"
    return f.leaf(box.name, quantity, *index), f.letter(box.name, quantity)


def clipped(f: "Reader", box: Box, part: str, index: tuple[int, ...]) -> tuple[str, Expression]:
    """Write the gradient as the optimizer gets it."""
    grad, name = f.leaf(box.name, f"{part}.grad", *index), f.letter(box.name, f"{part}.grad")
    if f.trace.update.max_grad_norm == np.inf:
        return name, grad
    return f"clip * {name}", Product((Leaf("clip", f.trace.clip), grad))


def expand_memory(f: "Reader", box: Box, part: str, name: str, index: tuple[int, ...]) -> Expanded:
    """Write what an optimizer remembers after the step."""
    old = f.leaf(box.name, f"{part}.{name}.before", *index)
    letter, (words, grad) = (
        f.letter(box.name, f"{part}.{name}.before"),
        clipped(f, box, part, index),
    )
    match f.trace.update.optimizer, name:
        case SGD(momentum), "z":
            ahead = Product((Leaf("momentum", momentum), old))
            step = Product((Leaf("lr", f.trace.lr), grad))
            return f"momentum * {letter} - lr * {words}", minus(ahead, step)
        case Adam(beta_1), "m":
            share = Product((Leaf("1 - beta_1", 1 - beta_1), minus(grad, old)))
            return f"{letter} + (1 - beta_1) * ({words} - {letter})", Sum((old, share))
        case Adam(_, beta_2), "v":
            square = Applied("{}²", lambda g: g * g, (grad,))
            share = Product((Leaf("1 - beta_2", 1 - beta_2), minus(square, old)))
            return f"{letter} + (1 - beta_2) * ({words}² - {letter})", Sum((old, share))
        case _:
            return "", None


@dataclass(frozen=True, slots=True)
class Words:
    """How a loss is written for one output: b is the raw prediction, y the prediction."""

    y: str  # from b
    yd: str  # the derivative by b
    value: str


DIFFERENCE = "{y} - {yt}"
LOSS_WORDS: dict[type[Loss], Words] = {
    SquaredError: Words("{b}", DIFFERENCE, "({b} - {yt})² / 2"),
    AbsoluteError: Words("{b}", "sign({b} - {yt})", "|{b} - {yt}|"),
    Huber: Words("{b}", "clip({b} - {yt}, ±threshold)", "huber({b} - {yt})"),
    LogCosh: Words("{b}", "tanh({b} - {yt})", "log(cosh({b} - {yt}))"),
    Quantile: Words("{b}", "step({b} - {yt}) - q", "max(q · ({yt} - {b}), (1 - q) · ({b} - {yt}))"),
    Poisson: Words("exp({b})", DIFFERENCE, "exp({b}) - {yt} · {b} + {yt} · log({yt}) - {yt}"),
    BinaryCrossEntropy: Words("1 / (1 + exp(-{b}))", DIFFERENCE, "log(1 + exp({b})) - {yt} · {b}"),
    CrossEntropy: Words("exp({b}) / sum(exp({b}))", DIFFERENCE, "-{yt} · log({y})"),
}


def expand_loss(f: "Reader", cell: Cell) -> Expanded:
    """Write a number of the loss."""
    t, loss = f.trace, f.trace.problem.net.loss
    words = LOSS_WORDS.get(type(loss))
    match cell.quantity, cell.index:
        case "loss", ():
            return expand_mean(f)
        case "penalty", () if t.problem.alpha:
            squares = float((t.problem.net.is_weight * t.theta**2).sum())
            top = Product((Leaf("alpha", t.problem.alpha), Leaf("sum(w²)", squares)))
            twice_W = Leaf("(2 W)", 2 * float(t.problem.w.sum()))
            return "alpha * sum(w²) / (2 W), over all weights", over(top, twice_W)
        case _ if words is None:
            return "", None
        case "losses", (i,):
            terms = tuple(loss_term(f, words, i, k) for k in range(len(t.outputs)))
            said = plain_words(f, words.value)
            return f"sum({said})" if len(terms) > 1 else said, Sum(terms)
        case "y", (i, k):
            return plain_words(f, words.y), prediction(f, words, i, k)
        case "yd", (i, k):
            if words.yd == DIFFERENCE:
                return "y - yt", minus(f.leaf("", "y", i, k), f.leaf("", "yt", i, k))
            raw = t.problem.y[i, k]

            def delta(b: float, yt: float) -> Any:
                return loss.delta(np.array([b]), np.array([raw]))[0]

            arguments = raw_prediction(f, i, k), f.leaf("", "yt", i, k)
            return plain_words(f, words.yd), Applied(places(words.yd), delta, arguments)
        case _:
            return "", None


def expand_mean(f: "Reader") -> Expanded:
    """Write the loss L: the rows' mean, and what the weights themselves cost."""
    t, M = f.trace, len(f.trace.rows)
    rows = [f.leaf("", "losses", i, with_row=True) for i in range(M)]
    if f.equal:
        words, total = "sum(loss) / M", Sum(tuple(rows))
        mean: Expression = over(total, Leaf("M", M)) if M > 1 else total
    else:
        shares = (f.leaf("", "s", i, with_row=True) for i in range(M))
        words = "sum(s * loss)"
        mean = Sum(tuple(map(Product, zip(shares, rows, strict=True))))
    if not t.problem.alpha:
        return words, mean
    return f"{words} + penalty", Sum((mean, f.leaf("", "penalty")))


def raw_prediction(f: "Reader", i: int, k: int) -> Leaf:
    """Return what the last layer puts out."""
    return f.leaf(f.trace.layers[-1].name, "v", i, k)


def prediction(f: "Reader", words: Words, i: int, k: int) -> Expression:
    """Write the prediction y."""
    loss, n = f.trace.problem.net.loss, len(f.trace.outputs)
    b = raw_prediction(f, i, k)
    if isinstance(loss, CrossEntropy):  # all outputs are in it
        text = f"exp({{}}) / ({' + '.join(['exp({})'] * n)})"
        all_b = [raw_prediction(f, i, j) for j in range(n)]
        return Applied(text, lambda _, *b: loss.mean(np.array(b))[k], (b, *all_b))
    return Applied(places(words.y), lambda b: loss.mean(np.array([b]))[0], (b,))


def loss_term(f: "Reader", words: Words, i: int, k: int) -> Expression:
    """Write what output k adds to the loss of row i."""
    p, yt = f.trace.problem, f.leaf("", "yt", i, k)
    if isinstance(p.net.loss, CrossEntropy):
        # log y from b, since y may be too small for its logarithm
        log_y = -float(CrossEntropy().value(f.trace.b[i], np.array([k])))
        return Applied("-{} · log({})", lambda t, _: -t * log_y, (yt, f.leaf("", "y", i, k)))
    raw = p.y[i, k]

    def value(*arguments: float) -> float:
        b = arguments[names.index("b")]
        return float(p.net.loss.value(np.array([b]), np.array([raw])))

    names = [part.partition("}")[0] for part in words.value.split("{")[1:]]
    known = {"b": raw_prediction(f, i, k), "yt": yt}
    return Applied(places(words.value), value, tuple(known[name] for name in names))


def places(words: str) -> str:
    """Leave out the names of the arguments."""
    return words.replace("{b}", "{}").replace("{yt}", "{}").replace("{y}", "{}")


def plain_words(f: "Reader", words: str) -> str:
    """Put the letters in."""
    b = f.letter(f.trace.layers[-1].name, "v")
    return words.format(b=b, yt="yt", y="y")
