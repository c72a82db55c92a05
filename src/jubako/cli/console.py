"""The two streams of a command: results on standard output, all else on standard error.

Messages are printed in the language of the command, also in tables.
"""

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from rich.cells import cell_len
from rich.text import Text

from jubako.explain.render.console import LiteralConsole
from jubako.i18n.language import wrap
from jubako.i18n.messages import Message

from .localization import localization

LONGEST_LINE = 92  # columns; longer lines are hard to read
SCHEMA_VERSION = 2  # of what --json prints
NOTE = Message("Note: ")


class StandardError:
    """The current standard error. Errors of writing to it are ignored, so that no work is lost."""

    @property
    def rich_proxied_file(self) -> "StandardError":
        """The stream that rich writes to while a progress bar replaces `sys.stderr`."""
        return self

    def write(self, text: str) -> int:
        """Write, and ignore a closed terminal or pipe."""
        with suppress(OSError):
            stream().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, and ignore a closed terminal or pipe."""
        with suppress(OSError):
            stream().flush()

    def __getattr__(self, name: str) -> object:
        return getattr(stream(), name)


def stream() -> Any:
    """Return standard error itself."""
    return getattr(sys.stderr, "rich_proxied_file", sys.stderr)


class LocalizedConsole(LiteralConsole):
    """A console that prints each `Message` in the language of the command."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Convert a text for printing; rich calls it for all texts, titles and cells."""
        return super().render_str(localization.text(text), **options)


out: Final = LocalizedConsole()
err: Final = LocalizedConsole(file=StandardError(), soft_wrap=True)


def print_notes(notes: Iterable[str]) -> None:
    """Print notes to standard error."""
    for note in notes:
        err.print(localization.text(NOTE) + localization.text(note))


def print_json(answer: dict[str, Any]) -> None:
    """Print one JSON object, in English, starting with the version of its schema."""
    print(json.dumps({"schema_version": SCHEMA_VERSION, **answer}, ensure_ascii=False))


def heading(text: str) -> None:
    """Print a heading: bold if the terminal supports it, and underlined with characters."""
    out.print(f"\n{text}\n{'=' * cell_len(text)}", style="bold", soft_wrap=True)


def paragraph(text: str, indent: int = 0) -> None:
    """Print paragraphs, and lines that begin with a space unchanged."""
    width = min(out.width, LONGEST_LINE) - indent
    for part in text.split("\n"):
        lines = part if part.startswith(" ") else wrap(part, width)
        for line in lines.split("\n"):
            out.print(" " * indent + line if line else "", soft_wrap=True)
