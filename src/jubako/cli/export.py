"""`jubako export`: a model as something that needs no Python."""

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
from jubako.model.errors import ModelFileError

from .console import err
from .errors import UsageError
from .loading import load_with_rows
from .output_files import check_output, write_page
from .table_options import TextFormat

MOST_ROWS_IN_STEP = 200  # each gradient is a sum over all of them


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
        raise ModelFileError(f"There is no file {str(path)!r}.")
    data = known_data(path) if data is None else data
    out = path.with_suffix(".html") if out is None else out
    check_output(out, [data, path], (".html", ".htm"), force)
    loaded = load_with_rows(path, data, target, text)
    rows = loaded.rows
    chosen = np.arange(len(rows.target))
    if len(chosen) > MOST_ROWS_IN_STEP:
        err.print(f"The recording takes {MOST_ROWS_IN_STEP} of the {len(chosen)} rows, at random.")
        chosen = np.sort(np.random.default_rng(0).permutation(chosen)[:MOST_ROWS_IN_STEP])
    rows = rows.take(chosen)
    err.print(f"Training for {steps} steps, and writing down their numbers ...")
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
        TextColumn("  writing"), BarColumn(20), TimeRemainingColumn(), console=err, transient=True
    ) as bar:
        task = bar.add_task("", total=None)
        page = recording_page(
            recording, view, language.value, lambda n, all: bar.update(task, completed=n, total=all)
        )
    write_page(out, page)


def known_data(path: Path) -> str:
    """Return the built-in table that a model was trained on: a file would have to be said.

    Raises
    ------
    UsageError
        If it was trained on something else, which is not in the model file.
    """
    _, note = load_with_note(path)
    data = note.get("data")
    if data in BUILT_IN:
        return data
    table = f"{str(path)!r} was trained on {data!r}" if data else "the page shows rows"
    raise UsageError(
        f"A model file holds no rows, and {table}: say with --data FILE where the table is."
    )


def unlike(rows: Dataset) -> list[int]:
    """Return a few rows that differ: the first of each class, or the lowest to the highest."""
    values: Array
    values, first = np.unique(rows.target, return_index=True)
    chosen = first[np.linspace(0, len(values) - 1, min(MAX_ROWS, len(values))).astype(int)]
    return [int(row) for row in chosen]
