"""Formulas of the prediction, its derivative and the loss of each row."""

from dataclasses import dataclass
from typing import Any

import numpy as np

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
from jubako.explain.expression import Applied, Expression, Leaf, Product, Sum, minus, over
from jubako.explain.trace_index import Cell

from .base import Derived, Reader


@dataclass(frozen=True, slots=True)
class LossFormulas:
    """The formulas of a loss for one output: b is the raw prediction, y the prediction."""

    y: str  # from b
    yd: str  # the derivative by b
    value: str


DIFFERENCE = "{y} - {yt}"


LOSS_FORMULAS: dict[type[Loss], LossFormulas] = {
    SquaredError: LossFormulas("{b}", DIFFERENCE, "({b} - {yt})² / 2"),
    AbsoluteError: LossFormulas("{b}", "sign({b} - {yt})", "|{b} - {yt}|"),
    Huber: LossFormulas("{b}", "clip({b} - {yt}, ±threshold)", "huber({b} - {yt})"),
    LogCosh: LossFormulas("{b}", "tanh({b} - {yt})", "log(cosh({b} - {yt}))"),
    Quantile: LossFormulas(
        "{b}", "step({b} - {yt}) - q", "max(q · ({yt} - {b}), (1 - q) · ({b} - {yt}))"
    ),
    Poisson: LossFormulas(
        "exp({b})", DIFFERENCE, "exp({b}) - {yt} · {b} + {yt} · log({yt}) - {yt}"
    ),
    BinaryCrossEntropy: LossFormulas(
        "1 / (1 + exp(-{b}))", DIFFERENCE, "log(1 + exp({b})) - {yt} · {b}"
    ),
    CrossEntropy: LossFormulas("exp({b}) / sum(exp({b}))", DIFFERENCE, "-{yt} · log({y})"),
}


def expand_loss(f: Reader, cell: Cell) -> Derived:
    """Return the formula of a value of the loss."""
    t, loss = f.trace, f.trace.problem.net.loss
    formulas = LOSS_FORMULAS.get(type(loss))
    match cell.quantity, cell.index:
        case "loss", ():
            return expand_mean(f)
        case "penalty", () if t.problem.alpha:
            squares = float((t.problem.net.is_weight * t.theta**2).sum())
            top = Product((Leaf("alpha", t.problem.alpha), Leaf("sum(w²)", squares)))
            twice_W = Leaf("(2 W)", 2 * float(t.problem.w.sum()))
            return "alpha * sum(w²) / (2 W), over all weights", over(top, twice_W)
        case _ if formulas is None:
            return "", None
        case "losses", (i,):
            terms = tuple(loss_term(f, formulas, i, k) for k in range(len(t.outputs)))
            formula = plain_words(f, formulas.value)
            return f"sum({formula})" if len(terms) > 1 else formula, Sum(terms)
        case "y", (i, k):
            return plain_words(f, formulas.y), prediction(f, formulas, i, k)
        case "yd", (i, k):
            if formulas.yd == DIFFERENCE:
                return "y - yt", minus(f.leaf("", "y", i, k), f.leaf("", "yt", i, k))
            raw = t.problem.y[i, k]

            def delta(b: float, yt: float) -> Any:
                return loss.delta(np.array([b]), np.array([raw]))[0]

            arguments = raw_prediction(f, i, k), f.leaf("", "yt", i, k)
            return plain_words(f, formulas.yd), Applied(places(formulas.yd), delta, arguments)
        case _:
            return "", None


def expand_mean(f: Reader) -> Derived:
    """Return the formula of the loss L: the mean over the rows, and the penalty."""
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


def raw_prediction(f: Reader, i: int, k: int) -> Leaf:
    """Return the output of the last layer."""
    return f.leaf(f.trace.layers[-1].name, "v", i, k)


def prediction(f: Reader, formulas: LossFormulas, i: int, k: int) -> Expression:
    """Return the formula of the prediction y."""
    loss, n = f.trace.problem.net.loss, len(f.trace.outputs)
    b = raw_prediction(f, i, k)
    if isinstance(loss, CrossEntropy):  # all outputs are in it
        text = f"exp({{}}) / ({' + '.join(['exp({})'] * n)})"
        all_b = [raw_prediction(f, i, j) for j in range(n)]
        return Applied(text, lambda _, *b: loss.mean(np.array(b))[k], (b, *all_b))
    return Applied(places(formulas.y), lambda b: loss.mean(np.array([b]))[0], (b,))


def loss_term(f: Reader, formulas: LossFormulas, i: int, k: int) -> Expression:
    """Return the term of output k in the loss of row i."""
    p, yt = f.trace.problem, f.leaf("", "yt", i, k)
    if isinstance(p.net.loss, CrossEntropy):
        # log y from b, since y may be too small for its logarithm
        log_y = -float(CrossEntropy().value(f.trace.b[i], np.array([k])))
        return Applied("-{} · log({})", lambda t, _: -t * log_y, (yt, f.leaf("", "y", i, k)))
    raw = p.y[i, k]

    def value(*arguments: float) -> float:
        b = arguments[names.index("b")]
        return float(p.net.loss.value(np.array([b]), np.array([raw])))

    names = [part.partition("}")[0] for part in formulas.value.split("{")[1:]]
    known = {"b": raw_prediction(f, i, k), "yt": yt}
    return Applied(places(formulas.value), value, tuple(known[name] for name in names))


def places(words: str) -> str:
    """Replace the names of the arguments by `{}`."""
    return words.replace("{b}", "{}").replace("{yt}", "{}").replace("{y}", "{}")


def plain_words(f: Reader, words: str) -> str:
    """Insert the symbols."""
    b = f.letter(f.trace.layers[-1].name, "v")
    return words.format(b=b, yt="yt", y="y")
