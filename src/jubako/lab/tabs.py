"""The tabs below the network: their names, contents and updates."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from nicegui import run, ui

from jubako.data.profile import profile
from jubako.explain.render.markup import Markup, element, fragment
from jubako.i18n.numbers import format_decimal

from . import gradient_flow, trace_tab
from .actions import Actions
from .configuration import PARTS
from .controls import block, button, text, tick
from .data import whole_table
from .exports import lab_file, model_bytes, python_lines
from .page_state import PageState
from .pictures import Changes
from .pictures.errors import draw_prediction_errors
from .pictures.histograms import draw_histograms
from .session import Session, Trial
from .snapshot import Snapshot
from .translator import Translator
from .uploaded_table import cast_readings

Draw = Callable[[Snapshot, Translator], Markup]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the page.

    Parameters
    ----------
    title : str
        Key of its name.
    make : callable
        Creates its content.
    changes : callable or None
        Returns its updates during training.
    """

    title: str
    make: Callable[[PageState, Actions], None]
    changes: Callable[[PageState], Changes] | None = None


def put(key: str, content: Markup) -> None:
    """Insert HTML into the page, in an element that is updated by its id."""
    ui.html(element("div", {"id": key}, content), sanitize=False)


def drawn(title: str, draw: Draw) -> Tab:
    """Return a tab with one picture."""

    def make(state: PageState, actions: Actions) -> None:
        put("drawn", draw(state.snapshot, state.translate))

    def changes(state: PageState) -> Changes:
        return {"drawn": {"html": draw(state.snapshot, state.translate)}}

    return Tab(title, make, changes)


def columns(state: PageState, actions: Actions) -> None:
    """Insert the profile of the table, once it is computed."""
    put("profile", element("p", {}, state.translate("profiling")))
    session, translate, target = state.session, state.translate, state.snapshot.data.target
    what, version = ("profile", translate.language), (session.builds, target)

    async def fill() -> None:
        drawn = await run.io_bound(
            state.client.cached, what, version, lambda: column_table(session, target, translate)
        )
        if drawn is not None:
            with suppress(TimeoutError):
                await actions.show({"profile": {"html": drawn}})

    ui.timer(0, fill, once=True)


def column_table(session: Session, target: str, translate: Translator) -> Markup:
    """Return a table of the use of each column, and remarks on the table."""
    uploaded = session.uploaded if session.setup.data == "uploaded" else None
    table = whole_table(session.setup, uploaded)
    found = profile(table, target, cast_readings(uploaded.readings) if uploaded else None)
    rows = [
        (column.name, str(column.missing or ""), translate.message(column.use))
        for column in found.columns
    ]
    heads = [translate(f"column {key}") for key in ("name", "missing", "use")]
    remarks = [*(uploaded.notes if uploaded else ()), *found.remarks]
    notes = (element("li", {}, translate.message(remark)) for remark in remarks)
    return fragment(table_of(heads, rows), element("ul", {}, *notes))


def table_of(
    heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str | None = None, head: int = 0
) -> Markup:
    """Return a table whose row headers are in the column `head`."""
    top = element("tr", {}, *(element("th", {"scope": "col"}, name) for name in heads))
    lines = [
        element(
            "tr",
            {},
            *(
                element("th", {"scope": "row"}, cell) if i == head else element("td", {}, cell)
                for i, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    table = element(
        "table", {"class": kind}, element("thead", {}, top), element("tbody", {}, *lines)
    )
    return element("div", {"class": "scroll", "tabindex": 0}, table)


def trials(state: PageState) -> Markup:
    """Return a comparison of the trained networks."""
    translate = state.translate
    heads = (
        "trial number",
        "network",
        "parameters",
        "epoch",
        "seconds",
        "score train",
        "score test",
    )
    rows = [
        (
            str(i),
            describe(one, translate),
            str(one.n_params),
            f"{one.epochs:.6g}",
            f"{one.seconds:.2f}",
            format_decimal(one.score, 3),
            element("b", {}, format_decimal(one.test_score, 3)),
        )
        for i, one in enumerate(state.session.all_trials(), start=1)
    ]
    hint = element("p", {"class": "note"}, translate("trials hint"))
    return fragment(hint, table_of([translate(key) for key in heads], rows, "trials", head=1))


def describe(one: Trial, translate: Translator) -> Markup:
    """Describe a network: its sizes, data and settings of training."""
    setup = one.setup
    what = [translate(setup.data)]
    what += dict.fromkeys(translate.activation(box.activation) for box in setup.boxes)
    what += [
        setup.init,
        setup.loss and translate.option(setup.loss),
        translate.option(setup.solver),
    ]
    what += [f"{translate('rate')} {setup.rate:g}", "" if setup.scaled else translate("raw")]
    sizes = "–".join(map(str, one.sizes))
    return fragment(sizes, element("br", {}), element("small", {}, ", ".join(filter(None, what))))


def make_trials(state: PageState, actions: Actions) -> None:
    """Create the tab of the trials."""
    put("trials", trials(state))


def trials_changes(state: PageState) -> Changes:
    """Return the updates of the trials."""
    return {"trials": {"html": trials(state)}}


def export_tab(state: PageState, actions: Actions) -> None:
    """Create the tab of the exports."""
    translate, session = state.translate, state.session
    with block("div", "export"):
        with block("section"):
            text("h3", translate("python"))
            text("p", translate("python hint"), "note")
            text("pre", python_lines(session), "code", id="python", tabindex="0")
            text(
                "button",
                translate("copy"),
                "button",
                id="copy-python",
                type="button",
                data_copy="python",
            )
        with block("section"):
            text("h3", translate("files"))
            for key, make in (("lab", lab_file), ("model", model_bytes)):
                button(f"save-{key}", translate(f"save {key}"), partial(save, state, key, make))
                text("p", translate(f"save {key} hint"), "note")
            text("h3", translate("share"))
            text("p", translate("share hint"), "note")
            hidden = set[str]()
            address = text("code", "", "address", id="address")

            def show_address() -> None:
                hide = tuple(part for part in PARTS if part in hidden)
                address.text = f"/?setup={session.setup.but(hide=hide).to_address()}"

            def set_hidden(part: str, on: bool) -> None:
                (hidden.add if on else hidden.discard)(part)
                show_address()

            for part in PARTS:
                name = translate("tabs part" if part == "tabs" else part)
                tick(f"hide-{part}", translate("hide", part=name), False, partial(set_hidden, part))
            show_address()
            made = text(
                "button", translate("copy address"), "button", id="copy-address", type="button"
            )
            made.props["data-copy"] = "address"


async def save(state: PageState, key: str, make: Callable[[Session], bytes]) -> None:
    """Send a file to the browser."""
    uploaded = state.session.uploaded if state.session.setup.data == "uploaded" else None
    name = uploaded.name.partition(".")[0] if uploaded else state.session.setup.data
    ending = ".jubako" if key == "model" else ".jubako-lab.json"
    content = await run.io_bound(make, state.session)
    if content is not None:
        ui.download.content(content, f"{name}{ending}")


def python(state: PageState) -> Changes:
    """Return the Python program for the current network."""
    return {"python": {"text": python_lines(state.session)}}


TABS = {
    "inside": Tab("inside", trace_tab.make, trace_tab.changes),
    "flow": drawn("flow", gradient_flow.draw),
    "weights": drawn("weights tab", draw_histograms),
    "errors": drawn("errors tab", draw_prediction_errors),
    "columns": Tab("columns", columns),
    "trials": Tab("trials", make_trials, trials_changes),
    "export": Tab("export", export_tab, python),
}
