"""`jubako train`: networks for one table, measured on rows that they have not seen, and saved."""

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sklearn.base import clone, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV

from jubako.ensemble.trials import Progress as Fit
from jubako.estimators.plain import BasePlain, PlainClassifier, PlainRegressor
from jubako.estimators.saving import load_with_note
from jubako.estimators.tabular import TabularClassifier, TabularRegressor
from jubako.storage.errors import ModelFileError
from jubako.storage.file import SUFFIX
from jubako.table.columns import Column, Dropped, check_names, encode, fit_columns
from jubako.table.errors import TableError
from jubako.table.read import BUILT_IN, read_table
from jubako.training.loop import Record

from .board import by_depth, leaderboard
from .chart import chart
from .errors import DONE, STOPPED_EARLY
from .rows import Rows, Task, find_target, find_task, split, with_splitting, with_target
from .scores import class_counts, detail_table, main_score, score_table, scores

CLOSE = 0.005  # a score that is higher by less than this is as good
MOST_SHOWN = 40  # columns in the summary

out, err = Console(), Console(stderr=True, soft_wrap=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, as said on the command line."""

    data: str
    target: str | None
    task: str
    test: str
    val: str | None
    groups: str | None
    order_by: str | None
    refit: bool
    preset: str | None
    plain: bool
    hidden: str | None
    activation: str | None
    dropout: float | None
    epochs: int | None
    time: str | None
    seed: int
    out: Path | None
    resume: bool
    encoding: str | None
    json: bool
    force: bool


def run(wish: Wish) -> int:
    """Read, train, save, measure, and print what came of it. Return the exit code."""
    path = wish.out or Path(re.sub(r"(\.\w+)+$", "", Path(wish.data).name).strip("-") or "model")
    path = path if wish.out else path.with_suffix(SUFFIX)
    plain = is_plain(wish)
    table, taken_for, _ = read_table(wish.data, wish.encoding)
    target = find_target(table, wish.data, wish.target)
    check_place(path, target, wish)
    task = find_task(table[target], target, wish.task)
    rows, n_without = with_target(table, target, task)
    del table
    if task == "classify" and len(np.unique(rows.y)) < 2:
        raise TableError(
            f"The target {target!r} is {rows.y[0]} in all rows: there is nothing to tell apart."
        )
    n_rows = len(rows.y)
    rows = with_splitting(rows, wish.groups, wish.order_by)
    rows, test = part(rows, wish.test, task, target, wish, "measuring (--test)")
    val = None
    if wish.val:
        rows, val = part(rows, wish.val, task, target, wish, "choosing the epoch (--val)")
    model = resumed(path, task) if wish.resume else new(task, wish, plain)
    model.set_params(time_limit=seconds(wish.time))
    left_out = f" ({n_without} more lack {target!r})" if n_without else ""
    kind = f"{len(np.unique(rows.y))} classes" if task == "classify" else "a number"
    err.print(f"{wish.data}: {taken_for}, {n_rows} rows{left_out}. {target}: {kind}.", markup=False)
    if not wish.resume:
        show_columns(*fit_columns(rows.x, model.codes))
    before: Any = None
    if plain and not wish.resume:
        before = clone(model)
        before.set_params(max_iter=0).fit(rows.x, rows.y)
    if plain:
        model.set_params(early_stopping=val is not None)
        if wish.epochs is not None:
            model.set_params(max_iter=wish.epochs)
    (fit_one if plain else fit_many)(model, rows, val)
    note = {
        "data": Path(wish.data).name,
        "target": target,
        "task": task,
        "rows": len(rows.y),
        "seed": wish.seed,
        "seconds": round(seconds_of(model), 3),
    }
    model.save(path, note)  # before measuring, so that it is safe

    measured = {} if before is None else {"before training": scores(before, test.x, test.y)}
    measured["after training"] = scores(model, test.x, test.y)
    measured |= baselines(model, rows, test)
    if wish.json:
        answer = {"schema_version": 1, "model": str(path), **note, "test_rows": len(test.y)}
        answer |= {"scores": measured, **facts(model)}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        show_training(model)
        show(measured, test, target, task)
    err.print(f"Saved as {path}.", markup=False)
    early = tell_if_early(model, wish)
    suggest(wish, path, target, plain)
    return STOPPED_EARLY if early else DONE


def is_plain(wish: Wish) -> bool:
    """Tell whether one network is wanted: said so, or one is described.

    Raises
    ------
    ValueError
        If many are wanted too.
    """
    given = {
        "--plain": wish.plain or None,
        "--hidden": wish.hidden,
        "--activation": wish.activation,
        "--dropout": wish.dropout,
        "--epochs": wish.epochs,
        "--resume": wish.resume or None,
    }
    many = {
        f"--preset {wish.preset}": wish.preset,
        "--groups": wish.groups,
        "--order-by": wish.order_by,
        "--refit": wish.refit or None,
    }
    asked, others = (
        [name for name, value in some.items() if value is not None] for some in (given, many)
    )
    if asked and others:
        raise ValueError(
            f"{others[0]} is for many networks, and {asked[0]} for one: leave one of the two out."
        )
    if wish.groups and wish.order_by:
        raise ValueError("--groups and --order-by both say how to split: leave one of them out.")
    return bool(asked)


def check_place(path: Path, target: str, wish: Wish) -> None:
    """Refuse to overwrite what is not an earlier model of the same target.

    Raises
    ------
    ValueError
        With what to do instead.
    """
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {str(path.parent)!r} to save the model in.")
    if not path.exists() or wish.force:
        if wish.resume and not path.exists():
            raise ValueError(f"There is no model {str(path)!r} to go on from: leave out --resume.")
        return
    try:
        earlier = load_with_note(path)[1].get("target")
    except ModelFileError as error:
        if wish.resume:
            raise
        raise ValueError(f"{path} exists and is no model: choose --out, or --force.") from error
    if earlier != target:
        raise ValueError(f"{path} holds a model for {earlier!r}: choose another --out, or --force.")


def part(
    rows: Rows, share: str, task: Task, target: str, wish: Wish, what: str
) -> tuple[Rows, Rows]:
    """Split off a share of the rows, or read other rows from a file."""
    try:
        number = float(share)
    except ValueError:
        table = read_table(share, wish.encoding).table
        find_target(table, share, target)
        other, _ = with_target(table, target, task, classes=rows.y)
        if task == "classify":
            new_labels = np.setdiff1d(other.y, rows.y)
            if len(new_labels):
                raise TableError(
                    f"{share!r} has rows of class {new_labels[0]}, of which {wish.data!r} has none."
                ) from None
        check_names(rows.x.column_names, other.x, share)
        return rows, other
    if not 0 < number < 1:
        raise ValueError(f"{share} is no share of the rows: it must lie between 0 and 1.")
    return split(rows, number, task, wish.seed, what)


def new(task: Task, wish: Wish, plain: bool) -> Any:
    """Return the estimator that was asked for, not yet trained."""
    if not plain:
        many: Any = TabularClassifier if task == "classify" else TabularRegressor
        return many(wish.preset or "default", refit=wish.refit, random_state=wish.seed)
    hidden = "64,64" if wish.hidden is None else wish.hidden
    try:
        sizes = tuple(int(size) for size in hidden.split(",") if size.strip())
    except ValueError:
        raise ValueError(f"--hidden {hidden!r} is no list of sizes such as 64,64.") from None
    names = (wish.activation or "relu").split(",")
    cls: Any = PlainClassifier if task == "classify" else PlainRegressor
    return cls(
        sizes,
        names[0] if len(names) == 1 else names,
        dropout=wish.dropout,
        random_state=wish.seed,
    )


def resumed(path: Path, task: Task) -> Any:
    """Load the model to go on from."""
    model, note = load_with_note(path)
    if note.get("task") != task:
        raise ValueError(f"{path} was trained to {note.get('task')}, not to {task}.")
    if not isinstance(model, BasePlain):
        raise ValueError(
            f"{path} holds many networks, which have ended: --resume goes on with one, trained "
            "with --plain."
        )
    return model.set_params(warm_start=True)


def seconds(text: str | None) -> float | None:
    """Read a span of time: 60s, 5m, 1h; without a unit seconds."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not match or float(match[1]) == 0:
        raise ValueError(f"--time {text!r} is no span of time such as 60s, 5m or 1h.")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def show_columns(columns: list[Column], dropped: list[Dropped]) -> None:
    """List the columns as they were understood."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in columns[:MOST_SHOWN]:
        table.add_row("  " + escape(column.name), escape(column.describe()))
    if len(columns) > MOST_SHOWN:
        table.add_row(f"  ... and {len(columns) - MOST_SHOWN} more columns")
    for column in dropped[:MOST_SHOWN]:
        table.add_row("  " + escape(column.name), f"left out: {escape(column.reason)}")
    err.print(table)


def bar_of(text: str) -> Progress:
    """Return a bar on stderr, with the time left."""
    return Progress(
        TextColumn("training"),
        BarColumn(),
        TextColumn(text),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def fit_one(model: Any, rows: Rows, val: Rows | None) -> None:
    """Train one network, and show how far it is."""
    text = "epoch {task.completed:.0f} of {task.total:.0f}, loss {task.fields[loss]}"
    with bar_of(text) as bar:
        task = bar.add_task("training", total=model.epochs(len(rows.y)), loss="-")

        def show_epoch(record: Record) -> None:
            loss = f"{record.train_loss:.4f}"
            if record.val_loss is not None:
                loss += f", on --val {record.val_loss:.4f}"
            bar.update(task, completed=record.epoch, loss=loss)
            if record.message:
                err.print(record.message)

        fit(model, rows, val, show_epoch)


def fit_many(model: Any, rows: Rows, val: Rows | None) -> None:
    """Train networks of many kinds, and show how far they are."""
    with bar_of("{task.fields[what]}") as bar:
        task = bar.add_task("training", total=1, what="", again=False)

        def show_epoch(now: Fit) -> None:
            done = now.number - 1 + now.epoch / now.n_epochs
            layers = "-".join(map(str, now.member.hidden)) or "linear"
            if now.again and not bar.tasks[task].fields["again"]:
                bar.reset(task, again=True)
            what = "again, from all rows: network" if now.again else "network"
            bar.update(
                task,
                completed=done / now.n_members,
                what=f"{what} {now.number} of {now.n_members} ({layers}), epoch {now.epoch} of "
                f"{now.n_epochs}",
            )

        fit(model, rows, val, show_epoch)


def fit(model: Any, rows: Rows, val: Rows | None, callback: Callable[[Any], None]) -> None:
    """Train, with one callback."""
    model.set_params(callbacks=[callback])
    judges = {"groups": rows.groups, "time": rows.times}
    if val is not None:
        judges = {"X_val": val.x, "y_val": val.y}
    more = {name: values for name, values in judges.items() if values is not None}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the end says why it stopped
            model.fit(rows.x, rows.y, **more)
    finally:
        model.set_params(callbacks=None)


def seconds_of(model: Any) -> float:
    """Return how long training took."""
    if not isinstance(model, BasePlain):
        return model.seconds_
    history = model.mlp_.history_["seconds"]
    return history[-1] if model.mlp_.n_iter_ else 0.0


def facts(model: Any) -> dict[str, Any]:
    """Return what JSON says of the training."""
    if not isinstance(model, BasePlain):
        return {"stopped": model.stopped_, "loss": model.loss_, "leaderboard": model.board_}
    mlp = model.mlp_
    curve = [float(loss) for loss in mlp.loss_curve_]
    return {"epochs": mlp.n_iter_, "stopped": model.stopped_, "loss_curve": curve}


def baselines(model: Any, rows: Rows, test: Rows) -> dict[str, dict[str, Any]]:
    """Measure what costs nothing: always the same answer, and a linear model."""
    classify = is_classifier(model)
    columns, _ = fit_columns(rows.x)
    x, x_test = (encode(columns, part.x) for part in (rows, test))
    constant = DummyClassifier(strategy="prior") if classify else DummyRegressor()
    linear = LogisticRegression(max_iter=300) if classify else RidgeCV(np.logspace(-2, 4, 7))
    names = "the commonest class" if classify else "always the mean", "a linear model"
    result = {}
    for name, baseline in zip(names, (constant, linear), strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge to be compared with
            baseline.fit(x, rows.y)
        result[name] = scores(baseline, x_test, test.y)
    return result


def show_training(model: Any) -> None:
    """Draw how the loss of one network fell, or list the networks that were tried."""
    if isinstance(model, BasePlain):
        curve = chart(model.mlp_.loss_curve_, "\nLoss on the rows to learn from, by epoch")
        if curve:
            err.print(curve, markup=False)
        held_out = model.mlp_.history_["val_loss"]
        if any(loss is not None for loss in held_out):
            curve = chart([np.nan if loss is None else loss for loss in held_out], "Loss on --val")
            err.print(curve, markup=False)
        err.print()
    else:
        err.print()
        out.print(leaderboard(model))
        out.print()
        if len(model.board_) > 1:
            out.print(by_depth(model))
            out.print()


def show(measured: dict[str, Any], test: Rows, target: str, task: Task) -> None:
    """Print the scores."""
    out.print(score_table(f"{escape(target)}: on {len(test.y)} rows not seen", measured))
    counts = class_counts(test.y) if task == "classify" else {}
    details = detail_table(measured["after training"], counts)
    if details:
        out.print(details)
    ours = measured["after training"]
    for name, theirs in measured.items():
        score, other = main_score(ours)[1], main_score(theirs)[1]
        if name in ("before training", "after training") or score is None or other is None:
            continue
        if other > score - CLOSE and (name == "a linear model" or not is_surer(ours, theirs)):
            better = "better than" if other > score + CLOSE else "as good as"
            err.print(f"{name[0].upper()}{name[1:]} is {better} this here.")


def is_surer(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Tell whether the first probabilities are the better ones, whatever is right more often."""
    first, second = ours.get("log_loss"), theirs.get("log_loss")
    return first is not None and second is not None and first < second - CLOSE


def tell_if_early(model: Any, wish: Wish) -> bool:
    """Say so if training was ended before its end, and return whether it was."""
    if not isinstance(model, BasePlain):
        tried = len(model.board_)
        if model.stopped_ == "interrupted":
            err.print(f"Interrupted, with {tried} networks tried.")
        elif model.stopped_ == "time":
            err.print(f"{tried} networks tried in {wish.time}: with more time, more are.")
        return model.stopped_ == "interrupted"
    stopped = model.stopped_
    if stopped not in ("interrupted", "time"):
        return False
    why = "Interrupted" if stopped == "interrupted" else f"Stopped after {wish.time}"
    err.print(
        f"{why}, in epoch {model.mlp_.n_iter_ + (stopped == 'interrupted')} of "
        f"{model.mlp_.max_iter}. To go on: add --resume to the command.",
        markup=False,
    )
    return True


def suggest(wish: Wish, path: Path, target: str, plain: bool) -> None:
    """Print commands to try next."""
    if wish.data == "-":
        return
    data = f"'{wish.data}'" if " " in wish.data else wish.data
    option = "" if wish.data in BUILT_IN else f" --target {target}"
    lines = [f"jubako predict {path} {data}", f"jubako inspect {path}"]
    if plain:
        lines.append(f"jubako train {data}{option} --hidden 128,128,128 --activation silu")
        lines.append(f"jubako train {data}{option}    # many kinds of networks")
    else:
        lines.append(f"jubako train {data}{option} --preset best --time 5m")
        lines.append(f"jubako train {data}{option} --hidden 8 --force    # one network, by hand")
    if wish.data in BUILT_IN:
        lines.append("jubako train your.csv --target COLUMN")
    err.print("\nTry next:")
    for line in lines:
        err.print(f"  {line}", markup=False)
