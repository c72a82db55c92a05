"""The boxes of a trace: what each layer did in one step of training, as plain data.

The numbers were written by the lines that train, and nothing changes afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, cast

import numpy as np

from jubako.core.activations import Array
from jubako.core.layers import Layer

PER_ROW = "u", "a", "v", "delta", "mask"  # the arrays of a box with a row axis
STATES = "before", "grad", "after"  # the arrays of a parameter array

Pair = tuple[Array, Array]
"""Before and after the step."""


@dataclass(frozen=True, slots=True)
class Part:
    """The parameters of one name in a layer. All arrays have the same shape.

    Parameters
    ----------
    name : str
        w, b, s, ...
    before : array
        Parameters before the step.
    grad : array
        dL/dp before clipping, where L is the mean over the rows plus the penalty.
    after : array
        Parameters after the step.
    memory : dict of str to pair of arrays
        State of the optimizer for them, before and after the step: m and v of Adam.
    where : array of int
        Positions in theta.
    sources : tuple of str
        Names along the first axis: the input units, or "" for a single position.
    targets : tuple of str
        Names along the second axis: the output units, or numbers.
    """

    name: str
    before: Array
    grad: Array
    after: Array
    memory: dict[str, Pair]
    where: Array
    sources: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """The values of one layer in the step. M is the number of rows.

    Parameters
    ----------
    name : str
        Position from 1: "2"; "2.1" for the first layer inside the second.
    kind : str
        Its name in `LAYERS`: "dense", ...
    layer : Layer
        Sizes and activation.
    u : array, shape (M, n_in)
        Input.
    a, v : array, shape (M, n_out)
        Pre-activation and output: v = f(a).
    delta : array, shape (M, n_out)
        Derivative of the loss of each row with respect to a. (In `core` it includes the weight of
        the row.)
    mask : array, shape (M, n_out), or None
        Factors of dropout.
    inputs, outputs : tuple of str
        Names of the input units and of the output units: features, h1, h2, ..., classes.
    parts : dict of str to Part
        Parameters by name.
    inside : tuple of Box
        The layers inside a residual layer.
    """

    name: str
    kind: str
    layer: Layer
    u: Array
    a: Array
    v: Array
    delta: Array
    mask: Array | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parts: dict[str, Part]
    inside: "tuple[Box, ...]" = ()

    def with_inputs(self, names: Mapping[str, str]) -> "Box":
        """Return the box with other names of its input units.

        Parameters
        ----------
        names : dict of str to str
            The other name of each.
        """
        parts = {
            key: replace(part, sources=tuple(names.get(name, name) for name in part.sources))
            for key, part in self.parts.items()
        }
        inputs = tuple(names.get(name, name) for name in self.inputs)
        first = tuple(box.with_inputs(names) for box in self.inside[:1])
        return replace(self, inputs=inputs, parts=parts, inside=(*first, *self.inside[1:]))

    @property
    def activation(self) -> str:
        """The name of a dense layer's activation; "identity" of any other layer."""
        return str(getattr(self.layer, "activation", "identity"))


def flat(boxes: Sequence[Box]) -> Iterator[Box]:
    """Yield boxes, each followed by those inside it."""
    for box in boxes:
        yield box
        yield from flat(box.inside)


def plain(thing: Any) -> Any:
    """Return numbers as JSON values: arrays as lists, None for values that are not finite."""
    if isinstance(thing, np.ndarray):
        return plain(cast(Array, thing).tolist())
    if isinstance(thing, list):
        return [plain(item) for item in cast(list[Any], thing)]
    return None if isinstance(thing, float) and not isfinite(thing) else thing


def box_to_dict(box: Box) -> dict[str, Any]:
    """Return the contents of a box as JSON values."""
    return {
        "name": box.name,
        "kind": box.kind,
        "activation": getattr(box.layer, "activation", None),
        "inputs": list(box.inputs),
        "outputs": list(box.outputs),
        **{name: plain(getattr(box, name)) for name in PER_ROW},
        "parts": {
            name: {state: plain(getattr(part, state)) for state in STATES}
            for name, part in box.parts.items()
        },
        "inside": [box_to_dict(inner) for inner in box.inside],
    }
