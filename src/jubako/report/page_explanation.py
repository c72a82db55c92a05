"""The section of a report on what predictions depend on: importances, partial dependences."""

from math import isfinite

from jubako.evaluation.metric_names import NAMES
from jubako.evaluation.scorer import CHANGES
from jubako.explain.render.markup import Markup
from jubako.i18n.messages import Message

from .numbers import number_text
from .parts import Writer, figures
from .plot import Axis, Bar, Plot, bar_chart, dot_chart, number_axis
from .report import DependenceFacts, Explanation, Report

MOST_LINES = 6  # of a partial dependence
MOST_DRAWN = 15  # columns in a figure


def explanation_section(report: Report, writer: Writer) -> Markup:
    """Write feature importances and partial dependences.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    title, found = Message("What the predictions depend on"), report.explanation
    if found is None:
        none = Message("The metric is undefined on these rows.")
        return writer.section("importance", title, writer.paragraph(none))
    how = [
        Message(
            "Permutation importance on {n:,} rows ({metric} {value:.3f}): how much worse the "
            "metric gets when a column is shuffled. It describes the model; a column that matters "
            "need not be a cause.",
            n=found.n_rows,
            metric=NAMES[found.metric],
            value=found.value,
        )
    ]
    if len(found.importances) < found.n_columns:
        how.append(
            Message(
                "Only {n} of {total} columns were shuffled in time.",
                n=len(found.importances),
                total=found.n_columns,
            )
        )
    shown = [curve for one in found.dependences for curve in shown_curves(one).values()]
    ends = [min(map(min, shown), default=0.0), max(map(max, shown), default=1.0)]
    curves = [dependence_figure(one, ends, report, writer) for one in found.dependences]
    return writer.section(
        "importance",
        title,
        *(writer.paragraph(sentence, "how") for sentence in how),
        figures(importance_figure(found, writer)),
        figures(*curves),
    )


def shown_curves(found: DependenceFacts) -> dict[str, list[float]]:
    """Return the curves that are drawn: of the second of two classes, or of the first of more.

    Parameters
    ----------
    found : DependenceFacts

    Returns
    -------
    dict of str to list of float
    """
    outputs = list(found.mean_prediction)
    shown = outputs[1:] if len(outputs) == 2 else outputs[:MOST_LINES]
    return {name: found.mean_prediction[name] for name in shown}


def importance_figure(found: Explanation, writer: Writer) -> Markup:
    """Draw the importances.

    Parameters
    ----------
    found : Explanation
    writer : Writer

    Returns
    -------
    Markup
    """
    title = Message("Permutation importance")
    bars = [
        Bar(one.column, one.mean, f"{one.mean:.3f}", one.standard_error)
        for one in found.importances[:MOST_DRAWN]
    ]
    rows = [
        [
            one.column,
            f"{one.mean:.4f}",
            None if one.standard_error is None else f"{one.standard_error:.4f}",
        ]
        for one in found.importances
    ]
    heads = [Message("column"), CHANGES[found.metric], Message("standard error")]
    picture = bar_chart(writer.text(title), bars)
    return writer.figure(title, picture, writer.table(heads, rows), beside=True)


def dependence_figure(
    found: DependenceFacts, ends: list[float], report: Report, writer: Writer
) -> Markup:
    """Draw the partial dependence on a column.

    Parameters
    ----------
    found : DependenceFacts
    ends : list of float
        Of the axis of predictions, which all columns share.
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    curves = shown_curves(found)
    title = Message("Partial dependence on {name}", name=found.column)
    is_class = report.model.task == "classify"
    name = writer.text(Message("mean probability") if is_class else Message("mean prediction"))
    means = number_axis(ends, name)
    values = [writer.cell(value) for value in found.values]
    if found.ordered:
        places, axis = value_axis(found)
        plot = Plot(axis, means)
        lines = [list(zip(places, curve, strict=True)) for curve in curves.values()]
        marks = [plot.line(points, i) for i, points in enumerate(lines)]
        marks += [plot.dots(points, i, 2.5) for i, points in enumerate(lines)]
        picture = plot.svg(writer.text(title), *marks)
    else:
        picture = dot_chart(writer.text(title), values, list(curves.values()), means)
    rows = [[value, *line] for value, *line in zip(values, *curves.values(), strict=True)]
    table = writer.table([found.column, *curves], rows, title)
    legend = list(curves) if is_class else []
    return writer.figure(
        title, picture, table, legend, n_dotted=0 if found.ordered else len(legend)
    )


def value_axis(found: DependenceFacts) -> tuple[list[float], Axis]:
    """Return the places of the values of a column on an axis, and the axis.

    Parameters
    ----------
    found : DependenceFacts

    Returns
    -------
    list of float
    Axis
    """
    numbers = [float(v) for v in found.values if isinstance(v, int | float)]
    is_number = found.ordered and len(numbers) == len(found.values)
    if is_number and all(map(isfinite, numbers)):
        return numbers, number_axis(numbers, found.column)
    n = len(found.values)
    labels = {
        float(i): number_text(v) if isinstance(v, float) else str(v)[:14]
        for i, v in enumerate(found.values)
    }
    return [float(i) for i in range(n)], Axis(-0.5, n - 0.5, found.column, labels)
