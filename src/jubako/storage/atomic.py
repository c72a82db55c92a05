"""Writing a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_or_not_at_all(path: Path) -> Iterator[Path]:
    """Give a path to write to, beside `path`, that takes its place when all is written.

    If writing fails or is interrupted, `path` stays as it was and nothing is left behind.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())  # or a power cut could leave an empty file under the new name
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
