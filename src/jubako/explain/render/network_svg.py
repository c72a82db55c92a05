"""The picture of a network: layers as trays, units as compartments, weights as lines (SVG)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from jubako.explain.messages import say
from jubako.explain.selection import Chosen
from jubako.explain.trace import Box
from jubako.explain.trace_index import Cell

from .html_writer import Sheet

Flow = Literal["forward", "backward"]
WIDTH, HEIGHT, GAP = 90, 34, 112  # of a unit, and between trays
TOP, BOTTOM = 54, 40  # above the trays for titles, below for the bias and a remark
DEEP = 22  # so far below the last a bridge runs
LETTER, WIDE_LETTER = 7.2, 13.0  # widths, as fonts have them on average
LONGEST = 22 * LETTER  # a longer name is cut


@dataclass(frozen=True, slots=True)
class Column:
    """One tray of the picture."""

    box: Box | None  # None: the features
    units: Chosen
    names: list[str]
    n_units: int  # of the whole layer
    titles: tuple[str, str]  # above the tray, in two lines
    x: float
    source: int = 0  # the column that leads into it
    bridge: int | None = None  # and the one that a bridge comes from

    @property
    def adds_bias(self) -> bool:
        """Whether the layer has biases."""
        b = None if self.box is None else self.box.parts.get("b")
        return b is not None and self.box is not None and b.targets == self.box.outputs


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
    return Picture(sheet, flow, line_up(sheet, flow)).draw()


def line_up(sheet: Sheet, flow: Flow) -> list[Column]:
    """Put the layers side by side; those inside another come before it."""
    t, units = sheet.trace, sheet.view.units[""]
    names, titles = [t.features[j] for j in units], ("x", say("input", sheet.language))
    left = round(min(max(map(text_width, names)), LONGEST)) + 14
    columns = [Column(None, units, names, len(t.features), titles, left)]

    def add(boxes: Sequence[Box]) -> None:
        for box in boxes:
            start = len(columns) - 1
            add(box.inside)
            units, x = sheet.view.units[box.name], columns[-1].x + WIDTH + GAP
            names, titles = [box.outputs[k] for k in units], titles_of(sheet, box, flow)
            bridge = start if box.kind == "residual" else None
            source = len(columns) - 1
            columns.append(Column(box, units, names, len(box.outputs), titles, x, source, bridge))

    add(t.layers)
    return columns


def titles_of(sheet: Sheet, box: Box, flow: Flow) -> tuple[str, str]:
    """Return what stands above a tray: the letter of its numbers, and what the layer does."""
    if flow == "backward":
        return sheet.reader.letter(box.name, "delta"), ""
    does = box.activation if box.kind == "dense" else box.kind
    return sheet.reader.letter(box.name, "v"), "" if does == "identity" else does


def named_width(column: Column) -> float:
    """Return how wide the names of a column are."""
    return min(max(map(text_width, column.names)), LONGEST)


def text_width(text: str) -> float:
    """Return about how wide a text is."""
    return sum(WIDE_LETTER if ord(letter) > 0x2E7F else LETTER for letter in text)


def cut(text: str) -> str:
    """Shorten a long name."""
    while text_width(text) > LONGEST:
        text = text.removesuffix("…")[:-1] + "…"
    return text


@dataclass(frozen=True, slots=True)
class Picture:
    """The columns side by side, each in the middle of the height."""

    sheet: Sheet
    flow: Flow
    columns: list[Column]

    def draw(self) -> str:
        """Draw all of it."""
        columns, sheet = self.columns, self.sheet
        last = columns[-1]
        width = last.x + WIDTH + named_width(last) + 150
        height = TOP + self.tallest * HEIGHT + BOTTOM
        drawn = list[str]()
        for column in columns:
            if column.bridge is not None:
                drawn.append(self.bridge(columns[column.bridge], column, height + DEEP / 2))
                height += DEEP
        drawn += [self.tray(column) for column in columns]
        label = escape(f"{say('picture', sheet.language)}: {say(self.flow, sheet.language)}")
        return (
            f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="width:{width:.0f}px" '
            f'role="group" aria-label="{label}">{"".join(drawn)}{self.answers(last)}</svg>'
        )

    @property
    def tallest(self) -> int:
        """The units of the highest column."""
        return max(len(column.units) for column in self.columns)

    def y(self, column: Column, i: float) -> float:
        """Return the middle of the unit in place i of a column."""
        return TOP + (self.tallest - len(column.units)) * HEIGHT / 2 + (i + 0.5) * HEIGHT

    def tray(self, column: Column) -> str:
        """Draw one tray with its units, and the lines that lead into it."""
        n, x, top = len(column.units), column.x, self.y(column, -0.5)
        parts = [
            f'<rect class="tray" x="{x - 5:g}" y="{top - 5:g}" width="{WIDTH + 10}" '
            f'height="{n * HEIGHT + 10}" rx="7"/>'
        ]
        for i, title in enumerate(column.titles):
            parts.append(
                f'<text class="title{i}" x="{x + WIDTH / 2:g}" y="{top - 26 + 15 * i:g}" '
                f'text-anchor="middle">{escape(title)}</text>'
            )
        if any(self.columns[other.source] is column and other.adds_bias for other in self.columns):
            at, y = x + WIDTH - 9, self.y(column, n) - 1
            parts.append(
                f'<g class="one"><circle cx="{at:g}" cy="{y:g}" r="9"/>'
                f'<text x="{at:g}" y="{y + 4.5:g}" text-anchor="middle">1</text></g>'
            )
        if n < column.n_units:
            parts.append(
                f'<text class="few" x="{x - 4:g}" y="{top + n * HEIGHT + 20:g}">'
                f"{n} / {column.n_units}</text>"
            )
        return "".join([*parts, *(self.unit(column, i) for i in range(n))])

    def unit(self, column: Column, i: int) -> str:
        """Draw one unit with its numbers, and the lines that lead into it."""
        x, y, name = column.x, self.y(column, i), column.names[i]
        if column.box is None:
            place = f'x="{x - 12:g}" y="{y + 4.5:g}" text-anchor="end"'
        elif column is self.columns[-1]:
            place = f'x="{x + WIDTH + 12:g}" y="{y + 4.5:g}"'
        else:
            place = f'class="inner" x="{x + 6:g}" y="{y - 5:g}"'
        if column.box is None:
            layer, quantity = self.sheet.trace.layers[0].name, "u"
        else:
            layer, quantity = column.box.name, "v" if self.flow == "forward" else "delta"
        top = y - HEIGHT / 2
        numbers = (
            self.compartment(Cell(layer, quantity, (row, column.units[i])), x, top, WIDTH, HEIGHT)
            for row in self.sheet.view.rows
        )
        return (
            f'<g class="unit"><title>{escape(name)}</title>{self.lines(column, i)}'
            f'<rect class="box" x="{x:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}"/>'
            f"{''.join(numbers)}<text {place}>{escape(cut(name))}</text></g>"
        )

    def compartment(self, cell: Cell, x: float, y: float, width: float, height: float) -> str:
        """Write one row's number in a unit, as a way to its formula if it has one."""
        sheet, value, ways = self.sheet, self.sheet.value(cell), ""
        if sheet.opens(cell):
            ways = f' tabindex="0" role="button" data-f="{sheet.id_of(cell)}"'
        at = f' class="value" x="{x + width - 7:g}" y="{y + height / 2 + 6:g}" text-anchor="end"'
        return (
            f'<g class="r r{cell.index[0]}"{ways} aria-label="{sheet.label(cell)}">'
            f'<rect class="fill" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
            f"{sheet.tint(cell, value)}/>{sheet.number(cell, value, 'text', at)}</g>"
        )

    def lines(self, column: Column, i: int) -> str:
        """Draw the lines into one unit: its weights and bias, or their gradients."""
        box, k = column.box, column.units[i]
        if box is None:
            return ""
        state = "before" if self.flow == "forward" else "grad"
        source, y2 = self.columns[column.source], self.y(column, i)
        x1, x2 = source.x + WIDTH, column.x
        if "w" in box.parts:
            drawn = [
                self.line(Cell(box.name, f"w.{state}", (unit, k)), x1, self.y(source, j), x2, y2)
                for j, unit in enumerate(source.units)
            ]
        else:  # each unit goes through by itself
            part = next(iter(box.parts.values()), None)
            own = part is not None and part.targets == box.outputs
            cell = Cell(box.name, f"{part.name}.{state}", (0, k)) if part and own else None
            if i < len(source.units):
                drawn = [self.line(cell, x1, self.y(source, i), x2, y2)]
            else:  # units that come from waves have no line of their own
                drawn = []
        if column.adds_bias:
            y1 = self.y(source, len(source.units)) - 1
            drawn.append(self.line(Cell(box.name, f"b.{state}", (0, k)), x1, y1, x2, y2))
        return "".join(drawn)

    def line(self, cell: Cell | None, x1: float, y1: float, x2: float, y2: float) -> str:
        """Draw a line as wide as a weight is large, with the weight written beside it."""
        bend = (x2 - x1) * 0.45
        path = f"M{x1:g} {y1:g}C{x1 + bend:.0f} {y1:g} {x2 - bend:.0f} {y2:g} {x2:g} {y2:g}"
        if cell is None:
            return f'<path class="plain" d="{path}"/>'
        value, t = self.sheet.value(cell), 0.2  # near the source, where lines are still apart
        x = (1 - t) ** 3 * x1 + 3 * t * (1 - t) ** 2 * (x1 + bend)
        x += 3 * t**2 * (1 - t) * (x2 - bend) + t**3 * x2
        y = y1 + (y2 - y1) * (3 * t**2 - 2 * t**3)
        at = f' class="weight" x="{x:.0f}" y="{y + 4:.0f}"'
        text = self.sheet.number(cell, value, "text", at)
        return f'<path class="edge" d="{path}" {self.sheet.tint(cell, value)}/>{text}'

    def bridge(self, source: Column, target: Column, y: float) -> str:
        """Draw what leads past layers: from below one tray to below another, which adds it."""
        x1, x2 = source.x + WIDTH / 2, target.x + WIDTH / 2
        passed = source if self.flow == "forward" else target
        y1, y2 = (self.y(column, len(column.units) - 0.5) + 5 for column in (source, target))
        return (
            f'<path class="bridge" d="M{x1:g} {y1:g}V{y - 8:g}q0 8 8 8H{x2 - 8:g}q8 0 8 -8'
            f'V{y2:g}"/><text x="{(x1 + x2) / 2:g}" y="{y - 5:g}" text-anchor="middle">'
            f"+ {escape(passed.titles[0])}</text>"
        )

    def answers(self, column: Column) -> str:
        """Write the prediction beside each output, or its error; and the target."""
        left, top = column.x + WIDTH + 26 + named_width(column), self.y(column, -0.5)
        drawn = list[str]()
        for i, quantity in enumerate(("y" if self.flow == "forward" else "yd", "yt")):
            x = left + 66 * i
            drawn.append(
                f'<text class="title0" x="{x + 31:g}" y="{top - 11:g}" text-anchor="middle">'
                f"{quantity}</text>"
            )
            for place, k in enumerate(column.units):
                for row in self.sheet.view.rows:
                    cell, y = Cell("", quantity, (row, k)), top + place * HEIGHT + 4
                    drawn.append(self.compartment(cell, x, y, 62, HEIGHT - 8))
        return "".join(drawn)
