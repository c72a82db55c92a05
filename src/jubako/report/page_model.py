"""The sections of a report on the model: training, candidates, how to repeat it."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from jubako.explain.render.markup import Markup, element
from jubako.i18n.messages import Message
from jubako.model.leaderboard import best_by_depth, depth_of, name_of, settings_of

from .parts import Writer, figures
from .plot import Axis, Plot, number_axis
from .report import FoldLosses, LearningCurve, Report

MOST_POINTS = 200  # of a learning curve
MOST_CURVES = 6  # that are drawn


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
    honest = Message(
        "The scores on {data} above are not: no choice was made on these rows.",
        data=report.source.data,
    )
    return writer.section(
        "candidates",
        title,
        writer.paragraph(how, "how"),
        Markup("") if report.warnings else writer.paragraph(honest, "how"),
        figures(seconds_figure(report, writer), depth_figure(board, writer)),
        leaderboard_table(report, writer),
        losses_by_fold(report.fold_losses, writer),
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


def losses_by_fold(folds: FoldLosses | None, writer: Writer) -> Markup:
    """Write the loss of the ensemble on each fold, and their mean with its interval.

    Parameters
    ----------
    folds : FoldLosses or None
    writer : Writer

    Returns
    -------
    Markup
        Empty without folds.
    """
    if folds is None:
        return Markup("")
    how = Message(
        "The out-of-fold loss of the ensemble is {mean:.4f} in the mean of {n} folds, with a 95 % "
        "interval of {low:.4f} – {high:.4f} (Student's t; approximate, since the networks of "
        "different folds share training rows).",
        mean=folds.mean,
        n=len(folds.losses),
        low=folds.low,
        high=folds.high,
    )
    heads = [Message("fold"), Message("out-of-fold loss")]
    rows = [[str(i), f"{loss:.4f}"] for i, loss in enumerate(folds.losses, start=1)]
    table = writer.table(heads, rows, Message("Loss of the ensemble by fold"))
    return element("div", {}, writer.paragraph(how, "how"), table)


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
    size = Message("{n}, with {p:,} parameters in all", n=model.n_networks, p=model.n_parameters)
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
