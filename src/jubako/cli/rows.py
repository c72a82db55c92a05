"""Rows with their truth: which column is the target, what it holds, which rows are held out."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.types as types
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from jubako.core.activations import Array
from jubako.estimators.rows import counted, ordered
from jubako.table.columns import check_names
from jubako.table.errors import TableError, nearest
from jubako.table.read import BUILT_IN
from jubako.table.sentence import Sentence
from jubako.table.values import (
    EXACT,
    as_numbers,
    as_texts,
    is_number,
    is_text,
    looks_like_numbers,
    plain,
)

MOST_CLASSES = 20  # whole numbers with at most so many different values are taken for classes

Task = Literal["classify", "regress"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to learn from, or to measure on."""

    x: pa.Table  # without the target
    y: Array  # labels or float64, shape (N,)
    groups: Array | None = None  # number of each row's group: groups are never split
    times: Array | None = None  # or when it was: later rows judge earlier ones

    def take(self, rows: Array) -> "Rows":
        """Return some of the rows."""
        groups, times = (None if a is None else a[rows] for a in (self.groups, self.times))
        return Rows(self.x.take(rows), self.y[rows], groups, times)


def find_target(table: pa.Table, data: str, target: str | None) -> str:
    """Return the name of the target column.

    Raises
    ------
    TableError
        If it was not said, or there is no such column.
    """
    names = table.column_names
    if target is None:
        if data not in BUILT_IN:
            raise TableError(
                Sentence(
                    "Which column of {data!r} is to be predicted? Say it with --target: {names}.",
                    data=data, names=", ".join(names[:20]) + (", ..." if len(names) > 20 else ""),
                )
            )  # fmt: skip
        return names[-1]
    if target not in names:
        near = nearest(target, names)
        if near:
            hint = Sentence("did you mean {near!r}?", near=near)
        else:
            hint = Sentence("there are {names}.", names=", ".join(names[:20]))
        raise TableError(
            Sentence(
                "{source!r} has no column {name!r}: {hint}", source=data, name=target, hint=hint
            )
        )
    return target


def find_task(values: pa.ChunkedArray, name: str, wanted: str) -> Task:
    """Decide whether there are classes or a number to predict.

    Texts and truth values are classes, and so are up to 20 different whole numbers.

    Raises
    ------
    TableError
        If the target can't be predicted: it is empty, a date, or a number was asked for of a text.
    """
    values = plain(values).drop_null()
    if not len(values):
        raise TableError(
            Sentence("The target {name!r} is empty: choose another column.", name=name)
        )
    numeric = is_number(values.type) or looks_like_numbers(values)
    if not (numeric or types.is_boolean(values.type) or is_text(values.type)):
        raise TableError(
            Sentence(
                "The target {name!r} holds {kind}: choose classes or numbers.",
                name=name, kind=str(values.type),
            )
        )  # fmt: skip
    if wanted == "regress" and not (numeric or types.is_boolean(values.type)):
        raise TableError(
            Sentence(
                "The target {name!r} holds texts such as {value!r}: they can only be classes. "
                "Leave out --task regress.",
                name=name, value=values[0].as_py(),
            )
        )  # fmt: skip
    if wanted != "auto":
        return "classify" if wanted == "classify" else "regress"
    if not numeric or (is_text(values.type) and not looks_like_numbers(values)):
        return "classify"
    numbers = as_numbers(values, name)
    whole = bool((numbers == np.floor(numbers)).all())
    return "classify" if whole and len(np.unique(numbers)) <= MOST_CLASSES else "regress"


def with_target(
    table: pa.Table, target: str, task: Task, classes: Array | None = None
) -> tuple[Rows, int]:
    """Split off the target, and leave out the rows that lack it; return how many those were.

    Labels get the type of `classes`, if these are given.

    Raises
    ------
    TableError
        If the target is not what the task needs.
    """
    kept = table.filter(table[target].is_valid())
    values = plain(kept[target])
    if task == "regress":
        y = as_numbers(values, target)
    else:
        y = labels(values, target) if classes is None else labels_like(classes, values, target)
    return Rows(kept.drop_columns([target]), y), table.num_rows - kept.num_rows


def labels(values: pa.ChunkedArray, target: str) -> Array:
    """Return labels: truth values and whole numbers as they are, everything else as texts.

    Raises
    ------
    TableError
        If they are of a type that has no texts.
    """
    if types.is_boolean(values.type):
        return np.asarray(values.to_numpy(), bool)
    if is_number(values.type):
        numbers = as_numbers(values, target)
        if (numbers == np.floor(numbers)).all() and (abs(numbers) < EXACT).all():
            return numbers.astype(np.int64)
    return np.array(as_texts(values, target).to_pylist(), str)


def labels_like(classes: Array, values: pa.ChunkedArray, target: str) -> Array:
    """Return labels of the type that a model's classes have.

    Raises
    ------
    TableError
        If the column can't hold them.
    """
    if classes.dtype.kind == "U":
        return np.array(as_texts(values, target).to_pylist(), str)
    numbers = as_numbers(values, target)
    return numbers.astype(bool) if classes.dtype.kind == "b" else numbers.astype(np.int64)


def with_splitting(rows: Rows, groups: str | None, order: str | None) -> Rows:
    """Say by which column rows are to be split. That of groups is then no longer learned from.

    Raises
    ------
    TableError
        If there is no such column, a value is missing, or there is but one group.
    """
    for name in (groups, order):
        if name is not None:
            check_names([name], rows.x, "DATA")
    if groups is not None:
        codes = counted(plain(rows.x[groups]).to_pylist(), groups, len(rows.y))
        if codes is None or codes.max() < 1:
            raise TableError(
                Sentence(
                    "All rows are of one group: choose another column than {groups!r}.",
                    groups=groups,
                )
            )
        return Rows(rows.x.drop_columns([groups]), rows.y, groups=codes)
    if order is not None:
        values = plain(rows.x[order]).to_pylist()
        return Rows(rows.x, rows.y, times=ordered(values, order, len(rows.y)))
    return rows


def split(rows: Rows, share: float, task: Task, seed: int, what: str) -> tuple[Rows, Rows]:
    """Split off a share of the rows at random, of each class alike where there are enough.

    Where rows have groups, whole groups are split off; where they have times, the latest rows.

    Raises
    ------
    TableError
        If too few are left on either side.
    """
    n = len(rows.y)
    n_off = round(share * n)
    if n_off < 1 or n - n_off < 2:
        raise TableError(
            Sentence(
                "{n} rows are too few to keep {share:g} of them for {what}: there must be some on "
                "either side.",
                n=n, share=share, what=what,
            )
        )  # fmt: skip
    if rows.groups is not None:
        cut = GroupShuffleSplit(1, test_size=share, random_state=seed)
        kept, off = next(cut.split(rows.y, groups=rows.groups))
        return rows.take(kept), rows.take(off)
    if rows.times is not None:
        off = rows.times >= np.sort(rows.times)[-n_off]
        if off.all():
            raise TableError(
                Sentence(
                    "No row is earlier than the others: none can be kept for {what}.", what=what
                )
            )
        return rows.take(np.flatnonzero(~off)), rows.take(np.flatnonzero(off))
    counts: Any = np.unique(rows.y, return_counts=True)[1]
    even = task == "classify" and counts.min() > 1 and len(counts) <= min(n_off, n - n_off)
    stratify = rows.y if even else None
    kept, off = train_test_split(
        np.arange(n), test_size=n_off, random_state=seed, stratify=stratify
    )
    return rows.take(np.asarray(kept)), rows.take(np.asarray(off))
