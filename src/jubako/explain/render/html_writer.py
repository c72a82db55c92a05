"""The writer: where the numbers of a trace stand in a piece of HTML.

Each number is written into an element of its own. The elements are numbered in the order in which
they are written, so the same piece, written of another trace of the same network, has its numbers
in the same places: a recorded training is one piece of HTML and a list of numbers for each step.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2s
from math import isfinite
from typing import Final

import numpy as np

from jubako.explain.expression import Leaf
from jubako.explain.formula import Formula, Reader
from jubako.explain.messages import Language
from jubako.explain.selection import View
from jubako.explain.trace import Trace
from jubako.explain.trace_index import Cell, tables
from jubako.i18n.numbers import format_significant

from .markup import Markup, Value, element

Scales = Mapping[tuple[str, str], float]
"""The largest absolute value of each quantity of each layer: what has the fullest colour."""


def find_scales(traces: Iterable[Trace]) -> Scales:
    """Return the largest absolute values over all traces.

    Weights and biases of a layer share a scale, since their lines lead to the same units.
    """
    scales = dict[tuple[str, str], float]()
    for trace in traces:
        for layer in (*(box.name for box in trace.boxes), ""):
            for quantity, (array, _) in tables(trace, layer).items():
                key = layer, kind_of(quantity)
                size = abs(array[np.isfinite(array)]).max(initial=0.0)
                scales[key] = max(float(size), scales.get(key, 0.0))
    return scales


def kind_of(quantity: str) -> str:
    """Remove the name of the parameter array: before of w.before."""
    return quantity.partition(".")[2] or quantity


NONE: Mapping[str, Value] = {}


class HtmlWriter:
    """Write the numbers of one trace as HTML elements.

    Parameters
    ----------
    trace : Trace
    view : View
    scales : Scales
    language : {"en", "ja"}
        Of labels that can only be in one language.
    """

    def __init__(self, trace: Trace, view: View, scales: Scales, language: Language) -> None:
        self.trace = trace
        self.view = view
        self.scales = scales
        self.language: Language = language
        self.reader: Final = Reader(trace)
        self.numbers: list[str] = []
        self.places: dict[object, int] = {}
        self.formulas: dict[Cell, Formula] = {}
        self.shown: dict[Cell, bool] = {}
        self.asked: list[Cell] = []  # whose formulas can be opened
        self.ids: dict[Cell, str] = {}
        # names that differ between the pictures of different steps on one notebook's page
        content = trace.theta.tobytes() + trace.b.tobytes() + repr(view).encode()
        self.name: str = "j" + blake2s(content, digest_size=4).hexdigest()

    def place(self, key: object, text: str) -> int:
        """Return the position of a number; equal keys have equal positions."""
        if key not in self.places:
            self.places[key] = len(self.numbers)
            self.numbers.append(text)
        return self.places[key]

    def number(
        self, key: object, value: float, tag: str = "b", attributes: Mapping[str, Value] = NONE
    ) -> Markup:
        """Write a number with three digits, as an element."""
        text = format_significant(value)
        return element(tag, {"data-n": self.place(key, text), **attributes}, text)

    def exact(self, key: object, value: float, tight: bool = False, digits: int = 6) -> Markup:
        """Write a number with more digits; where it is `tight`, a negative one in brackets."""
        text = format_significant(value, digits)
        text = f"({text})" if tight and text.startswith("−") else text
        return element("b", {"data-n": self.place((key, digits, tight), text)}, text)

    def fresh(self, value: float, digits: int = 6) -> Markup:
        """Write a number that is not a cell."""
        return self.exact(len(self.numbers), value, digits=digits)

    def tint(self, cell: Cell, value: float) -> dict[str, Value]:
        """Return the attributes that colour an element by the sign and size of a cell."""
        text, largest = format_significant(value), self.scales[cell.layer, kind_of(cell.quantity)]
        size = min(abs(value) / largest, 1.0) if largest and isfinite(value) else 0.0
        return {
            "data-n": self.place(cell, text),
            "data-m": f"{largest:.6g}",
            "data-s": "-" if text.startswith("−") else None,
            "style": f"--t:{size:.3f}",
        }

    def value(self, cell: Cell) -> float:
        """Return the number in a cell."""
        array, _ = self.reader.tables[cell.layer][cell.quantity]
        return float(array[cell.index])

    def id_of(self, cell: Cell) -> str:
        """Return the id of the element that explains a cell."""
        if cell not in self.ids:
            self.ids[cell] = f"{self.name}-{len(self.ids)}"
            self.asked.append(cell)
        return self.ids[cell]

    def opens(self, cell: Cell) -> bool:
        """Return whether a cell is shown, and can be explained."""
        return self.shows(cell) and self.formula(cell).expression is not None

    def shows(self, cell: Cell) -> bool:
        """Return whether a cell is shown."""
        if cell not in self.shown:
            self.shown[cell] = self.view.shows(self.trace, cell)
        return self.shown[cell]

    def sees(self, leaf: Leaf) -> bool:
        """Return whether a leaf is shown, or is no cell of the trace."""
        return leaf.cell is None or self.shows(leaf.cell)

    def formula(self, cell: Cell) -> Formula:
        """Return how a cell was computed; computed once."""
        if cell not in self.formulas:
            self.formulas[cell] = self.reader.formula(cell)
        return self.formulas[cell]

    def label(self, cell: Cell) -> str:
        """Return the name of a cell, its row included, for tooltips and screen readers."""
        return self.reader.symbol(cell, with_row=True)

    def leaf(self, leaf: Leaf, tight: bool) -> Markup:
        """Write the number of a leaf, as a button for its formula if it has one."""
        if leaf.cell is None:
            return self.exact(len(self.numbers), leaf.value, tight)
        text = self.exact(leaf.cell, leaf.value, tight)
        if not self.opens(leaf.cell):
            return text
        return element("button", {"popovertarget": self.id_of(leaf.cell)}, text)
