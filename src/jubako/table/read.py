"""Reading: a file, a table that comes with scikit-learn, or a frame in Python, as Arrow tables."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
from pyarrow import types

from .errors import TableError, nearest
from .sentence import Sentence
from .source import Source, chunks, find_source, one_line
from .values import is_text, plain

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

BUILT_IN = {  # name: name of its target column
    "iris": "species",
    "wine": "cultivar",
    "breast_cancer": "diagnosis",
    "digits": "digit",
    "diabetes": "progression",
}
NO_VALUE = ["?", "-", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "None"]
MISSING = ["", " ", *NO_VALUE]
DAMAGE = (OSError, pa.ArrowException, zipfile.BadZipFile, zlib.error, RuntimeError, ValueError)
BATCH = 8 << 20  # bytes of text that are read at a time where rows are streamed


class TableFile(NamedTuple):
    """A table that was read from a file, and how."""

    table: pa.Table
    read_as: str  # format, encoding and delimiter, in a few words
    notes: tuple[str, ...] = ()  # one sentence for each choice between two readings


def read_table(name: str, encoding: str | None = None) -> TableFile:
    """Read a file, or a built-in table by its name.

    Parameters
    ----------
    name : str
        A path, "-" for standard input, or a name in `BUILT_IN`, whose target is its last column.
    encoding : str, optional
        What text is in. It is found out if not given.

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
        table = cleaned(read_all(source), name)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise explained(source, error) from error
    if not table.num_rows:
        raise TableError(Sentence("{name!r} has a header but no rows.", name=name))
    return TableFile(table, source.describe())


def read_batches(
    name: str, encoding: str | None = None, kinds: Mapping[str, pa.DataType] | None = None
) -> Iterator[pa.Table]:
    """Read a file piece by piece, so that it need not fit into memory.

    A piece of text can't tell the types of its columns by itself: `kinds` says them. Numbers stay
    text, with a decimal point, so that whoever needs them can say which one is wrong. The other
    parameters and the errors are those of `read_table`.
    """
    if name in BUILT_IN:
        yield built_in(name)
        return
    source, n_rows = named_source(name, encoding), 0
    try:
        for batch in batches(source, kinds or {}):
            n_rows += batch.num_rows
            yield cleaned(pa.Table.from_batches([batch]), name)
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


def csv_options(
    source: Source, kinds: Mapping[str, pa.DataType] = MappingProxyType({})
) -> dict[str, Any]:
    """Return how pyarrow is to read a text."""
    texts = {name: pa.string() for name, kind in kinds.items() if pa.types.is_floating(kind)}
    return {
        "parse_options": pyarrow.csv.ParseOptions(
            delimiter=source.delimiter, newlines_in_values=True
        ),
        "convert_options": pyarrow.csv.ConvertOptions(
            strings_can_be_null=True,
            null_values=MISSING,
            decimal_point=source.decimal,
            column_types={**kinds, **texts},
        ),
    }


def read_all(source: Source) -> pa.Table:
    """Read a whole file."""
    with source.open() as file:
        if source.format == "parquet":
            return pyarrow.parquet.read_table(file)
        if source.format == "arrow":
            return pa.ipc.open_file(file).read_all()
        if source.format == "stream":
            return pa.ipc.open_stream(file).read_all()
        if source.format == "json":
            return pyarrow.json.read_json(as_utf8(file, source))
        options = pyarrow.csv.ReadOptions(encoding=source.encoding)
        table = pyarrow.csv.read_csv(file, read_options=options, **csv_options(source))
    check_quotes(source, table)
    return table


