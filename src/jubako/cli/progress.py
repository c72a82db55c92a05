"""Training from the command line: its progress, its warnings, and signals that end it early."""

import warnings
from collections.abc import Callable
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from jubako.data.dataset import Dataset
from jubako.search.config import Progress as Fit
from jubako.training.history import Record

from .console import err
from .interrupts import interrupts


def bar_of(text: str) -> Progress:
    """Return a bar on stderr, with the time left."""
    return Progress(
        TextColumn("training"),
        BarColumn(),
        TextColumn(text, markup=False),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def fit_one(model: Any, rows: Dataset, val: Dataset | None) -> None:
    """Train one network, and show how far it is."""
    text = "epoch {task.completed:.0f} of {task.total:.0f}, loss {task.fields[loss]}"
    with bar_of(text) as bar:
        task = bar.add_task("training", total=model.epochs(len(rows.target)), loss="-")

        def show_epoch(record: Record) -> None:
            loss = f"{record.train_loss:.4f}"
            if record.val_loss is not None:
                loss += f", on --val {record.val_loss:.4f}"
            bar.update(task, completed=record.epoch, loss=loss)

        fit(model, rows, val, show_epoch)


def fit_many(model: Any, rows: Dataset, val: Dataset | None) -> None:
    """Train networks of many kinds, and show how far they are."""
    with bar_of("{task.fields[what]}") as bar:
        task = bar.add_task("training", total=1, what="", again=False)

        def show_epoch(now: Fit) -> None:
            done = now.number - 1 + now.epoch / now.n_epochs
            layers = "-".join(map(str, now.candidate.hidden)) or "linear"
            if now.refit and not bar.tasks[task].fields["again"]:
                bar.reset(task, again=True)
            what = "again, from all rows: network" if now.refit else "network"
            bar.update(
                task,
                completed=done / now.n_candidates,
                what=f"{what} {now.number} of {now.n_candidates} ({layers}), epoch {now.epoch} of "
                f"{now.n_epochs}",
            )

        fit(model, rows, val, show_epoch)


def fit(model: Any, rows: Dataset, val: Dataset | None, callback: Callable[[Any], None]) -> None:
    """Train, with one callback. Signals end it early; what is learned until then is kept."""
    model.set_params(callbacks=[callback])
    judges = {"groups": rows.groups, "time": rows.time}
    if val is not None:
        judges = {"X_val": val.table, "y_val": val.target}
    more = {name: values for name, values in judges.items() if values is not None}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Training interrupted")  # the report says so
            with interrupts.let_through():
                model.fit(rows.table, rows.target, **more)
    finally:
        model.set_params(callbacks=None)
