"""The page: a trace as HTML, in which every number can be opened.

One renderer serves notebook, report, lab and the exported page. What it writes needs no other file,
no network and no script, but for the picture's units and a recorded training. A formula is a
popover, which browsers open by themselves.
"""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from jubako.core.layers import LAYERS, Dropout, Layer, Residual
from jubako.core.losses import LOSSES
from jubako.training.optimizers import OPTIMIZERS

from .cells import Cell
from .drawing import Flow, cut, draw
from .expression import Applied, Expression, Leaf, Product, show_symbol
from .formula import Formula, Step
from .sheet import Scales, Sheet, find_scales
from .trace import Box, Part, Trace, name_of
from .view import View, choose, parts
from .words import Language, both, say

MOST_TERMS = 14  # of a sum that are shown one by one where not all units or rows are


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


def pack(words: Mapping[str, Any]) -> str:
    """Return what the page's script unpacks: JSON, compressed, in letters."""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def scripts(packed: Mapping[int, str]) -> str:
    """Write parts that come into the page when they are chosen."""
    return "".join(
        f'<script type="text/plain" data-part="{part}">{text}</script>'
        for part, text in packed.items()
    )


def chooser(sheet: Sheet) -> str:
    """Write what the reader turns from part to part with, if there are several."""
    n, at = sheet.view.n_pages, sheet.view.page
    if n < 2:
        return ""
    options = "".join(
        f'<option value="{part}"{" selected" if part == at else ""}>{part + 1} / {n}</option>'
        for part in range(n)
    )
    back, on = (
        f'<button type="button" data-turn="{by}" aria-label="{say(key, sheet.language)}" '
        f'title="{say(key, sheet.language)}">{sign}</button>'
        for by, sign, key in ((-1, "◀", "part.back"), (1, "▶", "part.on"))
    )
    return (
        f'<div class="parts"><label>{both("part")} <select>{options}</select></label>{back}{on}'
        f"<small>{both('part.how')}</small></div>"
    )


def new_sheet(trace: Trace, view: View | None, language: Language, scales: Scales | None) -> Sheet:
    """Return an empty sheet for a trace."""
    view = choose(trace) if view is None else view
    return Sheet(trace, view, find_scales([trace]) if scales is None else scales, language)


def wrap(sheet: Sheet, content: str, title: str, before: str = "", after: str = "") -> str:
    """Put style, heading and script around what is written of a trace."""
    languages = "".join(
        f'<label><input type="radio" name="{sheet.name}-language" value="{value}"'
        f"{' checked' if value == sheet.language else ''}>{name}</label>"
        for value, name in (("en", "English"), ("ja", "日本語"))
    )
    return (
        f'<div class="jubako"><style>{asset("page.css")}</style><header><h1>{both(title)}</h1>'
        f'<fieldset class="tabs"><legend>{both("language")}</legend>{languages}</fieldset></header>'
        f'{before}<div class="content">{content}</div>{after}'
        f"<script>{asset('page.js')}</script></div>"
    )


