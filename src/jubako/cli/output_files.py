"""Files that commands write: where they may be written, and which have been."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from jubako.model.atomic import check_writable, whole_or_not_at_all

from .errors import UsageError
from .interrupts import interrupts

saved: list[Path] = []  # by this process: what it says at its end depends on it


def check_output(
    path: Path, inputs: list[str | Path | None], endings: tuple[str, ...] = (), force: bool = True
) -> None:
    """Refuse, before any work, a place where nothing can or should be written.

    Parameters
    ----------
    path : Path
    inputs : list
        What the command reads, which it must never overwrite: paths, "-", built-in tables or None.
    endings : tuple of str
        One of them is required.
    force : bool
        Whether a file that exists may be overwritten.

    Raises
    ------
    UsageError
        With what to do instead.
    OSError
        If the system does not let it be written.
    """
    if endings and path.suffix.lower() not in endings:
        raise UsageError(f"{str(path)!r} must end with {' or '.join(endings)}.")
    try:
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {str(path.parent)!r} to write to.")
        with suppress(FileNotFoundError):
            kind = path.stat()
            for name in inputs:
                if name is not None and is_input(kind, str(name)):
                    raise UsageError(
                        f"{str(path)!r} is what the command reads ({str(name)!r}), which it does "
                        "not overwrite: choose another name."
                    )
            if stat.S_ISDIR(kind.st_mode):
                raise UsageError(f"{str(path)!r} is a folder: name a file in it.")
            if not stat.S_ISREG(kind.st_mode):
                raise UsageError(f"{str(path)!r} is no ordinary file: choose another name.")
            if not force:
                raise UsageError(f"{str(path)!r} exists: choose another name, or --force.")
        check_writable(path)
    except OSError as error:
        raise OSError(
            f"{str(path)!r} can't be written: {error.strerror or error}. Choose another place."
        ) from error


def is_input(kind: os.stat_result, name: str) -> bool:
    """Tell whether a file is one that is read, by whatever name or link."""
    try:
        return os.path.samestat(kind, os.fstat(0) if name == "-" else os.stat(name))
    except (OSError, ValueError):
        return False


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to that takes the place of `path` when all is written."""
    with ExitStack() as stack:
        part = stack.enter_context(whole_or_not_at_all(path))
        yield part
        with interrupts.held():
            stack.close()
            saved.append(path)


def write_page(path: Path, text: str) -> None:
    """Write a page whole, and say so."""
    from .console import err

    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    err.print(f"Written to {path}, {path.stat().st_size / 1e6:.1f} MB.")
