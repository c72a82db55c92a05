"""The trace: every number of one step of training, as plain data.

A `Trace` of the step has a `Box` for each layer, with a `Part` for each of its parameters. `tracer`
makes it; nothing changes afterwards.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.counter_rng import CounterRng
from jubako.core.errors import ParameterError
from jubako.core.layers import forward
from jubako.training.engines.base import Problem
from jubako.training.optimizers import OptimizerState, Update

from .gradcheck import Probe, first_good, probe
from .trace_box import PER_ROW, STATES, Box, Pair, box_to_dict, flat, plain


class Number(NamedTuple):
    """One value of the step, with its description. Fields that do not apply are empty."""

    layer: str  # name of the box
    quantity: str  # u, a, v, delta, mask; w.before, w.grad, w.after; y, yt, yd, s, losses ...
    row: str
    source: str  # the unit from which a weight leads
    unit: str
    value: float


@dataclass(frozen=True, slots=True, repr=False)
class Trace:
    """All values of one training step. M is the number of rows, C the number of outputs.

    Parameters
    ----------
    layers : tuple of Box
        In the order of the forward pass, without inactive dropout; `boxes` includes those inside
        others.
    features, outputs, rows : tuple of str
        Names of the inputs, of the outputs, and of the M rows.
    b : array, shape (M, C)
        Raw prediction: output of the last layer.
    y : array, shape (M, C)
        Prediction, `loss.mean(b)`: numbers, counts or probabilities.
    yt : array, shape (M, C)
        Target: one-hot for classes, with label smoothing if the loss has it.
    yd : array, shape (M, C)
        Derivative of the loss of each row with respect to b: for most losses y - yt.
    losses : array, shape (M,)
        Loss of each row.
    s : array, shape (M,)
        Weights of the rows, which sum to one.
    penalty : float
        L2 penalty (alpha).
    loss, loss_after : float
        L = sum_i s_i * losses_i + penalty, before and after the step.
    lr : float
        Learning rate of the step.
    clip : float
        Factor of the gradient by clipping; 1 if it was not clipped.
    memory : dict of str to pair of floats
        State of the optimizer besides that of single parameters: Adam's t, before and after.
    theta, theta_after : array, shape (P,)
        All parameters before and after the step.
    state_after : dict of arrays
        State of the optimizer after the step; with theta_after, the input of the next step.
    problem, update, seed, step
        The inputs of the step: see `trace`.
    """

    layers: tuple[Box, ...]
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[str, ...]
    b: Array
    y: Array
    yt: Array
    yd: Array
    losses: Array
    s: Array
    penalty: float
    loss: float
    loss_after: float
    lr: float
    clip: float
    memory: dict[str, Pair]
    theta: Array
    theta_after: Array
    state_after: OptimizerState
    problem: Problem
    update: Update
    seed: int | None
    step: int

    @property
    def boxes(self) -> list[Box]:
        """All boxes; those inside another follow it."""
        return list(flat(self.layers))

    def with_features(self, names: Sequence[str]) -> Self:
        """Return the trace with other names of the features, as those in another language.

        Parameters
        ----------
        names : sequence of str
            One for each feature.
        """
        first = self.layers[0].with_inputs(dict(zip(self.features, names, strict=True)))
        return replace(self, features=tuple(names), layers=(first, *self.layers[1:]))

    def box(self, name: str | int) -> Box:
        """Return the box of this name: "2", 2 or "2.1".

        Raises
        ------
        ParameterError
            If there is none.
        """
        for box in self.boxes:
            if box.name == str(name):
                return box
        names = ", ".join(box.name for box in self.boxes)
        raise ParameterError(f"There is no layer {str(name)!r}: choose one of {names}.")

    def check(self, layer: str | int, part: str, *index: int) -> Probe:
        """Compare a gradient with the finite difference of the loss.

        Parameters
        ----------
        layer : str or int
            The name of a box.
        part : str
            The name of one of its parts: w, b, s.
        *index : int
            The place in the part, from 0: i, j for w from input i to unit j; 0, j for a bias.

        Returns
        -------
        Probe
            Its `quotient` is (L(p + h) - L(p - h)) / 2h, its `grad` the result of backpropagation.

        Raises
        ------
        ParameterError
            If there is no such parameter.
        """
        parts = self.box(layer).parts
        if part not in parts:
            known = ", ".join(parts) or "none"
            raise ParameterError(f"Layer {layer} has no parameters {part!r}, but {known}.")
        where, grad = parts[part].where, parts[part].grad
        if len(index) != where.ndim or not all(
            0 <= i < n for i, n in zip(index, where.shape, strict=True)
        ):
            raise ParameterError(
                f"{part!r} of layer {layer} has the shape {where.shape}, no {index}."
            )
        theta, i = np.array(self.theta), int(where[index])

        def loss_at(value: float) -> float:
            theta[i] = value
            return mean_loss(self.problem, theta, stream(self.seed, self.step))

        scale = max(1.0, abs(self.loss), float(abs(self.b).max()))
        value = float(self.theta[i])
        return first_good(probe(loss_at, value, loss_at(value), index, grad[index], scale))

    def cells(self) -> Iterator[Number]:
        """Yield all numbers of the step, layer by layer."""
        for box in self.boxes:
            for name in PER_ROW:
                units = box.inputs if name == "u" else box.outputs
                for row, unit, value in over(self.rows, units, getattr(box, name)):
                    yield Number(box.name, name, row, "", unit, value)
            for part in box.parts.values():
                for state in STATES:
                    numbers = over(part.sources, part.targets, getattr(part, state))
                    for source, unit, value in numbers:
                        yield Number(box.name, f"{part.name}.{state}", "", source, unit, value)
        for name in ("y", "yt", "yd"):
            for row, unit, value in over(self.rows, self.outputs, getattr(self, name)):
                yield Number("", name, row, "", unit, value)
        for name in ("s", "losses"):
            for row, value in zip(self.rows, getattr(self, name).tolist(), strict=True):
                yield Number("", name, row, "", "", value)
        for name in ("penalty", "loss", "loss_after"):
            yield Number("", name, "", "", "", getattr(self, name))

    def to_arrow(self) -> pa.Table:
        """Return all numbers as a table, one in a row; `.to_pandas()` makes it a DataFrame."""
        columns = zip(*self.cells(), strict=True)
        return pa.table(dict(zip(Number._fields, map(list, columns), strict=True)))

    def to_csv(self) -> str:
        """Return all numbers as CSV, one in a line, with all their digits."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Number._fields)
        writer.writerows(self.cells())
        return text.getvalue()

    def to_dict(self) -> dict[str, object]:
        """Return all numbers as JSON can hold them, under the names that they have here."""
        numbers = "b", "y", "yt", "yd", "losses", "s", "penalty", "loss", "loss_after", "lr", "clip"
        return {
            "schema_version": 1,
            **{name: list(getattr(self, name)) for name in ("features", "outputs", "rows")},
            "layers": [box_to_dict(box) for box in self.layers],
            **{name: plain(getattr(self, name)) for name in numbers},
        }

    def to_json(self) -> str:
        """Return `to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        rows = "1 row" if len(self.rows) == 1 else f"{len(self.rows)} rows"
        boxes = ", ".join(box.kind for box in self.layers)
        return f"Trace({boxes}; {rows}; loss {self.loss:.4g}, then {self.loss_after:.4g})"


def stream(seed: int | None, step: int) -> CounterRng | None:
    """Return the random numbers of one network's dropout, or None where nothing is dropped."""
    return None if seed is None else CounterRng(np.array(seed % 2**32, np.uint32), step)


def mean_loss(problem: Problem, theta: Array, rng: CounterRng | None) -> float:
    """Return L(theta), penalty included, from the forward pass alone."""
    net, total = problem.net, problem.w.sum()
    b, _ = forward(net.layers, net.views(theta), problem.x, rng)
    loss = (problem.w / total * net.loss.value(b, problem.y)).sum()
    return float(loss + problem.penalize(theta, np.zeros_like(theta), total, net.is_weight))


def name_of(thing: object, table: Mapping[str, type]) -> str:
    """Return the name of the class of an object in a registry, else the name of the class."""
    cls = type(thing)
    return next((name for name, known in table.items() if known is cls), cls.__name__)


def over(
    rows: Sequence[str], columns: Sequence[str], array: Array | None
) -> Iterator[tuple[str, str, float]]:
    """Yield row name, column name and value of each number of an array; nothing for None."""
    if array is not None:
        for row, numbers in zip(rows, array.tolist(), strict=True):
            for column, value in zip(columns, numbers, strict=True):
                yield row, column, value