def whole(content: str, language: Language, title: str) -> str:
    """Make a page of a piece."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(say(title, language))}: Jubako</title>"
        "<style>body{margin:0;background:#fffdf8}.jubako{max-width:1400px;margin:auto}"
        "@media(prefers-color-scheme:dark){body{background:#1a1716}}</style>"
        f"</head><body><main>{content}</main></body></html>\n"
    )


@cache
def asset(name: str) -> str:
    """Read a file that comes with this module."""
    return (files(__package__ or "") / name).read_text(encoding="utf-8")


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


def rows_table(sheet: Sheet, layer: str, quantity: str) -> str:
    """Write a quantity that each row has, a row in a line."""
    t, f, view = sheet.trace, sheet.reader, sheet.view
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
    return table(sheet, f.letter(layer, quantity), sheet.formula(cells[0][0]).rule, heads, lines)


def parts_table(sheet: Sheet, box: Box, state: str) -> str:
    """Write the parameters of a layer: weights by input and unit, and the bias below.

    Parts of other widths than the layer's get tables of their own.
    """
    groups = dict[tuple[str, ...], list[Part]]()
    for part in box.parts.values():
        groups.setdefault(part.targets, []).append(part)
    return "".join(parts_of_width(sheet, box, parts, state) for parts in groups.values())


def parts_of_width(sheet: Sheet, box: Box, parts: Sequence[Part], state: str) -> str:
    """Write parameters with the same names along their second axis as one table."""
    f, view = sheet.reader, sheet.view
    units = view.targets(box, parts[0])
    lines, captions = list[tuple[str, list[Cell]]](), list[str]()
    for part in parts:
        inputs = view.sources(sheet.trace, box, part)
        quantity = f"{part.name}.{state}"
        captions.append(f.letter(box.name, quantity))
        for i in inputs:
            name = part.sources[i] or f.letter(box.name, part.name)
            lines.append((name, [Cell(box.name, quantity, (i, k)) for k in units]))
    rule = sheet.formula(lines[0][1][0]).rule  # of the first part: the weights
    heads = [parts[0].targets[k] for k in units]
    return table(sheet, ", ".join(captions), rule, heads, lines)


def table(
    sheet: Sheet,
    caption: str,
    rule: str,
    heads: Sequence[str],
    lines: Sequence[tuple[str, list[Cell]]],
) -> str:
    """Write numbers as a table, coloured by sign and size."""
    top = "".join(
        f'<th scope="col" title="{escape(head)}">{escape(cut(head))}</th>' for head in heads
    )
    rows = list[str]()
    for name, cells in lines:
        below = ' class="bias"' if cells[0].quantity.startswith("b.") else ""
        numbers = "".join(cell_of(sheet, cell, "td") for cell in cells)
        rows.append(
            f'<tr{below}><th scope="row" title="{escape(name)}">{escape(name)}</th>{numbers}</tr>'
        )
    said = f" <small><code>= {escape(rule)}</code></small>" if rule else ""
    return (
        f"<figure><figcaption><code>{escape(caption)}</code>{said}</figcaption>"
        f'<div class="scroll"><table><thead><tr><td></td>{top}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></figure>"
    )


def cell_of(sheet: Sheet, cell: Cell, tag: str) -> str:
    """Write one number, as a way to its formula if it has one."""
    value = sheet.value(cell)
    number = sheet.number(cell, value)
    if sheet.opens(cell):
        number = (
            f'<button popovertarget="{sheet.id_of(cell)}" title="{sheet.label(cell)}">'
            f"{number}</button>"
        )
    return f"<{tag} {sheet.tint(cell, value) if tag == 'td' else ''}>{number}</{tag}>"


def explained(sheet: Sheet) -> Iterator[str]:
    """Write the formula of every cell that can be opened; they open others in turn."""
    for cell in sheet.asked:  # which grows as formulas are written
        yield formula_html(sheet, sheet.formula(cell))


def formula_html(sheet: Sheet, formula: Formula) -> str:
    """Write a formula line by line; its numbers lead to their own formulas."""
    cell = formula.cell
    rule = f"{sheet.reader.letter(cell.layer, cell.quantity)} = {formula.rule}"
    lines, terms = list[str](), list[Step]()
    for step in formula.steps():
        terms.append(step)
        if step.is_sum:
            lines += sum_lines(sheet, terms)
            terms = []
    lines += [step_line(sheet, step) for step in terms]
    return (
        f'<div popover id="{sheet.id_of(cell)}"><p class="head"><code>{sheet.label(cell)}</code> = '
        f"{sheet.exact(cell, formula.number)}"
        f'<button class="shut" popovertarget="{sheet.id_of(cell)}" popovertargetaction="hide" '
        f'aria-label="{say("close", sheet.language)}">✕</button></p>'
        f'<p class="rule"><code>{escape(rule)}</code></p>'
        f"<table>{''.join(lines)}</table>{checked(sheet, cell)}</div>"
    )


def sum_lines(sheet: Sheet, steps: list[Step]) -> list[str]:
    """Write a sum: its terms, those of rows and units that are not shown together, and itself."""
    *terms, total = steps
    shown, rest = terms, list[float]()
    if len(terms) > MOST_TERMS:
        shown = list[Step]()
        for term in terms:
            if is_shown(sheet, term):
                shown.append(term)
            else:
                rest.append(term.expression.value)
    lines = [step_line(sheet, term) for term in shown]
    if rest:
        value, more = sheet.fresh(sum(rest)), both("more", n=len(rest))
        lines.append(f"<tr><td>{more}</td><td></td><td>= {value}</td></tr>")
    value = sheet.fresh(total.expression.value)
    return [*lines, f'<tr class="sum"><td>Σ</td><td></td><td>= {value}</td></tr>']


def is_shown(sheet: Sheet, step: Step) -> bool:
    """Tell whether all numbers in a step are shown."""
    return all(map(sheet.sees, leaves(step.expression)))


def step_line(sheet: Sheet, step: Step) -> str:
    """Write one line: names, numbers, value."""
    expression = step.expression
    names = escape(expression.text(show_symbol))
    if isinstance(expression, Leaf):
        numbers = ""
        value = sheet.leaf(expression, tight=False)
    else:
        numbers = "= " + expression.text(sheet.leaf)
        value = sheet.fresh(expression.value)
    return f"<tr><td>{names}</td><td>{numbers}</td><td>= {value}</td></tr>"


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Go through the leaves of an expression."""
    match expression:
        case Product(parts) | Applied(_, _, parts):
            for part in parts:
                yield from leaves(part)
        case Leaf():
            yield expression
        case _:
            pass


def checked(sheet: Sheet, cell: Cell) -> str:
    """Write the finite difference beside a gradient."""
    part, _, state = cell.quantity.partition(".")
    if state != "grad":
        return ""
    probe = sheet.trace.check(cell.layer, part, *cell.index)
    name = escape(sheet.reader.letter(cell.layer, part))
    low, high = (sheet.fresh(loss, 13) for loss in (probe.low, probe.high))
    h, quotient = sheet.fresh(probe.h), sheet.fresh(probe.quotient)
    mark = "–" if probe.on_kink else "✓" if probe.agrees else "≠"
    place = sheet.place(len(sheet.numbers), mark)
    return (
        f'<p class="checked">{both("check")} <code>(L({name} + h) − L({name} − h)) / 2h = '
        f'({high} − {low}) / (2 · {h}) = {quotient} <b data-n="{place}">{mark}</b></code></p>'
    )
