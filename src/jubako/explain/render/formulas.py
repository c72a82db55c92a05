"""Formulas as HTML: what each number was computed from, line by line."""

from collections.abc import Iterator
from html import escape

from jubako.explain.expression import Applied, Expression, Leaf, Product, show_symbol
from jubako.explain.formula import Formula, Step
from jubako.explain.messages import both, say
from jubako.explain.trace_index import Cell

from .html_writer import Sheet

MOST_TERMS = 14  # of a sum that are shown one by one where not all units or rows are


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
