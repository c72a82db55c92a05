"""Formulas: what each number of a trace was computed from, with all numbers put in.

A cell of the trace is a layer, a quantity and a place. `formula` says which sum of products it is,
as an expression of other cells, so that one can go on from any of them.

>>> import numpy as np
>>> from jubako.core.layers import Dense
>>> from jubako.core.losses import SquaredError
>>> from jubako.core.network import Network
>>> from jubako.explain.trace import trace
>>> net = Network((Dense(2, 2, "relu"), Dense(2, 1)), SquaredError())
>>> theta = np.array([0.5, -1.0, 0.25, 2.0, 0.0, 1.0, 2.0, -1.0, 0.0])
>>> t = trace(net, theta, [[1.0, 2.0]], [[1.0]], features=["length", "width"])
>>> print(formula(t, 1, "a", 0, 1))
a[h2] (row 1) = x @ v + c
  x[length] · v[length, h2] = 1 · (-1) = -1
  x[width] · v[width, h2] = 2 · 2 = 4
  c[h2] = 1
  Σ = 4
>>> print(formula(t, 1, "delta", 0, "h2"))
ud[h2] (row 1) = relu'(a) * (yd @ w.T)
  relu'(a[h2]) · yd[y1] · w[h2, y1] = relu'(4) · (-3) · (-1) = 3

The letters are those of the article that this package grew from, where the network has one hidden
layer: x, a = x @ v + c, u = f(a), b = u @ w + d, y, the target yt, yd = y - yt, and ud. In others
each layer has its number: a₂ = v₁ @ w₂ + b₂, v₂ = f(a₂), and δ₂ for the derivative by a₂.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any, Protocol

import numpy as np

from jubako.core.activations import ACTIVATIONS, Array
from jubako.core.layers import Dense, Dropout, Layer, Residual, Scale
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

from .trace import PER_ROW, Box, Trace

SMALL_DIGITS = str.maketrans("0123456789.", "₀₁₂₃₄₅₆₇₈₉.")


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a trace.

    Parameters
    ----------
    layer : str
        Name of the box; "" for what belongs to none.
    quantity : str
        u, a, v, delta or mask; w.before, w.grad, w.after of a part w, and w.m.before, w.m.after of
        what the optimizer remembers; and with no layer y, yt, yd, losses, s, loss, penalty.
    index : tuple of int
        Row and unit, or the place in the part, from 0.
    """

    layer: str
    quantity: str
    index: tuple[int, ...]


class Expression(Protocol):
    """Something that has a value, and can be written down."""

    @property
    def value(self) -> float: ...

    def text(self, show: "Show", tight: bool = False) -> str:
        """Write it down, each leaf as `show` says; `tight`: so that it can be a factor."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number with its name, and where it stands in the trace, if it does."""

    symbol: str
    value: float
    cell: Cell | None = None

    def text(self, show: "Show", tight: bool = False) -> str:
        return show(self, tight)


Show = Callable[[Leaf, bool], str]
"""How to write a leaf; the second argument says whether a negative number needs brackets."""


@dataclass(frozen=True, slots=True)
class Product:
    """Factors, multiplied."""

    factors: tuple[Expression, ...]

    @property
    def value(self) -> float:
        return prod(factor.value for factor in self.factors)

    def text(self, show: Show, tight: bool = False) -> str:
        return " · ".join(factor.text(show, tight=True) for factor in self.factors)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms, added."""

    terms: tuple[Expression, ...]

    @property
    def value(self) -> float:
        return sum(term.value for term in self.terms)

    def text(self, show: Show, tight: bool = False) -> str:
        text = " + ".join(term.text(show, isinstance(term, Leaf)) for term in self.terms)
        return f"({text})" if tight else text


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of other expressions, as in `exp({})`."""

    words: str
    function: Callable[..., Any]
    arguments: tuple[Expression, ...]

    @property
    def value(self) -> float:
        return float(self.function(*(argument.value for argument in self.arguments)))

    def text(self, show: Show, tight: bool = False) -> str:
        pieces = self.words.split("{}")
        text = pieces[0]
        for i, argument in enumerate(self.arguments):  # one that stands in brackets needs no others
            bare = pieces[i].endswith("(") and pieces[i + 1].startswith(")")
            text += argument.text(show, tight=not bare) + pieces[i + 1]
        return f"({text})" if tight and " " in self.words else text


