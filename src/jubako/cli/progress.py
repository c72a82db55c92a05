"""The progress of training, and the signals that stop it early."""

import warnings
from collections.abc import Callable
from datetime import timedelta
from math import ceil, inf
from typing import Any

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from jubako.data.dataset import Dataset
from jubako.i18n.messages import Message
from jubako.search.config import Progress as SearchProgress
from jubako.search.prepared_files import PreparedFiles
from jubako.training.history import Record

from .console import err
from .interrupts import interrupts
from .localization import localization


class TimeLeft(ProgressColumn):
    """The time left, estimated by the completed fraction; not more than the time limit leaves.

    Parameters
    ----------
    time_limit : float or None
        Seconds.
    """

    def __init__(self, time_limit: float | None) -> None:
        super().__init__()
        self.time_limit = time_limit

    def render(self, task: Task) -> Text:
        """Return the time left, in hours, minutes and seconds."""
        estimates = [] if task.time_remaining is None else [task.time_remaining]
        if self.time_limit is not None:
            estimates.append(max(0.0, self.time_limit - (task.elapsed or 0.0)))
        left = timedelta(seconds=ceil(min(estimates))) if estimates else "-:--:--"
        return Text(str(left), style="progress.remaining")


def progress_bar(label: str, text: str, time_limit: float | None = None) -> Progress:
    """Return a progress bar on standard error, with the time left and a text.

    Parameters
    ----------
    label : str
        Before the bar.
    text : str
        After the time left, with the fields of the task in braces.
    time_limit : float or None
        Seconds.
    """
    return Progress(
        TextColumn(localization.text(label), markup=False),
        BarColumn(bar_width=20),
        TimeLeft(time_limit),
        # in what the others leave of the line, or in several lines
        TextColumn(text, markup=False, table_column=Column(ratio=1)),
        console=err,
        expand=True,
        disable=not err.is_terminal,
    )


def fit_one(model: Any, rows: Dataset | PreparedFiles, val: Dataset | None) -> None:
    """Train a single network, and show its epoch and its loss."""
    with progress_bar(Message("training"), "{task.fields[text]}", model.time_limit) as bar:
        if isinstance(rows, Dataset):
            total = model.epochs(len(rows.target))
        else:
            total = model.epochs(rows.n_rows) * rows.epochs_in_pass
        task = bar.add_task("training", total=total, text="")

        def show_epoch(record: Record) -> None:
            loss = f"{record.train_loss:.4f}"
            text = Message(
                "epoch {n} of {total}, loss {loss}", n=record.epoch, total=total, loss=loss
            )
            if record.val_loss is not None:
                text = Message(
                    "epoch {n} of {total}, loss {loss}, validation loss {val_loss}",
                    n=record.epoch,
                    total=total,
                    loss=loss,
                    val_loss=f"{record.val_loss:.4f}",
                )
            bar.update(task, completed=record.epoch, text=localization.text(text))

        fit(model, rows, val, show_epoch)


def fit_many(model: Any, rows: Dataset | PreparedFiles, val: Dataset | None) -> None:
    """Search over candidates, and show the candidate, its epoch and the lowest loss so far."""
    with progress_bar(Message("training"), "{task.fields[text]}", model.time_limit) as bar:
        start = localization.text(Message("encoding the table"))
        task = bar.add_task("training", total=1, text=start, refit=False, lowest=inf)

        def show_epoch(now: SearchProgress) -> None:
            text = Message(
                "candidate {number} of {n_candidates} ({layers}), epoch {epoch} of {n_epochs}",
                number=now.number,
                n_candidates=now.n_candidates,
                layers="-".join(map(str, now.candidate.hidden)) or "linear",
                epoch=now.epoch,
                n_epochs=now.n_epochs,
            )
            if now.refit:
                text = Message("refit on all rows: {candidate}", candidate=text)
                if not bar.tasks[task].fields["refit"]:
                    bar.reset(task, refit=True, lowest=inf)
            fields = bar.tasks[task].fields
            if not now.refit and now.record.val_loss is not None:
                fields["lowest"] = min(fields["lowest"], now.record.val_loss)
            if now.n_running > 1:
                text = Message("{candidate}, {n} in training", candidate=text, n=now.n_running)
            if fields["lowest"] < inf:
                loss = f"{fields['lowest']:.4f}"
                text = Message("{candidate}, lowest loss {loss}", candidate=text, loss=loss)
            bar.update(task, completed=now.done, text=localization.text(text))

        fit(model, rows, val, show_epoch)


def fit(
    model: Any,
    rows: Dataset | PreparedFiles,
    val: Dataset | None,
    callback: Callable[[Any], None],
) -> None:
    """Fit a model with one callback. Signals end it early, and the model so far is kept."""
    model.set_params(callbacks=[callback])
    X: Any = rows.table if isinstance(rows, Dataset) else rows
    options = dict[str, Any]()
    if isinstance(rows, Dataset):
        options = {"groups": rows.groups, "time": rows.time}
        if val is not None:
            options = {"X_val": val.table, "y_val": val.target}
        options |= {"sample_weight": rows.weights}
    given = {name: values for name, values in options.items() if values is not None}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Training interrupted")  # the report has it
            with interrupts.let_through():
                model.fit(X, rows.target, **given)
    finally:
        model.set_params(callbacks=None)
