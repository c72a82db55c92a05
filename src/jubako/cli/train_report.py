"""The report of `jubako train`: the columns, the training, the metrics, and what to try next."""

import shlex
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from jubako.data.column_encoding import Column, Dropped
from jubako.data.readers.builtin import BUILT_IN
from jubako.evaluation.baselines import LINEAR
from jubako.evaluation.baselines import NAMES as BASELINES
from jubako.evaluation.metric_names import BRIEF, NAMES, value_text
from jubako.evaluation.metrics import Metrics, has_better_probabilities, main_metric
from jubako.i18n.messages import Message

from .chart import chart
from .console import err, out
from .leaderboard import by_depth, leaderboard
from .localization import localization
from .metric_tables import TASKS, detail_table, metric_table
from .train_data import TrainData
from .train_options import TrainOptions

CLOSE = 0.005  # a metric that is higher by less than this is as good
MOST_SHOWN = 40  # columns in the summary
OPTIMISTIC = Message(
    "The OOF loss is that of rows that a network was not trained on. It is optimistic, since "
    "epochs and weights were chosen on these rows; no choice was made on the test set."
)
MODEL, UNTRAINED = "model", "untrained"  # beside the baselines
LABELS = {
    MODEL: Message("model"),
    UNTRAINED: Message("model before training"),
    **BASELINES,
}
"""From what is measured to its label in tables."""


def show_data(name: str, data: TrainData) -> None:
    """Print the table, its format and the task."""
    n_without = data.prepared.n_dropped
    lacking = Message(" ({n} more without a target)", n=n_without) if n_without else ""
    task = TASKS[data.task]
    if data.task == "classify":
        counts = data.files.class_counts if data.files else np.unique(data.train.target)
        task = Message("classification, {n} classes", n=len(counts))
    err.print(
        Message(
            "{name}: {read_as}, {n} rows{lacking}. Target {target}: {task}.",
            name=name,
            read_as=data.read_as,
            n=data.n_rows,
            lacking=lacking,
            target=data.target,
            task=task,
        )
    )


