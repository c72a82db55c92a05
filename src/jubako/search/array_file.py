"""A file of arrays with a description in JSON, as a model is: safetensors with a fingerprint."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from jubako.core.activations import Array
from jubako.model.atomic import whole_or_not_at_all
from jubako.model.model_file import NONSENSE, fingerprint


def write_arrays(path: Path, description: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Write arrays with a description whole or not at all.

    Raises
    ------
    OSError
        If they can't be written there.
    """
    text = json.dumps(description)
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    metadata = {"description": text, "sha256": fingerprint(text, arrays)}
    with whole_or_not_at_all(path) as part:
        part.write_bytes(save(arrays, metadata))


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, Array]] | None:
    """Return the description and the arrays; None if there is no such file, or it is damaged."""
    with suppress(SafetensorError, OSError, *NONSENSE), safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        if fingerprint(metadata["description"], arrays) == metadata["sha256"]:
            return json.loads(metadata["description"]), arrays
    return None
