"""The page: a trace as HTML, in which every number can be opened.

One renderer serves notebook, report, lab and the exported page. What it writes needs no other file,
no network and no script, but for the picture's units and a recorded training. A formula is a
popover, which browsers open by themselves.
"""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from jubako.core.layers import LAYERS, Dropout, Layer, Residual
from jubako.core.losses import LOSSES
from jubako.explain.messages import Language, both
from jubako.explain.selection import View, choose, parts
from jubako.explain.trace import Box, Trace, name_of
from jubako.explain.trace_index import Cell
from jubako.training.optimizers import OPTIMIZERS

from .formulas import explained
from .frame import chooser, pack, scripts, whole, wrap
from .html_writer import Scales, Sheet, find_scales
from .network_svg import Flow, draw
from .tables import cell_of, parts_table, rows_table


def fragment(
    trace: Trace,
    *,
    view: View | None = None,
    language: Language = "en",
    scales: Scales | None = None,
) -> str:
    """Return a trace as a piece of HTML, to be put into any page.

    Parameters
    ----------
    trace : Trace
    view : View, optional
        What is shown: see `choose`.
    language : {"en", "ja"}
        The language that it begins with; the reader can change it.
    scales : Scales, optional
        What has the fullest colour; the largest numbers of this trace if not given.
    """
    sheet = new_sheet(trace, view, language, scales)
    return wrap(sheet, body(sheet), "title")


def page(trace: Trace, *, view: View | None = None, language: Language = "en") -> str:
    """Return a trace as a whole page of HTML. The parameters are those of `fragment`.

    All parts of large layers are in it; `view` says which one comes first.
    """
    sheet = new_sheet(trace, view, language, None)
    packed = {
        part.page: pack({"html": body(Sheet(trace, part, sheet.scales, language))})
        for part in parts(trace, sheet.view)
        if part is not sheet.view
    }
    content = wrap(sheet, body(sheet), "title", chooser(sheet), scripts(packed))
    return whole(content, language, "title")


def new_sheet(trace: Trace, view: View | None, language: Language, scales: Scales | None) -> Sheet:
    """Return an empty sheet for a trace."""
    view = choose(trace) if view is None else view
    return Sheet(trace, view, find_scales([trace]) if scales is None else scales, language)


@np.errstate(over="ignore", invalid="ignore")  # what has overflowed is shown as such
def body(sheet: Sheet) -> str:
    """Write the trace: facts, picture, the four parts of the step, and all formulas."""
    boxes = list(in_order(sheet.trace.layers))
    return "".join(
        (
            facts(sheet),
            pictures(sheet),
            section("forward", "".join(forward_of(sheet, box) for box in boxes), how=True),
            section("loss", loss_of(sheet)),
            section(
                "backward", "".join(backward_of(sheet, box) for box in reversed(boxes)), how=True
            ),
            section("update", "".join(update_of(sheet, box) for box in boxes)),
            "".join(explained(sheet)),
        )
    )


def in_order(boxes: Sequence[Box]) -> Iterator[Box]:
    """Go through boxes in the order of the pass: those inside another before it."""
    for box in boxes:
        yield from in_order(box.inside)
        yield box


def section(name: str, content: str, how: bool = False) -> str:
    """Write one part of the step."""
    words = f'<p class="how">{both(f"{name}.how")}</p>' if how else ""
    return f"<section><h2>{both(f'{name}.title')}</h2>{words}{content}</section>"


def facts(sheet: Sheet) -> str:
    """Write what is trained, and how."""
    t = sheet.trace
    before = cell_of(sheet, Cell("", "loss", ()), "span")
    after = sheet.number("loss_after", t.loss_after)
    lines = {
        "network": escape(describe(t)),
        "loss.name": escape(name_of(t.problem.net.loss, LOSSES).replace("_", " ")),
        "optimizer": f"{escape(name_of(t.update.optimizer, OPTIMIZERS))}, lr = {t.lr:g}",
        "rows.in": f"M = {len(t.rows)}",
        "mean.loss": f"{before} ({both('now')}), {after} ({both('then')})",
    }
    rows = (f"<dt>{both(key)}</dt><dd>{text}</dd>" for key, text in lines.items())
    return f"<dl>{''.join(rows)}</dl>"


