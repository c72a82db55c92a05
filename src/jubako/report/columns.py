"""The table of a report as the model reads it: types, missing values, duplicates, leaks."""

import pyarrow as pa

from jubako.data.casting.reading import cast
from jubako.data.casting.values import plain
from jubako.data.dataset import Dataset
from jubako.data.remarks import dataset_remarks, duplicate_remarks, often_missing
from jubako.i18n.messages import Message
from jubako.model.model import Model

from .report import ColumnFacts


def describe_columns(model: Model, table: pa.Table) -> list[ColumnFacts]:
    """Describe the columns of a table in their order, then those that it lacks.

    Parameters
    ----------
    model : Model
    table : pyarrow.Table

    Returns
    -------
    list of ColumnFacts
    """
    used = model.columns_by_name
    dropped = {column.name: column.reason for column in model.dropped}
    facts = list[ColumnFacts]()
    for name in dict.fromkeys([*table.column_names, *dropped]):
        missing = plain(table[name]).null_count if name in table.column_names else None
        if name in used:
            column = used[name]
            missing = cast(table[name], column.reading, name).null_count
            facts.append(ColumnFacts(name, column.kind, column.describe(), "", missing))
        elif name in dropped:
            facts.append(ColumnFacts(name, "", "", dropped[name], missing))
        elif model.schema is None:
            facts.append(ColumnFacts(name, Message("numeric"), "", "", missing))
        else:
            new = Message("not in the training table")
            facts.append(ColumnFacts(name, "unknown", "", new, missing))
    return facts


def table_remarks(model: Model, rows: Dataset, target: str) -> list[str]:
    """Return remarks on duplicate rows, missing values, the target, and suspected leaks.

    Parameters
    ----------
    model : Model
    rows : Dataset
    target : str

    Returns
    -------
    list of str
    """
    columns = model.columns_by_name
    with_target = rows.table.append_column(unused_name(rows.table), pa.array(rows.target.tolist()))
    remarks = duplicate_remarks(with_target)
    for name, column in columns.items():
        missing = cast(rows.table[name], column.reading, name).null_count
        remarks += often_missing(name, missing, rows.table.num_rows)
    readings = {name: column.reading for name, column in columns.items()}
    return remarks + dataset_remarks(rows, target, model.task, readings)


def unused_name(table: pa.Table) -> str:
    """Return a name that no column of a table has."""
    return max(table.column_names, key=len, default="") + "+"
