"""Parquet, Arrow and JSON files as tables, whole or in batches."""

from collections import Counter
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager

import pyarrow as pa

from jubako.data.errors import TableError

from .arrow_values import check_values, damaged
from .detect import Source
from .json_lines import read_json


def read_arrow(source: Source) -> pa.Table:
    """Read a whole Parquet, Arrow or JSON file.

    Parameters
    ----------
    source : Source

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If it is damaged, nested too deeply, or holds text that is not UTF-8.
    """
    if source.format == "json":
        return read_json(source)
    with damage_refused(source), source.open() as file:
        if source.format == "parquet":
            from pyarrow import parquet

            table = parquet.ParquetFile(file).read()
        elif source.format == "arrow":
            table = pa.ipc.open_file(file).read_all()
        else:
            table = pa.ipc.open_stream(file).read_all()
        check_values(source, table, 0)
    return table


def read_arrow_batches(source: Source, columns: Collection[str] | None) -> Iterator[pa.Table]:
    """Read a Parquet, Arrow or JSON file in pieces; see `read_arrow`.

    Parameters
    ----------
    source : Source
    columns : collection of str, or None
        The columns to read and check; all if None, or if one does not exist.

    Yields
    ------
    pyarrow.Table
    """
    if source.format == "json":  # types are inferred from the whole file
        yield read_json(source)
        return
    n_rows = 0
    with damage_refused(source), source.open() as file:
        for batch in arrow_batches(source, file, columns):
            table = pa.Table.from_batches([batch])
            counts = Counter(table.column_names)
            if columns is not None and all(counts[name] == 1 for name in columns):
                table = table.select(list(columns))
            check_values(source, table, n_rows)
            n_rows += table.num_rows
            yield table


@contextmanager
def damage_refused(source: Source) -> Generator[None]:
    """Raise a `TableError` for a file that can't be read."""
    try:
        yield
    except TableError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # also for invalid names
        raise damaged(source) from error


def arrow_batches(
    source: Source, file: object, columns: Collection[str] | None
) -> Iterator[object]:
    """Read record batches."""
    if source.format == "parquet":
        from pyarrow.parquet import ParquetFile

        parquet = ParquetFile(file)
        names = parquet.schema_arrow.names
        wanted = columns is not None and set(columns) <= set(names)
        yield from parquet.iter_batches(columns=list(columns or ()) if wanted else None)
    elif source.format == "arrow":
        reader = pa.ipc.open_file(file)
        yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
    else:
        yield from pa.ipc.open_stream(file)
