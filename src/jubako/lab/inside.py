"""Look inside: the trace of the next step, which one may walk through part by part."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui

from jubako.explain.render.frame import asset
from jubako.explain.render.page import body, new_sheet
from jubako.explain.selection import MOST_ROWS, choose
from jubako.explain.trace import Trace
from jubako.explain.tracer import trace

from .controls import block, button, choice, text
from .pictures import Changes, input_names, output_names
from .session import Session
from .texts import Say

if TYPE_CHECKING:
    from .page import Page

STAGES = ("all", "forward", "loss part", "backward", "update")
"""What one walks through; the first is everything at once."""


def next_step(session: Session, features: Sequence[str]) -> Trace:
    """Trace the step that "1 batch" would make now: its rows, its rate, its optimizer.

    Raises
    ------
    ValueError
        If the numbers are no longer finite.
    """
    with session.lock:
        look, learner, setup = session.look(), session.learner, session.setup
        return trace(
            look.net,
            look.theta,
            look.batch.x,
            look.batch.y,
            alpha=setup.alpha,
            update=session.update,
            lr=setup.rate,
            state={name: array[0].copy() for name, array in learner.state.items()},
            seed=int(learner.seeds[0]) if setup.dropout else None,
            step=session.steps,
            features=features,
            outputs=output_names(look),
        )


def draw(page: "Page") -> str:
    """Write the next step as HTML. The style of its part comes from `explain`."""
    session, walk, language = page.session, page.walk, page.say.language
    place = "trace", language, walk.rows, walk.units
    version = session.builds, session.version
    content, walk.n_units, walk.n_rows = page.learner.once(
        place, version, lambda: write(session, page.say, walk)
    )
    return content


def write(session: Session, say: Say, walk: "Walk") -> tuple[str, int, int]:
    """Write the next step, and say how many parts its units and its rows have."""
    try:
        with np.errstate(all="ignore"):  # weights may have run away
            step = next_step(session, input_names(session.look(), say))
    except ValueError:
        return f"<p>{escape(say('blown up'))}</p>", 1, 1
    n = len(step.rows)
    first = min(walk.rows * MOST_ROWS, (n - 1) // MOST_ROWS * MOST_ROWS)
    rows = range(first, min(first + MOST_ROWS, n))
    sheet = new_sheet(step, choose(step, rows, page=walk.units), say.language.value, None)
    content = body(sheet)
    content = content.replace('<div class="scroll', '<div tabindex="0" class="scroll')
    whole = f'<div class="jubako"><style>{asset("page.css")}</style>{content}</div>'
    return whole, sheet.view.n_pages, -(-n // MOST_ROWS)


class Walk:
    """Where the reader is in the trace."""

    def __init__(self) -> None:
        self.part = "all"
        self.rows = self.units = 0  # which page of the rows, and of the units
        self.n_rows = self.n_units = 1

    def move(self, by: int) -> None:
        """Go to the next part, or to the one before."""
        i = STAGES.index(self.part) + by
        self.part = STAGES[i % len(STAGES)]


def make(page: "Page") -> None:
    """Put the walk on the page."""
    say, walk = page.say, page.walk
    drawn = draw(page)

    def move(by: int) -> None:
        walk.move(by)
        page.panel.refresh()

    def go(part: str) -> None:
        walk.part = part
        page.panel.refresh()

    def turn(**places: int) -> None:
        for name, place in places.items():
            setattr(walk, name, place)
        page.panel.refresh()

    text("p", say("inside hint"), "note")
    with block("div", "row walk"):
        button("walk-back", "←", lambda: move(-1), name=say("part before"))
        parts = {name: say(name) for name in STAGES}
        choice("walk", say("part"), parts, walk.part, go, bare=True)
        button("walk-on", "→", lambda: move(1), name=say("next part"))
        for kind, n, at in (("rows", walk.n_rows, walk.rows), ("units", walk.n_units, walk.units)):
            if n > 1:
                pages = {str(i): say(f"{kind} page", i=i + 1, n=n) for i in range(n)}
                choice(
                    f"walk-{kind}", say(f"{kind} shown"), pages, str(min(at, n - 1)),
                    lambda i, kind=kind: turn(**{kind: int(i)}), bare=True,
                )  # fmt: skip
    ui.html(f'<div id="trace" data-part="{STAGES.index(walk.part)}">{drawn}</div>', sanitize=False)


def changes(page: "Page") -> Changes:
    """Return the trace anew; not while the network runs, since nobody could read it."""
    return {} if page.session.running else {"trace": {"html": draw(page)}}
