"""`jubako export`: a model in a format that works without Jubako."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from jubako.estimators.loading import load_with_note
from jubako.export.formats import FORMATS
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError

from .errors import UsageError
from .options import Format
from .output_files import check_output, note_written, whole_file

SUFFIXES = {Format.onnx: ".onnx", Format.python: ".py", Format.html: ".html"}


def refuse_options(format: Format, options: Mapping[str, object]) -> None:
    """Refuse options of a recording for another format.

    Parameters
    ----------
    format : Format
    options : mapping
        Their values by their names; None where they are not given.

    Raises
    ------
    UsageError
        With the first that is given.
    """
    for name, value in options.items():
        if value is not None:
            raise UsageError(
                Message(
                    "--{name} is for --format recording, not {format}: leave it out.",
                    name=name,
                    format=format.value,
                )
            )


def run(path: Path, format: Format, out: Path | None, force: bool, language: Language) -> None:
    """Export a model.

    Parameters
    ----------
    path : Path
        File of the model.
    format : Format
    out : Path or None
        File to write; named like the model if None.
    force : bool
        Whether existing files are overwritten.
    language : Language
        That a page begins with.
    """
    if not path.exists():
        raise ModelFileError(Message("There is no model file {path!r}.", path=str(path)))
    suffix = SUFFIXES[format]
    if format is Format.onnx and find_spec("onnx") is None:
        raise UsageError(Message("--format onnx needs ONNX: pip install 'jubako[onnx]'."))
    out = path.with_suffix(suffix) if out is None else out
    check_output(out, [path], (suffix,), force)
    model, note = load_with_note(path)
    target = str(note.get("target", ""))
    files = {
        out.with_suffix(ending) if ending != suffix else out: content
        for ending, content in FORMATS[suffix](model.model_, target, language.value).items()
    }
    for written in files:
        check_output(written, [path], (), force)
    for written, content in files.items():
        with whole_file(written) as part:
            part.write_bytes(content)
        note_written(written)
