"""The tab "Look inside": the trace of the next step, part by part."""

from collections.abc import Sequence

import numpy as np
from nicegui import ui

from jubako.explain.render.frame import asset
from jubako.explain.render.markup import Markup, element
from jubako.explain.render.page import body, new_writer
from jubako.explain.selection import MAX_ROWS, choose
from jubako.explain.trace import Trace
from jubako.explain.tracer import trace

from .actions import Actions
from .controls import block, button, choice, text
from .page_state import STAGES, PageState, TracePosition
from .pictures import Changes
from .pictures.network import input_names, output_names
from .session import Session
from .translator import Translator


def next_step(session: Session, features: Sequence[str]) -> Trace:
    """Trace the next step of "1 batch": with its rows, its learning rate and its optimizer.

    Raises
    ------
    ValueError
        If the parameters are no longer finite.
    """
    with session.lock:
        snapshot, state, setup = session.snapshot(), session.train_state, session.setup
        return trace(
            snapshot.net,
            snapshot.theta,
            snapshot.batch.x,
            snapshot.batch.y,
            alpha=setup.alpha,
            update=session.update,
            lr=setup.rate,
            state={name: array[0].copy() for name, array in state.optimizer_state.items()},
            seed=int(state.seeds[0]) if setup.dropout else None,
            step=session.steps,
            features=features,
            outputs=output_names(snapshot),
        )


def draw(state: PageState) -> Markup:
    """Return the next step as HTML, styled by `explain`."""
    session, position, language = state.session, state.position, state.translate.language
    place = "trace", language, position.rows, position.units
    version = session.builds, session.version
    content, position.n_units, position.n_rows = state.client.cached(
        place, version, lambda: write(session, state.translate, position)
    )
    return content


def write(
    session: Session, translate: Translator, position: TracePosition
) -> tuple[Markup, int, int]:
    """Return the next step as HTML, and the number of pages of units and rows."""
    try:
        with np.errstate(all="ignore"):  # weights may have diverged
            step = next_step(session, input_names(session.snapshot(), translate))
    except ValueError:
        return element("p", {}, translate("diverged")), 1, 1
    n = len(step.rows)
    first = min(position.rows * MAX_ROWS, (n - 1) // MAX_ROWS * MAX_ROWS)
    rows = range(first, min(first + MAX_ROWS, n))
    writer = new_writer(
        step, choose(step, rows, page=position.units), translate.language.value, None
    )
    content = body(writer).replace('<div class="scroll', '<div tabindex="0" class="scroll')
    style = element("style", {}, asset("page.css"))
    whole = element("div", {"class": "jubako"}, style, Markup(content))
    return whole, writer.view.n_pages, -(-n // MAX_ROWS)


def make(state: PageState, actions: Actions) -> None:
    """Create the tab of the trace, with its navigation."""
    translate, position = state.translate, state.position
    drawn = draw(state)

    def move(by: int) -> None:
        position.move(by)
        actions.refresh_panel()

    def show_part(part: str) -> None:
        position.part = part
        actions.refresh_panel()

    def turn(**places: int) -> None:
        for name, place in places.items():
            setattr(position, name, place)
        actions.refresh_panel()

    text("p", translate("inside hint"), "note")
    with block("div", "row walk"):
        button("walk-back", "←", lambda: move(-1), name=translate("part before"))
        parts = {name: translate(name) for name in STAGES}
        choice("walk", translate("part"), parts, position.part, show_part, bare=True)
        button("walk-on", "→", lambda: move(1), name=translate("next part"))
        for kind, n, at in (
            ("rows", position.n_rows, position.rows),
            ("units", position.n_units, position.units),
        ):
            if n > 1:
                pages = {str(i): translate(f"{kind} page", i=i + 1, n=n) for i in range(n)}
                choice(
                    f"walk-{kind}",
                    translate(f"{kind} shown"),
                    pages,
                    str(min(at, n - 1)),
                    lambda i, kind=kind: turn(**{kind: int(i)}),
                    bare=True,
                )
    part = {"id": "trace", "data-part": STAGES.index(position.part)}
    ui.html(element("div", part, drawn), sanitize=False)


def changes(state: PageState) -> Changes:
    """Return the new trace; nothing while training runs, when it would change too fast."""
    return {} if state.session.running else {"trace": {"html": draw(state)}}
