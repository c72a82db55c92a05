"""Predictions as JSON, CSV or Arrow."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv

from .errors import preferences
from .requests import ARROW, CSV, JSON

FORMATS = JSON, CSV, ARROW


def format_of(accepted: str) -> str:
    """Return the format that a client prefers.

    Parameters
    ----------
    accepted : str
        The header Accept.

    Returns
    -------
    str
        One of `FORMATS`; JSON if the client has no preference, or accepts none.
    """
    best, found = 0.0, JSON
    for kind, quality in preferences(accepted):
        if kind in FORMATS and quality > best:
            best, found = quality, kind
    return found


def encoded(table: pa.Table, notes: Sequence[str], kind: str) -> bytes:
    """Write the table of predictions.

    Parameters
    ----------
    table : pyarrow.Table
    notes : sequence of str
        Only JSON has them.
    kind : str
        One of `FORMATS`.

    Returns
    -------
    bytes
    """
    if kind == JSON:
        answer = {"predictions": records(table), "notes": notes}
        return json.dumps(answer, ensure_ascii=False, default=str).encode("utf-8", "replace")
    if kind == CSV:
        file = io.BytesIO()
        pyarrow.csv.write_csv(table, file)
        return file.getvalue()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def records(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table as objects.

    Parameters
    ----------
    table : pyarrow.Table

    Returns
    -------
    list of dict
        With numbers of the shortest text that gives the same float32.
    """
    columns = [short(values).to_pylist() for values in table.columns]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def short(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return float32 as the float64 of its shortest text; other values are unchanged.

    Parameters
    ----------
    values : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray
    """
    if pa.types.is_float32(values.type):
        return values.cast(pa.string()).cast(pa.float64())
    return values