def minus(one: Expression, two: Expression) -> Applied:
    """Return the difference."""
    return Applied("{} - {}", lambda a, b: a - b, (one, two))


def over(one: Expression, two: Expression) -> Applied:
    """Return the quotient."""
    return Applied("{} / {}", lambda a, b: a / b, (one, two))


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a formula. A sum of several terms takes a line for each, and one for itself."""

    expression: Expression
    is_sum: bool = False  # of the lines before it, back to the last sum


@dataclass(frozen=True, slots=True)
class Formula:
    """How one cell was computed.

    Parameters
    ----------
    cell : Cell
    symbol : str
        Its name: a[h3].
    row : str
        The row that it belongs to; "" where it belongs to all.
    rule : str
        How all cells of its kind are computed, with `@` for the matrix product: x @ v + c.
    number : float
        The number in the trace.
    expression : Expression or None
        What it was computed from. None: it was given, or nobody has said how.
    """

    cell: Cell
    symbol: str
    row: str
    rule: str
    number: float
    expression: Expression | None

    @property
    def value(self) -> float:
        """The value of the expression: the number, but for rounding."""
        return self.number if self.expression is None else self.expression.value

    def steps(self) -> list[Step]:
        """Return the expression line by line, sums before what uses them."""
        if self.expression is None:
            return []
        steps = list[Step]()
        last = spread(self.expression, steps)
        if not (steps and steps[-1].is_sum and isinstance(last, Leaf)):
            steps.append(Step(last))
        return steps

    def __str__(self) -> str:
        row = f" (row {self.row})" if self.row else ""
        lines = [f"{self.symbol}{row} = {self.rule}"] if self.rule else [f"{self.symbol}{row}"]
        for step in self.steps():
            value = number_text(step.expression.value)
            names = "Σ" if step.is_sum else step.expression.text(show_symbol)
            numbers = step.expression.text(show_number)
            known = step.is_sum or isinstance(step.expression, Leaf)
            lines.append(f"  {names} = {value}" if known else f"  {names} = {numbers} = {value}")
        return "\n".join(lines if len(lines) > 1 else [f"{lines[0]} = {number_text(self.number)}"])


def spread(expression: Expression, steps: list[Step]) -> Expression:
    """Write the sums inside an expression as steps, and return it with names in their place."""
    match expression:
        case Product(factors):
            return Product(tuple(spread(factor, steps) for factor in factors))
        case Applied(words, function, arguments):
            return Applied(words, function, tuple(spread(one, steps) for one in arguments))
        case Sum((term,)):
            return spread(term, steps)
        case Sum(terms):
            lines = [Step(spread(term, steps)) for term in terms]
            steps += [*lines, Step(expression, is_sum=True)]
            return Leaf("Σ", expression.value)
        case _:
            return expression


def number_text(value: float) -> str:
    """Write a number with six digits."""
    return f"{value + 0.0:.6g}"  # + 0.0, since -0 says nothing


def show_symbol(leaf: Leaf, tight: bool) -> str:
    """Write a leaf's name."""
    return leaf.symbol


def show_number(leaf: Leaf, tight: bool) -> str:
    """Write a leaf's number."""
    text = number_text(leaf.value)
    return f"({text})" if tight and text.startswith("-") else text


def formula(trace: Trace, layer: str | int, quantity: str, *index: int | str) -> Formula:
    """Say how one cell of a trace was computed.

    Parameters
    ----------
    trace : Trace
    layer, quantity
        As in `Cell`. A part's name alone means it before the step: w for w.before.
    *index : int or str
        Row and unit, or the place in the part; each counted from 0, or by name.

    Returns
    -------
    Formula

    Raises
    ------
    ValueError
        If there is no such cell.
    """
    return Reader(trace).formula(find_cell(trace, str(layer), quantity, index))


