"""Formulas of the update of a parameter, and of the state of the optimizer.

The step of an optimizer without an entry here is shown as one number.
"""

from math import sqrt

import numpy as np

from jubako.explain.expression import Applied, Expression, Leaf, Product, Sum, minus
from jubako.explain.trace_box import Box
from jubako.training.optimizers import SGD, Adam, NAdam, Optimizer

from .base import Derived, Reader


def expand_step(f: Reader, box: Box, part: str, index: tuple[int, ...]) -> Derived:
    """Return the formula of a parameter after the step."""
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
    f: Reader, optimizer: Optimizer, box: Box, part: str, index: tuple[int, ...]
) -> Derived:
    """Return the term that an optimizer subtracts from a parameter; None without an entry."""
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
    """Return the formula rate * m / (sqrt(v) + epsilon)."""
    arguments = rate, m, v, Leaf("epsilon", epsilon)
    words = "{} · {} / (sqrt({}) + {})"
    return Applied(words, lambda rate, m, v, e: rate * m / (sqrt(v) + e), arguments)


def rate_of_adam(f: Reader, beta_1: float, beta_2: float, ahead: int = 0) -> Expression:
    """Return the formula lr * sqrt(1 - beta_2^t) / (1 - beta_1^t)."""
    t = Leaf("t", float(f.trace.memory["t"][1][0]))
    later = Leaf("(t + 1)", t.value + 1) if ahead else t
    arguments = Leaf("lr", f.trace.lr), Leaf("beta_2", beta_2), t, Leaf("beta_1", beta_1), later
    words = "{} · sqrt(1 - {}^{}) / (1 - {}^{})"

    def rate(lr: float, beta_2: float, t: float, beta_1: float, later: float) -> float:
        return lr * sqrt(1 - beta_2**t) / (1 - beta_1**later)

    return Applied(words, rate, arguments)


def remembered(
    f: Reader, box: Box, part: str, name: str, index: tuple[int, ...]
) -> tuple[Leaf, str]:
    """Return a state of the optimizer after the step, and its symbol."""
    quantity = f"{part}.{name}.after"
    return f.leaf(box.name, quantity, *index), f.letter(box.name, quantity)


def clipped(f: Reader, box: Box, part: str, index: tuple[int, ...]) -> tuple[str, Expression]:
    """Return the formula of the gradient after clipping."""
    grad, name = f.leaf(box.name, f"{part}.grad", *index), f.letter(box.name, f"{part}.grad")
    if f.trace.update.max_grad_norm == np.inf:
        return name, grad
    return f"clip * {name}", Product((Leaf("clip", f.trace.clip), grad))


def expand_memory(f: Reader, box: Box, part: str, name: str, index: tuple[int, ...]) -> Derived:
    """Return the formula of a state of the optimizer after the step."""
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
