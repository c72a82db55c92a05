"""Formulas as HTML, line by line."""

from collections.abc import Iterator

from jubako.explain.expression import Applied, Expression, Leaf, Product, show_symbol
from jubako.explain.formula import Formula, Step
from jubako.explain.messages import both, translate
from jubako.explain.trace_index import Cell

from .html_writer import HtmlWriter
from .markup import Markup, element

MAX_TERMS = 14  # of a sum that are shown one by one where not all units or rows are


def explained(writer: HtmlWriter) -> Iterator[Markup]:
    """Return the formulas of all cells that can be opened, recursively."""
    for cell in writer.asked:  # which grows as formulas are written
        yield formula_html(writer, writer.formula(cell))


def formula_html(writer: HtmlWriter, formula: Formula) -> Markup:
    """Return a formula line by line; its numbers open their own formulas."""
    cell = formula.cell
    rule = f"{writer.reader.letter(cell.layer, cell.quantity)} = {formula.rule}"
    lines, terms = list[Markup](), list[Step]()
    for step in formula.steps():
        terms.append(step)
        if step.is_sum:
            lines += sum_lines(writer, terms)
            terms = []
    lines += [step_line(writer, step) for step in terms]
    shut = {
        "class": "shut",
        "popovertarget": writer.id_of(cell),
        "popovertargetaction": "hide",
        "aria-label": translate("close", writer.language),
    }
    name, number = element("code", {}, writer.label(cell)), writer.exact(cell, formula.number)
    return element(
        "div",
        {"popover": "", "id": writer.id_of(cell)},
        element("p", {"class": "head"}, name, " = ", number, element("button", shut, "✕")),
        element("p", {"class": "rule"}, element("code", {}, rule)),
        element("table", {}, *lines),
        *checked(writer, cell),
    )


def sum_lines(writer: HtmlWriter, steps: list[Step]) -> list[Markup]:
    """Return a sum: its terms, one for all rows and units that are not shown, and the total."""
    *terms, total = steps
    shown, rest = terms, list[float]()
    if len(terms) > MAX_TERMS:
        shown = list[Step]()
        for term in terms:
            if is_shown(writer, term):
                shown.append(term)
            else:
                rest.append(term.expression.value)
    lines = [step_line(writer, term) for term in shown]
    if rest:
        lines.append(line(both("more", n=len(rest)), "", writer.fresh(sum(rest))))
    return [*lines, line("Σ", "", writer.fresh(total.expression.value), "sum")]


def line(names: str, numbers: str, value: Markup, kind: str | None = None) -> Markup:
    """Write one line of a formula."""
    cells = element("td", {}, names), element("td", {}, numbers), element("td", {}, "= ", value)
    return element("tr", {"class": kind}, *cells)


def is_shown(writer: HtmlWriter, step: Step) -> bool:
    """Return whether all numbers in a step are shown."""
    return all(map(writer.sees, leaves(step.expression)))


def step_line(writer: HtmlWriter, step: Step) -> Markup:
    """Write one line: names, numbers, value."""
    expression = step.expression
    names = expression.text(show_symbol)
    if isinstance(expression, Leaf):
        return line(names, "", writer.leaf(expression, tight=False))
    # what an expression puts between its leaves is never the user's
    numbers = Markup("= " + expression.text(writer.leaf))
    return line(names, numbers, writer.fresh(expression.value))


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Yield the leaves of an expression."""
    match expression:
        case Product(parts) | Applied(_, _, parts):
            for part in parts:
                yield from leaves(part)
        case Leaf():
            yield expression
        case _:
            pass


def checked(writer: HtmlWriter, cell: Cell) -> list[Markup]:
    """Return the finite difference for a gradient; nothing for other cells."""
    part, _, state = cell.quantity.partition(".")
    if state != "grad":
        return []
    probe = writer.trace.check(cell.layer, part, *cell.index)
    name = writer.reader.letter(cell.layer, part)
    low, high = (writer.fresh(loss, 13) for loss in (probe.low, probe.high))
    h, quotient = writer.fresh(probe.h), writer.fresh(probe.quotient)
    mark = "–" if probe.on_kink else "✓" if probe.agrees else "≠"
    verdict = element("b", {"data-n": writer.place(len(writer.numbers), mark)}, mark)
    formula = f"(L({name} + h) − L({name} − h)) / 2h = ("
    parts = formula, high, " − ", low, ") / (2 · ", h, ") = ", quotient, " ", verdict
    return [element("p", {"class": "checked"}, both("check"), " ", element("code", {}, *parts))]