def find_cell(trace: Trace, layer: str, quantity: str, index: Sequence[int | str]) -> Cell:
    """Return the cell that is meant.

    Raises
    ------
    ValueError
        If there is none.
    """
    if layer:
        box = trace.box(layer)
        quantity = f"{quantity}.before" if quantity in box.parts else quantity
    known = tables(trace, layer)
    if quantity not in known:
        raise ValueError(f"Layer {layer!r} has no {quantity!r}: choose one of {', '.join(known)}.")
    array, axes = known[quantity]
    places = tuple(
        names.index(i) if isinstance(i, str) and i in names else i
        for i, names in zip(index, axes, strict=False)
    )
    fits = len(index) == array.ndim and all(
        isinstance(i, int) and 0 <= i < n for i, n in zip(places, array.shape, strict=False)
    )
    if not fits:
        raise ValueError(
            f"{quantity!r} of layer {layer!r} has the shape {array.shape}: no {index}."
        )
    return Cell(layer, quantity, places)  # type: ignore[arg-type]


Axes = tuple[tuple[str, ...], ...]


def tables(trace: Trace, layer: str) -> dict[str, tuple[Array, Axes]]:
    """Return all quantities of a layer, or of the loss for "", with the names along their axes."""
    rows = trace.rows
    if not layer:
        known = {name: (getattr(trace, name), (rows, trace.outputs)) for name in ("y", "yt", "yd")}
        known |= {name: (getattr(trace, name), (rows,)) for name in ("losses", "s")}
        return known | {
            name: (np.array(getattr(trace, name)), ()) for name in ("penalty", "loss", "loss_after")
        }
    box = trace.box(layer)
    known = {
        name: (getattr(box, name), (rows, box.inputs if name == "u" else box.outputs))
        for name in PER_ROW
        if getattr(box, name) is not None
    }
    for part in box.parts.values():
        axes = part.sources, box.outputs
        for state in ("before", "grad", "after"):
            known[f"{part.name}.{state}"] = getattr(part, state), axes
        for name, (before, after) in part.memory.items():
            known[f"{part.name}.{name}.before"] = before, axes
            known[f"{part.name}.{name}.after"] = after, axes
    return known


def all_cells(trace: Trace) -> Iterator[Cell]:
    """Go through all cells of a trace."""
    for layer in (*(box.name for box in trace.boxes), ""):
        for quantity, (array, _) in tables(trace, layer).items():
            for index in np.ndindex(*array.shape):
                yield Cell(layer, quantity, index)


def letters(trace: Trace) -> dict[str, dict[str, str]]:
    """Return the symbol of each quantity and part, by the name of the box; "" has the loss's."""
    loss = {"y": "y", "yt": "yt", "yd": "yd", "losses": "loss", "s": "s", "penalty": "penalty"}
    known = {"": {**loss, "loss": "L", "loss_after": "L_new"}}
    if is_article(trace):
        hidden = {"u": "x", "a": "a", "v": "u", "delta": "ud", "w": "v", "b": "c"}
        output = {"u": "u", "a": "b", "v": "b", "delta": "yd", "w": "w", "b": "d"}
        return known | {"1": hidden, "2": output}

    def name(boxes: Sequence[Box], u: str) -> None:
        for box in boxes:
            n = box.name.translate(SMALL_DIGITS) if len(trace.boxes) > 1 else ""
            own = {"u": u, "a": f"a{n}", "v": f"v{n}", "delta": f"δ{n}", "mask": f"mask{n}"}
            known[box.name] = own | {part: f"{part}{n}" for part in box.parts}
            name(box.inside, u)
            u = own["v"]

    name(trace.layers, "x")
    return known


