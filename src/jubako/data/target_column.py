"""The target column: its name, its task, and its values."""

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.types as types

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.missing import means_missing
from .casting.reading import Reading, cast
from .casting.values import EXACT, as_numbers, as_texts, is_number, is_text, plain
from .column_encoding import Categorical, Column
from .errors import TableError, nearest
from .inference import Declared, Inferred, infer_reading
from .readers.builtin import BUILT_IN
from .readers.csv import NO_VALUE

SIGNS = ("-", "?", "+")  # missing values in other columns
MOST_CLASSES = 20  # whole numbers with at most this many distinct values are classes

Task = Literal["classify", "regress"]


def find_target(table: pa.Table, data: str, target: str | None) -> str:
    """Return the name of the target column.

    Parameters
    ----------
    table : pyarrow.Table
    data : str
        Name of the table: the target of a built-in one is its last column.
    target : str or None

    Returns
    -------
    str

    Raises
    ------
    TableError
        If it is not given, or there is no such column.
    """
    names = table.column_names
    if target is None:
        if data not in BUILT_IN:
            raise TableError(
                Message(
                    "Which column of {data!r} is the target? Name it with --target: {names}.",
                    data=data,
                    names=", ".join(names[:20]) + (", ..." if len(names) > 20 else ""),
                )
            )
        return names[-1]
    if target not in names:
        near = nearest(target, names)
        if near:
            hint = Message("did you mean {near!r}?", near=near)
        else:
            hint = Message("there are {names}.", names=", ".join(names[:20]))
        raise TableError(
            Message(
                "{source!r} has no column {name!r}: {hint}", source=data, name=target, hint=hint
            )
        )
    return target


def find_task(values: pa.ChunkedArray, name: str, wanted: str) -> Task:
    """Decide whether the target is classes or a number; see `read_target`."""
    return read_target(values, name, wanted)[0]


def read_target(
    values: pa.ChunkedArray, name: str, wanted: str, declared: Declared = None, decimal: str = ""
) -> tuple[Task, Inferred]:
    """Decide whether the target is classes or a number, and how it is read.

    Texts and booleans are classes, and so are up to 20 distinct whole numbers.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
        All rows, before any are held out.
    name : str
    wanted : {"auto", "classify", "regress"}
    declared : str or Reading, optional
        Type of the column, as in `infer_reading`.
    decimal : {"", ".", ","}
        Decimal mark of the other columns.

    Returns
    -------
    task : {"classify", "regress"}
    inferred : Inferred

    Raises
    ------
    TableError
        If the target is empty or a date, or is text where a number is wanted.
    """
    if not len(values.drop_null()):
        raise TableError(Message("The target {name!r} is empty: choose another column.", name=name))
    if wanted == "auto" and isinstance(declared, str):
        wanted = {"categorical": "classify", "numeric": "regress"}.get(declared, wanted)
    if wanted == "classify":
        return "classify", Inferred(Reading("categorical"))
    inferred = infer_reading(name, values, declared, decimal)
    kind = inferred.reading.kind
    if kind in ("date", "drop"):
        raise TableError(
            Message(
                "The target {name!r} holds {kind}: choose classes or numbers.",
                name=name,
                kind="dates" if kind == "date" and is_text(values.type) else str(values.type),
            )
        )
    if wanted == "regress":
        if kind != "categorical":
            return "regress", inferred
        check_digits(values, name)
        return "regress", infer_reading(name, values, "numeric", decimal)
    if kind != "numeric":
        return "classify", Inferred(Reading("categorical"), inferred.notes)
    numbers = as_numbers(cast(values, inferred.reading, name), name)
    numbers = numbers[~np.isnan(numbers)]
    if (numbers == np.floor(numbers)).all() and len(np.unique(numbers)) <= MOST_CLASSES:
        reading = Reading("categorical", missing=inferred.reading.missing)
        return "classify", inferred._replace(reading=reading)
    return "regress", inferred


def check_digits(values: pa.ChunkedArray, name: str) -> None:
    """Check that some texts begin with a digit before they are read as numbers.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    name : str

    Raises
    ------
    TableError
        If none does, with the first text.
    """
    if not pc.any(pc.match_substring_regex(as_texts(plain(values), name), r"^\s*\d")).as_py():
        raise TableError(
            Message(
                "The target {name!r} holds texts such as {value!r}: they can only be classes. "
                "Leave out --task regress.",
                name=name,
                value=values.drop_null()[0].as_py(),
            )
        )


