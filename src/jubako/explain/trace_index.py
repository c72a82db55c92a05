"""Cells: the position of each value of a trace."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError

from .trace import Trace
from .trace_box import PER_ROW, Box


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a trace.

    Parameters
    ----------
    layer : str
        Name of the box; "" for values outside of layers.
    quantity : str
        u, a, v, delta or mask; w.before, w.grad, w.after of a parameter array w, and w.m.before,
        w.m.after of the state of the optimizer; without a layer y, yt, yd, losses, s, loss,
        penalty.
    index : tuple of int
        Row and unit, or position in the parameter array, from 0.
    """

    layer: str
    quantity: str
    index: tuple[int, ...]


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
        axes = part.sources, part.targets
        for state in ("before", "grad", "after"):
            known[f"{part.name}.{state}"] = getattr(part, state), axes
        for name, (before, after) in part.memory.items():
            known[f"{part.name}.{name}.before"] = before, axes
            known[f"{part.name}.{name}.after"] = after, axes
    return known


def all_cells(trace: Trace) -> Iterator[Cell]:
    """Yield all cells of a trace."""
    for layer in (*(box.name for box in trace.boxes), ""):
        for quantity, (array, _) in tables(trace, layer).items():
            for index in np.ndindex(*array.shape):
                yield Cell(layer, quantity, index)


def find_cell(trace: Trace, layer: str, quantity: str, index: Sequence[int | str]) -> Cell:
    """Return the cell that is meant.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if layer:
        box = trace.box(layer)
        quantity = f"{quantity}.before" if quantity in box.parts else quantity
    known = tables(trace, layer)
    if quantity not in known:
        raise ParameterError(
            f"Layer {layer!r} has no {quantity!r}: choose one of {', '.join(known)}."
        )
    array, axes = known[quantity]
    places = tuple(
        names.index(i) if isinstance(i, str) and i in names else i
        for i, names in zip(index, axes, strict=False)
    )
    fits = len(index) == array.ndim and all(
        isinstance(i, int) and 0 <= i < n for i, n in zip(places, array.shape, strict=False)
    )
    if not fits:
        raise ParameterError(
            f"{quantity!r} of layer {layer!r} has the shape {array.shape}: no {index}."
        )
    return Cell(layer, quantity, places)  # type: ignore[arg-type]


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
