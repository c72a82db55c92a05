"""What can't be exported, because nothing says how it is computed there."""

from collections.abc import Hashable, Mapping
from typing import Any

from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError


def exporter_of(table: Mapping[Any, Any], key: Hashable, kind: str) -> Any:
    """Return the entry of a layer, activation, loss or column.

    Parameters
    ----------
    table : mapping
        Exporters by what they export.
    key : hashable
        What is exported: a class or a name.
    kind : str
        What it is called in the message.

    Returns
    -------
    callable

    Raises
    ------
    ModelFileError
        If there is none.
    """
    if key not in table:
        name = getattr(key, "__name__", str(key))
        raise ModelFileError(
            Message(
                "The model can't be exported: there is no exporter of the {kind} {name!r}.",
                kind=kind,
                name=name,
            )
        )
    return table[key]
