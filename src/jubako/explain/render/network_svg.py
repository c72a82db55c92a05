"""The diagram of a network (SVG): layers as trays, units as compartments, weights as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jubako.explain.messages import translate
from jubako.explain.selection import Chosen
from jubako.explain.trace_box import Box
from jubako.explain.trace_index import Cell

from .html_writer import HtmlWriter
from .markup import Markup, Value, element, fragment

Flow = Literal["forward", "backward"]
WIDTH, HEIGHT, GAP = 90, 34, 112  # of a unit, and between trays
TOP, BOTTOM = 54, 40  # above the trays for titles, below for the bias and a remark
DEPTH = 22  # of a residual connection below the one before
LETTER, WIDE_LETTER = 7.2, 13.0  # widths, as fonts have them on average
LONGEST = 22 * LETTER  # a longer name is cut
MIDDLE: dict[str, Value] = {"text-anchor": "middle"}


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
    residual: int | None = None  # the column that a residual connection comes from

    @property
    def adds_bias(self) -> bool:
        """Whether the layer has biases."""
        b = None if self.box is None else self.box.parts.get("b")
        return b is not None and self.box is not None and b.targets == self.box.outputs


def draw(writer: HtmlWriter, flow: Flow = "forward") -> Markup:
    """Draw a network, with the values of the rows of the view in each unit.

    The numbers of each row are in groups of class r and r0, r1, ..., so that a style can select
    them.

    Parameters
    ----------
    writer : HtmlWriter
    flow : {"forward", "backward"}
        Whether units show their outputs and lines the weights, or delta and gradients.

    Returns
    -------
    Markup
        An `svg` element. Its colours are those of the page that it stands on.
    """
    return Picture(writer, flow, line_up(writer, flow)).draw()


def line_up(writer: HtmlWriter, flow: Flow) -> list[Column]:
    """Arrange the layers in columns; those inside another come before it."""
    t, units = writer.trace, writer.view.units[""]
    names, titles = [t.features[j] for j in units], ("x", translate("input", writer.language))
    left = round(min(max(map(text_width, names)), LONGEST)) + 14
    columns = [Column(None, units, names, len(t.features), titles, left)]

    def add(boxes: Sequence[Box]) -> None:
        for box in boxes:
            start = len(columns) - 1
            add(box.inside)
            units, x = writer.view.units[box.name], columns[-1].x + WIDTH + GAP
            names, titles = [box.outputs[k] for k in units], titles_of(writer, box, flow)
            residual = start if box.kind == "residual" else None
            source = len(columns) - 1
            columns.append(Column(box, units, names, len(box.outputs), titles, x, source, residual))

    add(t.layers)
    return columns


def titles_of(writer: HtmlWriter, box: Box, flow: Flow) -> tuple[str, str]:
    """Return the title of a tray: the symbol of its numbers, and the layer."""
    if flow == "backward":
        return writer.reader.letter(box.name, "delta"), ""
    does = box.activation if box.kind == "dense" else box.kind
    return writer.reader.letter(box.name, "v"), "" if does == "identity" else does


def named_width(column: Column) -> float:
    """Return the width of the names of a column."""
    return min(max(map(text_width, column.names)), LONGEST)


def text_width(text: str) -> float:
    """Return the approximate width of a text."""
    return sum(WIDE_LETTER if ord(letter) > 0x2E7F else LETTER for letter in text)


def cut(text: str) -> str:
    """Shorten a long name."""
    while text_width(text) > LONGEST:
        text = text.removesuffix("…")[:-1] + "…"
    return text


@dataclass(frozen=True, slots=True)
class Picture:
    """The columns, each vertically centered."""

    writer: HtmlWriter
    flow: Flow
    columns: list[Column]

    def draw(self) -> Markup:
        """Draw all columns, the residual connections and the predictions."""
        columns, language = self.columns, self.writer.language
        last = columns[-1]
        width = last.x + WIDTH + named_width(last) + 2 * (WIDTH + 4) + 18
        height = TOP + self.tallest * HEIGHT + BOTTOM
        drawn = list[Markup]()
        for column in columns:
            if column.residual is not None:
                drawn.append(self.residual(columns[column.residual], column, height + DEPTH / 2))
                height += DEPTH
        drawn += [self.tray(column) for column in columns]
        frame = {
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "style": f"width:{width:.0f}px",
            "role": "group",
            "aria-label": f"{translate('picture', language)}: {translate(self.flow, language)}",
        }
        return element("svg", frame, *drawn, *self.answers(last))

    @property
    def tallest(self) -> int:
        """The number of units of the tallest column."""
        return max(len(column.units) for column in self.columns)

    def y(self, column: Column, i: float) -> float:
        """Return the middle of the unit in place i of a column."""
        return TOP + (self.tallest - len(column.units)) * HEIGHT / 2 + (i + 0.5) * HEIGHT

    def tray(self, column: Column) -> Markup:
        """Draw one tray with its units, and the lines that lead into it."""
        n, x, top = len(column.units), column.x, self.y(column, -0.5)
        size = {"width": WIDTH + 10, "height": n * HEIGHT + 10, "rx": 7}
        parts = [element("rect", {"class": "tray", **point(x - 5, top - 5), **size})]
        for i, title in enumerate(column.titles):
            place = point(x + WIDTH / 2, top - 26 + 15 * i)
            parts.append(element("text", {"class": f"title{i}", **place, **MIDDLE}, title))
        if any(self.columns[other.source] is column and other.adds_bias for other in self.columns):
            at, y = x + WIDTH - 9, self.y(column, n) - 1
            circle = element("circle", {"cx": f"{at:g}", "cy": f"{y:g}", "r": 9})
            label = element("text", {**point(at, y + 4.5), **MIDDLE}, 1)
            parts.append(element("g", {"class": "one"}, circle, label))
        if n < column.n_units:
            place = point(x - 4, top + n * HEIGHT + 20)
            parts.append(element("text", {"class": "few", **place}, f"{n} / {column.n_units}"))
        return fragment(*parts, *(self.unit(column, i) for i in range(n)))

    def unit(self, column: Column, i: int) -> Markup:
        """Draw one unit with its numbers, and the lines that lead into it."""
        x, y, name = column.x, self.y(column, i), column.names[i]
        if column.box is None:
            place = point(x - 12, y + 4.5) | {"text-anchor": "end"}
        elif column is self.columns[-1]:
            place = point(x + WIDTH + 12, y + 4.5)
        else:
            place = {"class": "inner"} | point(x + 6, y - 5)
        if column.box is None:
            layer, quantity = self.writer.trace.layers[0].name, "u"
        else:
            layer, quantity = column.box.name, "v" if self.flow == "forward" else "delta"
        top = y - HEIGHT / 2
        numbers = (
            self.compartment(Cell(layer, quantity, (row, column.units[i])), x, top, WIDTH, HEIGHT)
            for row in self.writer.view.rows
        )
        return element(
            "g",
            {"class": "unit"},
            element("title", {}, name),
            *self.lines(column, i),
            element("rect", {"class": "box", **point(x, top), "width": WIDTH, "height": HEIGHT}),
            *numbers,
            element("text", place, cut(name)),
        )

    def compartment(self, cell: Cell, x: float, y: float, width: float, height: float) -> Markup:
        """Write one row's number in a unit, as a button for its formula if it has one."""
        writer, value = self.writer, self.writer.value(cell)
        group: dict[str, Value] = {"class": f"r r{cell.index[0]}"}
        if writer.opens(cell):
            group |= {"tabindex": 0, "role": "button", "data-f": writer.id_of(cell)}
        group["aria-label"] = writer.label(cell)
        size = {"width": f"{width:g}", "height": f"{height:g}"}
        fill = {"class": "fill", **point(x, y), **size, **writer.tint(cell, value)}
        place = point(x + width - 7, y + height / 2 + 6)
        number = writer.number(
            cell, value, "text", {"class": "value", **place, "text-anchor": "end"}
        )
        return element("g", group, element("rect", fill), number)

    def lines(self, column: Column, i: int) -> list[Markup]:
        """Draw the lines into one unit: its weights and bias, or their gradients."""
        box, k = column.box, column.units[i]
        if box is None:
            return []
        state = "before" if self.flow == "forward" else "grad"
        source, y2 = self.columns[column.source], self.y(column, i)
        x1, x2 = source.x + WIDTH, column.x
        if "w" in box.parts:
            drawn = [
                self.line(Cell(box.name, f"w.{state}", (unit, k)), x1, self.y(source, j), x2, y2)
                for j, unit in enumerate(source.units)
            ]
        else:  # an elementwise layer: one line into each unit
            part = next(iter(box.parts.values()), None)
            by_unit = part is not None and part.targets == box.outputs
            cell = Cell(box.name, f"{part.name}.{state}", (0, k)) if part and by_unit else None
            if i < len(source.units):
                drawn = [self.line(cell, x1, self.y(source, i), x2, y2)]
            else:  # units of a periodic embedding have no separate lines
                drawn = []
        if column.adds_bias:
            y1 = self.y(source, len(source.units)) - 1
            drawn.append(self.line(Cell(box.name, f"b.{state}", (0, k)), x1, y1, x2, y2))
        return drawn

    def line(self, cell: Cell | None, x1: float, y1: float, x2: float, y2: float) -> Markup:
        """Draw a line whose width shows the size of a weight, with the weight beside it."""
        bend = (x2 - x1) * 0.45
        path = f"M{x1:g} {y1:g}C{x1 + bend:.0f} {y1:g} {x2 - bend:.0f} {y2:g} {x2:g} {y2:g}"
        if cell is None:
            return element("path", {"class": "plain", "d": path})
        value, t = self.writer.value(cell), 0.2  # near the source, where lines are still apart
        x = (1 - t) ** 3 * x1 + 3 * t * (1 - t) ** 2 * (x1 + bend)
        x += 3 * t**2 * (1 - t) * (x2 - bend) + t**3 * x2
        y = y1 + (y2 - y1) * (3 * t**2 - 2 * t**3)
        place = {"class": "weight", "x": f"{x:.0f}", "y": f"{y + 4:.0f}"}
        edge = element("path", {"class": "edge", "d": path, **self.writer.tint(cell, value)})
        return fragment(edge, self.writer.number(cell, value, "text", place))

    def residual(self, source: Column, target: Column, y: float) -> Markup:
        """Draw a residual connection: from below one tray to below another, which adds it."""
        x1, x2 = source.x + WIDTH / 2, target.x + WIDTH / 2
        passed = source if self.flow == "forward" else target
        y1, y2 = (self.y(column, len(column.units) - 0.5) + 5 for column in (source, target))
        path = f"M{x1:g} {y1:g}V{y - 8:g}q0 8 8 8H{x2 - 8:g}q8 0 8 -8V{y2:g}"
        place = point((x1 + x2) / 2, y - 5) | MIDDLE
        return fragment(
            element("path", {"class": "residual", "d": path}),
            element("text", place, f"+ {passed.titles[0]}"),
        )

    def answers(self, column: Column) -> list[Markup]:
        """Draw the prediction beside each output, or its error; and the target."""
        left, top = column.x + WIDTH + 26 + named_width(column), self.y(column, -0.5)
        drawn = list[Markup]()
        for i, quantity in enumerate(("y" if self.flow == "forward" else "yd", "yt")):
            x = left + (WIDTH + 4) * i
            place = {"class": "title0", **point(x + WIDTH / 2, top - 11), **MIDDLE}
            drawn.append(element("text", place, quantity))
            for j, k in enumerate(column.units):
                for row in self.writer.view.rows:
                    cell, y = Cell("", quantity, (row, k)), top + j * HEIGHT + 4
                    drawn.append(self.compartment(cell, x, y, WIDTH, HEIGHT - 8))
        return drawn


def point(x: float, y: float) -> dict[str, Value]:
    """Return the attributes of a position."""
    return {"x": f"{x:g}", "y": f"{y:g}"}
