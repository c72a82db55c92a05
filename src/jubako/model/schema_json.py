"""Layers, losses and columns as JSON values, and back.

The vocabulary is closed: a dictionary names a class by its name in a table, and holds its settings.
Nothing is imported by name, and unknown names are refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from itertools import pairwise
from math import isfinite
from typing import Any, get_args, get_origin, get_type_hints

from jubako.core.activations import ACTIVATIONS
from jubako.core.embeddings import Embedding, Periodic
from jubako.core.layers import LAYERS, Layer, Residual
from jubako.core.losses import LOSSES
from jubako.core.network import Network
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import COLUMNS

TABLES: dict[str, Mapping[str, type]] = {"layer": LAYERS, "loss": LOSSES, "column": COLUMNS}
LARGEST = 1 << 24  # units in a layer, against malicious files that exhaust the memory
MOST_LAYERS = 1000  # including those inside others: each slows predictions down
DEEPEST = 10  # residual layers inside each other
RANGES = {  # minimum and maximum of settings, by name
    "rate": (0.0, 1.0 - 1e-9),
    "smoothing": (0.0, 1.0 - 1e-9),
    "q": (1e-9, 1.0 - 1e-9),
    "threshold": (1e-300, 1e300),
    "scale": (1e-300, 1e308),
}


def to_plain(thing: Any) -> dict[str, Any]:
    """Describe a layer, a loss or a column as JSON values.

    Parameters
    ----------
    thing : Layer, Loss or Column

    Returns
    -------
    dict

    Examples
    --------
    >>> from jubako.core.layers import Dense
    >>> to_plain(Dense(4, 3, "relu"))
    {'layer': 'dense', 'n_in': 4, 'n_out': 3, 'activation': 'relu'}
    """
    table, name = next(
        (table, name)
        for table, classes in TABLES.items()
        for name, cls in classes.items()
        if cls is type(thing)
    )
    settings = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {table: name} | {key: plain_value(value) for key, value in settings.items()}


def plain_value(value: object) -> Any:
    """Describe a setting.

    Parameters
    ----------
    value : number, str, Reading, or tuple of numbers, strings or layers

    Returns
    -------
    JSON value
    """
    if isinstance(value, Reading):
        return {key: plain_value(setting) for key, setting in asdict(value).items()}
    if isinstance(value, tuple):
        return [item if isinstance(item, str | int | float) else to_plain(item) for item in value]
    return value


def from_plain(table: str, words: Any) -> Any:
    """Create what `to_plain` has described.

    Parameters
    ----------
    table : {"layer", "loss", "column"}
    words : any JSON value

    Returns
    -------
    Layer, Loss or Column

    Raises
    ------
    ValueError
        If the name is unknown, or a setting is missing, unknown, or of another type or range.
    """
    name = words[table]
    if name not in TABLES[table]:
        raise ValueError(f"there is no {table} {name!r}")
    cls: Any = TABLES[table][name]
    kinds = get_type_hints(cls)
    known = {field.name: field for field in fields(cls)}
    for key in words:
        if key != table and key not in known:
            raise ValueError(f"{table} {name!r} has no {key!r}")
    for key, field in known.items():
        if key not in words and field.default is MISSING:
            raise ValueError(f"{table} {name!r} lacks its {key!r}")
    made = cls(**{key: from_value(kinds[key], words[key], key) for key in known if key in words})
    for key, (low, high) in RANGES.items():
        if not low <= getattr(made, key, low) <= high:
            raise ValueError(f"{table} {name!r} has the {key} {getattr(made, key)}")
    if table == "column" and made.reading.kind != cls.reading_kind:
        raise ValueError(f"{table} {name!r} is read as {made.reading.kind!r}")
    return made


def from_value(kind: Any, value: Any, key: str) -> Any:
    """Check that a value has the type that a class declares for a setting.

    Parameters
    ----------
    kind : type
        A type, a tuple of one, or `Reading`.
    value : any JSON value
    key : str
        Name of the setting, for messages.

    Returns
    -------
    any
        The value; lists become tuples, and int becomes float where `kind` is float.

    Raises
    ------
    ValueError
        If it has another type, is not finite, or is an int beyond 64 bits.
    """
    if kind is Reading:
        return reading_from_plain(value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{key!r} must be a list")
        items: Sequence[Any] = value
        inner = get_args(kind)[0]
        if inner in (str, float, int, bool):
            return tuple(from_value(inner, item, key) for item in items)
        return tuple(from_plain("layer", item) for item in items)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is int and abs(value) >= 2**63:
        raise ValueError(f"{key!r} is too large")
    if type(value) is not kind or (kind is float and not isfinite(value)):
        raise ValueError(f"{key!r} must be of type {kind.__name__}, not {value!r}")
    return value


def count_from_value(words: dict[str, object], name: str) -> int:
    """Check that a setting is an int >= 0, and return it.

    Parameters
    ----------
    words : dict
    name : str
        Its key.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If not.
    """
    value: int = from_value(int, words[name], name)
    if value < 0:
        raise ValueError(f"{name!r} is {value}")
    return value


def reading_from_plain(words: object) -> Reading:
    """Create the reading of a column that was described.

    Parameters
    ----------
    words : any JSON value

    Returns
    -------
    Reading

    Raises
    ------
    ValueError
        If a setting is unknown or of another type.
    """
    kinds = get_type_hints(Reading)
    if not isinstance(words, dict) or not words.keys() <= kinds.keys():
        raise ValueError(f"there is no reading {words!r}")
    return Reading(**{key: from_value(kinds[key], value, key) for key, value in words.items()})


def network_to_plain(net: Network) -> dict[str, Any]:
    """Describe a network."""
    return {"layers": [to_plain(layer) for layer in net.layers], "loss": to_plain(net.loss)}


def network_from_plain(words: Any) -> Network:
    """Create the network that was described.

    Parameters
    ----------
    words : any JSON value

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If the description is invalid, or consecutive layers do not fit.
    """
    layers: Any = words["layers"]
    n_layers = count_layers(layers)
    if n_layers > MOST_LAYERS:
        raise ValueError(f"a network of {n_layers} layers, where {MOST_LAYERS} are allowed")
    layers = tuple(from_plain("layer", layer) for layer in layers)
    check_layers(layers)
    return Network(layers, from_plain("loss", words["loss"]))


def count_layers(words: Any, depth: int = 1) -> int:
    """Return the number of layers in a description, including those inside others.

    Parameters
    ----------
    words : list of dict
    depth : int
        Of this list: 1 outside.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If layers are nested too deeply.
    """
    if depth > DEEPEST:
        raise ValueError(f"layers stand more than {DEEPEST} deep inside each other")
    inside = (layer["layers"] for layer in words if "layers" in layer)
    return len(words) + sum(count_layers(layers, depth + 1) for layers in inside)


def check_layers(layers: tuple[Layer, ...]) -> None:
    """Check the sizes and settings of a stack of layers.

    Parameters
    ----------
    layers : tuple of Layer

    Raises
    ------
    ValueError
        If one is out of range, or consecutive layers do not fit.
    """
    if not layers:
        raise ValueError("a stack has no layers")
    for layer in layers:
        if isinstance(layer, Residual):
            check_layers(layer.layers)
            if layer.n_in != layer.n_out:
                raise ValueError("a residual stack ends wider or narrower than it starts")
        if not (0 < layer.n_in <= LARGEST and 0 < layer.n_out <= LARGEST):
            raise ValueError(f"a layer has {layer.n_in} inputs and {layer.n_out} outputs")
        if isinstance(layer, Periodic) and (
            not 0 < layer.n_numbers <= layer.n_in
            or not (layer.n_frequencies > 0 and layer.n_sums > 0)
        ):
            raise ValueError(f"a periodic layer can't have {layer.n_numbers} numbers")
        if isinstance(layer, Embedding) and not (
            layer.most > 0 < len(layer.levels) <= layer.n_in
            and all(0 <= n <= LARGEST for n in layer.levels)
        ):
            raise ValueError(f"an embedding can't have tables of {layer.levels} levels")
        if getattr(layer, "activation", "identity") not in ACTIVATIONS:
            raise ValueError(f"there is no activation {getattr(layer, 'activation', '')!r}")
    for before, after in pairwise(layers):
        if before.n_out != after.n_in:
            raise ValueError(f"{before.n_out} outputs meet {after.n_in} inputs")
