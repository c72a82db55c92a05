"""The two streams of a command: results go to standard output, all else to standard error."""

import sys
from contextlib import suppress
from typing import Any

from jubako.explain.render.console import PlainConsole


class StandardError:
    """Standard error as it is now. Where nobody can read it, no work is lost for a message."""

    @property
    def rich_proxied_file(self) -> "StandardError":
        """What rich writes to while a progress bar stands in the place of `sys.stderr`."""
        return self

    def write(self, text: str) -> int:
        """Write, unless the terminal or the pipe is gone."""
        with suppress(OSError):
            stream().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, unless the terminal or the pipe is gone."""
        with suppress(OSError):
            stream().flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(stream(), name)


def stream() -> Any:
    """Return standard error itself."""
    return getattr(sys.stderr, "rich_proxied_file", sys.stderr)


out = PlainConsole()
err = PlainConsole(file=StandardError(), soft_wrap=True)
