"""The card of one unit: its picture, and its weights for viewing and editing."""

from typing import Any

from nicegui import ui

from jubako.i18n.numbers import format_decimal

from .actions import Actions
from .controls import block, button, number, text
from .page_state import PageState
from .pictures.network import draw_unit, input_names, output_names, unit_image

MAX_EDITED = 16  # weights of a unit that can be edited at once


def unit_card(state: PageState, actions: Actions) -> None:
    """Show one unit, with its weights for viewing and editing."""
    translate, snapshot = state.translate, state.session.snapshot()
    if state.unit is None or not snapshot.has(*state.unit):
        return
    i, k = state.unit
    layer = snapshot.layers[i]
    last = i == len(snapshot.layers) - 1
    name = output_names(snapshot)[k] if last else translate("unit", i=i + 1, k=k + 1)
    hidden = [f"h{j + 1}" for j in range(layer.n_in)]
    sources = input_names(snapshot, translate) if i == 0 else hidden
    w, b = layer.w(snapshot.parts)[:, k], float(layer.b(snapshot.parts)[0, k])
    grads, _ = snapshot.gradients()
    dw, db = layer.w(grads)[:, k], float(layer.b(grads)[0, k])
    rows = abs(w).argsort()[::-1][:MAX_EDITED] if len(w) > MAX_EDITED else range(len(w))
    with block("div", "unit-card", id="unit-card"):
        with block("div", "row spread"):
            text("h3", translate("unit title", name=name))
            button("close-unit", "×", actions.close_unit, name=translate("close"))
        with block("div", "row top-aligned"):
            picture = draw_unit(
                unit_image(snapshot, state.canvas, state.unit),
                translate("output of", name=name),
            )
            ui.html(picture, sanitize=False)
            with block("table", "weights"):
                with block("thead"), block("tr"):
                    for key in ("from", "weight", "gradient"):
                        text("th", translate(key), scope="col")
                with block("tbody"):
                    for j in map(int, rows):
                        weight_row(
                            state, actions, sources[j], float(w[j]), float(dw[j]), (i, "w", (j, k))
                        )
                    weight_row(state, actions, translate("bias"), b, db, (i, "b", (0, k)))
        if len(w) > MAX_EDITED:
            text("p", translate("largest", n=MAX_EDITED, all=len(w)), "note")
        text("p", translate("edit hint"), "note")


def weight_row(
    state: PageState, actions: Actions, name: str, value: float, gradient: float, place: Any
) -> None:
    """Show one weight, and its gradient."""
    i, kind, (j, k) = place

    def edit(new: float) -> None:
        state.session.edit(i, kind, (j, k), new)

    with block("tr"):
        text("th", name, scope="row")
        with block("td"):
            key = f"w-{i}-{kind}-{j}-{k}"
            number(
                key,
                state.translate("edit weight", name=name),
                value,
                edit,
                actions.notify,
                bare=True,
            )
        text("td", format_decimal(gradient), id=f"g-{i}-{kind}-{j}-{k}")
