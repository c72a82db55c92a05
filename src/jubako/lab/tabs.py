"""What is below the network: one part at a time."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from html import escape

from nicegui import run, ui

from jubako.data.inference import infer_table
from jubako.data.profile import duplicate_remarks, profile_column, target_remarks

from . import gradient_flow, trace_tab
from .actions import Actions
from .configuration import PARTS
from .controls import block, button, text, tick
from .data import typed, whole_table
from .exports import lab_file, model_bytes, python_lines
from .number_format import figure
from .page_state import PageState
from .pictures import Changes
from .pictures.histograms import draw_histograms
from .pictures.mistakes import draw_mistakes
from .session import Session
from .snapshot import Snapshot
from .texts import Translator

Draw = Callable[[Snapshot, Translator], str]


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
    make: Callable[[PageState, Actions], None]
    changes: Callable[[PageState], Changes] | None = None


def drawn(title: str, draw: Draw) -> Tab:
    """Return a tab that is one picture."""

    def make(state: PageState, actions: Actions) -> None:
        ui.html(f'<div id="drawn">{draw(state.snapshot, state.say)}</div>', sanitize=False)

    def changes(state: PageState) -> Changes:
        return {"drawn": {"html": draw(state.snapshot, state.say)}}

    return Tab(title, make, changes)


def columns(state: PageState, actions: Actions) -> None:
    """Put on the page what `jubako check` says about the table, once that is found out."""
    ui.html(f'<div id="profile"><p>{escape(state.say("profiling"))}</p></div>', sanitize=False)
    session, say, target = state.session, state.say, state.snapshot.data.target
    what, version = ("profile", say.language), (session.builds, target)

    async def fill() -> None:
        drawn = await run.io_bound(
            state.client.once, what, version, lambda: profile(session, target, say)
        )
        if drawn is not None:
            with suppress(TimeoutError):
                await actions.show({"profile": {"html": drawn}})

    ui.timer(0, fill, once=True)


def profile(session: Session, target: str, say: Translator) -> str:
    """Write what each column is taken for, and what is odd about the table."""
    own = session.own if session.setup.data == "own" else None
    table = whole_table(session.setup, own)
    readings = typed(own.readings) if own else infer_table(table).readings
    found = [
        profile_column(name, table[name], target, readings[name]) for name in table.column_names
    ]
    remarks = list(own.notes if own else ())  # how the file was read
    remarks += duplicate_remarks(table)
    remarks += [remark for column in found for remark in column.remarks]
    remarks += target_remarks(table, target)
    keys = ("name", "type", "missing", "taken_for")
    head = "".join(f'<th scope="col">{escape(say(f"column {key}"))}</th>' for key in keys)
    rows = "".join(
        f'<tr><th scope="row">{escape(column.name)}</th>'
        + "".join(
            f"<td>{escape(say.said(value) if value else '')}</td>"
            for value in (column.type, str(column.missing or ""), column.taken_for)
        )
        + "</tr>"
        for column in found
    )
    notes = "".join(f"<li>{escape(say.said(remark))}</li>" for remark in remarks)
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}'
        f"</tbody></table></div><ul>{notes}</ul>"
    )


def tries(state: PageState) -> str:
    """Compare the networks that were trained."""
    say = state.say
    heads = ("try", "network", "parameters", "epoch", "seconds", "score train", "score test")
    rows = list[str]()
    for i, one in enumerate(state.session.all_tries(), start=1):
        setup = one.setup
        kinds = dict.fromkeys(say.activation(box.activation) for box in setup.boxes)
        what = [say(setup.data) if setup.data != "own" else say("own"), *kinds, setup.init]
        what += [setup.loss and say(setup.loss), say(setup.solver), f"{say('rate')} {setup.rate:g}"]
        what += ["" if setup.scaled else say("raw")]
        rows.append(
            f'<tr><td>{i}</td><th scope="row">{"–".join(map(str, one.sizes))}<br><small>'
            f"{escape(', '.join(filter(None, what)))}</small></th><td>{one.n_params}</td>"
            f"<td>{one.epochs:.6g}</td><td>{one.seconds:.2f}</td><td>{figure(one.score, 3)}</td>"
            f"<td><b>{figure(one.test_score, 3)}</b></td></tr>"
        )
    head = "".join(f'<th scope="col">{escape(say(key))}</th>' for key in heads)
    return (
        f'<p class="note">{escape(say("tries hint"))}</p><div class="scroll" tabindex="0">'
        f'<table class="tries"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        "</div>"
    )


def make_tries(state: PageState, actions: Actions) -> None:
    """Put the tries on the page."""
    ui.html(f'<div id="tries">{tries(state)}</div>', sanitize=False)


def tries_changes(state: PageState) -> Changes:
    """Return them anew."""
    return {"tries": {"html": tries(state)}}


def take(state: PageState, actions: Actions) -> None:
    """Put on the page what can be taken away."""
    say, session = state.say, state.session
    with block("div", "take"):
        with block("section"):
            text("h3", say("python"))
            text("p", say("python hint"), "note")
            text("pre", python_lines(session), "code", id="python", tabindex="0")
            text(
                "button", say("copy"), "button", id="copy-python", type="button", data_copy="python"
            )
        with block("section"):
            text("h3", say("files"))
            for key, make in (("lab", lab_file), ("model", model_bytes)):
                button(f"save-{key}", say(f"save {key}"), partial(save, state, key, make))
                text("p", say(f"save {key} hint"), "note")
            text("h3", say("share"))
            text("p", say("share hint"), "note")
            hidden = set[str]()
            address = text("code", "", "address", id="address")

            def show_address() -> None:
                hide = tuple(part for part in PARTS if part in hidden)
                address.text = f"/?setup={session.setup.but(hide=hide).to_address()}"

            def set_hidden(part: str, on: bool) -> None:
                (hidden.add if on else hidden.discard)(part)
                show_address()

            for part in PARTS:
                name = say("tabs part" if part == "tabs" else part)
                tick(f"hide-{part}", say("hide", part=name), False, partial(set_hidden, part))
            show_address()
            made = text("button", say("copy address"), "button", id="copy-address", type="button")
            made.props["data-copy"] = "address"


async def save(state: PageState, key: str, make: Callable[[Session], bytes]) -> None:
    """Hand out a file."""
    own = state.session.own if state.session.setup.data == "own" else None
    name = own.name.partition(".")[0] if own else state.session.setup.data
    ending = ".jubako" if key == "model" else ".jubako-lab.json"
    content = await run.io_bound(make, state.session)
    if content is not None:
        ui.download.content(content, f"{name}{ending}")


def python(state: PageState) -> Changes:
    """Return the lines of Python for where the network is now."""
    return {"python": {"text": python_lines(state.session)}}


TABS = {
    "inside": Tab("inside", trace_tab.make, trace_tab.changes),
    "flow": drawn("flow", gradient_flow.draw),
    "weights": drawn("weights tab", draw_histograms),
    "mistakes": drawn("mistakes", draw_mistakes),
    "columns": Tab("columns", columns),
    "tries": Tab("tries", make_tries, tries_changes),
    "take": Tab("take", take, python),
}
