"""The sections of a report on the model: training, candidates, importances, how to repeat it."""

from collections.abc import Sequence
from itertools import zip_longest
from math import isfinite
from typing import Any

from jubako.evaluation.metric_names import NAMES
from jubako.evaluation.scorer import CHANGES
from jubako.explain.render.markup import Markup, element
from jubako.i18n.messages import Message
from jubako.model.leaderboard import best_by_depth, depth_of, name_of, settings_of

from .numbers import number_text
from .parts import Writer, figures
from .plot import Axis, Bar, Plot, bar_chart, dot_chart, number_axis
from .report import DependenceFacts, Explanation, LearningCurve, Report

MOST_POINTS = 200  # of a learning curve
MOST_CURVES = 6  # that are drawn
MOST_LINES = 6  # of a partial dependence
MOST_DRAWN = 15  # columns in a figure


def training_section(report: Report, writer: Writer) -> Markup:
    """Write the learning curves: of a single network, or of the candidates in the ensemble.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    title, history = Message("Learning curves"), report.history
    if report.curves:
        curves = [curve.val_loss for curve in report.curves[:MOST_CURVES]]
        names = [curve_name(curve, writer) for curve in report.curves[:MOST_CURVES]]
        heading = Message("Validation loss of the candidates in the ensemble")
    elif history:
        curves, names = [history["train_loss"]], [Message("training")]
        if any(loss is not None for loss in history["val_loss"]):
            curves.append(history["val_loss"])
            names.append(Message("validation"))
        heading = title
    else:
        none = Message("The model keeps no losses by epoch.")
        return writer.section("training", title, writer.paragraph(none))
    if max(map(len, curves)) < 2:
        few = Message("The network was trained for fewer than two epochs.")
        return writer.section("training", title, writer.paragraph(few))
    return writer.section("training", title, figures(curves_figure(heading, curves, names, writer)))


def curve_name(curve: LearningCurve, writer: Writer) -> str:
    """Return the name of a candidate with its configuration.

    Parameters
    ----------
    curve : LearningCurve
    writer : Writer

    Returns
    -------
    str
    """
    settings = settings_of(curve.configuration)
    words = [writer.text(name) + end for name, end in settings]
    return ", ".join([name_of(curve.layers, curve.activation), *words])


def curves_figure(
    title: Message, curves: list[list[float | None]], names: Sequence[str], writer: Writer
) -> Markup:
    """Draw losses against epochs.

    Parameters
    ----------
    title : Message
    curves : list of lists of float or None
        The loss after each epoch, from the first; None where there is none.
    names : sequence of str
    writer : Writer

    Returns
    -------
    Markup
    """
    n_epochs = max(map(len, curves))
    step = max(1, n_epochs // MOST_POINTS)
    known = [[(i, v) for i, v in enumerate(curve, 1) if v is not None] for curve in curves]
    plot = Plot(
        number_axis([1, n_epochs], writer.text(Message("epoch")), margin=False),
        number_axis(
            [v for points in known for _, v in points], writer.text(Message("loss of an epoch"))
        ),
    )
    marks = [plot.line(points[::step], i) for i, points in enumerate(known)]
    rows = [[str(epoch), *line] for epoch, *line in zip_longest(range(1, n_epochs + 1), *curves)]
    table = writer.table([Message("epoch"), *names], rows[::step], title)
    return writer.figure(title, plot.svg(writer.text(title), *marks), table, names)


def candidates_section(report: Report, writer: Writer) -> Markup:
    """Write the leaderboard, loss against seconds, and loss against depth.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    title, board = Message("Candidates"), report.leaderboard
    if not board:
        one = Message("The model is a single network: there was no search over candidates.")
        return writer.section("candidates", title, writer.paragraph(one))
    if report.model.distilled:
        added = Message(
            "The network was distilled from an ensemble. The losses are what a network of each "
            "size adds to the loss of the ensemble: 0 if it predicts the same."
        )
        return writer.section(
            "candidates", title, writer.paragraph(added, "how"), leaderboard_table(report, writer)
        )
    how = Message(
        "Losses are out-of-fold in training; they are a little optimistic, since the best epochs "
        "and the weights are chosen on the same rows. Lower is better."
    )
    return writer.section(
        "candidates",
        title,
        writer.paragraph(how, "how"),
        figures(seconds_figure(report, writer), depth_figure(board, writer)),
        leaderboard_table(report, writer),
    )


