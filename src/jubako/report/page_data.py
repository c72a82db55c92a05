"""The sections of a report on the table: how it was read, its worst rows, and drift."""

from jubako.explain.render.markup import Markup, element
from jubako.i18n.messages import Message

from .parts import Cell, Writer, figures
from .plot import Bar, bar_chart
from .report import Drift, Report

MOST_DRAWN = 15  # columns in a figure
MOST_VALUES = 8  # columns of the worst rows


def table_section(report: Report, writer: Writer) -> Markup:
    """Write the columns, and remarks on duplicates, leaks and the target.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    rows, dropped = list[list[Cell]](), list[int]()
    for i, column in enumerate(report.columns):
        use = column.use
        if column.dropped:
            reason = writer.saved(column.dropped)
            use = Message("not used: {reason}", reason=reason)
            dropped.append(i)
        missing = "" if column.missing == 0 else missing_text(column.missing, report.n_rows)
        rows.append([column.name, use, missing])
    heads = [Message("column"), Message("read as"), Message("missing")]
    n_used = len(report.columns) - len(dropped)
    counts = Message(
        "{n:,} rows with {target}, {used} columns that the model uses, {dropped} that it does not.",
        n=report.n_rows,
        target=report.source.target,
        used=n_used,
        dropped=len(dropped),
    )
    return writer.section(
        "table",
        Message("The table as read"),
        writer.paragraph(counts),
        writer.bullets([*report.source.notes, *report.remarks]),
        writer.table(heads, rows, marked=dropped),
    )


def missing_text(missing: int | None, n_rows: int) -> str:
    """Return the number of missing values with their share; "–" if the column is missing."""
    return "–" if missing is None else f"{missing:,} ({missing / max(n_rows, 1):.1%})"


def rows_section(report: Report, writer: Writer) -> Markup:
    """Write the rows with the largest errors.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
        Empty if there are none.
    """
    if not report.worst_rows:
        return Markup("")
    is_class = report.model.task == "classify"
    error = Message("1 − probability of the true class") if is_class else Message("absolute error")
    names = list(report.worst_rows[0].values)
    how = Message("The rows of {data} with the largest errors.", data=report.source.data)
    if len(names) > MOST_VALUES and report.explanation:
        important = {one.column for one in report.explanation.importances[:MOST_VALUES]}
        names = [name for name in names if name in important]
        how = Message(
            "The rows of {data} with the largest errors, and the {n} most important columns.",
            data=report.source.data,
            n=len(names),
        )
    heads = [Message("row"), Message("true"), Message("predicted"), error, *names]
    rows = [
        [str(row.row), row.true, row.predicted, row.error, *(row.values[name] for name in names)]
        for row in report.worst_rows
    ]
    table = writer.table(heads, rows)
    return writer.section("rows", Message("Worst rows"), writer.paragraph(how, "how"), table)


def drift_section(report: Report, writer: Writer) -> Markup:
    """Write how the columns differ from those in training.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    title = Message("Drift: these rows against those in training")
    if not report.drift:
        none = Message(
            "A model for arrays keeps nothing of the values in training to compare with."
        )
        return writer.section("drift", title, writer.paragraph(none))
    shifted = [drift for drift in report.drift if drift.reasons]
    if shifted:
        verdict = Message(
            "Shifted columns ({n} of {total}): {names}.",
            n=len(shifted),
            total=len(report.drift),
            names=", ".join(drift.column for drift in shifted),
        )
    else:
        verdict = Message("No column has shifted.")
    reasons = [
        element(
            "li",
            {},
            element("b", {}, drift.column),
            ": ",
            "; ".join(map(writer.text, drift.reasons)),
        )
        for drift in shifted
    ]
    how = Message(
        "The comparison uses what the model file keeps: quantiles of numbers, the number of rows "
        "of each level, and the range of dates."
    )
    return writer.section(
        "drift",
        title,
        writer.paragraph(verdict),
        element("ul", {}, *reasons) if reasons else Markup(""),
        writer.paragraph(how, "how"),
        distances(report.drift, writer),
        drift_table(report.drift, writer),
    )


def distances(found: list[Drift], writer: Writer) -> Markup:
    """Draw the distance of the distributions of each column, and from where it matters.

    Parameters
    ----------
    found : list of Drift
    writer : Writer

    Returns
    -------
    Markup
        Empty without distances.
    """
    known = [drift for drift in found if drift.distance is not None][:MOST_DRAWN]
    if not known:
        return Markup("")
    title = Message(
        "Distance of the distributions (numbers: Kolmogorov-Smirnov, levels: total variation); the "
        "mark is the limit"
    )
    bars = [
        Bar(
            d.column,
            d.distance or 0,
            f"{d.distance:.3f}",
            marked=(d.distance or 0) > (d.limit or 1),
        )
        for d in known
    ]
    picture = bar_chart(writer.text(title), bars, [drift.limit for drift in known])
    rows = [[d.column, f"{d.distance:.3f}", f"{d.limit:.3f}"] for d in known]
    heads = [Message("column"), Message("distance"), Message("limit")]
    return figures(writer.figure(title, picture, writer.table(heads, rows, title)))


def drift_table(found: list[Drift], writer: Writer) -> Markup:
    """Write all measures of all columns.

    Parameters
    ----------
    found : list of Drift
    writer : Writer

    Returns
    -------
    Markup
    """
    measures = [
        (Message("distance"), "{:.3f}", [d.distance for d in found]),
        (Message("shift of the center"), "{:+.2f}", [d.shift for d in found]),
        (Message("out of range"), "{:.1%}", [d.outside for d in found]),
        (Message("unseen or rare levels"), "{:.1%}", [d.unseen for d in found]),
        (Message("missing"), "{:.1%}", [d.missing for d in found]),
    ]
    measures = [measure for measure in measures if any(value is not None for value in measure[2])]
    heads = [
        Message("column"),
        Message("type"),
        *(head for head, _, _ in measures),
        Message("missing in training"),
    ]
    rows = [
        [
            d.column,
            d.kind,
            *(
                None if values[i] is None else value_format.format(values[i])
                for _, value_format, values in measures
            ),
            d.was_missing,
        ]
        for i, d in enumerate(found)
    ]
    marked = [i for i, drift in enumerate(found) if drift.reasons]
    return writer.table(heads, rows, Message("All columns"), marked)
