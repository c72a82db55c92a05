"""What is below the network: one part at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from . import flow, pictures
from .pictures import Changes
from .session import Look
from .texts import Say

if TYPE_CHECKING:
    from .page import Page

Draw = Callable[[Look, Say], str]


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the page.

    Parameters
    ----------
    title : str
        The key of its name.
    make : callable
        Puts it on the page.
    changes : callable or None
        Returns what is new in it while the network learns.
    """

    title: str
    make: Callable[["Page"], None]
    changes: Callable[["Page"], Changes] | None = None


def drawn(title: str, draw: Draw) -> Tab:
    """Return a tab that is one picture."""

    def make(page: "Page") -> None:
        ui.html(f'<div id="drawn">{draw(page.look, page.say)}</div>', sanitize=False)

    def changes(page: "Page") -> Changes:
        return {"drawn": {"html": draw(page.look, page.say)}}

    return Tab(title, make, changes)


def columns(look: Look, say: Say) -> str:
    """List the columns, how they become numbers, and what is left out."""
    rows = [(column.name, column.describe()) for column in look.data.columns]
    rows += [(column.name, f"left out: {column.reason}") for column in look.data.dropped]
    cells = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(what)}</td></tr>'
        for name, what in rows
    )
    return f'<div class="scroll" tabindex="0"><table>{cells}</table></div>'


TABS = {
    "flow": drawn("flow", flow.draw),
    "weights": drawn("weights tab", pictures.histograms),
    "mistakes": drawn("mistakes", pictures.confusion),
    "columns": drawn("columns", columns),
}
