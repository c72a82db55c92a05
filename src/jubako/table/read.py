"""Reading: a file, a table that comes with scikit-learn, or a frame in Python, as Arrow tables."""

import zipfile
import zlib
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.json
import pyarrow.parquet
from pyarrow import types

from .csv import (
    Keep,
    Layout,
    find_layout,
    good_names,
    read_csv,
    read_csv_batches,
)
from .errors import TableError, nearest
from .sentence import Sentence
from .source import Source, find_source, one_line
from .values import is_text, plain

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

BUILT_IN = {  # name: name of its target column
    "iris": "species",
    "wine": "cultivar",
    "breast_cancer": "diagnosis",
    "digits": "digit",
    "diabetes": "progression",
}
FEW_ROWS = 100_000  # of a table that may be copied
DAMAGE = (OSError, pa.ArrowException, zipfile.BadZipFile, zlib.error, RuntimeError, ValueError)


class TableFile(NamedTuple):
    """A table that was read from a file, and how."""

    table: pa.Table
    read_as: str  # format, encoding and delimiter, in a few words
    notes: tuple[str, ...] = ()  # one sentence for each choice between two readings


def read_table(name: str, encoding: str | None = None, keep: Keep | None = None) -> TableFile:
    """Read a file, or a built-in table by its name.

    Parameters
    ----------
    name : str
        A path, "-" for standard input, or a name in `BUILT_IN`, whose target is its last column.
    encoding : str, optional
        What text is in. It is found out if not given.
    keep : mapping of str to collections of str, optional
        Words for missing values that are text in these columns of a CSV file.

    Returns
    -------
    TableFile
        Its table has at least one row, and column names that are not empty and differ.

    Raises
    ------
    TableError
        If there is no such file, or it holds no table.
    """
    if name in BUILT_IN:
        return TableFile(built_in(name), "built in")
    source = named_source(name, encoding)
    try:
        if source.format == "csv":
            layout = find_layout(source)
            table = cleaned(read_csv(source, layout, keep=keep), name)
            if table.num_rows < FEW_ROWS:  # each piece of a column costs time
                table = table.combine_chunks()
            read_as = describe_csv(source, layout)
        else:
            table, read_as = cleaned(read_all(source), name), describe(source)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise explained(source, error) from error
    if not table.num_rows:
        raise TableError(Sentence("{name!r} has a header but no rows.", name=name))
    return TableFile(table, read_as)


def read_batches(
    name: str,
    encoding: str | None = None,
    columns: Collection[str] | None = None,
    keep: Keep | None = None,
) -> Iterator[pa.Table]:
    """Read a file piece by piece, so that it need not fit into memory.

    All columns of a CSV file are texts. `columns` are those that are needed: all if not given.
    The other parameters and the errors are those of `read_table`.
    """
    if name in BUILT_IN:
        yield built_in(name)
        return
    source, n_rows = named_source(name, encoding), 0
    try:
        for batch in batches(source, columns, keep):
            n_rows += batch.num_rows
            yield cleaned(batch, name)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise explained(source, error) from error
    if not n_rows:
        raise TableError(Sentence("{name!r} has a header but no rows.", name=name))


def named_source(name: str, encoding: str | None) -> Source:
    """Find a file; if there is none, the name may be that of a built-in table."""
    try:
        return find_source(name, encoding)
    except TableError as error:
        near = nearest(name, BUILT_IN)
        if near and "no file" in str(error):
            hint = Sentence("did you mean {near!r}?", near=near)
            raise TableError(
                Sentence("There is no file {name!r}: {hint}", name=name, hint=hint)
            ) from error
        raise
    except DAMAGE as error:
        raise TableError(
            Sentence("{name!r} is damaged: {why}.", name=name, why=one_line(error))
        ) from error


def describe(source: Source) -> str:
    """Say in a few words what a file was taken for."""
    return {"json": "JSON lines", "parquet": "Parquet"}.get(source.format, "Arrow")


def describe_csv(source: Source, layout: Layout) -> str:
    """Say in a few words what a text was taken for."""
    mark, encoding = layout.delimiter, source.encoding.upper()
    if mark in ",\t":
        return f"{'CSV' if mark == ',' else 'TSV'}, {encoding}"
    return Sentence("CSV with {mark!r}, {encoding}", mark=mark, encoding=encoding)


def read_all(source: Source) -> pa.Table:
    """Read a whole file that is not CSV."""
    with source.open() as file:
        if source.format == "parquet":
            return pyarrow.parquet.read_table(file)
        if source.format == "arrow":
            return pa.ipc.open_file(file).read_all()
        if source.format == "stream":
            return pa.ipc.open_stream(file).read_all()
        return pyarrow.json.read_json(as_utf8(file, source))


def batches(
    source: Source, columns: Collection[str] | None, keep: Keep | None
) -> Iterator[pa.Table]:
    """Read a file in pieces."""
    if source.format == "csv":
        layout = find_layout(source)
        yield from read_csv_batches(source, layout, columns, keep)
        return
    with source.open() as file:
        if source.format == "parquet":
            pieces: Any = pyarrow.parquet.ParquetFile(file).iter_batches()
        elif source.format == "arrow":
            reader = pa.ipc.open_file(file)
            pieces = (reader.get_batch(i) for i in range(reader.num_record_batches))
        elif source.format == "stream":
            pieces = pa.ipc.open_stream(file)
        else:  # its types can't be told from a piece
            pieces = pyarrow.json.read_json(as_utf8(file, source)).to_batches()
        for batch in pieces:
            yield pa.Table.from_batches([batch])