def describe(trace: Trace) -> str:
    """Say in a line what the network is: 4 → 8 relu → 3."""

    def words(layer: Layer) -> str:
        if isinstance(layer, Residual):
            return f"residual({', '.join(map(words, layer.layers))})"
        name = getattr(layer, "activation", None)
        if name is None:
            off = isinstance(layer, Dropout) and trace.seed is None
            return name_of(layer, LAYERS) + " (off)" * off
        return f"{layer.n_out} {name}".removesuffix(" identity")

    layers = trace.problem.net.layers
    return " → ".join([str(layers[0].n_in), *map(words, layers)])


def pictures(sheet: Sheet) -> str:
    """Draw the network for each row, forward and backward; tabs choose which is seen."""
    name, rows = sheet.name, sheet.view.rows
    flows: tuple[Flow, ...] = ("forward", "backward")

    def tabs(group: str, items: Sequence[tuple[str, str]]) -> str:
        choices = "".join(
            f'<label><input type="radio" name="{name}-{group}" class="{name}-{key}"'
            f"{' checked' if i == 0 else ''}>{text}</label>"
            for i, (key, text) in enumerate(items)
        )
        return f'<fieldset class="tabs"><legend>{both(group)}</legend>{choices}</fieldset>'

    drawn = (f'<div class="scroll {flow}">{draw(sheet, flow)}</div>' for flow in flows)
    styles = [
        f".jubako:has(.{name}-{flow}:checked) .pictures > :not(.{flow}){{display:none}}"
        for flow in flows
    ]
    styles += [
        f".jubako:has(.{name}-row{row}:checked) .pictures .r:not(.r{row}){{display:none}}"
        for row in rows
    ]
    by_row = [(f"row{row}", f"{both('row')} {escape(sheet.trace.rows[row])}") for row in rows]
    by_flow = [(flow, both(flow)) for flow in flows]
    return (
        f"<section><h2>{both('picture')}</h2><p class='how'>{both('picture.how')}</p>"
        f"<style>{''.join(styles)}</style>{tabs('direction', by_flow)}{tabs('row', by_row)}"
        f'<div class="pictures">{"".join(drawn)}</div>{remark(sheet)}</section>'
    )


def remark(sheet: Sheet) -> str:
    """Say where not all rows or units are shown."""
    t, view, notes = sheet.trace, sheet.view, list[str]()
    if len(view.rows) < len(t.rows):
        notes.append(both("rows.shown", n=len(view.rows), all=len(t.rows)))
    widest = max(t.boxes, key=lambda box: len(box.outputs))
    n, everything = len(view.units[widest.name]), len(widest.outputs)
    if n < everything:
        key = "shown" if view.page == 0 else "shown.page"
        counts = {"n": n, "all": everything, "page": view.page + 1, "pages": view.n_pages}
        notes.append(both(key, **counts))
    return f'<p class="few">{" ".join(notes)}</p>' if notes else ""


def heading(box: Box) -> str:
    """Name a layer."""
    name = getattr(box.layer, "activation", "") or box.kind
    return f"<h3>{both('layer')} {box.name}: {escape(str(name))}</h3>"


def forward_of(sheet: Sheet, box: Box) -> str:
    """Write what a layer computes from its input."""
    f, first = sheet.reader, next(in_order(sheet.trace.layers))
    tables = [rows_table(sheet, box.name, "u")] if box is first else []
    if box.parts:
        tables.append(parts_table(sheet, box, "before"))
    same = f.letter(box.name, "a") == f.letter(box.name, "v") or box.a is box.v
    tables += [rows_table(sheet, box.name, name) for name in ("mask", "a", "v") if has(box, name)]
    if same or getattr(box.layer, "activation", "") == "identity":
        tables.pop()
    return f'{heading(box)}<div class="tables">{"".join(tables)}</div>'


def has(box: Box, name: str) -> bool:
    """Tell whether a box has this quantity."""
    return getattr(box, name) is not None


def loss_of(sheet: Sheet) -> str:
    """Write prediction, target, and loss."""
    tables = "".join(rows_table(sheet, "", name) for name in ("y", "yt", "losses"))
    total = cell_of(sheet, Cell("", "loss", ()), "span")
    return f'<div class="tables">{tables}</div><p>L = {total}</p>'


def backward_of(sheet: Sheet, box: Box) -> str:
    """Write a layer's delta and gradients."""
    tables = [rows_table(sheet, box.name, "delta")]
    if box.parts:
        tables.append(parts_table(sheet, box, "grad"))
    return f'{heading(box)}<div class="tables">{"".join(tables)}</div>'


def update_of(sheet: Sheet, box: Box) -> str:
    """Write a layer's parameters after the step."""
    if not box.parts:
        return ""
    table = parts_table(sheet, box, "after")
    return f'{heading(box)}<div class="tables">{table}</div>'
