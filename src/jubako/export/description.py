"""A model as plain data for programs in other languages: words and numbers, and named arrays."""

from typing import Any

import numpy as np
from scipy.special import ndtri

from jubako.core.activations import Array
from jubako.core.layers import ParamViews
from jubako.data.column_encoding import input_slices
from jubako.data.columns.base import Column
from jubako.data.columns.numeric import LARGEST, Numeric
from jubako.data.target import ClassTarget, NumericTarget
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.model.schema_json import to_plain


def describe(model: Model) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what a model needs to predict.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict
        Of dicts, lists, strings, numbers, booleans and None: how columns are encoded, the layers of
        the networks, and what is done with their predictions.
    dict of arrays
        "2.0.w" is the parameter w of layer 0 of networks 2, with a leading axis for K networks.
    """
    words = {
        "task": model.task,
        "target": describe_target(model),
        "temperature": model.temperature,
        "costs": None if model.costs is None else model.costs.tolist(),
        "n_inputs": model.strongest.net.layers[0].n_in,
        "feature_names": list(model.feature_names),
        "columns": describe_columns(model),
        "networks": [describe_network(fitted) for fitted in model.networks],
    }
    arrays = {
        f"{i}.{j}.{name}": array
        for i, fitted in enumerate(model.networks)
        for j, params in enumerate(parameters(fitted))
        for name, array in params.items()
    }
    return words, arrays


def describe_network(fitted: FittedNetwork) -> dict[str, Any]:
    """Describe networks that are alike but for their parameters."""
    return {
        "layers": [to_plain(layer) for layer in fitted.net.layers],
        "loss": to_plain(fitted.net.loss)["loss"],
        "weight": fitted.weight,
        "quantiles": fitted.quantiles,
    }


def parameters(fitted: FittedNetwork) -> list[ParamViews]:
    """Return the parameters of each layer by name, each with a leading axis for K networks."""
    return fitted.net.views(fitted.theta)


def describe_target(model: Model) -> dict[str, Any]:
    """Describe how the predictions of networks become labels or numbers.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict
    """
    target = model.target
    if isinstance(target, ClassTarget):
        return {"kind": target.kind, "classes": target.classes.tolist()}
    if isinstance(target, NumericTarget):
        limits = [float(np.clip(x, -LARGEST, LARGEST)) for x in (target.low, target.high)]
        return {"kind": "number", "center": target.center, "scale": target.scale, "range": limits}
    return {"kind": "number", "center": 0.0, "scale": 1.0, "range": [-LARGEST, LARGEST]}


def describe_columns(model: Model) -> list[dict[str, Any]]:
    """Describe the columns, each with its place among the inputs of a network.

    Parameters
    ----------
    model : Model

    Returns
    -------
    list of dict
    """
    if model.schema is None:
        return []
    slices = list(input_slices(model.columns, model.schema.codes))
    order = {id(column): i for i, column in enumerate(model.columns)}
    slices.sort(key=lambda entry: order[id(entry[0])])
    return [
        to_plain(column)
        | {"place": [place.start, place.stop], "codes": model.schema.codes}
        | scores_of(column)
        for column, place in slices
    ]


def scores_of(column: Column) -> dict[str, Any]:
    """Return the normal quantiles of the knots of a column of numbers.

    Parameters
    ----------
    column : Column

    Returns
    -------
    dict
        Empty if it has no knots.
    """
    if not isinstance(column, Numeric) or not column.knots:
        return {}
    n = len(column.knots) - 2
    shares = np.r_[1 / (16 * n), (np.arange(n) + 0.5) / n, 1 - 1 / (16 * n)]
    return {"scores": ndtri(shares).tolist()}
