"""The two streams of a command: results go to standard output, all else to standard error."""

import sys
from contextlib import suppress
from typing import Any

from rich.cells import cell_len

from jubako.explain.render.console import PlainConsole
from jubako.i18n.language import wrap

LONGEST_LINE = 92  # columns; longer lines are hard to read


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


def heading(text: str) -> None:
    """Print a heading: bold where the terminal can, and underlined with characters everywhere."""
    out.print(f"\n{text}\n{'=' * cell_len(text)}", style="bold", soft_wrap=True)


def paragraph(text: str, indent: int = 0) -> None:
    """Print paragraphs, and lines that begin with a space as they are."""
    width = min(out.width, LONGEST_LINE) - indent
    for part in text.split("\n"):
        lines = part if part.startswith(" ") else wrap(part, width)
        for line in lines.split("\n"):
            out.print(" " * indent + line if line else "", soft_wrap=True)
