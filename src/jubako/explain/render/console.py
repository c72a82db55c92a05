"""A console of rich that prints texts literally, without markup, emoji or control characters."""

from typing import Any

from rich.console import Console
from rich.text import Text

from jubako.i18n.escaping import escape_controls


class LiteralConsole(Console):
    """A console that prints texts literally, also in tables: `[red]` and `:smile:` are not markup.

    Styles are passed as arguments (`style="bold"`). Parameters are those of `rich.console.Console`.
    """

    def __init__(self, **options: Any) -> None:
        literal: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
        super().__init__(**literal | options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Convert a text for printing; rich calls it for all texts, titles and cells."""
        return super().render_str(escape_controls(text), **options)
