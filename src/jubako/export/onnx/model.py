"""A model as an ONNX model: its inputs, its outputs, and all that is computed between them."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from jubako._version import __version__
from jubako.core.activations import Array
from jubako.data.casting.reading import RATES
from jubako.data.column_encoding import input_slices
from jubako.data.columns.base import Column
from jubako.data.columns.date import Date
from jubako.data.target import ClassTarget, NumericTarget
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError
from jubako.model.model import Model

from .columns import inputs
from .graph import IR_VERSION, OPSETS, TYPES, Graph, checker, helper, integers
from .layers import network

CHUNK = 4096  # rows that pass through the networks at a time: bounds the memory
LEAST = 1e-12  # probability of which the logarithm is taken, as in `soften`
OUTPUTS = "prediction", "probabilities"
INPUT_TYPES = {"numeric": "double", "categorical": "string", "boolean": "string", "date": "int64"}
"""The type of the values of a column, by the kind of its reading."""

MISSING = {"double": "NaN", "string": "an empty string", "int64": "the smallest int64"}


def to_onnx(model: Model) -> Any:
    """Return a model as an `onnx.ModelProto`, checked.

    Parameters
    ----------
    model : Model

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    ModelFileError
        If something in it can't be exported.
    """
    columns = {column.name: column for column in model.columns}
    check_names([*columns, *model.feature_names])
    g = Graph(taken={*columns, *model.feature_names, *OUTPUTS})
    add_model(g, model)
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        g.nodes,
        "jubako",
        [value(name, TYPES[kind], shape, text) for name, kind, shape, text in described(model)],
        [value(name, TYPES[kind], shape) for name, kind, shape in outputs(model)],
        g.constants,
    )
    exported = helper.make_model(
        graph,
        producer_name="jubako",
        producer_version=__version__,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(*opset) for opset in OPSETS.items()],
        doc_string=f"Neural networks for a table, to {model.task}.",
    )
    helper.set_model_props(exported, metadata(model))
    checker.check_model(exported, full_check=True)
    return exported


def check_names(names: list[str]) -> None:
    """Refuse inputs that are called like an output.

    Raises
    ------
    ModelFileError
        With the name.
    """
    for name in names:
        if name in OUTPUTS:
            raise ModelFileError(
                Message(
                    "The model can't be exported to ONNX, where an output is called {name!r}: "
                    "rename that column, and train again.",
                    name=name,
                )
            )


def described(model: Model) -> Iterator[tuple[str, str, list[Any], str]]:
    """Yield the name, type, shape and description of each input.

    Parameters
    ----------
    model : Model

    Yields
    ------
    tuple
        Name, type, shape, description.
    """
    if model.schema is None:
        n = model.strongest.net.layers[0].n_in
        if not model.feature_names:
            yield "X", "double", ["N", n], ""
        for name in model.feature_names:
            yield name, "double", ["N", 1], ""
    for column in model.columns_by_name.values():
        kind = INPUT_TYPES[column.reading_kind]
        yield column.name, kind, ["N", 1], f"{column.describe()}; {MISSING[kind]} if missing"


def outputs(model: Model) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield the name, type and shape of each output.

    Parameters
    ----------
    model : Model

    Yields
    ------
    tuple
        Name, type, shape.
    """
    target = model.target
    if not isinstance(target, ClassTarget):
        n = getattr(target, "n_outputs", 1)
        yield "prediction", "double", ["N"] if n == 1 else ["N", n]
        return
    several = target.kind == "multilabel"
    shape = ["N", len(target.classes)]
    yield "prediction", "int64" if several else "string", shape if several else ["N"]
    yield "probabilities", "double", shape


def metadata(model: Model) -> dict[str, str]:
    """Return the entries of the metadata, as JSON.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict of str
    """
    entries: dict[str, Any] = {"task": model.task}
    if model.classes is not None:
        entries["classes"] = model.classes.tolist()
    if model.schema is not None:
        entries["columns"] = [column_entry(c) for c in model.columns_by_name.values()]
    return {name: json.dumps(entry, ensure_ascii=False) for name, entry in entries.items()}


def column_entry(column: Column) -> dict[str, Any]:
    """Describe a column: its type, and the unit or zone in which its values must be.

    Parameters
    ----------
    column : Column

    Returns
    -------
    dict
    """
    entry: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.reading.unit:
        entry["unit"] = column.reading.unit
        if column.reading.unit in RATES:
            entry["note"] = f"50{column.reading.unit} is 50"
    if isinstance(column, Date):
        entry["zone"] = "UTC" if column.zoned else "local time, as if it were UTC"
    return entry


