"""Building an ONNX graph, node by node."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from jubako.core.activations import Array

# an extra, without complete types
checker: Any = import_module("onnx.checker")
helper: Any = import_module("onnx.helper")
numpy_helper: Any = import_module("onnx.numpy_helper")
TensorProto: Any = import_module("onnx").TensorProto

Value = str | Array | np.generic
"""The name of a value, or a constant."""

OPSETS = {"": 20, "ai.onnx.ml": 4}
IR_VERSION = 9  # the format of the file, which runtimes read that know these operator sets
TYPES: dict[str, int] = {
    "float": TensorProto.FLOAT,
    "double": TensorProto.DOUBLE,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
    "string": TensorProto.STRING,
}


class Graph:
    """The nodes and constants of a graph.

    Parameters
    ----------
    taken : collection of str
        Names of inputs and outputs, which no value inside may have.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.taken: set[str] = set(taken)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.n_values: int = 0

    def new_name(self, kind: str) -> str:
        """Return a name that no value has."""
        while True:
            self.n_values += 1
            name = f"{kind}_{self.n_values}"
            if name not in self.taken:
                return name

    def constant(self, value: Array) -> str:
        """Add a constant, and return its name."""
        name = self.new_name("constant")
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(
        self, op: str, *inputs: Value, domain: str = "", output: str = "", **attributes: Any
    ) -> str:
        """Add a node with one output, and return the name of its value.

        Parameters
        ----------
        op : str
            The operator.
        *inputs : str or array
            Names of values, or constants.
        domain : str
            The operator set.
        output : str
            The name of its value, if that matters.
        **attributes
            As the operator has them.
        """
        names = [x if isinstance(x, str) else self.constant(np.asarray(x)) for x in inputs]
        output = output or self.new_name(op)
        self.nodes.append(helper.make_node(op, names, [output], domain=domain, **attributes))
        return output

    def cast(self, value: str, kind: str, output: str = "") -> str:
        """Add the conversion of a value to a type, a name in `TYPES`."""
        return self.add("Cast", value, to=TYPES[kind], output=output)

    def where(self, condition: str, value: Value, otherwise: Value) -> str:
        """Add the choice between two values."""
        return self.add("Where", condition, value, otherwise)

    def columns(self, value: str, start: int, stop: int) -> str:
        """Add the columns from `start` to before `stop` of a value, along its last axis."""
        return self.add("Slice", value, *map(integers, (start, stop, -1)))

    def split(self, texts: str, separator: str) -> str:
        """Add the parts of texts between separators, along a new last axis."""
        parts = self.new_name("parts")
        node = helper.make_node(
            "StringSplit", [texts], [parts, self.new_name("counts")], delimiter=separator
        )
        self.nodes.append(node)
        return parts

    def bent(self, z: str) -> str:
        """Add z / sqrt(1 + (z/3)²), which lies between -3 and 3."""
        third = self.add("Div", z, np.float64(3))
        return self.add(
            "Div",
            z,
            self.add("Sqrt", self.add("Add", self.add("Mul", third, third), np.float64(1))),
        )

    def by_rows(self, inputs: list[str], n_rows: int) -> "Loop":
        """Begin a loop over slices of `n_rows` rows of some values; see `Loop`."""
        return Loop(self, inputs, n_rows)


def integers(*values: int) -> Array:
    """Return whole numbers as operators want them, for axes, shapes and places."""
    return np.array(values, np.int64)


class Loop:
    """A loop over slices of rows, which bounds the memory: the last slice may have fewer rows.

    Without rows there is one slice, without rows too.

    Parameters
    ----------
    graph : Graph
    inputs : list of str
        Names of the values that are sliced.
    n_rows : int
        Rows of a slice, except the last.
    """

    def __init__(self, graph: Graph, inputs: list[str], n_rows: int) -> None:
        self.graph: Graph = graph
        self.inputs: list[str] = inputs
        self.n_rows: Array = integers(n_rows)
        self.result: str = ""

    @contextmanager
    def body(self) -> Generator[list[str]]:
        """Yield the names of the slices; set `result` inside to the value that is to be joined.

        Afterwards `result` is the name of that value for all rows.
        """
        graph, outer = self.graph, self.graph.nodes
        count = graph.add("Shape", self.inputs[0], start=0, end=1)
        trips = graph.add("Div", graph.add("Add", count, self.n_rows - 1), self.n_rows)
        trips = graph.add("Squeeze", graph.add("Max", trips, integers(1)))
        empty = graph.add("SequenceEmpty", dtype=TYPES["double"])
        names = {kind: graph.new_name(kind) for kind in ("slice", "go", "before")}
        graph.nodes = inner = []
        start = graph.add("Mul", names["slice"], self.n_rows)
        stop = graph.add("Add", start, self.n_rows)
        yield [graph.add("Slice", value, start, stop, integers(0)) for value in self.inputs]
        after = graph.add("SequenceInsert", names["before"], self.result)
        go = graph.add("Identity", names["go"])
        graph.nodes = outer
        value = helper.make_tensor_value_info
        sequence = helper.make_tensor_sequence_value_info
        body = helper.make_graph(
            inner,
            graph.new_name("body"),
            [
                value(names["slice"], TYPES["int64"], []),
                value(names["go"], TYPES["bool"], []),
                sequence(names["before"], TYPES["double"], None),
            ],
            [value(go, TYPES["bool"], []), sequence(after, TYPES["double"], None)],
        )
        parts = graph.add("Loop", trips, "", empty, body=body)
        self.result = graph.add("ConcatFromSequence", parts, axis=0)
