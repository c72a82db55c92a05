"""Output files of commands: checks before the computation, and atomic writing."""

import os
import stat
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from jubako.i18n.messages import Message
from jubako.model.atomic import check_writable, whole_or_not_at_all

from .errors import UsageError
from .interrupts import interrupts

saved: list[Path] = []  # by this process; reported if it ends early


def check_output(
    path: Path, inputs: list[str | Path | None], endings: tuple[str, ...] = (), force: bool = True
) -> None:
    """Check, before the computation, that a file can and may be written.

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
        raise UsageError(
            Message(
                "{path!r} must end with {endings}.", path=str(path), endings=" / ".join(endings)
            )
        )
    try:
        if not path.parent.is_dir():
            raise UsageError(
                Message("There is no folder {folder!r} to write to.", folder=str(path.parent))
            )
        with suppress(FileNotFoundError):
            kind = path.stat()
            for name in inputs:
                if name is not None and is_input(kind, str(name)):
                    raise UsageError(
                        Message(
                            "{path!r} is an input of the command ({name!r}), which it does not "
                            "overwrite: choose another name.",
                            path=str(path),
                            name=str(name),
                        )
                    )
            if stat.S_ISDIR(kind.st_mode):
                raise UsageError(
                    Message("{name!r} is a folder: name a file in it.", name=str(path))
                )
            if not stat.S_ISREG(kind.st_mode):
                raise UsageError(
                    Message("{path!r} is not a regular file: choose another name.", path=str(path))
                )
            if not force:
                raise UsageError(
                    Message("{path!r} exists: choose another name, or --force.", path=str(path))
                )
        check_writable(path)
    except OSError as error:
        raise OSError(
            Message(
                "{path!r} can't be written: {reason}. Choose another place.",
                path=str(path),
                reason=error.strerror or str(error),
            )
        ) from error


def is_input(kind: os.stat_result, name: str) -> bool:
    """Return whether a file is an input of the command, by any name or link."""
    try:
        return os.path.samestat(kind, os.fstat(0) if name == "-" else os.stat(name))
    except (OSError, ValueError):
        return False


@contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """Yield a path to write to that replaces `path` when it is complete."""
    with ExitStack() as stack:
        part = stack.enter_context(whole_or_not_at_all(path))
        yield part
        with interrupts.held():
            stack.close()
            saved.append(path)


def write_page(path: Path, text: str) -> None:
    """Write a page atomically, and report its size."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    note_written(path)


def note_written(path: Path) -> None:
    """Print the name and size of a file that was written."""
    from .console import err

    size = path.stat().st_size
    text = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    err.print(Message("Written to {path}, {size}.", path=str(path), size=text))