def seconds_figure(report: Report, writer: Writer) -> Markup:
    """Draw the loss of each candidate, and of the ensemble, against seconds.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    board = report.leaderboard
    title = Message("Loss against seconds of training")
    points = [(line["seconds"], line["oof_loss"]) for line in board]
    total = sum(seconds for seconds, _ in points)
    ensemble = [(total, report.model.loss)] if report.model.loss is not None else []
    losses = [loss for _, loss in [*points, *ensemble]]
    plot = Plot(
        number_axis([0, *(s for s, _ in [*points, *ensemble])], writer.text(Message("seconds"))),
        number_axis(losses, writer.text(Message("out-of-fold loss"))),
    )
    picture = plot.svg(writer.text(title), plot.dots(points, 0, 5), plot.dots(ensemble, 1, 6))
    rows = [
        [name_of(line["layers"], line["activation"]), line["seconds"], f"{line['oof_loss']:.4f}"]
        for line in board
    ]
    rows += [[Message("ensemble"), s, f"{loss:.4f}"] for s, loss in ensemble]
    heads = [Message("candidate"), Message("seconds"), Message("out-of-fold loss")]
    legend = [Message("candidate"), Message("ensemble of candidates")][: 1 + len(ensemble)]
    table = writer.table(heads, rows, title)
    return writer.figure(title, picture, table, legend, n_dotted=len(legend))


def depth_figure(board: list[dict[str, Any]], writer: Writer) -> Markup:
    """Draw the loss against the number of hidden layers.

    Parameters
    ----------
    board : list of dict
    writer : Writer

    Returns
    -------
    Markup
    """
    title = Message("Loss against depth")
    points = [(float(depth_of(line["layers"])), line["oof_loss"]) for line in board]
    best = best_by_depth(board)
    low, high = min(best), max(best)
    labels = {float(depth): str(depth) for depth in range(low, high + 1)}
    plot = Plot(
        Axis(low - 0.5, high + 0.5, writer.text(Message("hidden layers")), labels),
        number_axis([loss for _, loss in points], writer.text(Message("out-of-fold loss"))),
    )
    lowest = [(float(depth), line["oof_loss"]) for depth, line in best.items()]
    picture = plot.svg(writer.text(title), plot.dots(points, 0, 5), plot.line(lowest, 1))
    rows = [
        [str(depth), f"{line['oof_loss']:.4f}", line["seconds"]] for depth, line in best.items()
    ]
    heads = [Message("hidden layers"), Message("lowest OOF loss"), Message("seconds")]
    legend = [Message("candidate"), Message("best of its depth")]
    return writer.figure(title, picture, writer.table(heads, rows, title), legend, n_dotted=1)


def leaderboard_table(report: Report, writer: Writer) -> Markup:
    """Write the leaderboard.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    rows, used = [], []
    for i, line in enumerate(report.leaderboard):
        settings = settings_of(line["configuration"])
        if line["weight"]:
            used.append(i)
        rows.append(
            [
                name_of(line["layers"], line["activation"]),
                ", ".join(writer.text(name) + end for name, end in settings),
                f"{line['oof_loss']:.4f}",
                f"{line['weight']:.0%}" if line["weight"] else "",
                f"{line['best_epoch']}/{line['epochs']}",
                f"{line['seconds']:.1f}",
            ]
        )
    heads = [
        Message("candidate"),
        Message("configuration"),
        Message("added loss") if report.model.distilled else Message("out-of-fold loss"),
        Message("weight"),
        Message("best epoch"),
        Message("seconds"),
    ]
    return writer.table(heads, rows, Message("Leaderboard"), used)


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


def repeat_section(report: Report, writer: Writer) -> Markup:
    """Write the command, versions, seed and engine.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    source, computed, model = report.source, report.environment, report.model
    facts: list[list[Any]] = []
    if source.command:
        facts.append([Message("command"), source.command])
    facts.append([Message("model"), source.estimator])
    if source.file_sha256:
        facts.append([Message("SHA-256 of the model file"), source.file_sha256])
    training = source.training
    if training.get("data"):
        facts.append([Message("trained on"), training["data"]])
    if training.get("rows") is not None:
        facts.append([Message("training rows"), f"{training['rows']:,}"])
    facts.append([Message("training seconds"), f"{model.seconds:.1f}"])
    if source.seed is not None:
        facts.append([Message("seed of the training"), str(source.seed)])
    size = Message("{n} of {p:,} parameters in all", n=model.n_networks, p=model.n_parameters)
    facts += [
        [Message("networks"), size],
        [Message("seed of the report"), str(computed.seed)],
        [Message("Jubako of the training"), source.version],
        [Message("Jubako of the report"), computed.jubako],
        [Message("engine"), computed.engine],
        ["Python, NumPy", f"{computed.python}, {computed.numpy}"],
    ]
    rows = [
        element(
            "div", {}, element("dt", {}, writer.text(name)), element("dd", {}, writer.text(value))
        )
        for name, value in facts
    ]
    return writer.section("repeat", Message("How to repeat it"), element("dl", {}, *rows))
