"""Models as JSON values and arrays, and back. Malicious descriptions are refused."""

from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.data.column_encoding import Dropped
from jubako.data.target import ClassTarget

from .conformal_json import check_spread, conformal_from_plain, conformal_to_plain
from .decision import cheap_errors
from .features import Features
from .fitted_json import check_inputs, check_outputs, fitted_from_plain, fitted_to_plain
from .model import Model, Target
from .schema import Schema
from .schema_json import (
    from_plain,
    from_value,
    to_plain,
)
from .target_json import target_from_plain, target_to_plain
from .training_log import log_from_plain
from .training_step import TrainingStep

TEMPERATURES = 0.01, 100.0  # the lowest and the highest


def model_to_plain(model: Model) -> tuple[dict[str, object], dict[str, Array]]:
    """Describe a model as JSON values and arrays.

    Parameters
    ----------
    model : Model

    Returns
    -------
    words : dict
        Made of dicts, lists, strings, numbers, booleans and None.
    arrays : dict of str to array
        "theta.0", "theta.1", ...: the parameters (K, P) of each network; "conformal.levels",
        "conformal.values" and "conformal.theta": those of the conformal scores, if there are any.

    Raises
    ------
    ModelFileError
        If its labels can't be saved.
    """
    words: dict[str, object] = {
        "target": target_to_plain(model.target),
        "schema": None if model.schema is None else schema_to_plain(model.schema),
        "feature_names": list(model.feature_names),
        "networks": [fitted_to_plain(fitted) for fitted in model.networks],
        "temperature": model.temperature,
        "training": model.log.to_plain(),
    }
    arrays = {f"theta.{i}": fitted.theta for i, fitted in enumerate(model.networks)}
    if model.conformal is not None:
        words["conformal"], more = conformal_to_plain(model.conformal)
        arrays |= more
    if model.costs is not None:
        words["costs"] = model.costs.tolist()
    return words, arrays


def model_from_plain(
    words: dict[str, Any], arrays: dict[str, Array], step: TrainingStep | None = None
) -> Model:
    """Create the model that `model_to_plain` has described.

    Parameters
    ----------
    words : dict
        From a file, so it may hold anything.
    arrays : dict of str to array
        Likewise.
    step : TrainingStep or None
        Settings of the training of a network without candidate.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If the description is invalid, or the arrays do not fit it.
    """
    target = target_from_plain(words["target"])
    schema = None if words["schema"] is None else schema_from_plain(words["schema"])
    names = from_value(tuple[str, ...], words["feature_names"], "feature_names")
    networks = [
        fitted_from_plain(described, arrays[f"theta.{i}"], f"theta.{i}", step)
        for i, described in enumerate(words["networks"])
    ]
    weights = np.array([fitted.weight for fitted in networks])
    if not len(weights) or not (weights > 0).all() or abs(weights.sum() - 1) > 1e-6:
        raise ValueError(f"weights {weights.tolist()} that are not positive with the sum one")
    for fitted in networks:
        check_inputs(fitted.net, networks[0].net.layers[0].n_in, names, schema)
        check_outputs(fitted.net, target)
    temperature = words["temperature"]
    if temperature is not None:
        temperature = from_value(float, temperature, "temperature")
        low, high = TEMPERATURES
        if not low <= temperature <= high or not isinstance(target, ClassTarget):
            raise ValueError(f"the temperature {temperature}")
    conformal = None
    if words.get("conformal") is not None:
        conformal = conformal_from_plain(words["conformal"], arrays)
        if conformal.spread:
            check_spread(conformal.spread.network.net, target, schema)
    return Model(
        target=target,
        networks=networks,
        log=log_from_plain(words["training"]),
        schema=schema,
        feature_names=names,
        temperature=temperature,
        conformal=conformal,
        costs=costs_from_plain(words.get("costs"), target),
    )


def costs_from_plain(words: Any, target: Target) -> Array | None:
    """Create the costs of errors that were described.

    Parameters
    ----------
    words : list of lists of float, or None
        From a file, so it may hold anything.
    target : Target

    Returns
    -------
    array, shape (n_classes, n_classes), or None

    Raises
    ------
    ValueError
        If they are not the costs of these classes.
    """
    if words is None:
        return None
    rows = [from_value(tuple[float, ...], row, "costs") for row in words]
    n_classes = 0
    if isinstance(target, ClassTarget) and target.kind != "multilabel":
        n_classes = len(target.classes)
    if {len(rows), *map(len, rows)} != {n_classes}:
        raise ValueError(f"costs of {len(rows)} classes")
    costs = np.array(rows)
    if not np.isfinite(costs).all() or cheap_errors(costs).any():
        raise ValueError("an error that costs no more than a correct prediction")
    return costs


def schema_to_plain(schema: Schema) -> dict[str, object]:
    """Describe a schema."""
    return {
        "features": list(schema.features.names),
        "named": schema.features.named,
        "columns": [to_plain(column) for column in schema.columns],
        "dropped": [[column.name, column.reason] for column in schema.dropped],
        "codes": schema.codes,
    }


def schema_from_plain(words: Any) -> Schema:
    """Create the schema that was described.

    Parameters
    ----------
    words : any JSON value

    Returns
    -------
    Schema

    Raises
    ------
    ValueError
        If the description is invalid.
    """
    names = from_value(tuple[str, ...], words["features"], "features")
    return Schema(
        Features(names, from_value(bool, words["named"], "named")),
        [from_plain("column", column) for column in words["columns"]],
        [Dropped(str(name), str(reason)) for name, reason in words["dropped"]],
        from_value(bool, words["codes"], "codes"),
    )
