"""The interfaces of derivations: the formula of a value, as text and as an expression."""

from typing import Protocol

from jubako.explain.expression import Expression, Leaf
from jubako.explain.trace import Trace
from jubako.explain.trace_box import Box
from jubako.explain.trace_index import Cell

Derived = tuple[str, Expression | None]
"""A formula in letters, and the expression of one cell; nothing of what was given."""


class Reader(Protocol):
    """The interface of a trace for derivations, implemented by `formula.Reader`."""

    trace: Trace
    equal: bool  # whether all rows have the same weight

    def leaf(self, layer: str, quantity: str, *index: int, with_row: bool = False) -> Leaf:
        """Return a cell as a leaf; its name includes the row only if requested."""
        ...

    def letter(self, layer: str, quantity: str) -> str:
        """Return the symbol of a quantity: a, dL/dw, w_new."""
        ...

    def expand(self, cell: Cell) -> Derived:
        """Return the formula and the expression of a cell."""
        ...

    def dv(self, box: Box, i: int, k: int) -> Derived:
        """Return the derivative of the loss of row i with respect to output k of a box."""
        ...


class Derivation:
    """The formulas of the cells of a layer: none, for a layer without a derivation."""

    def a(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Return the pre-activation a of unit k in row i."""
        return "", None

    def v(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Return the output."""
        return "", None

    def delta(self, f: Reader, box: Box, i: int, k: int) -> Derived:
        """Return the derivative with respect to a."""
        return "", None

    def du(self, f: Reader, box: Box, i: int, j: int) -> Derived:
        """Return the derivative with respect to input j."""
        return "", None

    def share(self, f: Reader, box: Box, part: str, i: int, index: tuple[int, ...]) -> Derived:
        """Return the term of row i in the gradient of a parameter."""
        return "", None
