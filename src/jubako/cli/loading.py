"""Loading of a saved model, and of rows with their target."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import check_names, unseen_notes
from jubako.data.dataset import Dataset, with_target
from jubako.data.errors import TableError, nearest
from jubako.data.inference import check_readable
from jubako.data.memory import available_memory
from jubako.data.target_column import find_target, known_words, missing_target_note, read_target
from jubako.estimators.loading import load_with_note
from jubako.i18n.messages import Message, Series
from jubako.model.errors import ModelFileError
from jubako.model.schema_json import reading_from_plain

from .console import print_notes
from .large_tables import read_or_sample, size_of
from .table_options import TextFormat

MOST_NAMED = 5  # classes in a message


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, and rows with its target."""

    model: Any
    rows: Dataset
    target: str
    n_dropped: int  # rows without a target
    notes: list[str]  # already printed


def check_tabular(model: Any, path: Path) -> None:
    """Check that a model was trained on a table.

    Raises
    ------
    ModelFileError
        If not.
    """
    if model.model_.schema is None:
        raise ModelFileError(
            Message(
                "{path!r} is a {kind}, which predicts arrays, not tables: use it in Python, with "
                "jubako.load.",
                path=str(path),
                kind=type(model).__name__,
            )
        )


def load_with_rows(
    path: Path, data: str, target: str | None, text: TextFormat, *, known_only: bool = True
) -> Loaded:
    """Load a model, and rows with its target; print notes on rows that are left out.

    Parameters
    ----------
    known_only : bool
        Whether rows of a class that the model does not know are left out.

    Raises
    ------
    ModelFileError, TableError
        If the model or the table is invalid.
    """
    model, note = load_with_note(path)
    check_tabular(model, path)
    target = target or note.get("target")
    classes = model.model_.classes
    keep = known_words(model.columns_, target or "", () if classes is None else classes.tolist())
    size = size_of(data, text)
    fits = not size or size.n_bytes_to_read < available_memory()
    table, _, notes = read_or_sample(data, text, keep, size, fits)
    target = find_target(table, data, target)
    check_names([column.name for column in model.columns_], table, data)
    check_readable(table, {column.name: column.reading for column in model.columns_}, data)
    task = model.model_.task
    reading = (
        target_reading_of(note)
        or model.model_.target_reading
        or read_target(table[target], target, task)[1].reading
    )
    rows, n_dropped = with_target(table, target, task, classes, reading)
    if not len(rows.target):
        raise TableError(
            Message("{data!r} has no row with a value of {target!r}.", data=data, target=target)
        )
    notes = [*notes]
    if n_dropped:
        notes.append(missing_target_note(table, target, reading, classes) or "")
    if classes is not None:
        known = np.isin(rows.target, classes)
        if not known.all():
            about = about_unknown(rows.target[~known], classes, target)
            if not known.any():
                raise TableError(
                    Message(
                        "No row of {data!r} has a class that the model knows. {about}",
                        data=data,
                        about=about,
                    )
                )
            left = Message("{about} These rows are left out.", about=about)
            wrong = Message(
                "{about} These rows count as wrong, but not for the log loss and ROC AUC.",
                about=about,
            )
            notes.append(left if known_only else wrong)
            rows = rows.take(np.flatnonzero(known)) if known_only else rows
    notes += unseen_notes(model.columns_, rows.table)
    print_notes(notes)
    return Loaded(model, rows, target, n_dropped, notes)


def target_reading_of(note: Mapping[str, object]) -> Reading | None:
    """Return how the target was read in training, from the note of a model.

    Raises
    ------
    ModelFileError
        If the note is invalid.
    """
    if "target_reading" not in note:
        return None
    try:
        return reading_from_plain(note["target_reading"])
    except ValueError as error:
        raise ModelFileError(
            Message("The metadata of the model can't be read: {error}.", error=str(error))
        ) from error


def about_unknown(y: Array, classes: Array, target: str) -> Message:
    """Describe the labels (N,) that the model lacks: counts, and the most similar classes."""
    labels, counts = np.unique(y, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    names = [str(label) for label in classes]
    named = [
        about_label(str(labels[i]), int(counts[i]), nearest(str(labels[i]), names))
        for i in order[:MOST_NAMED]
    ]
    if len(labels) > MOST_NAMED:
        named.append(Message("and {n} more", n=len(labels) - MOST_NAMED))
    known = [*map(repr, names[:MOST_NAMED]), *(["..."] if len(names) > MOST_NAMED else [])]
    return Message(
        "The model does not know these classes of {target!r}: {unknown}; it knows {known}.",
        target=target,
        unknown=Series(named),
        known=Series(known),
    )


def about_label(label: str, n: int, near: str | None) -> Message:
    """Describe a label: the number of its rows, and the most similar class."""
    rows = Message("1 row") if n == 1 else Message("{n} rows", n=n)
    if near:
        return Message(
            "{label!r} ({rows}, did you mean {near!r}?)", label=label, rows=rows, near=near
        )
    return Message("{label!r} ({rows})", label=label, rows=rows)
