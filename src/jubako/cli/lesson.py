"""How a lesson is printed: headings and paragraphs on stdout, progress on stderr."""

from rich.cells import cell_len

from jubako.i18n.language import wrap

from .console import out

LONGEST_LINE = 92  # columns; longer lines are hard to read


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
