"""The error of files that a search needs: one sentence that names the folder or the file."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jubako.i18n.messages import Message


class SearchFileError(OSError):
    """The error of a file of a search that can't be written or read."""


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Raise errors of writing as errors that name the run folder.

    Parameters
    ----------
    path : Path
        The run folder.

    Raises
    ------
    SearchFileError
        If writing fails.
    """
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
def reading(path: Path) -> Generator[None]:
    """Raise errors of reading encoded rows as errors that name the file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    SearchFileError
        If reading fails.
    """
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
