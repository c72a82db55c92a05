"""Atomic writing of files."""

import errno
import os
import platform
import re
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

LONGEST = 100  # bytes of the name in that of the temporary file: file systems allow 255


@contextmanager
def whole_or_not_at_all(path: Path) -> Generator[Path]:
    """Yield a path in the same folder to write to, which replaces `path` at the end.

    If writing fails or is interrupted, `path` is unchanged and nothing is left behind. If `path` is
    a symbolic link, its target is replaced. A replaced file keeps its permissions, and its owner
    where possible. Files left behind by killed processes are removed.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path
        To write to.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    target = Path(os.path.realpath(path))
    remove_leftovers(target)
    old = target.stat() if target.exists() else None
    part = part_of(target)
    try:
        create(part, 0o666 if old is None else stat.S_IMODE(old.st_mode) | stat.S_IWUSR)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())  # or a power cut could leave an empty file under the new name
        if old is not None:
            with suppress(OSError, AttributeError):
                os.chown(part, old.st_uid, old.st_gid)
            part.chmod(stat.S_IMODE(old.st_mode))
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Check that `whole_or_not_at_all` can write a file, without changing it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OSError
        If its folder can't be written, the file is write-protected, or the path is too long.
    """
    target = Path(os.path.realpath(path))
    with suppress(FileNotFoundError):
        os.lstat(target)
        if not os.access(target, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, "The file is write-protected", str(path))
    part = part_of(target)
    try:
        create(part, 0o600)
    finally:
        part.unlink(missing_ok=True)


def part_of(target: Path) -> Path:
    """Return the path of the temporary file of this thread that will replace `target`."""
    return target.with_name(
        f".{short_name(target)}.{os.getpid()}.{threading.get_native_id()}.{host()}.part"
    )


def short_name(target: Path) -> str:
    """Return the name of a file, cut to fit into that of its temporary file."""
    return os.fsencode(target.name)[:LONGEST].decode(errors="ignore")


def host() -> str:
    """Return the name of this machine: others may write into the same folder."""
    return re.sub(r"\W", "-", platform.node())[:LONGEST]


def create(part: Path, mode: int) -> None:
    """Create an empty file, and never write through a symbolic link.

    Parameters
    ----------
    part : Path
        Replaced if it exists.
    mode : int
        Permissions.
    """
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))


def remove_leftovers(target: Path) -> None:
    """Remove temporary files of a file whose processes on this machine have ended.

    Parameters
    ----------
    target : Path
        The file that they were meant to replace.
    """
    if os.name != "posix":
        return  # signal 0 is not available
    pattern = rf"\.{re.escape(short_name(target))}\.(\d+)(?:\.\d+\.{re.escape(host())})?\.part"
    with suppress(OSError):
        for name in os.listdir(target.parent):
            match = re.fullmatch(pattern, name)
            if match and has_ended(int(match[1])):
                (target.parent / name).unlink(missing_ok=True)


def has_ended(process: int) -> bool:
    """Return whether a process no longer exists.

    Parameters
    ----------
    process : int
        Its id.
    """
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def sync_folder(folder: Path) -> None:
    """Make the new name of a file survive a power cut, if the file system supports it."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
