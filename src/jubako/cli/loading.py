"""What the commands that use a saved model have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.dataset import Dataset, with_target
from jubako.data.errors import TableError, nearest
from jubako.data.inference import check_readable
from jubako.data.schema import check_names, unseen_levels
from jubako.data.target_column import find_target, known_words, left_out, read_target
from jubako.estimators.loading import load_with_note
from jubako.model.errors import ModelFileError
from jubako.model.schema_json import reading_from_plain

from .console import err
from .table_options import TextFormat

MOST_NAMED = 5  # classes in a message


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, and rows that hold the truth."""

    model: Any
    rows: Dataset
    target: str
    left_out: int  # rows without a target
    notes: list[str]  # already printed


def check_tabular(model: Any, path: Path) -> None:
    """Refuse a model that knows no columns.

    Raises
    ------
    ModelFileError
        If it was not trained on a table.
    """
    if model.model_.schema is None:
        raise ModelFileError(
            f"{str(path)!r} is a {type(model).__name__}, which takes arrays and knows no columns: "
            "use it in Python, with jubako.load."
        )


def load_with_rows(
    path: Path, data: str, target: str | None, text: TextFormat, *, known_only: bool = True
) -> Loaded:
    """Load a model, and rows that hold the truth. Say what is left out.

    Parameters
    ----------
    known_only : bool
        Whether rows of a class that the model lacks are left out.

    Raises
    ------
    ModelFileError, TableError
        If one of them is not what it must be.
    """
    model, note = load_with_note(path)
    check_tabular(model, path)
    target = target or note.get("target")
    classes = model.model_.classes
    keep = known_words(model.columns_, target or "", () if classes is None else classes.tolist())
    table, _, notes = text.table(data, keep)
    target = find_target(table, data, target)
    check_names([column.name for column in model.columns_], table, data)
    check_readable(table, {column.name: column.reading for column in model.columns_}, data)
    task = model.model_.task
    reading = target_reading_of(note) or read_target(table[target], target, task)[1].reading
    rows, n_left_out = with_target(table, target, task, classes, reading)
    if not len(rows.target):
        raise TableError(f"{data!r} has no row with a {target!r} to compare with.")
    notes = [*notes]
    if n_left_out:
        notes.append(str(left_out(table, target, reading, classes)))
    if classes is not None:
        known = np.isin(rows.target, classes)
        if not known.all():
            about = about_unknown(rows.target[~known], classes, target)
            if not known.any():
                raise TableError(f"No row of {data!r} has a class that the model knows. {about}")
            done = "are left out" if known_only else "count as wrong, and not for the log loss"
            notes.append(f"{about} These rows {done}.")
            rows = rows.take(np.flatnonzero(known)) if known_only else rows
    notes += unseen_notes(model, rows.table)
    tell(notes)
    return Loaded(model, rows, target, n_left_out, notes)


def target_reading_of(note: Mapping[str, Any]) -> Reading | None:
    """Return how the target was read in training, as the note of a model says.

    Raises
    ------
    ModelFileError
        If the note makes no sense.
    """
    if "target_reading" not in note:
        return None
    try:
        return reading_from_plain(note["target_reading"])
    except ValueError as error:
        raise ModelFileError(f"The note of the model can't be understood: {error}.") from error


def about_unknown(y: Array, classes: Array, target: str) -> str:
    """Say which labels (N,) the model lacks, how many rows have them, and the nearest classes."""
    labels, counts = np.unique(y, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    names = [str(label) for label in classes]
    parts = list[str]()
    for label, count in zip(labels[order][:MOST_NAMED], counts[order], strict=False):
        near = nearest(str(label), names)
        hint = f", is it {near!r}?" if near else ""
        parts.append(f"{str(label)!r} ({count} row{'s' if count > 1 else ''}{hint})")
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    shown = ", ".join(map(repr, names[:MOST_NAMED])) + ", ..." * (len(names) > MOST_NAMED)
    return (
        f"The model does not know these classes of {target!r}: {', '.join(parts)}{more}; it knows "
        f"{shown}."
    )


def unseen_notes(model: Any, table: pa.Table) -> list[str]:
    """Say which categories the model has never seen; it treats them as unknown."""
    return [
        f"{count} row{'s' if count > 1 else ''} with a {name!r} that was not seen in training, "
        f"such as {value!r}."
        for name, (count, value) in unseen_levels(model.columns_, table).items()
    ]


def tell(notes: list[str] | tuple[str, ...]) -> None:
    """Print notes for the user."""
    for note in notes:
        err.print(f"Note: {note}")


def check_columns(names: list[str], table: pa.Table, data: str, option: str) -> None:
    """Refuse names of columns that an option gives and the table lacks.

    Raises
    ------
    TableError
        With the nearest column that there is.
    """
    for name in names:
        if name not in table.column_names:
            near = nearest(name, table.column_names)
            columns = ", ".join(table.column_names[:20])
            hint = f"is it {near!r}?" if near else f"there are {columns}."
            raise TableError(f"{data!r} has no column {name!r} for {option}: {hint}")