def add_model(g: Graph, model: Model) -> None:
    """Add all that is computed between the inputs and the outputs.

    Parameters
    ----------
    g : Graph
    model : Model
    """
    views, x = dict[bool, str](), ""
    if model.schema is None:
        x = g.add("Concat", *model.feature_names, axis=1) if model.feature_names else "X"
        views = {False: g.cast(x, "double" if model.networks[0].theta.dtype == float else "float")}
    else:
        columns = list(input_slices(model.columns, model.schema.codes))
        for quantiles in sorted({fitted.quantiles for fitted in model.networks}):
            views[quantiles] = inputs(g, columns, quantiles, model.schema.codes)
    loop = g.by_rows(list(views.values()), CHUNK)
    with loop.body() as parts:
        loop.result = average(g, model, dict(zip(views, parts, strict=True)))
    add_prediction(g, model, loop.result)


def average(g: Graph, model: Model, views: dict[bool, str]) -> str:
    """Add the weighted mean of the networks' predictions, double, shape (N, n_outputs).

    Parameters
    ----------
    g : Graph
    model : Model
    views : dict of str
        From `FittedNetwork.quantiles` to the name of the encoded rows.

    Returns
    -------
    str
        Name of the mean.
    """
    mean = ""
    for fitted in model.networks:
        x = views[fitted.quantiles]
        if model.schema is not None and fitted.theta.dtype == np.float64:
            x = g.cast(x, "double")
        prediction = network(g, fitted.net, fitted.theta, x)
        if len(model.networks) > 1:
            prediction = g.add("Mul", prediction, np.float64(fitted.weight))
        mean = g.add("Add", mean, prediction) if mean else prediction
    return mean


def add_prediction(g: Graph, model: Model, raw: str) -> None:
    """Add the outputs, given the mean of the networks' predictions.

    Parameters
    ----------
    g : Graph
    model : Model
    raw : str
        Name of the mean of the networks' predictions, double, shape (N, n_outputs).
    """
    target = model.target
    if isinstance(target, ClassTarget):
        add_classes(g, model, target, raw)
        return
    if isinstance(target, NumericTarget):
        raw = g.add("Add", g.add("Mul", raw, np.float64(target.scale)), np.float64(target.center))
        for op, limit in (("Max", target.low), ("Min", target.high)):
            raw = g.add(op, raw, np.float64(limit)) if np.isfinite(limit) else raw
    n = getattr(target, "n_outputs", 1)
    shape = integers(-1) if n == 1 else integers(-1, n)
    g.add("Reshape", raw, shape, output="prediction")


def add_classes(g: Graph, model: Model, target: ClassTarget, raw: str) -> None:
    """Add the probabilities and the predicted class; an empty text if there is no probability.

    Parameters
    ----------
    g : Graph
    model : Model
    target : ClassTarget
    raw : str
        Name of the mean of the networks' predictions, double, shape (N, n_outputs).
    """
    n_outputs, classes = model.strongest.net.layers[-1].n_out, target.classes
    p = raw
    if model.temperature is not None:
        logits = g.add("Log", g.add("Max", p, np.float64(LEAST)))
        p = g.add("Softmax", g.add("Div", logits, np.float64(model.temperature)), axis=-1)
    single = n_outputs == 1 and len(classes) == 2
    if single:
        g.add("Concat", g.add("Sub", np.float64(1), p), p, axis=1, output="probabilities")
    else:
        g.add("Identity", p, output="probabilities")
    if target.kind == "multilabel":
        g.cast(g.add("Greater", p, np.float64(0.5)), "int64", output="prediction")
        return
    if model.costs is not None:
        place = g.add("ArgMin", g.add("MatMul", p, model.costs), axis=1, keepdims=0)
    elif single:
        place = g.cast(g.add("Squeeze", g.add("Greater", p, np.float64(0.5)), integers(1)), "int64")
    else:
        place = g.add("ArgMax", p, axis=1, keepdims=0)
    label = g.add("Gather", labels(classes), place)
    unknown = g.add("IsNaN", g.add("ReduceSum", p, integers(1), keepdims=0))
    g.add("Where", unknown, np.array("", object), label, output="prediction")


def labels(classes: Array) -> Array:
    """Return the labels as texts."""
    return np.array([str(label) for label in classes.tolist()], object)
