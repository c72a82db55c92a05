"""Formulas: what each number of a trace was computed from, with all numbers put in.

A cell of the trace is a layer, a quantity and an index. `formula` returns the expression of other
cells that it was computed from, so that each of those can be explained in turn.

>>> import numpy as np
>>> from jubako.core.layers import Dense
>>> from jubako.core.losses import SquaredError
>>> from jubako.core.network import Network
>>> from jubako.explain.tracer import trace
>>> net = Network((Dense(2, 2, "relu"), Dense(2, 1)), SquaredError())
>>> theta = np.array([0.5, -1.0, 0.25, 2.0, 0.0, 1.0, 2.0, -1.0, 0.0])
>>> t = trace(net, theta, [[1.0, 2.0]], [[1.0]], features=["length", "width"])
>>> print(formula(t, 1, "a", 0, 1))
a[h2] (row 1) = x @ v + c
  x[length] · v[length, h2] = 1 · (−1) = −1
  x[width] · v[width, h2] = 2 · 2 = 4
  c[h2] = 1
  Σ = 4
>>> print(formula(t, 1, "delta", 0, "h2"))
ud[h2] (row 1) = relu'(a) * (yd @ w.T)
  relu'(a[h2]) · yd[y1] · w[h2, y1] = relu'(4) · (−3) · (−1) = 3

The letters are those of the article that this package grew from, where the network has one hidden
layer: x, a = x @ v + c, u = f(a), b = u @ w + d, y, the target yt, yd = y - yt, and ud. In others
each layer has its number: a₂ = v₁ @ w₂ + b₂, v₂ = f(a₂), and δ₂ for the derivative by a₂.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jubako.core.activations import Array
from jubako.core.layers import Dense, Residual
from jubako.i18n.numbers import format_significant

from .derivations.base import Derivation, Derived
from .derivations.layers import DERIVATIONS, expand_gradient
from .derivations.losses import expand_loss
from .derivations.optimizers import expand_memory, expand_step
from .expression import (
    Applied,
    Expression,
    Leaf,
    Product,
    Sum,
    show_number,
    show_symbol,
)
from .trace import Trace
from .trace_box import PER_ROW, Box
from .trace_index import Axes, Cell, find_cell, sources, tables

SMALL_DIGITS = str.maketrans("0123456789.", "₀₁₂₃₄₅₆₇₈₉.")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a formula. A sum of several terms has a line for each, and one for the total."""

    expression: Expression
    is_sum: bool = False  # of the lines before it, back to the last sum


@dataclass(frozen=True, slots=True)
class Formula:
    """The formula of one cell.

    Parameters
    ----------
    cell : Cell
    symbol : str
        Its symbol, such as a[h3].
    row : str
        The row of the cell; "" if it belongs to all rows.
    rule : str
        The formula of all cells of this quantity, with `@` for the matrix product: x @ v + c.
    number : float
        The value in the trace.
    expression : Expression or None
        The expression of the value; None for inputs, or if there is no derivation.
    """

    cell: Cell
    symbol: str
    row: str
    rule: str
    number: float
    expression: Expression | None

    @property
    def value(self) -> float:
        """The value of the expression: that of the cell, up to rounding."""
        return self.number if self.expression is None else self.expression.value

    def steps(self) -> list[Step]:
        """Return the lines of the expression, sums before the lines that use them."""
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
            value = format_significant(step.expression.value, 6)
            names = "Σ" if step.is_sum else step.expression.text(show_symbol)
            numbers = step.expression.text(show_number)
            known = step.is_sum or isinstance(step.expression, Leaf)
            lines.append(f"  {names} = {value}" if known else f"  {names} = {numbers} = {value}")
        return "\n".join(
            lines if len(lines) > 1 else [f"{lines[0]} = {format_significant(self.number, 6)}"]
        )


def spread(expression: Expression, steps: list[Step]) -> Expression:
    """Return an expression with its inner sums replaced by names, and write these sums as steps."""
    match expression:
        case Product(factors) if all(isinstance(factor, Leaf) for factor in factors):
            return expression
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


def formula(trace: Trace, layer: str | int, quantity: str, *index: int | str) -> Formula:
    """Return the formula of one cell of a trace.

    Parameters
    ----------
    trace : Trace
    layer : int or str
        As in `Cell`.
    quantity : str
        As in `Cell`. The name of a parameter array is its value before the step: w for w.before.
    *index : int or str
        Row and unit, or the position in the parameter array; each from 0, or by name.

    Returns
    -------
    Formula

    Raises
    ------
    ValueError
        If there is no such cell.
    """
    return Reader(trace).formula(find_cell(trace, str(layer), quantity, index))


