"""`jubako export --format recording`: a training as a page that needs no Python."""

from pathlib import Path

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from jubako.core.activations import Array
from jubako.data.dataset import Dataset
from jubako.data.readers.builtin import BUILT_IN
from jubako.estimators.loading import load_with_note
from jubako.estimators.tracing import record
from jubako.explain.render.recording import recording_page
from jubako.explain.selection import MAX_ROWS, choose
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError

from .console import err
from .errors import UsageError
from .loading import load_with_rows
from .localization import localization
from .output_files import check_output, write_page
from .table_options import TextFormat

MOST_ROWS_IN_STEP = 200  # each gradient is a sum over all rows


def run(
    path: Path,
    data: str | None,
    out: Path | None,
    target: str | None,
    steps: int,
    rate: float | None,
    text: TextFormat,
    force: bool,
    language: Language,
) -> None:
    """Record a training of the model's network on the data, and write it as a page."""
    if not path.exists():
        raise ModelFileError(Message("There is no model file {path!r}.", path=str(path)))
    data = known_data(path) if data is None else data
    out = path.with_suffix(".html") if out is None else out
    check_output(out, [data, path], (".html", ".htm"), force)
    loaded = load_with_rows(path, data, target, text)
    rows = loaded.rows
    chosen = np.arange(len(rows.target))
    if len(chosen) > MOST_ROWS_IN_STEP:
        err.print(
            Message(
                "A random sample of {most} of the {n} rows is recorded.",
                most=MOST_ROWS_IN_STEP,
                n=len(chosen),
            )
        )
        chosen = np.sort(np.random.default_rng(0).permutation(chosen)[:MOST_ROWS_IN_STEP])
    rows = rows.take(chosen)
    err.print(Message("Recording {steps} steps of training ...", steps=steps))
    recording = record(
        loaded.model,
        rows.table,
        rows.target,
        steps=steps,
        learning_rate=rate,
        target=loaded.target,
        rows=[str(row + 1) for row in chosen],
    )
    view = choose(recording.traces[-1], rows=unlike(rows))
    with Progress(
        TextColumn(localization.text(Message("  writing"))),
        BarColumn(20),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)
        page = recording_page(
            recording, view, language.value, lambda n, all: bar.update(task, completed=n, total=all)
        )
    write_page(out, page)


def known_data(path: Path) -> str:
    """Return the built-in table that a model was trained on; a file must be given with --data.

    Raises
    ------
    UsageError
        If it was trained on something else, which is not in the model file.
    """
    _, note = load_with_note(path)
    data = note.get("data")
    if data in BUILT_IN:
        return data
    raise UsageError(
        Message(
            "The model file {path!r} holds no rows: give its table{name} with --data FILE.",
            path=str(path),
            name=f" ({data})" if data else "",
        )
    )


def unlike(rows: Dataset) -> list[int]:
    """Return a few distinct rows: the first of each class, or from the lowest to the highest."""
    values: Array
    values, first = np.unique(rows.target, return_index=True)
    chosen = first[np.linspace(0, len(values) - 1, min(MAX_ROWS, len(values))).astype(int)]
    return [int(row) for row in chosen]
