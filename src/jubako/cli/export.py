"""`jubako export`: a model as something that needs no Python."""

from pathlib import Path

import numpy as np
from rich.console import Console

from jubako.core.activations import Array
from jubako.estimators.tracing import record
from jubako.explain.recording import recording_page
from jubako.explain.view import MOST_ROWS, choose
from jubako.storage.errors import ModelFileError

from .language import Language
from .loaded import load_with_rows
from .rows import Rows
from .written import check_place, write

MOST_ROWS_IN_STEP = 200  # each gradient is a sum over all of them

err = Console(stderr=True, soft_wrap=True, highlight=False)


def run(
    path: Path,
    data: str | None,
    out: Path | None,
    target: str | None,
    steps: int,
    rate: float | None,
    encoding: str | None,
    force: bool,
    language: Language,
) -> None:
    """Record a training of the model's network on the data, and write it as a page."""
    if not path.exists():
        raise ModelFileError(f"There is no file {str(path)!r}.")
    if data is None:
        raise ValueError(
            "A page shows rows going through the network, and a model file holds none: say which "
            "with --data."
        )
    out = path.with_suffix(".html") if out is None else out
    check_place(out, (".html", ".htm"), data, force)
    model, rows, name = load_with_rows(path, data, target, encoding, err)
    chosen = np.arange(len(rows.y))
    if len(chosen) > MOST_ROWS_IN_STEP:
        err.print(f"The recording takes {MOST_ROWS_IN_STEP} of the {len(chosen)} rows, at random.")
        chosen = np.sort(np.random.default_rng(0).permutation(chosen)[:MOST_ROWS_IN_STEP])
    rows = rows.take(chosen)
    err.print(f"Training for {steps} steps, and writing down their numbers ...")
    recording = record(
        model,
        rows.x,
        rows.y,
        steps=steps,
        learning_rate=rate,
        target=name,
        rows=[str(row + 1) for row in chosen],
    )
    view = choose(recording.traces[-1], rows=unlike(rows))
    write(out, recording_page(recording, view, language.value), err)


def unlike(rows: Rows) -> list[int]:
    """Return a few rows that differ: the first of each class, or the lowest to the highest."""
    values: Array
    values, first = np.unique(rows.y, return_index=True)
    chosen = first[np.linspace(0, len(values) - 1, min(MOST_ROWS, len(values))).astype(int)]
    return [int(row) for row in chosen]
