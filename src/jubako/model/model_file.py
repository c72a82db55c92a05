"""Model files: arrays and a description, in the safetensors format, without code.

The header and the description are JSON; the rest is binary. All tools for safetensors can read it:
https://huggingface.co/docs/safetensors.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from jubako.core.activations import Array
from jubako.data.errors import one_line
from jubako.i18n.messages import Message

from .atomic import whole_or_not_at_all
from .errors import ModelFileError

VERSION = 5  # of the format; before the first release, only the newest is read
SUFFIX = ".jubako"
NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What making sense of a hostile description may raise."""


def write_file(
    path: str | Path, description: Mapping[str, object], arrays: dict[str, Array]
) -> None:
    """Write a model file atomically.

    Parameters
    ----------
    path : str or Path
    description : dict
        Made of dicts, lists, strings, numbers, booleans and None. Numbers keep all their digits.
    arrays : dict of str to array

    Raises
    ------
    OSError
        If the file can't be written.
    ModelFileError
        If a text holds a lone surrogate.
    """
    text = json.dumps(description, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        near = text[max(error.start - 20, 0) : error.start]
        raise ModelFileError(
            Message(
                "The model can't be saved: a name, label or level holds a lone surrogate, which is "
                "not a character, after {near!r}. Replace it.",
                near=near,
            )
        ) from error
    metadata = {"format": "jubako", "format_version": str(VERSION)}
    try:
        write_described(Path(path), text, arrays, metadata)
    except OSError as error:
        raise OSError(
            Message(
                "The model can't be saved as {path!r}: {reason}.",
                path=str(path),
                reason=error.strerror or str(error),
            )
        ) from error


def write_described(
    path: Path, text: str, arrays: dict[str, Array], metadata: dict[str, str]
) -> None:
    """Write arrays with their description and its fingerprint, atomically.

    Parameters
    ----------
    path : Path
    text : str
        The description.
    arrays : dict of str to array
    metadata : dict of str to str
        Further entries of the header.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    metadata = metadata | {"description": text, "sha256": fingerprint(text, arrays)}
    with whole_or_not_at_all(path) as part:
        part.write_bytes(save(arrays, metadata))


def read_file(path: str | Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read the description and the arrays of a model file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    description : dict
    arrays : dict of str to array

    Raises
    ------
    ModelFileError
        If the file does not exist, is damaged, altered, of another version, or not a model.
    """
    name = str(path)
    if not Path(path).is_file():
        raise ModelFileError(Message("There is no model file {path!r}.", path=name))
    try:
        with safe_open(path, framework="numpy") as file:
            metadata: dict[str, str] = file.metadata() or {}
            if metadata.get("format") != "jubako":
                raise ModelFileError(Message("{path!r} is not a model of Jubako.", path=name))
            version = metadata.get("format_version", "")
            if version in map(str, range(1, VERSION)):
                raise ModelFileError(
                    Message(
                        "{path!r} was saved by an older Jubako (format {version}, this one reads "
                        "{known}): train the model again.",
                        path=name,
                        version=version,
                        known=VERSION,
                    )
                )
            if version != str(VERSION):
                raise ModelFileError(
                    Message(
                        "{path!r} was saved by a newer Jubako (format {version!r}, this one reads "
                        "{known}): update Jubako.",
                        path=name,
                        version=version[:9],
                        known=VERSION,
                    )
                )
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except ModelFileError:
        raise
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        why = damage(error) if isinstance(error, SafetensorError) else str(error)
        raise ModelFileError(
            Message("{path!r} is damaged, or is not a model file: {why}.", path=name, why=why)
        ) from error
    text = metadata.get("description", "")
    if fingerprint(text, arrays) != metadata.get("sha256"):
        raise ModelFileError(
            Message("{path!r} was altered after it was saved: train the model again.", path=name)
        )
    return checked(name, lambda: parse_description(text)), arrays


def damage(error: SafetensorError) -> Message:
    """Return what is wrong with a file that safetensors refuses.

    Parameters
    ----------
    error : SafetensorError

    Returns
    -------
    Message
    """
    if any(word in str(error) for word in ("not fully covered", "incomplete", "Incomplete")):
        return Message("it has been cut, or bytes have been added")
    return Message("its header can't be read")


def parse_description(text: str) -> Any:
    """Parse a description, which must be able to be written again.

    Parameters
    ----------
    text : str

    Returns
    -------
    any
        The value of the JSON text.

    Raises
    ------
    ValueError
        If the text is not JSON, or holds a lone surrogate or a number that is not finite.
    """
    description = json.loads(text)
    # JSON can escape what UTF-8 cannot hold, and 1e999 is read as infinity
    json.dumps(description, ensure_ascii=False, allow_nan=False).encode()
    return description


def checked(name: str, parse: Callable[[], object]) -> Any:
    """Parse the content of a file, which may be anything.

    Parameters
    ----------
    name : str
        Path of the file, for messages.
    parse : callable
        Without arguments.

    Returns
    -------
    any
        The result of `parse`.

    Raises
    ------
    ModelFileError
        If the content is invalid.
    """
    try:
        return parse()
    except ModelFileError:
        raise
    except NONSENSE as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else one_line(error)
        raise ModelFileError(
            Message("{path!r} describes an invalid model: {why}.", path=name, why=why[:100])
        ) from error


def fingerprint(text: str, arrays: dict[str, Array]) -> str:
    """Return the SHA-256 of a description and its arrays.

    Parameters
    ----------
    text : str
    arrays : dict of str to array

    Returns
    -------
    str
        Hexadecimal digits.
    """
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"\n{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
