"""The view of a trace: the rows and units that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jubako.core.activations import Array
from jubako.core.embeddings import Embedding
from jubako.core.errors import ParameterError

from .trace import Trace
from .trace_box import PER_ROW, Box, Part
from .trace_index import Cell, sources

MAX_UNITS, MAX_ROWS = 10, 3  # that are shown at once

Chosen = tuple[int, ...]
"""Places of units or rows, from 0, in order."""


@dataclass(frozen=True, slots=True)
class View:
    """The rows and units of a trace that are shown.

    Parameters
    ----------
    rows : tuple of int
    units : dict of str to tuple of int
        Outputs of each box, by its name; "" for the features.
    page, n_pages : int
        Number of this part of the units, with the most active ones first, and number of parts.
    """

    rows: Chosen
    units: dict[str, Chosen]
    page: int
    n_pages: int

    def inputs(self, trace: Trace, box: Box) -> Chosen:
        """Return which inputs of a box are shown."""
        return self.units[sources(trace)[box.name]]

    def targets(self, box: Box, part: Part) -> Chosen:
        """Return the shown positions along the second axis of a parameter array."""
        units = self.units[box.name]
        if part.targets == box.outputs:
            return units
        return tuple(range(min(len(part.targets), max(len(units), 1))))

    def sources(self, trace: Trace, box: Box, part: Part) -> Chosen:
        """Return the shown positions along the first axis: of a large embedding table the used."""
        if part.sources == box.inputs:
            return self.inputs(trace, box)
        if isinstance(box.layer, Embedding) and len(part.sources) > MAX_UNITS:
            codes = box.layer.codes(box.u[list(self.rows)])
            used = next(row[known] for name, row, known, _ in codes if name == part.name)
            return tuple(sorted(set(used.tolist()))) or (0,)
        return tuple(range(len(part.sources)))

    def shows(self, trace: Trace, cell: Cell) -> bool:
        """Return whether a cell is shown."""
        if cell.quantity in (*PER_ROW, "y", "yt", "yd", "losses", "s"):
            row, *units = cell.index
            if row not in self.rows:
                return False
            if not units:
                return True
            layer = cell.layer or trace.layers[-1].name
            if cell.quantity == "u":
                return units[0] in self.inputs(trace, trace.box(layer))
            return units[0] in self.units[layer]
        if not cell.layer:
            return True
        box = trace.box(cell.layer)
        part = box.parts[cell.quantity.partition(".")[0]]
        i, j = cell.index
        return j in self.targets(box, part) and i in self.sources(trace, box, part)


def choose(
    trace: Trace, rows: Sequence[int] | None = None, most: int = MAX_UNITS, page: int = 0
) -> View:
    """Choose the first rows, and of each layer the units that are most active.

    Parameters
    ----------
    trace : Trace
    rows : sequence of int, optional
        Places of the rows to show; the first three if not given.
    most : int >= 1
        The maximum number of units of a layer.
    page : int
        0 for the most active units, 1 for those that follow, and so on.

    Raises
    ------
    ParameterError
        If there is no such row.
    """
    chosen = tuple(range(min(MAX_ROWS, len(trace.rows))) if rows is None else rows)
    for row in chosen:
        if not 0 <= row < len(trace.rows):
            raise ParameterError(f"There is no row {row}: there are {len(trace.rows)}, from 0 on.")
    widest = max(len(trace.features), *(len(box.outputs) for box in trace.boxes))
    n_pages = -(-widest // most)
    page = min(max(page, 0), n_pages - 1)
    units = {"": most_active(trace.layers[0].u, most, page)}
    before = sources(trace)
    # units of elementwise layers, and those on both ends of a residual connection, stay aligned
    fixed = dict[str, str]()
    for box in trace.boxes:
        source = fixed.get(before[box.name], before[box.name])
        if box.inside:
            fixed[box.name] = fixed[box.inside[-1].name] = source
        elif "w" not in box.parts and len(box.inputs) == len(box.outputs):
            fixed[box.name] = source
    for box in trace.boxes:
        name = fixed.get(box.name)
        units[box.name] = most_active(box.v, most, page) if name is None else units[name]
    return View(chosen, units, page, n_pages)


def parts(trace: Trace, view: View) -> list[View]:
    """Return all parts of the units of large layers, for the same rows; `view` is one of them."""
    views = [choose(trace, view.rows, page=page) for page in range(view.n_pages)]
    views[view.page] = view
    return views


def most_active(v: Array, most: int, page: int) -> Chosen:
    """Return the units with the largest mean absolute output, in their order."""
    order = np.argsort(-abs(v).mean(0), kind="stable")
    page = min(page, -(-len(order) // most) - 1)
    return tuple(sorted(int(unit) for unit in order[page * most : (page + 1) * most]))
