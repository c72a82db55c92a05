"""The sections of a report on predictions: curves, calibration, confusion, residuals, coverage."""

from typing import Any

from jubako.evaluation.metric_names import NAMES
from jubako.explain.render.markup import Markup, element, fragment
from jubako.i18n.messages import Message

from .numbers import metric_text, number_text
from .parts import Writer, figures
from .plot import Axis, Plot, number_axis
from .report import ClassDiagnostics, Curve, NumberDiagnostics, Report

UNIT_TICKS = {0.0: "0", 0.2: "0.2", 0.4: "0.4", 0.6: "0.6", 0.8: "0.8", 1.0: "1"}
MOST_BESIDE = 6  # classes of a confusion matrix beside other figures


def unit_axis(name: str) -> Axis:
    """Return an axis from 0 to 1."""
    return Axis(0.0, 1.0, name, UNIT_TICKS)


def predictions_section(report: Report, writer: Writer) -> Markup:
    """Write how predictions and true values agree.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    if report.classes:
        content = class_figures(report.classes, report.scores.metrics, writer)
    else:
        assert report.numbers is not None
        content = number_figures(report.numbers, report.source.target, writer)
    return writer.section("predictions", Message("Predictions"), content)


def class_figures(found: ClassDiagnostics, metrics: dict[str, Any], writer: Writer) -> Markup:
    """Draw ROC, precision and recall, calibration, and the confusion matrix.

    Parameters
    ----------
    found : ClassDiagnostics
    metrics : dict
    writer : Writer

    Returns
    -------
    Markup
    """
    parts = list[Markup]()
    if found.roc:
        title = Message(
            "ROC curve (ROC AUC {area})", area=metric_text("roc_auc", metrics["roc_auc"])
        )
        names = Message("false positive rate"), NAMES["recall"]
        parts.append(curves(title, names, found.roc, writer, diagonal=True))
        title = Message(
            "Precision and recall (PR AUC {area})", area=metric_text("pr_auc", metrics["pr_auc"])
        )
        names = NAMES["recall"], NAMES["precision"]
        parts.append(curves(title, names, found.pr, writer))
    if found.calibration:
        parts.append(calibration(found, metrics, writer))
    matrix = confusion(found, writer)
    if len(found.labels) > MOST_BESIDE:
        return fragment(figures(*parts), matrix)
    return figures(*parts, matrix)


def curves(
    title: Message,
    names: tuple[str, str],
    found: list[Curve],
    writer: Writer,
    diagonal: bool = False,
) -> Markup:
    """Draw curves between 0 and 1, one for each class.

    Parameters
    ----------
    title : Message
    names : tuple of str
        Of the axes.
    found : list of Curve
    writer : Writer
    diagonal : bool
        Whether to draw the curve of random predictions.

    Returns
    -------
    Markup
    """
    plot = Plot(unit_axis(writer.text(names[0])), unit_axis(writer.text(names[1])))
    marks = [
        plot.line(list(zip(curve.x, curve.y, strict=True)), i) for i, curve in enumerate(found)
    ]
    if diagonal:
        marks.insert(0, plot.diagonal())
    rows = [
        [curve.label, f"{x:.3f}", f"{y:.3f}"]
        for curve in found
        for x, y in zip(curve.x, curve.y, strict=True)
    ]
    table = writer.table([Message("class"), *names], rows, title)
    picture = plot.svg(writer.text(title), *marks)
    return writer.figure(title, picture, table, [curve.label for curve in found])


def calibration(found: ClassDiagnostics, metrics: dict[str, Any], writer: Writer) -> Markup:
    """Draw the accuracy by the probability of the predicted class.

    Parameters
    ----------
    found : ClassDiagnostics
    metrics : dict
    writer : Writer

    Returns
    -------
    Markup
    """
    error = metric_text("calibration_error", metrics["calibration_error"])
    title = Message("Calibration (calibration error {error})", error=error)
    names = Message("probability of the most probable class"), NAMES["accuracy"]
    plot = Plot(unit_axis(writer.text(names[0])), unit_axis(writer.text(names[1])))
    points = [(b["probability"], b["accuracy"]) for b in found.calibration]
    largest = max(b["rows"] for b in found.calibration)
    dots = [
        plot.dots([point], 0, 3 + 7 * (b["rows"] / largest) ** 0.5)
        for point, b in zip(points, found.calibration, strict=True)
    ]
    rows = [
        [f"{b['probability']:.3f}", f"{b['accuracy']:.3f}", b["rows"]] for b in found.calibration
    ]
    table = writer.table([Message("probability"), NAMES["accuracy"], Message("rows")], rows, title)
    picture = plot.svg(writer.text(title), plot.diagonal(), plot.line(points), *dots)
    return writer.figure(title, picture, table)


def confusion(found: ClassDiagnostics, writer: Writer) -> Markup:
    """Write the confusion matrix as a table with shades, or the most frequent errors.

    Parameters
    ----------
    found : ClassDiagnostics
    writer : Writer

    Returns
    -------
    Markup
    """
    if not found.confusion:
        rows = [[c["true"], c["predicted"], c["rows"]] for c in found.confused]
        heads = [Message("true class"), Message("predicted class"), Message("rows")]
        return writer.table(heads, rows, Message("Most frequent errors"))
    caption = Message("Confusion matrix (rows: true classes, columns: predicted ones)")
    heads = [element("th", {"scope": "col"}, writer.text(label)) for label in found.labels]
    lines = [element("tr", {}, element("td", {}, ""), *heads)]
    body = list[Markup]()
    for i, counts in enumerate(found.confusion):
        total = max(sum(counts), 1)
        cells = [
            element(
                "td",
                {
                    "class": "right" if i == j else "wrong",
                    "style": f"--t:{count / total:.3f}",
                },
                f"{count:,}",
            )
            for j, count in enumerate(counts)
        ]
        head = element("th", {"scope": "row"}, writer.text(found.labels[i]))
        body.append(element("tr", {}, head, *cells))
    table = element(
        "table",
        {"class": "facts confusion"},
        element("thead", {}, *lines),
        element("tbody", {}, *body),
    )
    label = writer.text(caption)
    scroll = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label}
    return element("figure", {}, element("figcaption", {}, label), element("div", scroll, table))


def number_figures(found: NumberDiagnostics, target: str, writer: Writer) -> Markup:
    """Draw true against predicted numbers, and the residuals.

    Parameters
    ----------
    found : NumberDiagnostics
    target : str
    writer : Writer

    Returns
    -------
    Markup
    """
    bins = found.by_prediction
    title = Message("Predicted against true: means of bins of equally many rows")
    values = [b[name] for b in bins for name in ("predicted", "low", "high")]
    x = number_axis(values, writer.text(Message("predicted {target}", target=target)))
    y = number_axis(values, writer.text(Message("true {target}", target=target)))
    plot = Plot(x, y)
    picture = plot.svg(
        writer.text(title),
        plot.diagonal(),
        plot.whiskers([(b["predicted"], b["low"], b["high"]) for b in bins]),
        plot.dots([(b["predicted"], b["true"]) for b in bins]),
    )
    heads = ["predicted", "true", "low", "high", "rows"]
    names = [
        Message("predicted"),
        Message("true"),
        Message("true, 10 %"),
        Message("true, 90 %"),
        Message("rows"),
    ]
    table = writer.table(names, [[b[head] for head in heads] for b in bins], title)
    legend = [Message("mean, 10 % and 90 % of the true numbers")]
    agreement = writer.figure(title, picture, table, legend, n_dotted=len(legend))
    return figures(agreement, residuals(found, target, writer))


def residuals(found: NumberDiagnostics, target: str, writer: Writer) -> Markup:
    """Draw the histogram of the residuals.

    Parameters
    ----------
    found : NumberDiagnostics
    target : str
    writer : Writer

    Returns
    -------
    Markup
    """
    bins = found.residuals
    title = Message("Residuals: true minus predicted")
    edges = [b["low"] for b in bins[1:]]
    width = edges[1] - edges[0] if len(edges) > 1 else 1.0
    ends = [edges[0] - width, *edges, edges[-1] + width] if edges else [-0.5, 0.5]
    counts = [b["rows"] for b in bins]
    x = number_axis(ends, writer.text(Message("residual of {target}", target=target)), margin=False)
    plot = Plot(x, number_axis([0, 1.05 * max(counts)], writer.text(Message("rows")), margin=False))
    bars = [(ends[i], ends[i + 1], float(count)) for i, count in enumerate(counts)]
    rows = [[span(b["low"], b["high"]), b["rows"]] for b in bins]
    table = writer.table([Message("residual"), Message("rows")], rows, title)
    return writer.figure(title, plot.svg(writer.text(title), plot.columns(bars)), table)


def span(low: float | None, high: float | None) -> str:
    """Return a range as text, open at an end that is None.

    Parameters
    ----------
    low, high : float or None

    Returns
    -------
    str
    """
    ends = ["" if end is None else number_text(end) for end in (low, high)]
    return " … ".join(ends).strip()


def coverage_section(report: Report, writer: Writer) -> Markup:
    """Write how many true values were in the intervals or sets.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    is_class = report.model.task == "classify"
    title = Message("Coverage of prediction intervals")
    if is_class:
        title = Message("Coverage of prediction sets")
    if not report.coverage:
        none = Message("The model has no prediction intervals or sets.")
        return writer.section("coverage", title, writer.paragraph(none))
    size = Message("mean number of classes") if is_class else Message("mean width")
    names = Message("nominal coverage"), Message("coverage on these rows")
    x, y = (number_axis([0.4, 1.0], writer.text(name), margin=False) for name in names)
    plot = Plot(x, y)
    found = report.coverage
    spans = [(c.nominal, max(c.covered - c.error, 0.4), min(c.covered + c.error, 1)) for c in found]
    picture = plot.svg(
        writer.text(title),
        plot.diagonal(),
        plot.whiskers(spans),
        plot.dots([(c.nominal, max(c.covered, 0.4)) for c in found]),
    )
    rows = [[f"{c.nominal:g}", f"{c.covered:.3f}", f"{c.error:.3f}", c.size] for c in found]
    heads = [*names, Message("± two standard errors"), size]
    figure_title = Message("Nominal and measured coverage")
    figure = writer.figure(figure_title, picture, writer.table(heads, rows), beside=True)
    return writer.section("coverage", title, figures(figure))
