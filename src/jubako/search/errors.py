"""The error of files that a search needs: one sentence that names the folder or the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jubako.i18n.messages import Message


class SearchFileError(OSError):
    """A file of a search can't be written or read: one sentence."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the run folder in errors of writing to it."""
    try:
        yield
    except OSError as error:
        raise SearchFileError(
            Message(
                "The run folder {path!r} can't be written: {error}. Choose another folder, or free "
                "some space; what is finished in it stays valid.",
                path=str(path),
                error=error.strerror or str(error),
            )
        ) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name the file in errors of reading encoded rows from it."""
    try:
        yield
    except OSError as error:
        raise SearchFileError(
            Message(
                "The encoded rows can't be read any more: {error} ({path!r}).",
                path=str(path),
                error=error.strerror or str(error),
            )
        ) from error