def batches(source: Source, kinds: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """Read a file in pieces."""
    with source.open() as file:
        if source.format == "parquet":
            yield from pyarrow.parquet.ParquetFile(file).iter_batches()
        elif source.format == "arrow":
            reader = pa.ipc.open_file(file)
            yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
        elif source.format == "stream":
            yield from pa.ipc.open_stream(file)
        elif source.format == "json":  # its types can't be told from a piece
            yield from pyarrow.json.read_json(as_utf8(file, source)).to_batches()
        else:
            options = pyarrow.csv.ReadOptions(encoding=source.encoding, block_size=BATCH)
            for batch in pyarrow.csv.open_csv(
                file, read_options=options, **csv_options(source, kinds)
            ):
                check_quotes(source, batch)
                yield batch if source.decimal == "." else with_points(batch, kinds)


def with_points(batch: pa.RecordBatch, kinds: Mapping[str, pa.DataType]) -> pa.RecordBatch:
    """Write 1.234,5 as 1234.5 in the columns of numbers that are text."""
    for i, name in enumerate(batch.schema.names):
        if name in kinds and pa.types.is_floating(kinds[name]):
            points = pc.replace_substring(pc.replace_substring(batch[i], ".", ""), ",", ".")
            batch = batch.set_column(i, name, points)
    return batch


def as_utf8(file: pa.NativeFile, source: Source) -> pa.NativeFile:
    """Recode a text."""
    return (
        file
        if source.encoding == "utf-8"
        else pa.transcoding_input_stream(file, source.encoding, "utf-8")
    )


def check_quotes(source: Source, rows: pa.Table | pa.RecordBatch) -> None:
    """Refuse a quote that is never closed: it makes all that follows one value.

    Raises
    ------
    TableError
        If the last row holds a line break, and the file an odd number of quotes.
    """
    if not rows.num_rows:
        return
    last = [
        str(value) for row in rows.slice(rows.num_rows - 1).to_pylist() for value in row.values()
    ]
    swallowed = [value for value in last if "\n" in value]
    if swallowed and sum(piece.count(b'"') for piece in chunks(source.open)) % 2:
        raise TableError(
            Sentence(
                "{name!r} has a quote that is never closed, before {text!r}.",
                name=source.name, text=swallowed[0][:40],
            )
        )  # fmt: skip


def explained(source: Source, error: Exception) -> TableError:
    """Say in one sentence why a file could not be read; of a ragged CSV file, in which line."""
    text = one_line(error)
    if "Empty CSV" in text:
        return TableError(Sentence("{name!r} has no rows.", name=source.name))
    if source.format == "csv" and "Expected" in text:
        options = pyarrow.csv.ReadOptions(encoding=source.encoding, use_threads=False)
        try:  # once more without threads: then the message has the number of the row
            with source.open() as file:
                pyarrow.csv.read_csv(file, read_options=options, **csv_options(source))
        except pa.ArrowInvalid as again:
            row, _, rest = one_line(again).partition("Row #")[2].partition(": Expected ")
            wanted, _, got = rest.partition(" columns, got ")
            if got:
                n, _, text = got.partition(": ")
                return TableError(
                    Sentence(
                        "{name!r}, row {row}: {n} fields, but the header has {wanted}: {text!r}. "
                        "Is the delimiter {mark!r}, or a quote missing?",
                        name=source.name, row=row, n=n, wanted=wanted, text=text[:60],
                        mark=source.delimiter,
                    )
                )  # fmt: skip
    return TableError(
        Sentence(
            "{name!r} can't be read as {kind}: {why}.",
            name=source.name, kind=source.describe(), why=text,
        )
    )  # fmt: skip


def cleaned(table: pa.Table, name: str) -> pa.Table:
    """Return a table whose columns have good names, and whose blank texts are missing."""
    table = with_good_names(table, name)
    for i, values in enumerate(table.columns):
        texts = plain(values)
        if is_text(texts.type):
            blank = pc.equal(pc.utf8_trim_whitespace(texts), "")
            if pc.any(blank).as_py():
                table = table.set_column(i, table.field(i).name, pc.if_else(blank, None, texts))
    return table


def with_good_names(table: pa.Table, name: str) -> pa.Table:
    """Strip column names, and number those that have none.

    Raises
    ------
    TableError
        If two columns have the same name.
    """
    names = [str(column).strip() for column in table.column_names]
    names = [column or f"column {i}" for i, column in enumerate(names, start=1)]
    doubles = [column for column, count in Counter(names).items() if count > 1]
    if doubles:
        raise TableError(
            Sentence(
                "{name!r} has several columns called {column!r}: rename them.",
                name=name, column=doubles[0],
            )
        )  # fmt: skip
    return table.rename_columns(names)


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
        raise TableError("X has no columns.")
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
        raise TableError(
            "X must be a data frame, a pyarrow.Table, or an array of shape (N, n): got "
            f"{type(X).__name__}{shape}."
        )
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
