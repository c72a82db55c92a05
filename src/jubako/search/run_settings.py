"""The description of a run in its folder, and the lock that keeps other commands out."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message, Series
from jubako.model.atomic import whole_or_not_at_all

from .errors import writing

RUN, LOCK, ROWS = "run.json", "lock", "rows"  # names in the folder
FORMAT = 2  # of the folder


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Lock a run folder for this process; the operating system releases it if the process dies.

    Parameters
    ----------
    path : Path

    Yields
    ------
    None

    Raises
    ------
    ParameterError
        If another process has locked it, or it is not a run folder.
    OSError
        If it can't be written.
    """
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        ours = LOCK, ROWS  # also where a command was killed before it began to search
        others = [name for name in os.listdir(path) if name not in ours and name[0] != "."]
    from filelock import FileLock, Timeout

    if others and not has_run(path):
        raise ParameterError(
            Message(
                "The folder {path!r} holds other files ({file!r}) and no run: choose a new folder.",
                path=str(path),
                file=min(others),
            )
        )
    lock = FileLock(path.resolve() / LOCK, is_singleton=True)  # this thread may lock it twice
    with writing(path):
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ParameterError(
                Message(
                    "The run folder {path!r} is in use by another command: wait until that has "
                    "ended, or choose another folder.",
                    path=str(path),
                )
            ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Return whether a command is using a run folder.

    Parameters
    ----------
    path : Path
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def check_settings(path: Path, settings: dict[str, object]) -> None:
    """Store the settings of a new search, or compare them with the stored ones.

    Parameters
    ----------
    path : Path
        Run folder.
    settings : dict of JSON values

    Raises
    ------
    ParameterError
        If the folder holds another run, with the differing settings.
    """
    settings = json.loads(json.dumps({"format": FORMAT, **settings}))
    if not has_run(path):
        with writing(path), whole_or_not_at_all(path / RUN) as part:
            part.write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")
        return
    earlier = read_settings(path)
    names = [name for name in settings | earlier if settings.get(name) != earlier.get(name)]
    if "model" in names:  # then all other settings differ, too
        names = ["model"]
    different = [
        name if is_drawn(name, settings.get(name)) else f"{name} {earlier.get(name)!r}"
        for name in names
    ]
    if different:
        raise ParameterError(
            Message(
                "The run folder {path!r} holds another run, which differs in {names}: give the "
                "same again, or choose another folder.",
                path=str(path),
                names=Series(different),
            )
        )


def read_settings(path: Path) -> dict[str, object]:
    """Return the settings of the search in a run folder.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If it is not a run folder, or the file is damaged.
    """
    try:
        settings = json.loads((path / RUN).read_text(encoding="utf-8"))
        if isinstance(settings, dict):
            return settings
        damage = None
    except FileNotFoundError as error:
        raise ParameterError(
            Message(
                "There is no run in {path!r}: `jubako train ... --run {path}` begins one.",
                path=str(path),
            )
        ) from error
    except (OSError, ValueError) as error:
        damage = error
    raise ParameterError(
        Message(
            "The run in {path!r} can't be read: {file} is damaged. Choose another folder.",
            path=str(path),
            file=RUN,
        )
    ) from damage


def is_drawn(name: str, value: object) -> bool:
    """Return whether a setting is a fingerprint or a random seed, which has no meaning to users."""
    return name in ("seed", "seeds") or (isinstance(value, str) and len(value) == 64)


def has_run(path: Path) -> bool:
    """Return whether a folder holds a run."""
    return (path / RUN).exists()


def earlier_settings(path: Path | None) -> dict[str, Any]:
    """Return the settings of the search in a run folder; an empty dict if there is none yet."""
    return read_settings(path) if path is not None and has_run(path) else {}