def show_columns(columns: list[Column], dropped: list[Dropped]) -> None:
    """Print how each column is used."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in columns[:MOST_SHOWN]:
        table.add_row("  " + column.name, column.describe())
    if len(columns) > MOST_SHOWN:
        table.add_row(Message("  ... and {n} more columns", n=len(columns) - MOST_SHOWN))
    for column in dropped[:MOST_SHOWN]:
        table.add_row("  " + column.name, Message("dropped: {reason}", reason=column.reason))
    err.print(table)


def seconds_of(model: Any) -> float:
    """Return the duration of the training in seconds."""
    return model.model_.log.seconds


def facts(model: Any) -> dict[str, Any]:
    """Return the results of the training for the JSON output."""
    log = model.model_.log
    if log.leaderboard:
        return {"stopped": log.stopped, "oof_loss": log.loss, "leaderboard": log.leaderboard}
    curve = [float(loss) for loss in log.history["train_loss"]]
    return {"stopped": log.stopped, "epochs": log.epochs, "training_loss": curve}


def show_training(model: Any) -> None:
    """Draw the loss curve of a single network, or list the candidates."""
    log = model.model_.log
    if not log.leaderboard:
        title = localization.text(Message("Training loss by epoch"))
        curve = chart(log.history["train_loss"], "\n" + title)
        if curve:
            err.print(curve)
        held_out = log.history["val_loss"]
        if any(loss is not None for loss in held_out):
            title = localization.text(Message("Validation loss by epoch"))
            curve = chart([np.nan if loss is None else loss for loss in held_out], title)
            err.print(curve)
        err.print()
    else:
        err.print()
        out.print(leaderboard(model))
        out.print(OPTIMISTIC)
        out.print()
        if len(log.leaderboard) > 1:
            out.print(by_depth(model))
            out.print()


def show_metrics(metrics: dict[str, Metrics], data: TrainData) -> None:
    """Print the metrics on the test set, and the baselines that are as good as the model."""
    title = Message("{target}: test set, {n} rows", target=data.target, n=len(data.test.target))
    by_label: dict[str, Metrics] = {LABELS[name]: values for name, values in metrics.items()}
    out.print(metric_table(title, by_label, BRIEF))
    details = detail_table(metrics[MODEL])
    if details:
        out.print(details)
    ours = metrics[MODEL]
    metric = main_metric(ours)
    for name, theirs in metrics.items():
        if name in (MODEL, UNTRAINED):
            continue
        score, other = ours[metric], theirs[metric]
        if score is None or other is None or other <= score - CLOSE:
            continue
        if name == LINEAR or not has_better_probabilities(ours, theirs, CLOSE):
            shown = value_text(metric, score), value_text(metric, other)
            err.print(comparison(LABELS[name], NAMES[metric], *shown, other > score + CLOSE))


def comparison(baseline: str, metric: str, score: str, other: str, better: bool) -> Message:
    """Return a comparison of a baseline with the model."""
    if better:
        return Message(
            "The {baseline} baseline is better than this model: {metric} {other}, not {score}.",
            baseline=baseline,
            metric=metric,
            other=other,
            score=score,
        )
    return Message(
        "The {baseline} baseline is as good as this model: {metric} {other} and {score}.",
        baseline=baseline,
        metric=metric,
        other=other,
        score=score,
    )


def report_early_stop(model: Any, time: str | None, run: Path | None = None) -> bool:
    """Report whether training stopped early, and return whether it can be continued."""
    log = model.model_.log
    if log.leaderboard:
        tried = len(log.leaderboard)
        if log.stopped == "interrupted":
            err.print(Message("Interrupted after {n} candidates.", n=tried))
        elif log.stopped == "memory":
            err.print(Message("Out of memory after {n} candidates.", n=tried))
        elif log.stopped == "disk":
            err.print(Message("The run folder could not be written after {n} candidates.", n=tried))
        elif log.stopped == "time":
            err.print(
                Message(
                    "{n} candidates were tried in {time}; a longer --time tries more.",
                    n=tried,
                    time=time,
                )
            )
        if run is not None and log.stopped != "complete":
            err.print(run_text(run))
        return log.stopped in ("interrupted", "memory", "disk")
    n, total = log.epochs, model.mlp_.max_iter
    if log.stopped not in ("interrupted", "time"):
        return False
    stop = Message("Interrupted in epoch {n} of {total}.", n=n + 1, total=total)
    if log.stopped == "time":
        stop = Message(
            "Stopped after {time}, in epoch {n} of {total}.", time=time, n=n, total=total
        )
    resume = Message("Add --resume to the command to continue.")
    err.print(f"{localization.text(stop)} {localization.text(run_text(run) if run else resume)}")
    return True


def run_text(run: Path) -> Message:
    """Return how to resume the training in a run folder."""
    return Message("The same command again continues the run in {run}.", run=str(run))


def suggest(options: TrainOptions, target: str) -> None:
    """Print commands to try next, quoted for the shell."""
    data = options.data
    if data == "-" or data.startswith("/dev/"):
        return
    table, model = as_argument(data), as_argument(options.path)
    train = ["jubako", "train", table]
    train += [] if data in BUILT_IN else [f"--target={target}" if target[:1] == "-" else "--target"]
    train += [] if data in BUILT_IN or target[:1] == "-" else [target]
    commands: list[tuple[list[str], str]] = [
        (["jubako", "predict", model, table], ""),
        (["jubako", "inspect", model], ""),
    ]
    if options.single_network:
        commands.append(([*train, "--hidden", "128,128,128", "--activation", "silu"], ""))
        commands.append((train, Message("search over candidates")))
    else:
        commands.append(([*train, "--preset", "best", "--time", "5m"], ""))
        commands.append(([*train, "--hidden", "8", "--force"], Message("a single network")))
    if data in BUILT_IN:
        commands.append((["jubako", "train", "your.csv", "--target", "COLUMN"], ""))
    err.print()
    err.print(Message("Try next:"))
    for words, remark in commands:
        comment = f"    # {localization.text(remark)}" if remark else ""
        err.print(f"  {shlex.join(words)}{comment}")


def as_argument(path: Path | str) -> str:
    """Return a path that is not parsed as an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)
