"""The picture of a network: layers as trays, units as compartments, weights as lines (SVG)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from .formula import Cell, activation
from .sheet import Sheet
from .trace import Box
from .view import Chosen
from .words import say

Flow = Literal["forward", "backward"]
WIDTH, HEIGHT, GAP = 90, 34, 112  # of a unit, and between trays
TOP, BOTTOM = 54, 40  # above the trays for titles, below for the bias and a remark
DEEP = 22  # so far below the last a bridge runs
LETTER, WIDE_LETTER = 7.2, 13.0  # widths, as fonts have them on average
LONGEST = 22 * LETTER  # a longer name is cut


@dataclass(slots=True)
class Column:
    """One tray of the picture."""

    box: Box | None  # None: the features
    units: Chosen
    names: Sequence[str]
    titles: tuple[str, str]  # above the tray, in two lines
    source: int = 0  # the column that leads into it
    bridge: int | None = None  # and the one that a bridge comes from
    x: float = 0.0


def draw(sheet: Sheet, flow: Flow = "forward") -> str:
    """Draw a network, and what the rows of the sheet's view are in each unit.

    The numbers of each row are in groups of class r and r0, r1 ..., so that a style can choose.

    Parameters
    ----------
    sheet : Sheet
    flow : {"forward", "backward"}
        Whether units show their outputs and lines the weights, or delta and gradients.

    Returns
    -------
    str
        An `svg` element. Its colours are those of the page that it stands on.
    """
    columns = line_up(sheet, flow)
    left = round(min(max(map(text_width, columns[0].names)), LONGEST)) + 14
    for i, column in enumerate(columns):
        column.x = left + i * (WIDTH + GAP)
    right = min(max(text_width(name) for name in columns[-1].names), LONGEST) + 150
    tallest = max(len(column.units) for column in columns)
    width, height = columns[-1].x + WIDTH + right, TOP + tallest * HEIGHT + BOTTOM
    bridges = [column for column in columns if column.bridge is not None]
    drawn = "".join(
        bridge(sheet, columns[column.bridge or 0], column, height + DEEP * (i + 0.5), tallest)
        for i, column in enumerate(bridges)
    )
    height += DEEP * len(bridges)
    drawn += "".join(tray(sheet, columns, i, flow, tallest) for i in range(len(columns)))
    label = escape(f"{say('picture', sheet.language)}: {say(flow, sheet.language)}")
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="width:{width:.0f}px" role="group" '
        f'aria-label="{label}">{drawn}{answers(sheet, columns[-1], tallest, flow)}</svg>'
    )


def line_up(sheet: Sheet, flow: Flow) -> list[Column]:
    """Put the layers side by side; those inside another come before it."""
    t, view, letter = sheet.trace, sheet.view, sheet.reader.letter
    units = view.units[""]
    x = [Column(None, units, [t.features[j] for j in units], ("x", say("input", sheet.language)))]

    def add(boxes: Sequence[Box]) -> None:
        for box in boxes:
            start = len(x) - 1
            add(box.inside)
            if flow == "forward":
                known = letter(box.name, "v"), activation(box)
                same = known[0] == letter(box.name, "a")
                titles = known[0], "" if same or known[1] == "identity" else known[1]
                titles = titles if box.kind == "dense" else (known[0], box.kind)
            else:
                titles = letter(box.name, "delta"), ""
            units = view.units[box.name]
            names = [box.outputs[k] for k in units]
            bridge = start if box.kind == "residual" else None
            x.append(Column(box, units, names, titles, len(x) - 1, bridge))

    add(t.layers)
    return x


def text_width(text: str) -> float:
    """Return about how wide a text is."""
    return sum(WIDE_LETTER if ord(letter) > 0x2E7F else LETTER for letter in text)


def cut(text: str) -> str:
    """Shorten a long name."""
    while text_width(text) > LONGEST:
        text = text.removesuffix("…")[:-1] + "…"
    return text


def y_of(n_units: int, tallest: int, i: float) -> float:
    """Return the middle of unit i in a tray that stands in the middle of the picture's height."""
    return TOP + (tallest - n_units) * HEIGHT / 2 + (i + 0.5) * HEIGHT


