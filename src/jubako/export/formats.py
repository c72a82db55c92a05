"""The formats in which a model is exported, by the suffix of the file."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from jubako.explain.messages import Language
from jubako.i18n.messages import Message
from jubako.model.atomic import whole_or_not_at_all
from jubako.model.errors import ModelFileError
from jubako.model.model import Model


def onnx_files(model: Model) -> dict[str, bytes]:
    """Return a model as an ONNX file.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict of bytes
        Files by their suffixes.

    Raises
    ------
    ModelFileError
        If something in it can't be exported.
    ImportError
        If the package onnx is missing.
    """
    if find_spec("onnx") is None:
        raise ImportError(
            Message("An export to ONNX needs the package onnx: pip install 'jubako[onnx]'.")
        )
    from .onnx.model import to_onnx

    return {".onnx": to_onnx(model).SerializeToString()}


def python_files(model: Model) -> dict[str, bytes]:
    """Return a model as a Python file that needs NumPy only, and a file of its numbers.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict of bytes
        Files by their suffixes.

    Raises
    ------
    ModelFileError
        If something in it can't be exported.
    """
    from .python import python_code, python_numbers

    return {".py": python_code(model).encode(), ".npz": python_numbers(model)}


def html_files(model: Model, target: str, language: Language) -> dict[str, bytes]:
    """Return a model as a page that predicts in the browser.

    Parameters
    ----------
    model : Model
    target : str
        The name of the target; empty if it is not known.
    language : {"en", "ja"}
        That the page begins with.

    Returns
    -------
    dict of bytes

    Raises
    ------
    ModelFileError
        If it is for arrays, or something in it can't be exported.
    """
    from .html import html_page

    return {".html": html_page(model, target, language).encode()}


Exporter = Callable[[Model, str, Language], dict[str, bytes]]
"""Returns the files of a model by their suffixes, given the target's name and a language."""

FORMATS: dict[str, Exporter] = {
    ".onnx": lambda model, target, language: onnx_files(model),
    ".py": lambda model, target, language: python_files(model),
    ".html": html_files,
}
"""By the suffix of the first file."""


def export_model(model: Model, path: Path) -> None:
    """Export a model; the suffix of the file decides the format.

    Parameters
    ----------
    model : Model
    path : Path
        Files that belong to it are named like it.

    Raises
    ------
    ModelFileError
        If there is no such format, or something in the model can't be exported.
    ImportError
        If the package onnx is missing.
    OSError
        If it can't be written there.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ModelFileError(
            Message(
                "A model can't be exported as {path!r}: the name must end with {endings}.",
                path=str(path),
                endings=" / ".join(FORMATS),
            )
        )
    for ending, content in FORMATS[suffix](model, "", "en").items():
        with whole_or_not_at_all(path.with_suffix(ending) if ending != suffix else path) as part:
            part.write_bytes(content)
