"""The sections of a report on scores: the verdict, and metrics by class and by threshold."""

from jubako.evaluation.baselines import NAMES as BASELINES
from jubako.evaluation.metric_names import NAMES
from jubako.evaluation.metrics import main_metric
from jubako.explain.render.markup import Markup, element
from jubako.i18n.messages import Message

from .numbers import metric_text
from .parts import Writer, figures
from .plot import Bar, bar_chart
from .report import Report

MOST_CLASSES = 40  # lines of the table by class


def verdict_section(report: Report, writer: Writer) -> Markup:
    """Write the verdict, warnings, and notes on the rows.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    warnings = [writer.paragraph(warning, "warning") for warning in report.warnings]
    return element(
        "section",
        {"class": "verdict", "id": "verdict"},
        writer.paragraph(report.verdict, "big"),
        *warnings,
    )


def scores_section(report: Report, writer: Writer) -> Markup:
    """Write the metrics with their intervals, the baselines, and the metrics by class.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    scores = report.scores
    names = [name for name in NAMES if isinstance(scores.metrics.get(name), float)]
    heads = ["", Message("model"), Message("95 % interval")]
    heads += [BASELINES[name] for name in scores.baselines]
    rows = []
    for name in names:
        interval = "–"
        if name in scores.intervals:
            interval = " – ".join(metric_text(name, end) for end in scores.intervals[name])
        others = [metric_text(name, metrics[name]) for metrics in scores.baselines.values()]
        rows.append([NAMES[name], metric_text(name, scores.metrics[name]), interval, *others])
    how = [
        Message(
            "The intervals are 95 % bootstrap intervals: the {n:,} rows of {data} are resampled "
            "{times} times, with the seed {seed}.",
            n=report.n_rows,
            data=report.source.data,
            times=scores.n_resamples,
            seed=report.environment.seed,
        ),
    ]
    if scores.baselines:
        how.append(
            Message(
                "The baselines are trained on these rows: by five-fold cross-validation on "
                "{n:,} rows.",
                n=scores.n_compared,
            )
        )
    return writer.section(
        "scores",
        Message("Scores"),
        *(writer.paragraph(sentence, "how") for sentence in how),
        comparison(report, writer, writer.table(heads, rows)),
        by_class(report, writer),
        by_threshold(report, writer),
        absolute_errors(report, writer),
    )


def comparison(report: Report, writer: Writer, table: Markup) -> Markup:
    """Draw the main metric of the model, with its interval, and of the baselines.

    Parameters
    ----------
    report : Report
    writer : Writer
    table : Markup
        All metrics.

    Returns
    -------
    Markup
    """
    scores = report.scores
    metric = main_metric(scores.metrics)
    value = scores.metrics[metric]
    if value is None or not scores.baselines:
        return table
    low, high = scores.intervals.get(metric, (value, value))
    label = metric_text(metric, value)
    bars = [Bar(writer.text(Message("model")), value, label, (high - low) / 2, marked=True)]
    for name, metrics in scores.baselines.items():
        other = metrics[metric]
        if other is not None:
            bars.append(Bar(writer.text(BASELINES[name]), other, metric_text(metric, other)))
    title = Message("Model and baselines: {metric}", metric=NAMES[metric])
    picture = bar_chart(writer.text(title), bars)
    return figures(writer.figure(title, picture, table, beside=True))


def by_class(report: Report, writer: Writer) -> Markup:
    """Write precision, recall and F1 of each class.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
        Empty in regression.
    """
    classes = report.scores.metrics.get("per_class", {})
    if not classes:
        return Markup("")
    names = "precision", "recall", "f1"
    rows = [
        [label, *(metric_text(name, values[name]) for name in names), values["support"]]
        for label, values in list(classes.items())[:MOST_CLASSES]
    ]
    heads = [Message("class"), *(NAMES[name] for name in (*names, "support"))]
    return writer.table(heads, rows, Message("By class"))


def by_threshold(report: Report, writer: Writer) -> Markup:
    """Write the metrics of the second of two classes by threshold.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
        Empty without thresholds.
    """
    lines = report.scores.metrics.get("by_threshold", [])
    if not lines:
        return Markup("")
    names = "share", "precision", "recall", "f1"
    rows = [
        [f"{line['threshold']:g}", *(metric_text(name, line[name]) for name in names)]
        for line in lines
    ]
    heads = [Message("probability"), Message("share of rows"), *(NAMES[n] for n in names[1:])]
    label = report.model.classes[1]
    caption = Message("By threshold of the probability of {label}", label=label)
    summary = element("summary", {}, writer.text(caption))
    return element("details", {}, summary, writer.table(heads, rows, caption))


def absolute_errors(report: Report, writer: Writer) -> Markup:
    """Write quantiles of the absolute error.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
        Empty in classification.
    """
    errors = report.scores.metrics.get("absolute_error")
    if not errors:
        return Markup("")
    rows = [[NAMES[name], metric_text(name, error)] for name, error in errors.items()]
    heads = [Message("quantile"), Message("absolute error")]
    return writer.table(heads, rows, Message("Absolute error"))