def tray(sheet: Sheet, columns: list[Column], at: int, flow: Flow, tallest: int) -> str:
    """Draw one tray, and the lines that lead into it."""
    column = columns[at]
    n, x = len(column.units), column.x
    top = y_of(n, tallest, 0) - HEIGHT / 2
    parts = [
        f'<rect class="tray" x="{x - 5}" y="{top - 5:g}" width="{WIDTH + 10}" '
        f'height="{n * HEIGHT + 10}" rx="7"/>'
    ]
    for line, title in enumerate(column.titles):
        parts.append(
            f'<text class="title{line}" x="{x + WIDTH / 2}" y="{top - 26 + 15 * line:g}" '
            f'text-anchor="middle">{escape(title)}</text>'
        )
    if at + 1 < len(columns) and any(at == c.source and has_bias(c) for c in columns[at + 1 :]):
        y = y_of(n, tallest, n) - 1
        parts.append(
            f'<g class="one"><circle cx="{x + WIDTH - 9}" cy="{y:g}" r="9"/>'
            f'<text x="{x + WIDTH - 9}" y="{y + 4.5:g}" text-anchor="middle">1</text></g>'
        )
    all_units = column.box.outputs if column.box else sheet.trace.features
    if n < len(all_units):
        parts.append(
            f'<text class="few" x="{x - 4}" y="{top + n * HEIGHT + 20:g}">'
            f"{n} / {len(all_units)}</text>"
        )
    for i in range(n):
        parts.append(unit(sheet, columns, at, i, flow, tallest))
    return "".join(parts)


def has_bias(column: Column) -> bool:
    """Tell whether the layer adds a bias."""
    return column.box is not None and "b" in column.box.parts


def unit(sheet: Sheet, columns: list[Column], at: int, i: int, flow: Flow, tallest: int) -> str:
    """Draw one compartment with its numbers, and the lines that lead into it."""
    column = columns[at]
    k, x, y = column.units[i], column.x, y_of(len(column.units), tallest, i)
    if column.box is None:
        layer, quantity = sheet.trace.layers[0].name, "u"
    else:
        layer, quantity = column.box.name, "v" if flow == "forward" else "delta"
    if column.box is None:
        place = f'x="{x - 12:g}" y="{y + 4.5:g}" text-anchor="end"'
    elif at == len(columns) - 1:
        place = f'x="{x + WIDTH + 12:g}" y="{y + 4.5:g}"'
    else:
        place = f'class="inner" x="{x + 6:g}" y="{y - 5:g}"'
    name, (left, top) = column.names[i], (x, y - HEIGHT / 2)
    numbers = (
        compartment(sheet, Cell(layer, quantity, (row, k)), left, top, WIDTH, HEIGHT)
        for row in sheet.view.rows
    )
    return (
        f'<g class="unit"><title>{escape(name)}</title>'
        f"{lines(sheet, columns, at, i, flow, tallest)}"
        f'<rect class="box" x="{left:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}"/>'
        f"{''.join(numbers)}<text {place}>{escape(cut(name))}</text></g>"
    )


def compartment(sheet: Sheet, cell: Cell, x: float, y: float, width: float, height: float) -> str:
    """Write one row's number in a unit, as a way to its formula if it has one."""
    value, row = sheet.value(cell), cell.index[0]
    opens = f' tabindex="0" role="button" data-f="{sheet.id_of(cell)}"' if sheet.opens(cell) else ""
    at = f' class="value" x="{x + width - 7:g}" y="{y + height / 2 + 6:g}" text-anchor="end"'
    return (
        f'<g class="r r{row}"{opens} aria-label="{sheet.label(cell)}"><rect class="fill" x="{x:g}" '
        f'y="{y:g}" width="{width:g}" height="{height:g}" {sheet.tint(cell, value)}/>'
        f"{sheet.number(cell, value, 'text', at)}</g>"
    )


