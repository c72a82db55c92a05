"""Profile of a table: how each column is read and used, with remarks on possible problems."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from jubako.i18n.messages import Message

from .casting.date_values import kind_of
from .casting.reading import Reading, cast
from .casting.values import plain
from .column_encoding import COLUMNS, fit_column
from .columns.base import Column, Dropped
from .columns.categorical import TEXT
from .errors import TableError
from .inference import Declared, check_types, infer_table
from .remarks import duplicate_remarks, often_missing, target_remarks
from .target_column import Task, read_target


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """How a column is read and used.

    Parameters
    ----------
    name : str
    type : str
        "numeric", "categorical", "boolean", "date", "time of day", "duration", "text", "empty", or
        the Arrow type of values that can't be used.
    missing : int
        Number of rows without a value.
    use : str
        The type with its statistics or levels, or why the column is dropped.
    remarks : tuple of str
        Possible problems.
    """

    name: str
    type: str
    missing: int
    use: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableProfile:
    """How the columns of a table are read and used, and possible problems.

    Parameters
    ----------
    columns : tuple of ColumnProfile
    notes : tuple of str
        One for each ambiguity.
    remarks : tuple of str
        On duplicate rows, columns and the target.
    """

    columns: tuple[ColumnProfile, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]


def profile(
    table: pa.Table, target: str | None = None, column_types: Mapping[str, Declared] | None = None
) -> TableProfile:
    """Return how the columns of a table are read and used, and possible problems.

    Parameters
    ----------
    table : pyarrow.Table
        With the target, if there is one.
    target : str, optional
        If given, classes, leakage and the order of the rows are checked too.
    column_types : mapping of str to type, optional
        As in `infer_table`.

    Returns
    -------
    TableProfile

    Raises
    ------
    TableError
        If there is no such column or type, or the target can't be predicted.
    """
    types = check_types(column_types or {}, table.column_names)
    declared = types.pop(target, None) if target else None
    refused = dict[str, TableError]()
    inputs = table.drop_columns([target] if target else [])
    found = infer_table(inputs, types, refused=refused)
    columns = {
        name: profile_column(name, table[name], refused.get(name) or found.readings[name])
        for name in inputs.column_names
    }
    remarks = duplicate_remarks(table)
    remarks += [remark for column in columns.values() for remark in column.remarks]
    if target:
        task, inferred = read_target(table[target], target, "auto", declared, found.decimal)
        columns[target] = profile_target(table[target], target, task, inferred.reading)
        remarks += [*columns[target].remarks, *inferred.notes]
        remarks += target_remarks(table, target, task, inferred.reading, found.readings)
    return TableProfile(
        tuple(columns[name] for name in table.column_names), found.notes, tuple(remarks)
    )


def profile_column(
    name: str, values: pa.ChunkedArray, reading: Reading | TableError
) -> ColumnProfile:
    """Return the profile of an input column.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray
    reading : Reading or TableError
        How it is read, or why it can't be.

    Returns
    -------
    ColumnProfile
    """
    values = plain(values)
    if isinstance(reading, TableError):
        kind, use, remarks = str(values.type), Message("not usable as it is"), [reading.args[0]]
        return ColumnProfile(name, kind, values.null_count, use, tuple(remarks))
    missing = n_missing(values, name, reading)
    try:
        fitted = fit_column(name, values, True, reading)
    except TableError as error:
        return profile_column(name, values, error)
    kind = type_of(fitted, values, reading) if missing < len(values) else "empty"
    if not isinstance(fitted, Dropped):
        use = fitted.describe()
    elif kind in COLUMNS:
        use = Message("{kind}, dropped: {reason}", kind=COLUMNS[kind].kind, reason=fitted.reason)
    else:
        use = Message("dropped: {reason}", reason=fitted.reason)
    return ColumnProfile(name, kind, missing, use, often_missing(name, missing, len(values)))


def profile_target(
    values: pa.ChunkedArray, target: str, task: Task, reading: Reading
) -> ColumnProfile:
    """Return the profile of the target column.

    Parameters
    ----------
    values : pyarrow.ChunkedArray
    target : str
    task : {"classify", "regress"}
    reading : Reading

    Returns
    -------
    ColumnProfile
    """
    kind = "categorical" if task == "classify" else "numeric"
    missing = n_missing(values, target, reading)
    use = Message("{kind}, target", kind=COLUMNS[kind].kind)
    return ColumnProfile(target, kind, missing, use, often_missing(target, missing, len(values)))


def type_of(fitted: Column | Dropped, values: pa.ChunkedArray, reading: Reading) -> str:
    """Return the type of a column as in `ColumnProfile`, also of a dropped one.

    Parameters
    ----------
    fitted : Column or Dropped
    values : pyarrow.ChunkedArray
    reading : Reading

    Returns
    -------
    str
    """
    if not isinstance(fitted, Dropped):
        return str(fitted.kind)
    if fitted.reason == TEXT:
        return "text"
    if reading.kind == "date":
        return kind_of(values.type, reading.order)
    return str(values.type) if reading.kind == "drop" else reading.kind


def n_missing(values: pa.ChunkedArray, name: str, reading: Reading) -> int:
    """Return the number of rows without a value, as the column is read."""
    return (cast(values, reading, name) if reading.missing else values).null_count
