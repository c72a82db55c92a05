"""The rows of `jubako train` for training and evaluation: read, checked and split."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import cast_numbers
from jubako.data.column_encoding import check_columns, check_names
from jubako.data.dataset import Dataset, Prepared, prepare, with_splitting, with_target
from jubako.data.errors import TableError, rows_of_file
from jubako.data.inference import Declared, check_readable
from jubako.data.split import split
from jubako.data.target_column import SIGNS, Task, find_target, missing_target_note
from jubako.estimators.loading import load_with_note
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError
from jubako.search.prepared_files import PreparedFiles

from .errors import UsageError
from .output_files import check_output
from .train_options import TrainOptions, fraction, is_file

LARGEST = 1e150  # absolute value of a target: metrics are computed from squares


@dataclass(frozen=True, slots=True)
class TrainData:
    """The rows of a table, split, and how its columns were read."""

    train: Dataset
    test: Dataset
    val: Dataset | None
    target: str
    prepared: Prepared
    n_rows: int  # with a target, before splitting
    read_as: str
    notes: list[str]
    files: PreparedFiles | None = None  # all rows, where `train` is a sample of them
    seconds: float = 0.0  # for which they were read

    @property
    def task(self) -> Task:
        """The task, classification or regression."""
        return self.prepared.task


def read(options: TrainOptions) -> TrainData:
    """Read and check the table, and split off rows for the test and for validation."""
    path = options.path
    files = [file for file in (options.test, options.val) if file and is_file(file)]
    check_output(path, [options.data, *files])
    keep = {options.target: SIGNS} if options.target else {}
    table, read_as, notes = options.text.table(options.data, keep)
    target = find_target(table, options.data, options.target)
    if table.num_columns == 1:
        raise TableError(
            Message(
                "{data!r} has no column but the target {target!r}: nothing to learn from.",
                data=options.data,
                target=target,
            )
        )
    check_earlier(path, target, options)
    types = earlier_readings(path) if options.resume else options.types
    prepared = prepare(table, target, options.task, types)
    rows = prepared.dataset
    check_target(rows, prepared.task, target)
    n_rows = len(rows.target)
    check_roles(options, rows.table)
    rows = with_splitting(rows, options.groups, options.order_by, options.weights)
    names = rows.table.column_names  # without those of --groups and --weights
    readings = {name: prepared.readings[name] for name in names}
    rows = replace(rows, table=cast_numbers(rows.table, readings))
    prepared = prepared._replace(readings=readings)
    notes = [*notes, *prepared.notes]
    purpose = Message("the test set (--test)")
    rows, test = split_off(rows, options.test, prepared, target, options, purpose, notes)
    val = None
    if options.val:
        purpose = Message("the validation set (--val)")
        rows, val = split_off(rows, options.val, prepared, target, options, purpose, notes)
    return TrainData(rows, test, val, target, prepared, n_rows, read_as, notes)


def check_roles(options: TrainOptions, table: pa.Table) -> None:
    """Refuse options that name a column which the table lacks.

    Raises
    ------
    TableError
        With the nearest column that there is.
    """
    columns = {
        "--groups": options.groups,
        "--order-by": options.order_by,
        "--weights": options.weights,
    }
    for option, name in columns.items():
        check_columns([name] if name else [], table, options.data, option)


def check_target(rows: Dataset, task: Task, target: str) -> None:
    """Check that a target is not constant, or too large for squared errors.

    Raises
    ------
    TableError
        If it is, with the value.
    """
    if task == "classify" and len(np.unique(rows.target)) < 2:
        raise TableError(
            Message(
                "The target {target!r} is {label} in all rows: a classifier needs two classes.",
                target=target,
                label=str(rows.target[0]),
            )
        )
    if task == "regress" and np.abs(rows.target).max(initial=0) > LARGEST:
        raise TableError(
            Message(
                "The target {target!r} has numbers that are too large: the square of {value:g} "
                "overflows. Divide them by a power of ten.",
                target=target,
                value=float(np.abs(rows.target).max()),
            )
        )


def check_earlier(path: Path, target: str, options: TrainOptions) -> None:
    """Check that an existing file is an earlier model of the same target.

    Raises
    ------
    UsageError
        If not, with advice.
    """
    name = str(path)
    if not path.exists():
        if options.resume:
            raise UsageError(
                Message("There is no model {path!r} to resume: leave out --resume.", path=name)
            )
        return
    if options.force and not options.resume:
        return
    try:
        earlier = load_with_note(path)[1].get("target")
    except ModelFileError as error:
        if options.resume:
            raise
        raise UsageError(
            Message("{path!r} exists and is not a model: choose --out, or --force.", path=name)
        ) from error
    if earlier != target:
        raise UsageError(
            Message(
                "{path!r} holds a model for {earlier!r}: choose another --out, or --force.",
                path=name,
                earlier=earlier,
            )
        )


def split_off(
    rows: Dataset,
    test: str,
    prepared: Prepared,
    target: str,
    options: TrainOptions,
    purpose: str,
    notes: list[str],
) -> tuple[Dataset, Dataset]:
    """Split off a fraction of the rows, or read other rows from a file.

    Returns
    -------
    rows, others : Dataset
    """
    if not is_file(test):
        return split(rows, fraction(test), prepared.task, options.seed, purpose).of(rows)
    classes = np.unique(rows.target) if prepared.task == "classify" else None
    keep = {target: words_of(classes)} if classes is not None else {}
    table, _, more = options.text.table(test, keep)
    find_target(table, test, target)
    others, _ = with_target(table, target, prepared.task, classes, prepared.target_reading)
    check_others(others, rows.table.column_names, classes, prepared, test, options.data)
    why = missing_target_note(table, target, prepared.target_reading, classes)
    for note in (*more, *([why] if why else [])):
        notes.append(Message("{source!r}: {error}", source=test, error=note))
    return rows, others


def words_of(classes: Array) -> list[str]:
    """Return words for missing values that are labels in the column of the target."""
    return [*SIGNS, *map(str, classes)]


def check_others(
    others: Dataset,
    names: list[str],
    classes: Array | None,
    prepared: Prepared,
    source: str,
    data: str,
) -> None:
    """Refuse rows of another file that the model could not predict.

    Raises
    ------
    TableError
        With a class or a column that the table lacks, or a value that can't be read.
    """
    new_labels = [] if classes is None else np.setdiff1d(others.target, classes)
    if len(new_labels):
        raise TableError(
            Message(
                "{test!r} has rows of class {label!r}, which {data!r} lacks.",
                test=source,
                label=str(new_labels[0]),
                data=data,
            )
        )
    check_names(names, others.table, source)
    with rows_of_file(others.row_numbers):
        check_readable(others.table, prepared.readings, source)


def earlier_readings(path: Path) -> dict[str, Declared]:
    """Return how the columns of a saved model are read."""
    columns = getattr(load_with_note(path)[0], "columns_", ())
    return {column.name: column.reading for column in columns}