def lines(sheet: Sheet, columns: list[Column], at: int, i: int, flow: Flow, tallest: int) -> str:
    """Draw the lines into one unit: its weights and bias, or its gradients."""
    column = columns[at]
    if column.box is None:
        return ""
    box, k, state = column.box, column.units[i], "before" if flow == "forward" else "grad"
    source = columns[column.source]
    n, end = len(source.units), (column.x, y_of(len(column.units), tallest, i))
    drawn = list[str]()
    if "w" in box.parts:
        for j, unit in enumerate(source.units):
            start = source.x + WIDTH, y_of(n, tallest, j)
            drawn.append(line(sheet, Cell(box.name, f"w.{state}", (unit, k)), start, end))
    else:
        beside = source.x + WIDTH, y_of(n, tallest, i)
        part = next(iter(box.parts), None)
        cell = None if part is None else Cell(box.name, f"{part}.{state}", (0, k))
        drawn.append(line(sheet, cell, beside, end))
    if "b" in box.parts:
        start = source.x + WIDTH, y_of(n, tallest, n) - 1
        drawn.append(line(sheet, Cell(box.name, f"b.{state}", (0, k)), start, end))
    return "".join(drawn)


def line(
    sheet: Sheet, cell: Cell | None, start: tuple[float, float], end: tuple[float, float]
) -> str:
    """Draw a line as wide as a weight is large, with the weight written beside it."""
    (x1, y1), (x2, y2) = start, end
    bend = (x2 - x1) * 0.45
    path = f"M{x1:g} {y1:g}C{x1 + bend:.0f} {y1:g} {x2 - bend:.0f} {y2:g} {x2:g} {y2:g}"
    if cell is None:
        return f'<path class="plain" d="{path}"/>'
    value = sheet.value(cell)
    at = 0.2  # of the way: near the source, where lines into one unit are still apart
    x = (1 - at) ** 3 * x1 + 3 * at * (1 - at) ** 2 * (x1 + bend)
    x = round(x + 3 * at**2 * (1 - at) * (x2 - bend) + at**3 * x2)
    y = round(y1 + (y2 - y1) * (3 * at**2 - 2 * at**3))
    text = sheet.number(cell, value, "text", f' class="weight" x="{x:g}" y="{y + 4:g}"')
    return f'<path class="edge" d="{path}" {sheet.tint(cell, value)}/>{text}'


def bridge(sheet: Sheet, source: Column, target: Column, y: float, tallest: int) -> str:
    """Draw what leads past layers: from below one tray to below another, whose input it joins."""
    x1, x2 = source.x + WIDTH / 2, target.x + WIDTH / 2
    y1, y2 = (y_of(len(c.units), tallest, len(c.units) - 0.5) + 5 for c in (source, target))
    name = sheet.reader.letter(target.box.name, "u") if target.box else ""
    return (
        f'<path class="bridge" d="M{x1:g} {y1:g}V{y - 8:g}q0 8 8 8H{x2 - 8:g}q8 0 8 -8V{y2:g}"/>'
        f'<text x="{(x1 + x2) / 2:g}" y="{y - 5:g}" text-anchor="middle">+ {escape(name)}</text>'
    )


def answers(sheet: Sheet, column: Column, tallest: int, flow: Flow) -> str:
    """Write the prediction beside each output, or its error; and the target."""
    left = column.x + WIDTH + 26 + min(max(map(text_width, column.names)), LONGEST)
    top, drawn = y_of(len(column.units), tallest, 0) - HEIGHT / 2, list[str]()
    for i, quantity in enumerate(("y" if flow == "forward" else "yd", "yt")):
        x = left + 66 * i
        drawn.append(
            f'<text class="title0" x="{x + 31:g}" y="{top - 11:g}" text-anchor="middle">'
            f"{quantity}</text>"
        )
        for place, k in enumerate(column.units):
            y = top + place * HEIGHT + 4
            cells = (Cell("", quantity, (row, k)) for row in sheet.view.rows)
            drawn += [compartment(sheet, cell, x, y, 62, HEIGHT - 8) for cell in cells]
    return "".join(drawn)
