"""Formulas as HTML, line by line."""

from collections.abc import Iterator

from jubako.explain.expression import Applied, Expression, Leaf, Product, show_symbol
from jubako.explain.formula import Formula, Step
from jubako.explain.messages import both, translate
from jubako.explain.trace_index import Cell

from .html_writer import Sheet
from .markup import Markup, element

MAX_TERMS = 14  # of a sum that are shown one by one where not all units or rows are


def explained(sheet: Sheet) -> Iterator[Markup]:
    """Return the formulas of all cells that can be opened, recursively."""
    for cell in sheet.asked:  # which grows as formulas are written
        yield formula_html(sheet, sheet.formula(cell))


def formula_html(sheet: Sheet, formula: Formula) -> Markup:
    """Return a formula line by line; its numbers open their own formulas."""
    cell = formula.cell
    rule = f"{sheet.reader.letter(cell.layer, cell.quantity)} = {formula.rule}"
    lines, terms = list[Markup](), list[Step]()
    for step in formula.steps():
        terms.append(step)
        if step.is_sum:
            lines += sum_lines(sheet, terms)
            terms = []
    lines += [step_line(sheet, step) for step in terms]
    shut = {
        "class": "shut",
        "popovertarget": sheet.id_of(cell),
        "popovertargetaction": "hide",
        "aria-label": translate("close", sheet.language),
    }
    name, number = element("code", {}, sheet.label(cell)), sheet.exact(cell, formula.number)
    return element(
        "div",
        {"popover": "", "id": sheet.id_of(cell)},
        element("p", {"class": "head"}, name, " = ", number, element("button", shut, "✕")),
        element("p", {"class": "rule"}, element("code", {}, rule)),
        element("table", {}, *lines),
        *checked(sheet, cell),
    )


def sum_lines(sheet: Sheet, steps: list[Step]) -> list[Markup]:
    """Return a sum: its terms, one for all rows and units that are not shown, and the total."""
    *terms, total = steps
    shown, rest = terms, list[float]()
    if len(terms) > MAX_TERMS:
        shown = list[Step]()
        for term in terms:
            if is_shown(sheet, term):
                shown.append(term)
            else:
                rest.append(term.expression.value)
    lines = [step_line(sheet, term) for term in shown]
    if rest:
        lines.append(line(both("more", n=len(rest)), "", sheet.fresh(sum(rest))))
    return [*lines, line("Σ", "", sheet.fresh(total.expression.value), "sum")]


def line(names: str, numbers: str, value: Markup, kind: str | None = None) -> Markup:
    """Write one line of a formula."""
    cells = element("td", {}, names), element("td", {}, numbers), element("td", {}, "= ", value)
    return element("tr", {"class": kind}, *cells)


def is_shown(sheet: Sheet, step: Step) -> bool:
    """Return whether all numbers in a step are shown."""
    return all(map(sheet.sees, leaves(step.expression)))


def step_line(sheet: Sheet, step: Step) -> Markup:
    """Write one line: names, numbers, value."""
    expression = step.expression
    names = expression.text(show_symbol)
    if isinstance(expression, Leaf):
        return line(names, "", sheet.leaf(expression, tight=False))
    # what an expression puts between its leaves is never the user's
    numbers = Markup("= " + expression.text(sheet.leaf))
    return line(names, numbers, sheet.fresh(expression.value))


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


def checked(sheet: Sheet, cell: Cell) -> list[Markup]:
    """Return the finite difference for a gradient; nothing for other cells."""
    part, _, state = cell.quantity.partition(".")
    if state != "grad":
        return []
    probe = sheet.trace.check(cell.layer, part, *cell.index)
    name = sheet.reader.letter(cell.layer, part)
    low, high = (sheet.fresh(loss, 13) for loss in (probe.low, probe.high))
    h, quotient = sheet.fresh(probe.h), sheet.fresh(probe.quotient)
    mark = "–" if probe.on_kink else "✓" if probe.agrees else "≠"
    verdict = element("b", {"data-n": sheet.place(len(sheet.numbers), mark)}, mark)
    formula = f"(L({name} + h) − L({name} − h)) / 2h = ("
    parts = formula, high, " − ", low, ") / (2 · ", h, ") = ", quotient, " ", verdict
    return [element("p", {"class": "checked"}, both("check"), " ", element("code", {}, *parts))]