def letters(trace: Trace) -> dict[str, dict[str, str]]:
    """Return the symbol of each quantity and parameter array by box name; "" is the loss."""
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
    """Return whether this is the network of the article: one hidden layer, and a linear output."""
    layers = [box.layer for box in trace.layers]
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    return len(dense) == len(layers) == 2 and dense[-1].activation == "identity"


class Reader:
    """A reader of a trace, which returns the formulas of its cells."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.letters: dict[str, dict[str, str]] = letters(trace)
        self.tables: dict[str, dict[str, tuple[Array, Axes]]] = {
            layer: tables(trace, layer) for layer in self.letters
        }
        # the next box, and the one around
        self.after: dict[str, tuple[Box | None, Box | None]] = {}
        self.before: dict[str, str] = sources(trace)
        self.leaves: dict[tuple[str, str, tuple[int, ...], bool], Leaf] = {}
        self.link(trace.layers, None)
        self.equal: bool = bool((trace.s == trace.s[0]).all())

    def link(self, boxes: Sequence[Box], around: Box | None) -> None:
        """Determine the box after each box."""
        for box, following in zip(boxes, [*boxes[1:], None], strict=False):
            self.after[box.name] = following, around
            self.link(box.inside, box)

    def leaf(self, layer: str, quantity: str, *index: int, with_row: bool = False) -> Leaf:
        """Return a cell as a leaf; its name includes the row only if requested."""
        key = layer, quantity, index, with_row
        if key not in self.leaves:
            cell = self.origin(Cell(layer, quantity, index))
            array, _ = self.tables[cell.layer][cell.quantity]
            self.leaves[key] = Leaf(self.symbol(cell, with_row), float(array[index]), cell)
        return self.leaves[key]

    def origin(self, cell: Cell) -> Cell:
        """Return where a number was computed: the input of a layer, in the previous layer."""
        if cell.quantity == "u" and self.before[cell.layer]:
            return Cell(self.before[cell.layer], "v", cell.index)
        return cell

    def symbol(self, cell: Cell, with_row: bool = False) -> str:
        """Return the symbol of a cell: a[h3], dL/dw[h3, setosa]."""
        _, axes = self.tables[cell.layer][cell.quantity]
        names = [axis[i] for axis, i in zip(axes, cell.index, strict=True)]
        if self.has_row(cell) and not (with_row and len(self.trace.rows) > 1):
            names = names[1:]
        place = ", ".join(name for name in names if name)
        return self.letter(cell.layer, cell.quantity) + (f"[{place}]" if place else "")

    def letter(self, layer: str, quantity: str) -> str:
        """Return the symbol of a quantity: a, dL/dw, w_new."""
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
        """Return whether a cell belongs to one row."""
        return cell.quantity in (*PER_ROW, "y", "yt", "yd", "losses", "s")

    def formula(self, cell: Cell) -> Formula:
        """Return the formula of a cell."""
        rule, expression = self.expand(cell)
        array, _ = self.tables[cell.layer][cell.quantity]
        row = self.trace.rows[cell.index[0]] if self.has_row(cell) else ""
        number = float(array[cell.index])
        return Formula(cell, self.symbol(cell), row, rule, number, expression)

    def expand(self, cell: Cell) -> Derived:
        """Return the rule and the expression of a cell; None for inputs."""
        cell = self.origin(cell)
        if not cell.layer:
            return expand_loss(self, cell)
        box, index = self.trace.box(cell.layer), cell.index
        rule = DERIVATIONS.get(type(box.layer), Derivation())
        match cell.quantity.split("."):
            case ["a"]:
                return rule.a(self, box, *index)
            case ["v"]:
                return rule.v(self, box, *index)
            case ["delta"]:
                return rule.delta(self, box, *index)
            case [name, "grad"]:
                return expand_gradient(self, rule, box, name, index)
            case [name, "after"]:
                return expand_step(self, box, name, index)
            case [name, memory, "after"]:
                return expand_memory(self, box, name, memory, index)
            case _:
                return "", None

    def dv(self, box: Box, i: int, k: int) -> Derived:
        """Return the derivative of the loss of row i with respect to output k of a box."""
        following, around = self.after[box.name]
        if following is not None:
            return DERIVATIONS.get(type(following.layer), Derivation()).du(self, following, i, k)
        if around is not None:  # a residual connection passes on the error of its output
            is_residual = isinstance(around.layer, Residual)
            known = self.letter(around.name, "delta"), self.leaf(around.name, "delta", i, k)
            return known if is_residual else ("", None)
        return "yd", self.leaf("", "yd", i, k)
