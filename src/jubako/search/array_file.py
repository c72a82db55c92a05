"""Files of arrays with a description, like model files."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from jubako.core.activations import Array
from jubako.model.model_file import NONSENSE, fingerprint, write_described


def write_arrays(path: Path, description: dict[str, object], arrays: dict[str, Array]) -> None:
    """Write arrays with a description, atomically.

    Raises
    ------
    OSError
        If they can't be written there.
    """
    write_described(path, json.dumps(description), arrays, {})


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, Array]] | None:
    """Read a description and its arrays.

    Parameters
    ----------
    path : Path

    Returns
    -------
    description : dict
    arrays : dict of str to array
        None instead of the pair, if the file does not exist or is damaged.
    """
    with suppress(SafetensorError, OSError, *NONSENSE), safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        if fingerprint(metadata["description"], arrays) == metadata["sha256"]:
            return json.loads(metadata["description"]), arrays
    return None
