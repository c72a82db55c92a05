"""The page: a trace as HTML, in which every number can be opened.

One renderer serves notebook, report, lab and the exported page. Its output needs no other file,
no network and no script, but for the picture's units and a recorded training. A formula is a
popover, which browsers open by themselves.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from jubako.core.layers import LAYERS, Dropout, Layer, Residual
from jubako.core.losses import LOSSES
from jubako.explain.messages import Language, both, layer_name, translate
from jubako.explain.selection import View, choose, parts
from jubako.explain.trace import Trace, name_of
from jubako.explain.trace_box import Box
from jubako.explain.trace_index import Cell
from jubako.training.optimizers import OPTIMIZERS

from .formulas import explained
from .frame import NOTHING, chooser, pack, radio_group, scripts, whole, wrap
from .html_writer import HtmlWriter, Scales, find_scales
from .markup import Markup, element
from .markup import fragment as joined
from .network_svg import Flow, draw
from .tables import cell_of, parts_table, rows_table


def fragment(
    trace: Trace,
    *,
    view: View | None = None,
    language: Language = "en",
    scales: Scales | None = None,
) -> Markup:
    """Return a trace as a piece of HTML, which can be inserted into any page.

    Parameters
    ----------
    trace : Trace
    view : View, optional
        What is shown: see `choose`.
    language : {"en", "ja"}
        Initial language; it can be switched on the page.
    scales : Scales, optional
        Values with the full color; by default the largest of this trace.
    """
    writer = new_writer(trace, view, language, scales)
    return wrap(writer, body(writer), "title")


def page(trace: Trace, *, view: View | None = None, language: Language = "en") -> str:
    """Return a trace as a whole page of HTML. The parameters are those of `fragment`.

    All parts of large layers are in it; `view` says which one comes first.
    """
    writer = new_writer(trace, view, language, None)
    packed = {
        part.page: pack({"html": body(HtmlWriter(trace, part, writer.scales, language))})
        for part in parts(trace, writer.view)
        if part is not writer.view
    }
    content = wrap(writer, body(writer), "title", chooser(writer), scripts(packed))
    return whole(content, language, "title")


def new_writer(
    trace: Trace, view: View | None, language: Language, scales: Scales | None
) -> HtmlWriter:
    """Return an empty writer for a trace."""
    view = choose(trace) if view is None else view
    return HtmlWriter(trace, view, find_scales([trace]) if scales is None else scales, language)


@np.errstate(over="ignore", invalid="ignore")  # overflowed values are shown as such
def body(writer: HtmlWriter) -> Markup:
    """Return the content: facts, diagram, the four parts of the step, and all formulas."""
    boxes = list(in_order(writer.trace.layers))
    return joined(
        facts(writer),
        pictures(writer),
        section("forward", *how("forward"), *(forward_of(writer, box) for box in boxes)),
        section("loss", loss_of(writer)),
        section(
            "backward", *how("backward"), *(backward_of(writer, box) for box in reversed(boxes))
        ),
        section("update", *(update_of(writer, box) for box in boxes)),
        *explained(writer),
    )


def in_order(boxes: Sequence[Box]) -> Iterator[Box]:
    """Yield boxes in the order of the forward pass: those inside another before it."""
    for box in boxes:
        yield from in_order(box.inside)
        yield box


def section(name: str, *content: Markup) -> Markup:
    """Return one part of the step."""
    return element("section", {}, element("h2", {}, both(f"{name}.title")), *content)


def how(name: str) -> list[Markup]:
    """Return the instructions for one part of the step."""
    return [element("p", {"class": "how"}, both(f"{name}.how"))]


def facts(writer: HtmlWriter) -> Markup:
    """Return the network, the loss, the optimizer and the rows."""
    t = writer.trace
    before = cell_of(writer, Cell("", "loss", ()), "span")
    after = writer.number("loss_after", t.loss_after)
    lines = {
        "network": describe(t),
        "loss.name": name_of(t.problem.net.loss, LOSSES).replace("_", " "),
        "optimizer": f"{name_of(t.update.optimizer, OPTIMIZERS)}, lr = {t.lr:g}",
        "rows.in": f"M = {len(t.rows)}",
        "mean.loss": joined(before, " (", both("now"), "), ", after, " (", both("then"), ")"),
    }
    rows = (
        joined(element("dt", {}, both(key)), element("dd", {}, value))
        for key, value in lines.items()
    )
    return element("dl", {}, *rows)


def describe(trace: Trace, language: Language = "en") -> str:
    """Return the architecture on one line: 4 → 8 relu → 3."""

    def words(layer: Layer) -> str:
        if isinstance(layer, Residual):
            return f"{layer_name('residual', language)}({', '.join(map(words, layer.layers))})"
        name = getattr(layer, "activation", None)
        if name is None:
            kind = layer_name(name_of(layer, LAYERS), language)
            off = isinstance(layer, Dropout) and trace.seed is None
            return f"{kind} {translate('dropout.off', language)}" if off else kind
        return f"{layer.n_out} {name}".removesuffix(" identity")

    layers = trace.problem.net.layers
    return " → ".join([str(layers[0].n_in), *map(words, layers)])


def pictures(writer: HtmlWriter) -> Markup:
    """Draw the network for each row, forward and backward; tabs select one of them."""
    name, rows = writer.name, writer.view.rows
    flows: tuple[Flow, ...] = "forward", "backward"
    drawn = (element("div", {"class": f"scroll {flow}"}, draw(writer, flow)) for flow in flows)
    styles = [
        f".jubako:has(.{name}-{flow}:checked) .pictures > :not(.{flow}){{display:none}}"
        for flow in flows
    ]
    styles += [
        f".jubako:has(.{name}-row{row}:checked) .pictures .r:not(.r{row}){{display:none}}"
        for row in rows
    ]
    by_row = [(f"row{row}", joined(both("row"), " ", writer.trace.rows[row])) for row in rows]
    return element(
        "section",
        {},
        element("h2", {}, both("picture")),
        *how("picture"),
        element("style", {}, Markup("".join(styles))),
        tabs(writer, "direction", [(flow, both(flow)) for flow in flows]),
        tabs(writer, "row", by_row),
        element("div", {"class": "pictures"}, *drawn),
        remark(writer),
    )


def tabs(writer: HtmlWriter, group: str, items: Sequence[tuple[str, Markup]]) -> Markup:
    """Return tabs, the first of which is open."""
    return radio_group(
        group,
        (
            (
                {
                    "name": f"{writer.name}-{group}",
                    "class": f"{writer.name}-{key}",
                    "checked": None if i else "",
                },
                label,
            )
            for i, (key, label) in enumerate(items)
        ),
    )


def remark(writer: HtmlWriter) -> Markup:
    """Return the number of rows and units that are shown, if not all are."""
    t, view, notes = writer.trace, writer.view, list[Markup]()
    if len(view.rows) < len(t.rows):
        notes.append(both("rows.shown", n=len(view.rows), all=len(t.rows)))
    widest = max(t.boxes, key=lambda box: len(box.outputs))
    n, everything = len(view.units[widest.name]), len(widest.outputs)
    if n < everything:
        key = "shown" if view.page == 0 else "shown.page"
        counts = {"n": n, "all": everything, "page": view.page + 1, "pages": view.n_pages}
        notes.append(both(key, **counts))
    return element("p", {"class": "few"}, Markup(" ".join(notes))) if notes else NOTHING


def heading(box: Box) -> Markup:
    """Return the name of a layer."""
    name = getattr(box.layer, "activation", "") or box.kind
    return element("h3", {}, both("layer"), f" {box.name}: {name}")


def in_a_row(tables: Sequence[Markup]) -> Markup:
    """Arrange tables side by side."""
    return element("div", {"class": "tables"}, *tables)


def forward_of(writer: HtmlWriter, box: Box) -> Markup:
    """Return the forward pass of a layer."""
    f, first = writer.reader, next(in_order(writer.trace.layers))
    tables = [rows_table(writer, box.name, "u")] if box is first else []
    if box.parts:
        tables.append(parts_table(writer, box, "before"))
    same = f.letter(box.name, "a") == f.letter(box.name, "v") or box.a is box.v
    tables += [rows_table(writer, box.name, name) for name in ("mask", "a", "v") if has(box, name)]
    if same or getattr(box.layer, "activation", "") == "identity":
        tables.pop()
    return joined(heading(box), in_a_row(tables))


def has(box: Box, name: str) -> bool:
    """Return whether a box has this quantity."""
    return getattr(box, name) is not None


def loss_of(writer: HtmlWriter) -> Markup:
    """Return prediction, target, and loss."""
    tables = [rows_table(writer, "", name) for name in ("y", "yt", "losses")]
    total = cell_of(writer, Cell("", "loss", ()), "span")
    return joined(in_a_row(tables), element("p", {}, "L = ", total))


def backward_of(writer: HtmlWriter, box: Box) -> Markup:
    """Return the delta and the gradients of a layer."""
    tables = [rows_table(writer, box.name, "delta")]
    if box.parts:
        tables.append(parts_table(writer, box, "grad"))
    return joined(heading(box), in_a_row(tables))


def update_of(writer: HtmlWriter, box: Box) -> Markup:
    """Return the parameters of a layer after the step."""
    if not box.parts:
        return NOTHING
    return joined(heading(box), in_a_row([parts_table(writer, box, "after")]))
