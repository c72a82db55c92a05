"""Rows with their truth: which column is the target, what it holds, which rows are held out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from jubako.core.activations import Array
from jubako.estimators.rows import counted, ordered
from jubako.storage.errors import ModelFileError
from jubako.storage.plain import reading_from_plain
from jubako.table.builtin import BUILT_IN
from jubako.table.columns import Category, Column, check_names
from jubako.table.csv import NO_VALUE
from jubako.table.errors import TableError, nearest
from jubako.table.inference import Declared, Inferred, check_types, infer_reading, infer_table
from jubako.table.missing import means_missing
from jubako.table.reading import Reading, cast
from jubako.table.sentence import Sentence
from jubako.table.values import EXACT, as_numbers, as_texts, is_number, is_text, plain

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

SIGNS = ("-", "?", "+")  # which stand for a missing value in other columns
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
    """Decide whether there are classes or a number to predict; see `read_target`."""
    return read_target(values, name, wanted)[0]


def read_target(
    values: pa.ChunkedArray, name: str, wanted: str, declared: Declared = None, decimal: str = ""
) -> tuple[Task, Inferred]:
    """Decide whether there are classes or a number to predict, and how they are read.

    Texts and truth values are classes, and so are up to 20 different whole numbers.

    Parameters
    ----------
    values : ChunkedArray
        All rows, before any is held out.
    name : str
    wanted : {"auto", "classify", "regress"}
    declared : str or Reading, optional
        The type of the column, as in `infer_reading`.
    decimal : {"", ".", ","}
        The decimal mark of the other columns.

    Raises
    ------
    TableError
        If the target can't be predicted: it is empty, a date, or a number was asked for of a text.
    """
    if not len(values.drop_null()):
        raise TableError(
            Sentence("The target {name!r} is empty: choose another column.", name=name)
        )
    if declared == "categorical" and wanted == "auto":
        wanted = "classify"
    if declared == "numeric" and wanted == "auto":
        wanted = "regress"
    if wanted == "classify":
        return "classify", Inferred(Reading("categorical"))
    inferred = infer_reading(name, values, declared, decimal)
    kind = inferred.reading.kind
    if wanted == "regress" and kind == "categorical":
        if not pc.any(pc.match_substring_regex(as_texts(plain(values), name), r"^\s*\d")).as_py():
            raise TableError(
                Sentence(
                    "The target {name!r} holds texts such as {value!r}: they can only be classes. "
                    "Leave out --task regress.",
                    name=name, value=values.drop_null()[0].as_py(),
                )
            )  # fmt: skip
        return "regress", infer_reading(name, values, "numeric", decimal)
    if kind in ("date", "drop"):
        raise TableError(
            Sentence(
                "The target {name!r} holds {kind}: choose classes or numbers.",
                name=name,
                kind="dates" if kind == "date" and is_text(values.type) else str(values.type),
            )
        )
    if wanted == "regress":
        return "regress", inferred
    if kind != "numeric":
        return "classify", Inferred(Reading("categorical"), inferred.notes)
    numbers = as_numbers(cast(values, inferred.reading, name), name)
    numbers = numbers[~np.isnan(numbers)]
    if (numbers == np.floor(numbers)).all() and len(np.unique(numbers)) <= MOST_CLASSES:
        reading = Reading("categorical", missing=inferred.reading.missing)
        return "classify", inferred._replace(reading=reading)
    return "regress", inferred


class Prepared(NamedTuple):
    """Rows to learn from, and how they were read."""

    rows: Rows
    task: Task
    readings: dict[str, Reading]  # of the columns besides the target
    target_reading: Reading
    left_out: int  # rows without a target
    notes: list[str]  # one for each choice between two readings, and why rows are left out


def prepare(
    table: pa.Table, target: str, wanted: str, column_types: Mapping[str, Declared] | None = None
) -> Prepared:
    """Decide how all columns are read, on all rows, and split off the target.

    Raises
    ------
    TableError
        If a value can't be read as its column must be, with its row in the file.
    """
    column_types = {**(column_types or {})}
    check_types(column_types, table.column_names)
    declared = column_types.pop(target, None)
    readings, notes, decimal = infer_table(table.drop_columns([target]), column_types)
    task, inferred = read_target(table[target], target, wanted, declared, decimal)
    rows, n_left_out = with_target(table, target, task, reading=inferred.reading)
    why = left_out(table, target, inferred.reading)
    if task == "classify":
        signs = [label for label in np.unique(rows.y).tolist() if label in SIGNS]
        if signs:
            notes += (
                Sentence(
                    "{target!r}: {signs} is a class. Leave the target empty where it is missing.",
                    target=target, signs=", ".join(map(repr, signs)),
                ),
            )  # fmt: skip
    said = list[str]([*notes, *inferred.notes, *([why] if why else [])])
    return Prepared(rows, task, readings, inferred.reading, n_left_out, said)


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


def known_words(
    columns: Iterable[Column], target: str = "", classes: Iterable[Any] = ()
) -> dict[str, list[str]]:
    """Return the words for missing values that are levels or classes, and so are to be kept."""
    words = {column.name: column.levels for column in columns if isinstance(column, Category)} | {
        target: tuple(map(str, classes))
    }
    kept = {name: [word for word in NO_VALUE if word in set(some)] for name, some in words.items()}
    return {name: some for name, some in kept.items() if some}


def with_target(
    table: pa.Table,
    target: str,
    task: Task,
    classes: Array | None = None,
    reading: Reading | None = None,
) -> tuple[Rows, int]:
    """Split off the target, and leave out the rows that lack it; return how many those were.

    Labels get the type of `classes`, if these are given. Without a `reading`, it is inferred.

    Raises
    ------
    TableError
        If the target is not what the task needs.
    """
    if reading is None:
        reading = read_target(table[target], target, task)[1].reading
    values = truth_of(table[target], target, reading, classes)
    if task == "regress":
        y = as_numbers(values, target)
        present = ~np.isnan(y)
    else:
        present = np.asarray(values.is_valid().to_numpy(), bool)
        y = labels(values, target) if classes is None else labels_like(classes, values, target)
    rows = np.flatnonzero(present)
    kept = table if present.all() else table.take(rows)
    if len(y) == len(present):
        y = y[rows]
    return Rows(kept.drop_columns([target]), y), int((~present).sum())


def truth_of(
    values: pa.ChunkedArray, target: str, reading: Reading, classes: Array | None
) -> pa.ChunkedArray:
    """Return the values of a target as its reading says; null where they are missing.

    Words for missing values that were not there in training are missing as well, but never a class.
    """
    values = plain(values)
    if is_text(values.type):
        words = pc.unique(values).drop_null()
        known = set() if classes is None else set(map(str, classes.tolist()))
        missing = set(reading.missing)
        if reading.kind == "numeric":
            missing |= set(words.filter(pa.array(means_missing(words))).to_pylist())
        gone = pc.is_in(values, value_set=pa.array(sorted(missing - known), pa.string()))
        values = pc.if_else(gone, None, values)
    return cast(values, reading, target)


def left_out(
    table: pa.Table, target: str, reading: Reading, classes: Array | None = None
) -> Sentence | None:
    """Say how many rows are left out for want of a target, and by which words; None if none are."""
    values = plain(table[target])
    truth = truth_of(values, target, reading, classes)
    gone = pc.is_null(truth, nan_is_null=True)
    missing = pc.sum(gone).as_py()
    if not missing:
        return None
    words = values.filter(gone).drop_null() if is_text(values.type) else []
    shown = ", ".join(sorted({repr(str(word)) for word in words})[:5])
    if not shown:
        return Sentence(
            "{n} of {total} rows are left out, since {target!r} is empty there.",
            n=missing, total=len(values), target=target,
        )  # fmt: skip
    return Sentence(
        "{n} of {total} rows are left out, since {target!r} is empty there or {words}.",
        n=missing, total=len(values), target=target, words=shown,
    )  # fmt: skip


WHOLE = r"^-?(0|[1-9]\d{0,14})(\.0+)?$"  # labels that are whole numbers and nothing else


def labels(values: pa.ChunkedArray, target: str) -> Array:
    """Return labels, those that are missing left out, as they are written.

    Truth values and whole numbers are labels of that type, whether typed or texts such as "1"; but
    "01", "1e5" and "+1" stay texts.

    Raises
    ------
    TableError
        If they are of a type that has no texts.
    """
    values = values.drop_null()
    if types.is_boolean(values.type):
        return np.asarray(values.to_numpy(), bool)
    if is_number(values.type):
        numbers = as_numbers(values, target)
        if (numbers == np.floor(numbers)).all() and (abs(numbers) < EXACT).all():
            return numbers.astype(np.int64)
    texts = as_texts(values, target)
    if len(texts) and pc.all(pc.match_substring_regex(texts, WHOLE)).as_py():
        return texts.cast(pa.float64()).to_numpy().astype(np.int64)
    return np.array(texts.to_pylist(), str)


def labels_like(classes: Array, values: pa.ChunkedArray, target: str) -> Array:
    """Return labels of the type that a model's classes have, in all rows; "" or 0 where missing.

    Raises
    ------
    TableError
        If a label can't be of that type, with its row.
    """
    kind = classes.dtype.kind
    if kind == "U":
        if types.is_boolean(values.type):  # True may be spelled TRUE, as in the model
            spelled = {label.lower(): label for label in classes.tolist()}
            lower = pc.fill_null(as_texts(values, target), "").to_pylist()
            return np.array([spelled.get(truth, truth) for truth in lower], str)
        return np.array(pc.fill_null(as_texts(values, target), "").to_pylist(), str)
    if kind == "b":
        truths = cast(values, Reading("boolean"), target)
        return np.nan_to_num(as_numbers(truths, target)).astype(bool)
    texts = as_texts(values, target)
    good = pc.match_substring_regex(texts, WHOLE)
    row = pc.index(good, False).as_py()
    if row >= 0:
        raise TableError(
            Sentence(
                "Column {name!r}, row {row}: {value!r} is none of the classes, which are whole "
                "numbers. Correct it, or leave it empty.",
                name=target, row=row + 1, value=values[row].as_py(),
            )
        )  # fmt: skip
    return pc.fill_null(texts.cast(pa.float64()), 0).to_numpy().astype(np.int64)


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