def is_article(trace: Trace) -> bool:
    """Tell whether this is the article's network: one hidden layer, and nothing on the output."""
    layers = [box.layer for box in trace.layers]
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    return len(dense) == len(layers) == 2 and dense[-1].activation == "identity"


def sources(trace: Trace) -> dict[str, str]:
    """Return for each box the one whose outputs come in; "" stands for the features."""
    found = dict[str, str]()

    def follow(boxes: Sequence[Box], source: str) -> None:
        for box in boxes:
            found[box.name] = source
            follow(box.inside, source)
            source = box.name

    follow(trace.layers, "")
    return found


class Reader:
    """Reads a trace, and writes the formulas of its cells."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.letters = letters(trace)
        self.tables = {layer: tables(trace, layer) for layer in self.letters}
        self.after = dict[str, tuple[Box | None, Box | None]]()  # the next box, and the one around
        self.before = sources(trace)
        self.link(trace.layers, None)
        self.equal = bool((trace.s == trace.s[0]).all())

    def link(self, boxes: Sequence[Box], around: Box | None) -> None:
        """Note what comes after each box."""
        for box, following in zip(boxes, [*boxes[1:], None], strict=False):
            self.after[box.name] = following, around
            self.link(box.inside, box)

    def leaf(self, layer: str, quantity: str, *index: int, with_row: bool = False) -> Leaf:
        """Return a cell as a leaf; its row is in its name only if asked for."""
        cell = self.origin(Cell(layer, quantity, index))
        array, _ = self.tables[cell.layer][cell.quantity]
        return Leaf(self.symbol(cell, with_row), float(array[index]), cell)

    def origin(self, cell: Cell) -> Cell:
        """Return where a number was computed: what comes into a layer, in the one before it."""
        if cell.quantity == "u" and self.before[cell.layer]:
            return Cell(self.before[cell.layer], "v", cell.index)
        return cell

    def symbol(self, cell: Cell, with_row: bool = False) -> str:
        """Name a cell: a[h3], dL/dw[h3, setosa]."""
        _, axes = self.tables[cell.layer][cell.quantity]
        names = [axis[i] for axis, i in zip(axes, cell.index, strict=True)]
        if self.has_row(cell) and not (with_row and len(self.trace.rows) > 1):
            names = names[1:]
        place = ", ".join(name for name in names if name)
        return self.letter(cell.layer, cell.quantity) + (f"[{place}]" if place else "")

    def letter(self, layer: str, quantity: str) -> str:
        """Name a quantity: a, dL/dw, w_new."""
        known = self.letters[layer]
        if quantity in known:
            return known[quantity]
        part, *rest = quantity.split(".")
        match rest:
            case ["before"]:
                return known[part]
            case ["grad"]:
                return f"dL/d{known[part]}"
            case ["after"]:
                return f"{known[part]}_new"
            case [memory, state]:
                return f"{memory}_{known[part]}" + ("_new" if state == "after" else "")
            case _:
                return quantity

    def has_row(self, cell: Cell) -> bool:
        """Tell whether a cell belongs to one row."""
        return cell.quantity in (*PER_ROW, "y", "yt", "yd", "losses", "s")

    def formula(self, cell: Cell) -> Formula:
        """Say how a cell was computed."""
        rule, expression = self.expand(cell)
        array, _ = self.tables[cell.layer][cell.quantity]
        row = self.trace.rows[cell.index[0]] if self.has_row(cell) else ""
        number = float(array[cell.index])
        return Formula(cell, self.symbol(cell), row, rule, number, expression)

    def expand(self, cell: Cell) -> "Expanded":
        """Return the rule and the expression of a cell; none of what was given."""
        cell = self.origin(cell)
        if not cell.layer:
            return expand_loss(self, cell)
        box, index = self.trace.box(cell.layer), cell.index
        rule = RULES.get(type(box.layer), Rule())
        match cell.quantity.split("."):
            case ["a"]:
                return rule.a(self, box, *index)
            case ["v"]:
                return rule.v(self, box, *index)
            case ["delta"]:
                return rule.delta(self, box, *index)
            case [name, "grad"]:
                return expand_grad(self, rule, box, name, index)
            case [name, "after"]:
                return expand_step(self, box, name, index)
            case [name, memory, "after"]:
                return expand_memory(self, box, name, memory, index)
            case _:
                return "", None

    def dv(self, box: Box, i: int, k: int) -> "Expanded":
        """Write the derivative of row i's loss by the output k of a box."""
        following, around = self.after[box.name]
        if following is not None:
            return RULES.get(type(following.layer), Rule()).du(self, following, i, k)
        if around is not None:  # a bridge passes on what comes to its output
            is_bridge = isinstance(around.layer, Residual)
            known = self.letter(around.name, "delta"), self.leaf(around.name, "delta", i, k)
            return known if is_bridge else ("", None)
        return "yd", self.leaf("", "yd", i, k)


