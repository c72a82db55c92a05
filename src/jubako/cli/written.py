"""What the commands that write a page have in common."""

from pathlib import Path

from rich.console import Console

from jubako.storage.atomic import whole_or_not_at_all


def check_place(path: Path, endings: tuple[str, ...], data: str, force: bool) -> None:
    """Refuse a place where nothing can or should be written.

    Raises
    ------
    ValueError
        With what to do instead.
    """
    if path.suffix not in endings:
        raise ValueError(f"{str(path)!r} must end with {' or '.join(endings)}.")
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {str(path.parent)!r} to write to.")
    if path.exists() and (not force or (Path(data).exists() and path.samefile(data))):
        raise ValueError(f"{str(path)!r} exists: choose another name, or --force.")


def write(path: Path, text: str, err: Console) -> None:
    """Write a page whole, and say so."""
    with whole_or_not_at_all(path) as part:
        part.write_text(text, encoding="utf-8")
    err.print(f"Written to {path}, {path.stat().st_size / 1e6:.1f} MB.", markup=False)
