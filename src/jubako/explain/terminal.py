"""A trace in a terminal: one table for each layer, and one for the loss."""

import io
from collections.abc import Sequence

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from .formula import Cell, Reader
from .page import describe, in_order
from .sheet import short
from .trace import Box, Trace
from .view import View, choose

NUMBER, NAMES = 10, 28  # columns of the terminal that a number takes, and the names before it


def as_text(trace: Trace, width: int = 100) -> str:
    """Return a trace as plain text, not wider than `width`."""
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    console.print(render(trace, choose(trace, most=max(1, (width - NAMES) // NUMBER))))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def render(trace: Trace, view: View) -> Group:
    """Return the tables of a trace, for rich to print."""
    reader = Reader(trace)
    head = Text(
        f"{describe(trace)}: {len(trace.rows)} rows, L = {short(trace.loss, 6)}, "
        f"after the step {short(trace.loss_after, 6)}"
    )
    boxes = in_order(trace.layers)
    layers = (layer_table(reader, view, box) for box in boxes)
    return Group(head, input_table(reader, view), *layers, loss_table(reader, view))


def input_table(reader: Reader, view: View) -> Table:
    """Return the rows as they come in."""
    t, units = reader.trace, view.units[""]
    some = f" ({len(units)} of {len(t.features)} columns)" if len(units) < len(t.features) else ""
    table = new_table(f"Input{some}", [t.features[j] for j in units])
    cells = [[Cell(t.layers[0].name, "u", (i, j)) for j in units] for i in view.rows]
    add(table, reader, cells, [t.rows[i] for i in view.rows])
    return table


def layer_table(reader: Reader, view: View, box: Box) -> Table:
    """Return all that one layer computes: forward, backward, and its parameters."""
    t, units = reader.trace, view.units[box.name]
    rule, _ = reader.expand(Cell(box.name, "v", (0, 0)))
    letter = reader.letter(box.name, "v")
    title = f"Layer {box.name}, {box.kind}" + (f": {letter} = {rule}" if rule else "")
    if len(units) < len(box.outputs):
        title += f" ({len(units)} of {len(box.outputs)} units)"
    table = new_table(title, [box.outputs[k] for k in units])
    same = reader.letter(box.name, "a") == letter or box.a is box.v
    known = ("mask", "a", "v", "delta")
    for state in ("before", "rows", "grad", "after"):
        if state == "rows":
            for name in known:
                if getattr(box, name) is not None and not (name == "a" and same):
                    cells = [[Cell(box.name, name, (i, k)) for k in units] for i in view.rows]
                    add(table, reader, cells, [t.rows[i] for i in view.rows])
            continue
        for part in box.parts.values():
            named = part.sources == box.inputs
            inputs = view.inputs(t, box) if named else range(len(part.sources))
            quantity = f"{part.name}.{state}"
            cells = [[Cell(box.name, quantity, (i, k)) for k in units] for i in inputs]
            add(table, reader, cells, [part.sources[i] for i in inputs])
    return table


def loss_table(reader: Reader, view: View) -> Table:
    """Return predictions, targets and losses."""
    t = reader.trace
    units = view.units[t.layers[-1].name]
    table = new_table("Loss", [*(t.outputs[k] for k in units), "loss"])
    for name in ("y", "yt", "yd"):
        cells = [[Cell("", name, (i, k)) for k in units] for i in view.rows]
        if name == "y":
            cells = [
                [*row, Cell("", "losses", (i,))] for i, row in zip(view.rows, cells, strict=True)
            ]
        add(table, reader, cells, [t.rows[i] for i in view.rows])
    return table


def new_table(title: str, heads: Sequence[str]) -> Table:
    """Return an empty table with a column for each unit."""
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    table.add_column("", overflow="ellipsis", no_wrap=True, max_width=NAMES - 12)
    for head in heads:
        table.add_column(escape(head), justify="right", overflow="ellipsis", no_wrap=True)
    return table


def add(
    table: Table, reader: Reader, cells: Sequence[Sequence[Cell]], names: Sequence[str]
) -> None:
    """Add one quantity to a table: a line for each row or input, blue or orange by sign."""
    for i, (name, row) in enumerate(zip(names, cells, strict=True)):
        letter = reader.letter(row[0].layer, row[0].quantity) if i == 0 else ""
        texts = list[Text]()
        for cell in row:
            value = float(reader.tables[cell.layer][cell.quantity][0][cell.index])
            style = "dark_orange3" if value < 0 else "dodger_blue1" if value > 0 else "dim"
            texts.append(Text(short(value), style))
        table.add_row(letter, escape(name), *texts, end_section=i == len(cells) - 1)
