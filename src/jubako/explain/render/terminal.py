"""A trace in a terminal: one table for each layer, and one for the loss."""

import io
from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from jubako.explain.formula import Reader
from jubako.explain.messages import Language, layer_name, translate
from jubako.explain.selection import Chosen, View, choose
from jubako.explain.trace import Trace
from jubako.explain.trace_box import Box
from jubako.explain.trace_index import Cell
from jubako.i18n.escaping import escape_controls
from jubako.i18n.numbers import format_significant

from .console import LiteralConsole
from .page import describe, in_order

NUMBER, NAMES = 10, 28  # columns of the terminal that a number takes, and the names before it


def as_text(trace: Trace, width: int = 100) -> str:
    """Return a trace as plain text, not wider than `width`."""
    text = io.StringIO()
    console = LiteralConsole(file=text, width=width, color_system=None, legacy_windows=False)
    console.print(render(trace, choose(trace, most=units_in(width))))
    return text.getvalue()


def units_in(width: int) -> int:
    """Return the number of units that fit into a terminal."""
    return max(1, (width - NAMES) // NUMBER)


def render(trace: Trace, view: View, language: Language = "en") -> Group:
    """Return the tables of a trace, for a `LiteralConsole` to print."""
    reader = Reader(trace)
    before, after = (format_significant(loss, 6) for loss in (trace.loss, trace.loss_after))
    head = (
        f"{describe(trace, language)}: M = {len(trace.rows)}, "
        f"L = {before} ({translate('now', language)}), {after} ({translate('then', language)})"
    )
    tables = [input_table(reader, view, language)]
    tables += [layer_table(reader, view, box, language) for box in in_order(trace.layers)]
    return Group(head, *tables, loss_table(reader, view, language))


def input_table(reader: Reader, view: View, language: Language) -> Table:
    """Return the table of the inputs."""
    t, units = reader.trace, view.units[""]
    title = translate("input", language) + some(units, t.features)
    table = new_table(title, [t.features[j] for j in units])
    add_rows(table, reader, view, Cell(t.layers[0].name, "u", (0, 0)), units)
    return table


def layer_table(reader: Reader, view: View, box: Box, language: Language) -> Table:
    """Return all values of one layer: parameters, forward pass, backward pass, update."""
    units, letter = view.units[box.name], reader.letter(box.name, "v")
    rule, _ = reader.expand(Cell(box.name, "v", (0, 0)))
    head = f"{translate('layer', language)} {box.name}, {layer_name(box.kind, language)}"
    title = head + some(units, box.outputs)
    table = new_table(f"{title}: {letter} = {rule}" if rule else title, box_names(box, units))
    add_parts(table, reader, view, box, "before")
    known = ["mask"] * (box.mask is not None)
    known += ["v"] if box.a is box.v or reader.letter(box.name, "a") == letter else ["a", "v"]
    for name in (*known, "delta"):
        add_rows(table, reader, view, Cell(box.name, name, (0, 0)), units)
    add_parts(table, reader, view, box, "grad")
    add_parts(table, reader, view, box, "after")
    return table


def loss_table(reader: Reader, view: View, language: Language) -> Table:
    """Return predictions, targets and losses."""
    last = reader.trace.layers[-1]
    units = view.units[last.name]
    table = new_table(translate("loss.name", language), box_names(last, units))
    for name in ("y", "yt", "yd"):
        add_rows(table, reader, view, Cell("", name, (0, 0)), units)
    losses = [[Cell("", "losses", (i,))] for i in view.rows]
    add(table, reader, losses, [reader.trace.rows[i] for i in view.rows])
    return table


def box_names(box: Box, units: Chosen) -> list[str]:
    """Return the names of some units."""
    return [box.outputs[k] for k in units]


def some(units: Chosen, names: Sequence[str]) -> str:
    """Return the number of units that are shown, if not all are."""
    return f" ({len(units)} / {len(names)})" if len(units) < len(names) else ""


def new_table(title: str, heads: Sequence[str]) -> Table:
    """Return an empty table with a column for each unit."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("")
    table.add_column("", overflow="ellipsis", no_wrap=True, max_width=NAMES - 12)
    for head in heads:
        table.add_column(head, justify="right", overflow="ellipsis", no_wrap=True)
    return table


def add_rows(table: Table, reader: Reader, view: View, cell: Cell, units: Chosen) -> None:
    """Add a quantity that each row has, of which one cell is given."""
    cells = [[Cell(cell.layer, cell.quantity, (i, k)) for k in units] for i in view.rows]
    add(table, reader, cells, [reader.trace.rows[i] for i in view.rows])


def add_parts(table: Table, reader: Reader, view: View, box: Box, state: str) -> None:
    """Add the parameters of a layer: before, grad or after."""
    for part in box.parts.values():
        inputs = view.sources(reader.trace, box, part)
        quantity, units = f"{part.name}.{state}", view.targets(box, part)
        cells = [[Cell(box.name, quantity, (i, k)) for k in units] for i in inputs]
        heads = [] if part.targets == box.outputs else [part.targets[k] for k in units]
        add(table, reader, cells, [part.sources[i] for i in inputs], heads)


def add(
    table: Table,
    reader: Reader,
    cells: Sequence[Sequence[Cell]],
    names: Sequence[str],
    heads: Sequence[str] = (),
) -> None:
    """Add one quantity, a line for each row or input; numbers are blue or orange by sign.

    With `heads` its columns are not those of the table, and it begins with a line of their names.
    """
    letter = reader.letter(cells[0][0].layer, cells[0][0].quantity)
    if heads:
        table.add_row(letter, "", *(Text(escape_controls(head), "italic") for head in heads))
    for i, (name, row) in enumerate(zip(names, cells, strict=True)):
        numbers = list[Text]()
        for cell in row:
            value = float(reader.tables[cell.layer][cell.quantity][0][cell.index])
            style = "dark_orange3" if value < 0 else "dodger_blue1" if value > 0 else "dim"
            numbers.append(Text(format_significant(value), style))
        first = "" if i or heads else letter
        table.add_row(first, name, *numbers, end_section=i == len(cells) - 1)
