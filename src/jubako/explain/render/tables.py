"""Tables of a trace as HTML: a line for each row of the step, or for each input of a layer."""

from collections.abc import Sequence

from jubako.explain.trace_box import Box, Part
from jubako.explain.trace_index import Cell

from .html_writer import HtmlWriter
from .markup import Markup, element, fragment
from .network_svg import cut


def rows_table(writer: HtmlWriter, layer: str, quantity: str) -> Markup:
    """Return a quantity with a line for each row."""
    t, f, view = writer.trace, writer.reader, writer.view
    _, axes = f.tables[layer][quantity]
    if len(axes) == 1:
        heads, cells = [""], [[Cell(layer, quantity, (i,))] for i in view.rows]
    else:
        if layer:
            units = view.inputs(t, t.box(layer)) if quantity == "u" else view.units[layer]
        else:
            units = view.units[t.layers[-1].name]
        heads = [axes[1][k] for k in units]
        cells = [[Cell(layer, quantity, (i, k)) for k in units] for i in view.rows]
    names = [t.rows[i] for i in view.rows]
    lines = list(zip(names, cells, strict=True))
    return table(writer, f.letter(layer, quantity), writer.formula(cells[0][0]).rule, heads, lines)


def parts_table(writer: HtmlWriter, box: Box, state: str) -> Markup:
    """Return the parameters of a layer: weights by input and unit, and the bias below.

    Parameter arrays of another width than the layer get separate tables.
    """
    groups = dict[tuple[str, ...], list[Part]]()
    for part in box.parts.values():
        groups.setdefault(part.targets, []).append(part)
    return fragment(*(parts_of_width(writer, box, parts, state) for parts in groups.values()))


def parts_of_width(writer: HtmlWriter, box: Box, parts: Sequence[Part], state: str) -> Markup:
    """Return parameters with the same names along their second axis as one table."""
    f, view = writer.reader, writer.view
    units = view.targets(box, parts[0])
    lines, captions = list[tuple[str, list[Cell]]](), list[str]()
    for part in parts:
        inputs = view.sources(writer.trace, box, part)
        quantity = f"{part.name}.{state}"
        captions.append(f.letter(box.name, quantity))
        for i in inputs:
            name = part.sources[i] or f.letter(box.name, part.name)
            lines.append((name, [Cell(box.name, quantity, (i, k)) for k in units]))
    rule = writer.formula(lines[0][1][0]).rule  # of the first part: the weights
    heads = [parts[0].targets[k] for k in units]
    return table(writer, ", ".join(captions), rule, heads, lines)


def table(
    writer: HtmlWriter,
    caption: str,
    rule: str,
    heads: Sequence[str],
    lines: Sequence[tuple[str, list[Cell]]],
) -> Markup:
    """Return numbers as a table, colored by sign and size."""
    top = [element("th", {"scope": "col", "title": head}, cut(head)) for head in heads]
    rows = list[Markup]()
    for name, cells in lines:
        below = "bias" if cells[0].quantity.startswith("b.") else None
        head = element("th", {"scope": "row", "title": name}, name)
        numbers = (cell_of(writer, cell, "td") for cell in cells)
        rows.append(element("tr", {"class": below}, head, *numbers))
    shown = [element("code", {}, caption)]
    if rule:
        shown += [Markup(" "), element("small", {}, element("code", {}, f"= {rule}"))]
    head = element("thead", {}, element("tr", {}, element("td", {}, ""), *top))
    body = element("table", {}, head, element("tbody", {}, *rows))
    caption_element = element("figcaption", {}, *shown)
    return element("figure", {}, caption_element, element("div", {"class": "scroll"}, body))


def cell_of(writer: HtmlWriter, cell: Cell, tag: str) -> Markup:
    """Return one number, as a button for its formula if it has one."""
    value = writer.value(cell)
    number = writer.number(cell, value)
    if writer.opens(cell):
        attributes = {"popovertarget": writer.id_of(cell), "title": writer.label(cell)}
        number = element("button", attributes, number)
    return element(tag, writer.tint(cell, value) if tag == "td" else {}, number)
