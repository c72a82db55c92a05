"""What `jubako train` prints of a model: how it was trained, how good it is, what to try next."""

import shlex
from pathlib import Path
from typing import Any

import numpy as np

from jubako.data.dataset import Dataset
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.target_column import Task, class_counts
from jubako.evaluation.baselines import LINEAR
from jubako.evaluation.metrics import has_better_probabilities, main_metric

from .chart import chart
from .console import err, out
from .leaderboard import by_depth, leaderboard
from .score_tables import detail_table, score_table

CLOSE = 0.005  # a score that is higher by less than this is as good


def seconds_of(model: Any) -> float:
    """Return how long training took."""
    return model.model_.log.seconds


def facts(model: Any) -> dict[str, Any]:
    """Return what JSON says of the training."""
    log = model.model_.log
    if log.leaderboard:
        return {"stopped": log.stopped, "loss": log.loss, "leaderboard": log.leaderboard}
    curve = [float(loss) for loss in log.history["train_loss"]]
    return {"epochs": log.epochs, "stopped": log.stopped, "loss_curve": curve}


def show_training(model: Any) -> None:
    """Draw how the loss of one network fell, or list the networks that were tried."""
    log = model.model_.log
    if not log.leaderboard:
        curve = chart(log.history["train_loss"], "\nLoss on the rows to learn from, by epoch")
        if curve:
            err.print(curve)
        held_out = log.history["val_loss"]
        if any(loss is not None for loss in held_out):
            curve = chart([np.nan if loss is None else loss for loss in held_out], "Loss on --val")
            err.print(curve)
        err.print()
    else:
        err.print()
        out.print(leaderboard(model))
        out.print()
        if len(log.leaderboard) > 1:
            out.print(by_depth(model))
            out.print()


def show(measured: dict[str, Any], test: Dataset, target: str, task: Task) -> None:
    """Print the scores."""
    out.print(score_table(f"{target}: on {len(test.target)} rows not seen", measured))
    counts = class_counts(test.target) if task == "classify" else {}
    details = detail_table(measured["after training"], counts)
    if details:
        out.print(details)
    ours = measured["after training"]
    for name, theirs in measured.items():
        score, other = main_metric(ours), main_metric(theirs)
        if name in ("before training", "after training") or score is None or other is None:
            continue
        if other > score - CLOSE and (
            name == LINEAR or not has_better_probabilities(ours, theirs, CLOSE)
        ):
            better = "better than" if other > score + CLOSE else "as good as"
            err.print(f"{name[0].upper()}{name[1:]} is {better} this here.")


def tell_if_early(model: Any, time: str | None) -> bool:
    """Say so if training was ended before its end, and return whether it was."""
    log = model.model_.log
    if log.leaderboard:
        tried = len(log.leaderboard)
        if model.stopped_ == "interrupted":
            err.print(f"Interrupted, with {tried} networks tried.")
        elif model.stopped_ == "memory":
            err.print(f"Memory was used up, with {tried} networks tried.")
        elif model.stopped_ == "time":
            err.print(f"{tried} networks tried in {time}: with more time, more are.")
        return model.stopped_ in ("interrupted", "memory")
    stopped = model.stopped_
    if stopped not in ("interrupted", "time"):
        return False
    why = "Interrupted" if stopped == "interrupted" else f"Stopped after {time}"
    err.print(
        f"{why}, in epoch {log.epochs + (stopped == 'interrupted')} of "
        f"{model.mlp_.max_iter}. To go on: add --resume to the command.",
        markup=False,
    )
    return True


def suggest(data: str, path: Path, target: str, plain: bool) -> None:
    """Print commands to try next, quoted so that a shell runs nothing else."""
    if data == "-" or data.startswith("/dev/"):
        return
    table, model = as_argument(data), as_argument(path)
    train = ["jubako", "train", table]
    train += [] if data in BUILT_IN else [f"--target={target}" if target[:1] == "-" else "--target"]
    train += [] if data in BUILT_IN or target[:1] == "-" else [target]
    commands = [
        (["jubako", "predict", model, table], ""),
        (["jubako", "inspect", model], ""),
    ]
    if plain:
        commands.append(([*train, "--hidden", "128,128,128", "--activation", "silu"], ""))
        commands.append((train, "    # many kinds of networks"))
    else:
        commands.append(([*train, "--preset", "best", "--time", "5m"], ""))
        commands.append(([*train, "--hidden", "8", "--force"], "    # one network, by hand"))
    if data in BUILT_IN:
        commands.append((["jubako", "train", "your.csv", "--target", "COLUMN"], ""))
    err.print("\nTry next:")
    for words, remark in commands:
        err.print(f"  {shlex.join(words)}{remark}")


def as_argument(path: Path | str) -> str:
    """Return a path that a command does not take for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)