def as_utf8(file: pa.NativeFile, source: Source) -> pa.NativeFile:
    """Recode a text."""
    return (
        file
        if source.encoding == "utf-8"
        else pa.transcoding_input_stream(file, source.encoding, "utf-8")
    )


def explained(source: Source, error: Exception) -> TableError:
    """Say in one sentence why a file could not be read."""
    text = one_line(error)
    return TableError(
        Sentence(
            "{name!r} can't be read as {kind}: {why}.",
            name=source.name, kind=describe(source), why=text,
        )
    )  # fmt: skip


def cleaned(table: pa.Table, name: str) -> pa.Table:
    """Return a table whose columns have good names, and whose blank texts are missing."""
    table = with_good_names(table, name)
    for i, values in enumerate(table.columns):
        texts = plain(values)
        if is_text(texts.type):
            blank = pc.or_(pc.utf8_is_space(texts), pc.equal(pc.binary_length(texts), 0))
            if pc.any(blank).as_py():
                table = table.set_column(i, table.field(i).name, without(values, blank))
    return table


def without(values: pa.ChunkedArray, gone: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts, which may be dictionary-encoded, with some of them missing."""
    if not types.is_dictionary(values.type):
        return pc.if_else(gone, None, plain(values))
    chunks = [
        pa.DictionaryArray.from_arrays(
            pc.if_else(which, None, chunk.indices), chunk.dictionary, ordered=values.type.ordered
        )
        for chunk, which in zip(values.chunks, gone.chunks, strict=True)
    ]
    return pa.chunked_array(chunks, values.type)


def with_good_names(table: pa.Table, name: str) -> pa.Table:
    """Strip column names, and number those that have none.

    Raises
    ------
    TableError
        If two columns have the same name.
    """
    return table.rename_columns(good_names(table.column_names, name))


def built_in(name: str) -> pa.Table:
    """Return a table that scikit-learn carries, with its target as the last column."""
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    columns = {
        str(feature).replace(" (cm)", "").replace(" ", "_"): values
        for feature, values in zip(data.feature_names, data.data.T, strict=True)
    }
    labels = data.get("target_names")
    columns[BUILT_IN[name]] = data.target if labels is None else labels[data.target]
    return pa.table(columns)


def to_table(X: Any) -> pa.Table:
    """Turn what Python users have into an Arrow table.

    Parameters
    ----------
    X : DataFrame of pandas, polars or another that narwhals knows, pyarrow.Table, or array (N, n)
        The columns of an array are called x1, x2 ...

    Raises
    ------
    TableError
        If it is nothing of that kind, or a column holds things of several kinds.
    """
    table = X if isinstance(X, pa.Table) else from_python(X)
    if not table.num_columns:
        n_rows = getattr(X, "shape", (0,))[0]
        raise TableError(
            f"X has no columns: 0 feature(s) (shape=({n_rows}, 0)) while a minimum of 1 is "
            "required."
        )
    return cleaned(table, "X")


def from_python(X: Any) -> pa.Table:
    """Turn a data frame or an array into an Arrow table; see `to_table`."""
    try:
        frame = nw.from_native(X, eager_only=True, pass_through=True)
    except nw.exceptions.NarwhalsError as error:
        raise TableError(f"X can't be used: {one_line(error)}.") from error
    if isinstance(frame, nw.DataFrame):
        columns = dict(zip(map(str, frame.columns), frame.iter_columns(), strict=True))
        if len(columns) < len(frame.columns):
            raise TableError("X has several columns with the same name: rename them.")
        return pa.table({name: to_array(column, name) for name, column in columns.items()})
    if hasattr(X, "toarray"):
        raise TableError("X is sparse: pass X.toarray().")
    try:
        x = np.asarray(X)
    except ValueError as error:
        raise TableError(f"X is no table: {one_line(error)}.") from error
    if x.ndim != 2:
        shape = f" of shape {x.shape}" if x.shape else ""
        hint = "X.reshape(-1, 1) if it is one feature, X.reshape(1, -1) if it is one row"
        hint = f" Reshape your data: {hint}." if x.ndim == 1 else ""
        raise TableError(
            "X must be a data frame, a pyarrow.Table, or an array of shape (N, n): got "
            f"{type(X).__name__}{shape}.{hint}"
        )
    if x.dtype.kind == "c":
        raise TableError("Complex data not supported: X holds complex numbers. Pass X.real.")
    names = [f"x{i}" for i in range(1, x.shape[1] + 1)]
    return pa.table({name: to_array(column, name) for name, column in zip(names, x.T, strict=True)})


def to_array(column: Any, name: str) -> Any:
    """Turn a column into an Arrow array; what is not a number counts as missing where NaN is."""
    try:
        if isinstance(column, nw.Series):
            array = column.to_arrow()
            kind = array.type.value_type if types.is_dictionary(array.type) else array.type
            # intervals and periods of pandas are read by what they say
            is_their_own = isinstance(kind, pa.BaseExtensionType)
            return column.cast(nw.String).to_arrow() if is_their_own else array
        return pa.array(column.tolist() if column.dtype == object else column, from_pandas=True)
    except (pa.ArrowException, TypeError, OverflowError) as error:
        kinds = sorted({type(value).__name__ for value in column if value is not None})
        why = f"it holds {' and '.join(kinds)}" if len(kinds) > 1 else one_line(error)
        raise TableError(
            f"Column {name!r} can't be used: {why}. Make all its values of one kind."
        ) from error
