"""The description of a service in OpenAPI 3.1, with the columns and levels of its model."""

import json
from typing import Any

from jubako import __version__
from jubako.data.columns.base import Column
from jubako.model.model import Model

from .answers import FORMATS
from .requests import ARROW, CSV, JSON

Schema = dict[str, Any]

STATUSES = {
    "400": "A parameter that is invalid, or that the model can't fulfil.",
    "401": "The token is missing.",
    "413": "A body that is too long, or too many rows.",
    "415": "A format that can't be read.",
    "422": "Rows that can't be read or predicted: one sentence with the column and the row.",
    "503": "Too many requests are waiting, or the prediction took too long.",
}
ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}


def describe(model: Model, target: str) -> bytes:
    """Return the description.

    Parameters
    ----------
    model : Model
        For tables.
    target : str
        Name of the column of predictions.

    Returns
    -------
    bytes
        JSON.
    """
    words = {
        "openapi": "3.1.0",
        "info": {"title": f"Prediction of {target}", "version": __version__},
        "paths": {
            "/predict": {"post": predict_operation(model)},
            "/health": {"get": operation("Whether the service works, and since when.", JSON)},
            "/schema": {"get": operation("This description.", JSON)},
            "/metrics": {"get": operation("Metrics for Prometheus.", "text/plain")},
            "/": {"get": operation("A page with a form that predicts.", "text/html")},
        },
        "components": {
            "schemas": {
                "Row": row_schema(model),
                "Columns": columns_schema(model),
                "Prediction": prediction_schema(model, target),
                "Error": ERROR,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],  # a token is optional
    }
    return json.dumps(words, ensure_ascii=False).encode("utf-8", "replace")


def reference(name: str) -> Schema:
    """Return a reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def operation(summary: str, kind: str) -> Schema:
    """Describe a page without parameters."""
    return {"summary": summary, "responses": {"200": {"description": "OK", "content": {kind: {}}}}}


# The prediction


def predict_operation(model: Model) -> Schema:
    """Describe how rows are predicted.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict
    """
    answer = {
        "type": "object",
        "required": ["predictions", "notes"],
        "properties": {
            "predictions": {"type": "array", "items": reference("Prediction")},
            "notes": {
                "type": "array",
                "items": {"type": "string"},
                "description": "On values that were not seen in training, and on ambiguities.",
            },
        },
    }
    rows = {"oneOf": [{"type": "array", "items": reference("Row")}, reference("Columns")]}
    answers: Schema = {kind: {} for kind in FORMATS} | {JSON: {"schema": answer}}
    return {
        "summary": "Predict rows.",
        "parameters": parameters(model),
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": rows}, CSV: {}, ARROW: {}},
        },
        "responses": {"200": {"description": "One prediction for each row.", "content": answers}}
        | {
            status: {"description": text, "content": {JSON: {"schema": reference("Error")}}}
            for status, text in STATUSES.items()
        },
    }


def parameters(model: Model) -> list[Schema]:
    """Describe the parameters that the model can fulfil.

    Parameters
    ----------
    model : Model

    Returns
    -------
    list of dict
    """
    what = "intervals" if model.task == "regress" else "sets of classes"
    described: list[tuple[str, Schema, str]] = [
        ("contributions", {"type": "boolean"}, "The change when a value replaces a typical one.")
    ]
    if model.task == "classify":
        described.append(("proba", {"type": "boolean"}, "The probability of each class."))
    if model.conformal is not None:
        schema: Schema = {"type": "string", "examples": ["0.9", "0.5,0.9"]}
        described.append(("interval", schema, f"Coverages of {what}, with commas between them."))
    return [
        {"name": name, "in": "query", "schema": schema, "description": text}
        for name, schema, text in described
    ]


def prediction_schema(model: Model, target: str) -> Schema:
    """Describe the prediction of a row.

    Parameters
    ----------
    model : Model
    target : str

    Returns
    -------
    dict
    """
    kind: Schema = {"type": "number"}
    further = 'With interval=0.9 also "lower(0.9)" and "upper(0.9)"'
    if model.classes is not None:
        kind = {"enum": model.classes.tolist()}
        further = 'With proba=true also "p(CLASS)", with interval=0.9 "set(0.9)"'
    return {
        "type": "object",
        "required": [target],
        "properties": {target: kind},
        "description": f'{further}; with contributions=true "contribution(COLUMN)".',
    }


# The rows


def row_schema(model: Model) -> Schema:
    """Describe a row; further columns are ignored.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict
    """
    columns = {column.name: value_schema(column) for column in model.columns_by_name.values()}
    return {"type": "object", "required": list(columns), "properties": columns}


def columns_schema(model: Model) -> Schema:
    """Describe rows as an object of columns.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict
    """
    lists = {
        column.name: {"type": "array", "items": value_schema(column)}
        for column in model.columns_by_name.values()
    }
    return {"type": "object", "required": list(lists), "properties": lists}


def value_schema(column: Column) -> Schema:
    """Describe the values of a column; null is missing.

    Parameters
    ----------
    column : Column

    Returns
    -------
    dict
    """
    return {"description": str(column.describe())} | column.json_schema()
