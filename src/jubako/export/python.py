"""A model as a Python file that needs NumPy only: `standalone.py`, and its numbers beside it."""

import io
import json
from importlib.resources import files

import numpy as np

from jubako.core.layers import LAYERS, Layer
from jubako.core.losses import LOSSES
from jubako.data.column_encoding import COLUMNS
from jubako.model.model import Model

from . import standalone
from .description import describe
from .missing_exporter import exporter_of

EXAMPLES = {
    "categorical": '"text"',
    "ordinal": '"text"',
    "boolean": '"true"',
    "date": '"2026-03-31"',
    "time of day": "32_400_000_000",
    "duration": "3_600_000_000",
}


def python_code(model: Model) -> str:
    """Return the text of the file, with an example of a row.

    Parameters
    ----------
    model : Model

    Returns
    -------
    str

    Raises
    ------
    ModelFileError
        If something in the model can't be exported.
    """
    check(model)
    code = (files(__package__ or "") / "standalone.py").read_text(encoding="utf-8")
    return code.replace("{COLUMNS}", example(model), 1)


def python_numbers(model: Model) -> bytes:
    """Return the file of numbers, in the format of `np.load`.

    Parameters
    ----------
    model : Model

    Returns
    -------
    bytes
    """
    words, arrays = describe(model)
    written = io.BytesIO()
    description = np.array(json.dumps(words, ensure_ascii=False))
    np.savez(written, allow_pickle=False, description=description, **arrays)
    return written.getvalue()


def example(model: Model) -> str:
    """Return Python code that gives a row of two values for each column.

    Parameters
    ----------
    model : Model

    Returns
    -------
    str
    """
    if model.schema is None:
        values = dict.fromkeys(model.feature_names or ["X"], "[0.0]")
    else:
        values = {c.name: f"[{EXAMPLES.get(c.kind, '1.0')}, None]" for c in model.columns}
    return "{" + ", ".join(f"{name!a}: {value}" for name, value in values.items()) + "}"


def check(model: Model) -> None:
    """Refuse a layer, an activation, a loss or a column that the file does not know.

    Parameters
    ----------
    model : Model

    Raises
    ------
    ModelFileError
        With its name.
    """
    for column in model.columns:
        exporter_of(standalone.COLUMNS, name_in(COLUMNS, column), "column")
    for fitted in model.networks:
        exporter_of(standalone.MEANS, name_in(LOSSES, fitted.net.loss), "loss")
        for layer in inner_layers(fitted.net.layers):
            exporter_of(standalone.LAYERS, name_in(LAYERS, layer), "layer")
            activation = getattr(layer, "activation", "identity")
            exporter_of(standalone.ACTIVATIONS, activation, "activation")


def name_in(table: dict[str, type], thing: object) -> str:
    """Return the name of a class in a table."""
    return next(name for name, cls in table.items() if cls is type(thing))


def inner_layers(layers: tuple[Layer, ...]) -> list[Layer]:
    """Return layers, and those inside them.

    Parameters
    ----------
    layers : tuple of Layer

    Returns
    -------
    list of Layer
    """
    inside = [inner_layers(getattr(layer, "layers", ())) for layer in layers]
    return [*layers, *(layer for some in inside for layer in some)]
