"""Conversion of data frames and arrays to Arrow tables."""

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from pyarrow import types

from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .cleaning import cleaned


def to_table(X: Any) -> pa.Table:
    """Convert a data frame or an array to an Arrow table.

    Parameters
    ----------
    X : data frame, Arrow data, or array of shape (N, n)
        Of pandas, polars or another library that narwhals supports, or of dask, which is computed;
        or any object with an Arrow stream or array, such as tables and readers of pyarrow, and
        relations of DuckDB. Columns of an array are named x1, x2, ...

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If it is none of these, or a column holds values of several types.
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
    """Convert a data frame, Arrow data or an array to an Arrow table; see `to_table`.

    Parameters
    ----------
    X : data frame, Arrow data, or array

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If it is none of these, or a column holds values of several types.
    """
    if nw.dependencies.is_dask_dataframe(X):
        return from_python(X.compute())
    try:
        frame = nw.from_native(X, eager_only=True, pass_through=True)
        names = list(map(name_of, frame.columns)) if isinstance(frame, nw.DataFrame) else []
    except nw.exceptions.NarwhalsError:
        raise TableError("X has several columns with the same name: rename them.") from None
    if isinstance(frame, nw.DataFrame):
        if len(set(filter(None, names))) < len(list(filter(None, names))):
            raise TableError("X has several columns with the same name: rename them.")
        columns = zip(names, frame.iter_columns(), strict=True)
        return pa.Table.from_arrays([to_array(column, name) for name, column in columns], names)
    is_column = isinstance(X, pa.Array | pa.ChunkedArray) or len(getattr(X, "shape", (0, 0))) == 1
    if not is_column and not isinstance(X, np.ndarray):
        if hasattr(X, "__arrow_c_stream__"):
            return from_stream(X)
        if hasattr(X, "__arrow_c_array__"):
            return pa.table(pa.record_batch(X))
    if hasattr(X, "toarray"):
        raise TableError("X is sparse: pass X.toarray().")
    if hasattr(X, "collect"):
        raise TableError(f"X is a {type(X).__name__}, not computed yet: pass X.collect().")
    return from_array(X)


def name_of(column: object) -> str:
    """Return the name of a column as text; none if pandas has none."""
    return "" if column is None or column != column else str(column)


def from_stream(X: object) -> pa.Table:
    """Read an Arrow stream to its end."""
    try:
        return pa.RecordBatchReader.from_stream(X).read_all()
    except pa.ArrowException as error:
        raise TableError(f"X, a {type(X).__name__}, is no table: it has no columns.") from error


def from_array(X: object) -> pa.Table:
    """Convert an array to an Arrow table; see `to_table`.

    Parameters
    ----------
    X : array-like, shape (N, n)

    Returns
    -------
    pyarrow.Table
    """
    try:
        x = np.ma.asarray(X) if isinstance(X, np.ma.MaskedArray) else np.asarray(X)
    except ValueError as error:
        raise TableError(
            "X is no table: its rows differ in length, or a field holds more than one value."
        ) from error
    if x.dtype.names and x.ndim == 1:
        return pa.table({name: to_array(x[name], name) for name in x.dtype.names})
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
    """Turn a column into an Arrow array; what is not a number counts as missing where NaN is.

    Raises
    ------
    TableError
        If it holds things of several kinds, or such as have no place in a table.
    """
    try:
        return from_series(column) if isinstance(column, nw.Series) else from_values(column)
    except UnicodeError as error:
        raise TableError(
            Message(
                "Column {name!r} can't be used: a text holds a lone surrogate, which is not "
                "a character.",
                name=name,
            )
        ) from error
    except (pa.ArrowException, nw.exceptions.NarwhalsError, TypeError, OverflowError) as error:
        kinds = sorted({type(v).__name__ for v in column if v is not None and not is_nan(v)})
        what = " and ".join(kinds[:5]) or "nothing that is known"
        hint = "Make all its values of one kind."
        if kinds and all(kind.startswith("complex") for kind in kinds):
            hint = "Use real and imaginary parts as columns of their own."
        elif len(kinds) == 1:
            hint = "Turn its values into numbers, dates or texts."
        raise TableError(f"Column {name!r} can't be used: it holds {what}. {hint}") from error


def is_nan(value: Any) -> bool:
    """Return whether a value is a float NaN."""
    return isinstance(value, float) and value != value


def from_series(column: nw.Series[Any]) -> object:
    """Convert a column of a data frame to an Arrow array.

    Parameters
    ----------
    column : narwhals.Series

    Returns
    -------
    pyarrow.Array or pyarrow.ChunkedArray
    """
    native: Any = column.to_native()
    if hasattr(native, "sparse"):  # pandas'
        return from_values(native.sparse.to_dense().to_numpy())
    if column.dtype == nw.Object:
        return from_values(np.array([*column.to_list(), None], object)[:-1])
    if column.dtype == nw.Int128 or column.dtype == nw.UInt128:
        ends = [end for end in (column.min(), column.max()) if end is not None]
        fits = all(-(2**63) <= end < 2**63 for end in ends)
        return column.cast(nw.Int64 if fits else nw.Float64).to_arrow()
    array = column.to_arrow()
    kind = array.type.value_type if types.is_dictionary(array.type) else array.type
    # intervals and periods of pandas are read as texts
    is_their_own = isinstance(kind, pa.BaseExtensionType)
    return column.cast(nw.String).to_arrow() if is_their_own else array


def from_values(column: Any) -> object:
    """Convert a NumPy array to an Arrow array.

    Parameters
    ----------
    column : array, shape (N,)

    Returns
    -------
    pyarrow.Array
    """
    if isinstance(column, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(column)
        return pa.array(np.asarray(column), mask=mask, from_pandas=True)
    if column.dtype == np.longdouble:
        column = column.astype(float)
    if column.dtype != object:
        return pa.array(column, from_pandas=True)
    values = column.tolist()
    try:
        return pa.array(values, from_pandas=True)
    except OverflowError:  # whole numbers beyond int64
        numbers = [None if v is None else float(v) for v in values]
        return pa.array(numbers, pa.float64(), from_pandas=True)
