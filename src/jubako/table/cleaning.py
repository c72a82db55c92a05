"""Tables as all the rest of the house expects them: good column names, no blank texts."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute

from .errors import TableError
from .sentence import Sentence
from .values import is_text, plain

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers


def cleaned(table: pa.Table, name: str) -> pa.Table:
    """Return a table whose columns have good names, and whose blank texts are missing.

    Raises
    ------
    TableError
        If two columns have the same name.
    """
    names = good_names(table.column_names, name)
    columns = [without_blanks(values) for values in table.columns]
    return pa.Table.from_arrays(columns, names)


def without_blanks(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values with null in place of texts that are empty or white space."""
    if not is_text(values.type) and not is_packed_text(values.type):
        return values
    texts = plain(values)
    blank = pc.or_(pc.utf8_is_space(texts), pc.equal(pc.binary_length(texts), 0))
    return without(values, blank) if pc.any(blank).as_py() else values


def without(values: pa.ChunkedArray, gone: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts, which may be dictionary-encoded, with some of them missing."""
    if not pa.types.is_dictionary(values.type):
        return pc.if_else(gone, None, plain(values))
    chunks = [
        pa.DictionaryArray.from_arrays(
            pc.if_else(which, None, chunk.indices), chunk.dictionary, ordered=values.type.ordered
        )
        for chunk, which in zip(values.chunks, gone.chunks, strict=True)
    ]
    return pa.chunked_array(chunks, values.type)


def is_packed_text(kind: pa.DataType) -> bool:
    """Tell whether values are texts in another form: dictionary-encoded, or views."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type) or pa.types.is_string_view(kind.value_type)
    return pa.types.is_string_view(kind)


def good_names(names: Iterable[Any], source: str) -> list[str]:
    """Strip column names, and number those that have none.

    Raises
    ------
    TableError
        If two columns have the same name.
    """
    names = [str(name).strip() for name in names]
    names = [name or f"column {i}" for i, name in enumerate(names, start=1)]
    doubles = [name for name, count in Counter(names).items() if count > 1]
    if doubles:
        raise TableError(
            Sentence(
                "{name!r} has several columns called {column!r}: rename them.",
                name=source, column=doubles[0],
            )
        )  # fmt: skip
    return names
