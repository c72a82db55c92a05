"""Converters of `MLPClassifier` and `MLPRegressor` for skl2onnx, which exports whole pipelines."""

from importlib import import_module
from typing import Any

import numpy as np

from jubako.data.target import ClassTarget
from jubako.export.onnx.graph import Graph
from jubako.export.onnx.model import average
from jubako.model.errors import ModelFileError
from jubako.model.model import Model

from .mlp import MLPClassifier, MLPRegressor

WHOLE = "iub"  # kinds of arrays whose labels are int64 in ONNX; others are strings
LEAST_OPSET = 18  # of ai.onnx, in which axes are inputs of all reductions


def register_converters() -> None:
    """Register the converters, so that `skl2onnx.to_onnx` exports pipelines with our networks.

    Raises
    ------
    ImportError
        If skl2onnx is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from skl2onnx import to_onnx
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from jubako import MLPRegressor
    >>> from jubako.estimators.onnx_converters import register_converters
    >>> register_converters()
    >>> X = np.linspace(-1, 1, 40).reshape(20, 2)
    >>> pipeline = make_pipeline(StandardScaler(), MLPRegressor(max_iter=0)).fit(X, X[:, 0])
    >>> exported = to_onnx(pipeline, X, target_opset={"": 20, "ai.onnx.ml": 3})
    """
    register: Any = import_module("skl2onnx").update_registered_converter
    options = {"zipmap": [True, False, "columns"], "nocl": [True, False]}
    register(MLPClassifier, "JubakoMLPClassifier", classifier_shapes, convert, options=options)
    register(MLPRegressor, "JubakoMLPRegressor", regressor_shapes, convert)


def classifier_shapes(operator: Any) -> None:
    """Set the types and shapes of the labels and probabilities.

    Parameters
    ----------
    operator : Operator
        Of skl2onnx, with the estimator.
    """
    types: Any = import_module("skl2onnx.common.data_types")
    model: Model = operator.raw_operator.model_
    target = class_target(model)
    n_rows, n_classes = operator.inputs[0].get_first_dimension(), len(target.classes)
    several = target.kind == "multilabel"
    is_whole = target.classes.dtype.kind in WHOLE
    kind = types.Int64TensorType if is_whole else types.StringTensorType
    operator.outputs[0].type = kind([n_rows, n_classes] if several else [n_rows])
    operator.outputs[1].type.shape = [n_rows, n_classes]


def regressor_shapes(operator: Any) -> None:
    """Set the shape of the predictions.

    Parameters
    ----------
    operator : Operator
        Of skl2onnx, with the estimator.
    """
    n_outputs = operator.raw_operator.n_outputs_
    operator.outputs[0].type.shape = [operator.inputs[0].get_first_dimension(), n_outputs]


def class_target(model: Model) -> ClassTarget:
    """Return the classes of a classifier.

    Parameters
    ----------
    model : Model

    Returns
    -------
    ClassTarget
    """
    assert isinstance(model.target, ClassTarget)
    return model.target


def convert(scope: object, operator: Any, container: Any) -> None:
    """Add the nodes of a network.

    Parameters
    ----------
    scope : Scope
        Of skl2onnx, which gives unique names.
    operator : Operator
        Of skl2onnx, with the estimator.
    container : ModelComponentContainer
        Of skl2onnx, to which nodes are added.

    Raises
    ------
    ModelFileError
        If the graph is of an operator set that is too old.
    """
    if container.target_opset_onnx < LEAST_OPSET:
        raise ModelFileError(
            f"Networks can't be converted to the ONNX operator set {container.target_opset_onnx}: "
            f"give skl2onnx target_opset={LEAST_OPSET} or more."
        )
    model: Model = operator.raw_operator.model_
    x, prediction = operator.inputs[0].full_name, operator.outputs[-1]
    outside = {x, *(output.full_name for output in operator.outputs)}
    g = Graph(taken=outside)
    double = model.networks[0].theta.dtype == np.float64
    result = average(g, model, {False: g.cast(x, "double" if double else "float")})
    if isinstance(model.target, ClassTarget):
        result = add_labels(g, model.target, result, operator.outputs[0].full_name)
    double = "Double" in type(prediction.type).__name__
    g.cast(result, "double" if double else "float", output=prediction.full_name)
    add_nodes(g, scope, container, outside)


def add_labels(g: Graph, target: ClassTarget, p: str, output: str) -> str:
    """Add the labels, and return the probabilities of all classes, double, (N, n_classes).

    Parameters
    ----------
    g : Graph
    target : ClassTarget
    p : str
        Name of the probabilities, double, shape (N, n_outputs).
    output : str
        Name of the labels.

    Returns
    -------
    str
        Name of the probabilities, shape (N, n_classes).
    """
    if target.kind == "multilabel":
        g.cast(g.add("Greater", p, np.float64(0.5)), "int64", output=output)
        return p
    if target.kind == "binary":
        p = g.add("Concat", g.add("Sub", np.float64(1), p), p, axis=1)
    labels = target.classes
    is_whole = labels.dtype.kind in WHOLE
    values = labels.astype(np.int64) if is_whole else np.array(list(map(str, labels)), object)
    g.add("Gather", values, g.add("ArgMax", p, axis=1, keepdims=0), output=output)
    return p


def add_nodes(g: Graph, scope: Any, container: Any, outside: set[str]) -> None:
    """Add the nodes and constants of a graph under names that are not in use.

    Parameters
    ----------
    g : Graph
    scope : Scope
        Of skl2onnx, which gives unique names.
    container : ModelComponentContainer
        Of skl2onnx, to which nodes are added.
    outside : set of str
        Names that are kept: those of inputs and outputs.
    """
    names = {name: name for name in outside}

    def renamed(name: str) -> str:
        if name not in names:
            names[name] = scope.get_unique_variable_name(name)
        return names[name]

    for constant in g.constants:
        constant.name = renamed(constant.name)
        container.initializers.append(constant)
    for node in g.nodes:
        node.input[:] = map(renamed, node.input)
        node.output[:] = map(renamed, node.output)
        node.name = scope.get_unique_operator_name(f"Jubako{node.op_type}")
        container.node_domain_version_pair_sets.add(("", LEAST_OPSET))
        container.nodes.append(node)