Expanded = tuple[str, Expression | None]
"""A rule in letters, and the expression of one cell."""


class Rule:
    """How the cells of a layer are computed. Of a layer without an entry in `RULES`, nothing is."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        """Write the sum a of unit k in row i."""
        return "", None

    def v(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        """Write the output."""
        return "", None

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        """Write the derivative by a."""
        return "", None

    def du(self, f: Reader, box: Box, i: int, j: int) -> Expanded:
        """Write the derivative by the input j."""
        return "", None

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        """Write what row i adds to the gradient of a parameter."""
        return "", None


class DenseRule(Rule):
    """v = f(u @ w + b)."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        products = (
            Product((f.leaf(box.name, "u", i, j), f.leaf(box.name, "w.before", j, k)))
            for j in range(box.layer.n_in)
        )
        u, w, b = (f.letter(box.name, name) for name in ("u", "w", "b"))
        return f"{u} @ {w} + {b}", Sum((*products, f.leaf(box.name, "b.before", 0, k)))

    def v(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        name = activation(box)
        if name == "identity":
            return self.a(f, box, i, k)
        rule, a = self.a(f, box, i, k)
        assert a is not None
        value, letter = ACTIVATIONS[name].value, f.letter(box.name, "a")
        return f"{name}({letter}), {letter} = {rule}", Applied(f"{name}({{}})", value, (a,))

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
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

    def du(self, f: Reader, box: Box, i: int, j: int) -> Expanded:
        products = (
            Product((f.leaf(box.name, "delta", i, k), f.leaf(box.name, "w.before", j, k)))
            for k in range(box.layer.n_out)
        )
        delta, w = f.letter(box.name, "delta"), f.letter(box.name, "w")
        return f"({delta} @ {w}.T)", Sum(tuple(products))

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
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

    def by(self, f: Reader, box: Box, i: int, k: int) -> Leaf:
        """Return the number that unit k is multiplied by."""
        return f.leaf(box.name, self.factor, 0 if "." in self.factor else i, k)

    def a(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        words = f"{f.letter(box.name, 'u')} * {f.letter(box.name, self.factor)}"
        return words, Product((f.leaf(box.name, "u", i, k), self.by(f, box, i, k)))

    def v(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        return self.a(f, box, i, k)

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        return f.dv(box, i, k)

    def du(self, f: Reader, box: Box, i: int, j: int) -> Expanded:
        words = f"{f.letter(box.name, 'delta')} * {f.letter(box.name, self.factor)}"
        delta = f.leaf(box.name, "delta", i, j)
        return words, Product((delta, self.by(f, box, i, j)))

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Expanded:
        k = index[-1]
        u, delta = (f.leaf(box.name, name, i, k, with_row=True) for name in ("u", "delta"))
        names = f.letter(box.name, "u"), f.letter(box.name, "delta")
        return f"sum({names[0]} * {names[1]})", Product((u, delta))


class ResidualRule(Rule):
    """v = u + stack(u)."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        layer, name = (box.inside[-1].name, "v") if box.inside else (box.name, "u")
        return f.letter(layer, name), f.leaf(layer, name, i, k)

    def v(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        words = f"{f.letter(box.name, 'u')} + {f.letter(box.name, 'a')}"
        return words, Sum((f.leaf(box.name, "u", i, k), f.leaf(box.name, "a", i, k)))

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Expanded:
        return f.dv(box, i, k)

    def du(self, f: Reader, box: Box, i: int, j: int) -> Expanded:
        delta, name = f.leaf(box.name, "delta", i, j), f.letter(box.name, "delta")
        if not box.inside:
            return f"{name} + {name}", Sum((delta, delta))
        first = box.inside[0]
        words, inner = RULES.get(type(first.layer), Rule()).du(f, first, i, j)
        if inner is None:
            return "", None
        terms = inner.terms if isinstance(inner, Sum) else (inner,)
        return f"({name} + {words})", Sum((delta, *terms))


RULES: dict[type[Layer], Rule] = {
    Dense: DenseRule(),
    Dropout: FactorRule("mask"),
    Scale: FactorRule("s.before"),
    Residual: ResidualRule(),
}


def activation(box: Box) -> str:
    """Return the name of a dense layer's activation."""
    return str(getattr(box.layer, "activation", "identity"))


def expand_grad(f: Reader, rule: Rule, box: Box, part: str, index: tuple[int, ...]) -> Expanded:
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


def expand_step(f: Reader, box: Box, part: str, index: tuple[int, ...]) -> Expanded:
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
    f: Reader, optimizer: Optimizer, box: Box, part: str, index: tuple[int, ...]
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


def rate_of_adam(f: Reader, beta_1: float, beta_2: float, ahead: int = 0) -> Expression:
    """Write lr * sqrt(1 - beta_2^t) / (1 - beta_1^t)."""
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
    """Return what the optimizer remembers after the step, and its letter."""
    quantity = f"{part}.{name}.after"
    return f.leaf(box.name, quantity, *index), f.letter(box.name, quantity)


def clipped(f: Reader, box: Box, part: str, index: tuple[int, ...]) -> tuple[str, Expression]:
    """Write the gradient as the optimizer gets it."""
    grad, name = f.leaf(box.name, f"{part}.grad", *index), f.letter(box.name, f"{part}.grad")
    if f.trace.update.max_grad_norm == np.inf:
        return name, grad
    return f"clip * {name}", Product((Leaf("clip", f.trace.clip), grad))


def expand_memory(f: Reader, box: Box, part: str, name: str, index: tuple[int, ...]) -> Expanded:
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


def expand_loss(f: Reader, cell: Cell) -> Expanded:
    """Write a number of the loss."""
    t, loss = f.trace, f.trace.problem.net.loss
    words = LOSS_WORDS.get(type(loss))
    match cell.quantity, cell.index:
        case "loss", ():
            return expand_mean(f)
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


def expand_mean(f: Reader) -> Expanded:
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


def raw_prediction(f: Reader, i: int, k: int) -> Leaf:
    """Return what the last layer puts out."""
    return f.leaf(f.trace.layers[-1].name, "v", i, k)


def prediction(f: Reader, words: Words, i: int, k: int) -> Expression:
    """Write the prediction y."""
    loss, n = f.trace.problem.net.loss, len(f.trace.outputs)
    b = raw_prediction(f, i, k)
    if isinstance(loss, CrossEntropy):  # all outputs are in it
        text = f"exp({{}}) / ({' + '.join(['exp({})'] * n)})"
        all_b = [raw_prediction(f, i, j) for j in range(n)]
        return Applied(text, lambda _, *b: loss.mean(np.array(b))[k], (b, *all_b))
    return Applied(places(words.y), lambda b: loss.mean(np.array([b]))[0], (b,))


def loss_term(f: Reader, words: Words, i: int, k: int) -> Expression:
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


def plain_words(f: Reader, words: str) -> str:
    """Put the letters in."""
    b = f.letter(f.trace.layers[-1].name, "v")
    return words.format(b=b, yt="yt", y="y")
