"""A network as the C structs that the library reads."""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, cast

import numpy as np

from jubako.core.embeddings import Embedding, Periodic
from jubako.core.layers import LAYERS, Dense, Dropout, Residual
from jubako.core.layers import Layer as CoreLayer
from jubako.core.network import Network

from .library import Entry, Layer, Library


def entry_of(table: dict[str, Any], known: dict[str, Entry], thing: object) -> Entry | None:
    """Return the library's entry for a loss or an optimizer.

    Parameters
    ----------
    table : dict of str to class
        `LOSSES` or `OPTIMIZERS`.
    known : dict of str to Entry
        The entries of the library.
    thing : Loss or Optimizer

    Returns
    -------
    Entry or None
        None if the library lacks it, or reads other settings.
    """
    entry = known.get(name_of(table, thing))
    if entry is None:
        return None
    names = {field.name for field in fields(cast(Any, thing))}
    return entry if names == set(entry.settings) else None


def pass_settings(target: Any, entry: Entry, thing: object) -> None:
    """Write the settings of a loss or an optimizer where the library reads them."""
    for i, name in enumerate(entry.settings):
        target[i] = float(getattr(thing, name))


def name_of(table: dict[str, Any], thing: object) -> str:
    """Return the name under which the class of a thing stands in a table; none: an empty one."""
    return next((name for name, cls in table.items() if cls is type(thing)), "")


@lru_cache(maxsize=64)
def implements(library: Library, layers: tuple[CoreLayer, ...]) -> bool:
    """Return whether C++ implements these layers and their activations.

    Parameters
    ----------
    library : Library
    layers : tuple of Layer
    """
    return all(
        name_of(LAYERS, layer) in library.layers
        and (not isinstance(layer, Dense) or layer.activation in library.activations)
        and (not isinstance(layer, Residual) or implements(library, layer.layers))
        for layer in layers
    )


@lru_cache(maxsize=64)
def describe(net: Network, library: Library, per_parameter: bool = False) -> Any:
    """Return the layers of a network as an array of C structs, each residual before its layers.

    Parameters
    ----------
    net : Network
    library : Library
    per_parameter : bool
        As in `Update`.

    Returns
    -------
    ctypes array of Layer
    """
    draws, start = iter(range(1, 2**31)), 0

    def walk(layers: Sequence[CoreLayer]) -> Iterator[Layer]:
        nonlocal start
        for layer in layers:
            name = name_of(LAYERS, layer)
            kind = library.layers[name].number
            here = Layer(kind=kind, n_in=layer.n_in, n_out=layer.n_out, w=start)
            if isinstance(layer, Residual):
                inside = list(walk(layer.layers))
                here.inside = len(inside)
                yield here
                yield from inside
                continue
            if per_parameter:
                multipliers = layer.lr_multipliers()
            else:
                multipliers = {part: (1, part.endswith("w")) for part in layer.shapes()}
            # those of w and b, or those that all parameters of the layer share
            parts = ["w", "b"] if isinstance(layer, Dense) else list(multipliers)[:1]
            for i, part in enumerate(parts):
                here.lr_multiplier[i], here.decay_multiplier[i] = multipliers[part]
            if isinstance(layer, Periodic):
                here.n_numbers, here.n_frequencies = layer.n_numbers, layer.n_frequencies
                here.n_sums = layer.n_sums
                here.b = start + sum(int(np.prod(shape)) for shape in layer.shapes().values())
            if isinstance(layer, Dense):
                here.activation = library.activations[layer.activation].number
                here.b = start + layer.n_in * layer.n_out
            elif isinstance(layer, Dropout):
                here.rate, here.draw = layer.rate, next(draws)
            elif isinstance(layer, Embedding):
                here.n_numbers, here.most = layer.n_numbers, layer.most
                here.levels = (ctypes.c_int64 * len(layer.levels))(*layer.levels)
            start += sum(int(np.prod(shape)) for shape in layer.shapes().values())
            yield here

    found = list(walk(net.layers))
    return (Layer * len(found))(*found)