def cast_target(
    values: pa.ChunkedArray, target: str, reading: Reading, classes: Array | None
) -> pa.ChunkedArray:
    """Cast the values of a target.

    Words for missing values that were not there in training are missing too, unless they are a
    class.

    Parameters
    ----------
    values : pyarrow.ChunkedArray, shape (N,)
    target : str
    reading : Reading
    classes : array or None
        Labels of a model.

    Returns
    -------
    pyarrow.ChunkedArray, shape (N,)
        Null where missing.
    """
    values = plain(values)
    if is_text(values.type):
        words = pc.unique(values).drop_null()
        known = set() if classes is None else set(map(str, classes.tolist()))
        missing = set(reading.missing)
        if reading.kind == "numeric":
            missing |= set(words.filter(pa.array(means_missing(words))).to_pylist())
        is_missing = pc.is_in(values, value_set=pa.array(sorted(missing - known), pa.string()))
        values = pc.if_else(is_missing, None, values)
    return cast(values, reading, target)


def missing_target_note(
    table: pa.Table, target: str, reading: Reading, classes: Array | None = None
) -> Message | None:
    """Return a note on the rows without a target.

    Parameters
    ----------
    table : pyarrow.Table
    target : str
    reading : Reading
    classes : array or None
        Labels of a model.

    Returns
    -------
    Message or None
        None if there are no such rows.
    """
    values = plain(table[target])
    truth = cast_target(values, target, reading, classes)
    is_missing = pc.is_null(truth, nan_is_null=True)
    missing = pc.sum(is_missing).as_py()
    if not missing:
        return None
    words = values.filter(is_missing).drop_null() if is_text(values.type) else []
    shown = ", ".join(sorted({repr(str(word)) for word in words})[:5])
    if not shown:
        return Message(
            "{n} of {total} rows are dropped: the target {target!r} is missing.",
            n=missing,
            total=len(values),
            target=target,
        )
    return Message(
        "{n} of {total} rows are dropped: the target {target!r} is missing or {words}.",
        n=missing,
        total=len(values),
        target=target,
        words=shown,
    )


WHOLE = r"^-?(0|[1-9]\d{0,14})(\.0+)?$"  # labels that are whole numbers


def labels(values: pa.ChunkedArray, target: str) -> Array:
    """Return the labels, without missing values.

    Booleans and whole numbers are labels of that type, whether typed or texts such as "1"; but
    "01", "1e5" and "+1" stay texts.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    target : str

    Returns
    -------
    array of bool, int64 or str, shape (n_present,)

    Raises
    ------
    TableError
        If they are of a type without texts.
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
    """Return labels of the same type as the classes of a model.

    Parameters
    ----------
    classes : array, shape (n_classes,)
    values : pyarrow.ChunkedArray, shape (N,)
    target : str

    Returns
    -------
    array, shape (N,)
        "", 0 or False where missing.

    Raises
    ------
    TableError
        If a label is not of that type, with its row.
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
            Message(
                "Column {name!r}, row {row}: {value!r} is not one of the classes, which are "
                "integers. Correct it, or leave it empty.",
                name=target,
                row=row + 1,
                value=values[row].as_py(),
            )
        )
    return pc.fill_null(texts.cast(pa.float64()), 0).to_numpy().astype(np.int64)


def class_counts(labels: Array) -> dict[str, int]:
    """Count the rows of each class.

    Parameters
    ----------
    labels : array, shape (N,)

    Returns
    -------
    dict of str to int
    """
    classes, counts = np.unique(labels, return_counts=True)
    return {str(label): int(count) for label, count in zip(classes, counts, strict=True)}


def known_words(
    columns: Iterable[Column], target: str = "", classes: Iterable[object] = ()
) -> dict[str, list[str]]:
    """Return the words for missing values that are levels or classes.

    Parameters
    ----------
    columns : iterable of Column
    target : str
    classes : iterable of labels

    Returns
    -------
    dict of str to list of str
        By column name.
    """
    words = {
        column.name: column.levels for column in columns if isinstance(column, Categorical)
    } | {target: tuple(map(str, classes))}
    kept = {name: [word for word in NO_VALUE if word in set(some)] for name, some in words.items()}
    return {name: some for name, some in kept.items() if some}
