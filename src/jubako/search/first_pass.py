"""The first pass over a table in files: decide how its columns are read and encoded."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading, cast
from jubako.data.casting.values import as_numbers
from jubako.data.columns.base import Column, Dropped
from jubako.data.columns.numeric import FEW_ROWS, IDENTIFIER, Numeric, are_row_numbers
from jubako.data.dataset import Dataset, prepare, with_target
from jubako.data.errors import TableError, rows_of_file
from jubako.data.held_out_rows import RowRange
from jubako.data.inference import Declared
from jubako.data.table_files import TableFiles
from jubako.data.table_summary import MOST_WORDS, TableSummary, summarize
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.target_column import find_target
from jubako.data.weight_column import WeightColumn, find_weights
from jubako.i18n.messages import Message
from jubako.model.features import Features
from jubako.model.schema import Schema

from .prepared_files import PreparedFiles

SAMPLE_SEED = 0


def prepare_files(
    files: TableFiles,
    target: str | None,
    wanted: str = "auto",
    column_types: Mapping[str, Declared] | None = None,
    weights: str | None = None,
    val: RowRange | TableFiles | None = None,
    codes: bool = True,
) -> PreparedFiles:
    """Read all rows once; decide how columns are read and encoded.

    Parameters
    ----------
    files : TableFiles
        Its column of groups, if any, is not an input.
    target : str or None
        None to detect it.
    wanted : {"auto", "classify", "regress"}
    column_types : mapping of str to type, optional
        Declared types by column name.
    weights : str, optional
        The column of sample weights, which is not an input.
    val : RowRange, TableFiles or None
        See `PreparedFiles`.
    codes : bool
        Whether categories are encoded as codes; else as one number for each level.

    Returns
    -------
    PreparedFiles

    Raises
    ------
    TableError
        If a file or a value can't be read, or the target can't be predicted; with file and row.
    """
    began = time.perf_counter()
    first = next(iter(files), None)
    if first is None:
        raise TableError(Message("{name!r} has no rows.", name=files.name))
    target = find_target(first.table, files.name, target)
    declared = column_types or {}
    categorical = [name for name, kind in declared.items() if kind == "categorical"]
    range_of_val = val if isinstance(val, RowRange) else None
    summary = summarize(files, target, categorical, SAMPLE_SEED, range_of_val)
    n_val = sum(len(batch.rows) for batch in val) if isinstance(val, TableFiles) else summary.n_val
    with summary.named():
        prepared = prepare(summary.table, target, wanted, declared)
        dataset, sample, weight_column = with_weights(prepared.dataset, summary, weights)
    notes = notes_of(summary, prepared.notes)
    if time.perf_counter() > files.end:
        notes.append(
            Message(
                "The time limit does not permit reading all rows: a part of the files is used, "
                "with {n} rows.",
                n=summary.n_rows,
            )
        )
    task, readings = prepared.task, {n: prepared.readings[n] for n in dataset.table.column_names}
    counts = np.empty(0, int)
    if task == "classify":
        check_few_values(summary, target)
        coding: ClassTarget | NumericTarget = ClassTarget.fit(dataset.target)
        counts = class_counts(summary, target, prepared.target_reading, coding.classes)
    else:
        coding = NumericTarget.fit(sample.target, sample.w)
    features = Features(tuple(dataset.table.column_names), named=True)
    schema = Schema.fit(features, dataset.table, readings, codes)
    return PreparedFiles(
        summary.files,
        summary.n_rows,
        target,
        task,
        readings,
        prepared.target_reading,
        coding,
        counts,
        sample,
        without_identifiers(schema, summary),
        notes,
        weight_column,
        val,
        n_val,
        time.perf_counter() - began,
    )


def with_weights(
    dataset: Dataset, summary: TableSummary, name: str | None
) -> tuple[Dataset, Dataset, WeightColumn | None]:
    """Split off the column of weights.

    Parameters
    ----------
    dataset : Dataset
        The rows of the sample, and those that complete it.
    summary : TableSummary
    name : str or None
        Column name.

    Returns
    -------
    dataset : Dataset
        The rows without that column.
    sample : Dataset
        The rows of the sample with weights > 0.
    weights : WeightColumn or None

    Raises
    ------
    TableError
        If a weight of the sample can't be read.
    """
    rows = np.arange(len(dataset.target)) if dataset.row_numbers is None else dataset.row_numbers
    sampled = np.flatnonzero(rows < len(summary.sample.rows))
    if name is None:
        return dataset, dataset.take(sampled), None
    sample = dataset.take(sampled)
    with rows_of_file(sample.row_numbers):
        weights = find_weights(sample.table, name)
        w = weights.read(sample.table) / weights.mean
    sample = replace(sample, table=sample.table.drop_columns([name]), weights=w)
    dataset = replace(dataset, table=dataset.table.drop_columns([name]))
    return dataset, sample.take(np.flatnonzero(w)), weights


def check_few_values(summary: TableSummary, target: str) -> None:
    """Check that a target has few enough different values for classes.

    Parameters
    ----------
    summary : TableSummary
    target : str

    Raises
    ------
    TableError
        If not.
    """
    if not summary.words[target].covers_all:
        raise TableError(
            Message(
                "The target {target!r} has more than {n} different values, too many for classes: "
                "choose another column.",
                target=target,
                n=MOST_WORDS,
            )
        )


def notes_of(summary: TableSummary, notes: Sequence[str]) -> list[str]:
    """Return the first note of each kind on a file, and those on columns, with file and row.

    Parameters
    ----------
    summary : TableSummary
    notes : sequence of str
        On columns.

    Returns
    -------
    list of str
    """
    on_files = dict[str, str]()
    for file, some in summary.files.notes.items():
        for note in some:
            kind = getattr(note, "pattern", note)
            on_files.setdefault(kind, Message("{file}: {note}", file=file, note=note))
    on_columns = [summary.located(note) for note in notes if not is_left_out(note)]
    return [*on_files.values(), *on_columns]


def is_left_out(note: str) -> bool:
    """Return whether a note counts rows without a target, of which a sample has only some."""
    return getattr(note, "pattern", "").startswith("{n} of {total} rows are dropped")


def class_counts(summary: TableSummary, target: str, reading: Reading, classes: Array) -> Array:
    """Return the number of rows of each class.

    Parameters
    ----------
    summary : TableSummary
    target : str
    reading : Reading
        How the target is read.
    classes : array, shape (n_classes,)

    Returns
    -------
    array of int, shape (n_classes,)
    """
    words = summary.words[target].counts
    kind = summary.sample.table.schema.field(target).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    table = pa.table({target: pa.array(list(words), kind), "rows": pa.array(words.values())})
    labels, _ = with_target(table, target, "classify", classes, reading)
    codes = np.searchsorted(classes, labels.target)
    return np.bincount(codes, labels.table["rows"].to_numpy(), minlength=len(classes))


def without_identifiers(schema: Schema, summary: TableSummary) -> Schema:
    """Drop numeric columns that only number the rows, unless no column would be left.

    In a sample their values have gaps, but are as dense as row numbers of the whole table can be.

    Parameters
    ----------
    schema : Schema
    summary : TableSummary

    Returns
    -------
    Schema
    """
    table, kept, dropped = summary.sample.table, list[Column](), list(schema.dropped)
    for column in schema.columns:
        if isinstance(column, Numeric) and not column.missing and not column.reading.declared:
            numbers = as_numbers(cast(table[column.name], column.reading, column.name), column.name)
            if len(numbers) > FEW_ROWS and are_row_numbers(numbers, summary.n_rows):
                dropped.append(Dropped(column.name, IDENTIFIER))
                continue
        kept.append(column)
    return replace(schema, columns=kept, dropped=dropped) if kept else schema
