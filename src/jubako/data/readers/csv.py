"""CSV with any delimiter, read as unchanged texts."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from typing import Any

import pyarrow as pa
import pyarrow.csv

from jubako.data.arrow_compute import pc
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .csv_layout import Layout
from .detect import Source

NO_VALUE = ["?", "-", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "None"]
MOST_LISTED = 4  # words and columns that a note names
BLOCKS = 1 << 20, 8 << 20, 128 << 20, (1 << 31) - 1  # bytes of text parsed at a time

Keep = Mapping[str, Collection[str]]


def read_csv(
    source: Source, layout: Layout, columns: Collection[str] | None = None, keep: Keep | None = None
) -> tuple[pa.Table, list[Message]]:
    """Read a text as a table of texts, without columns that have neither name nor values.

    Empty fields and words for missing values are null, except in quotes. Only columns that hold
    such words are parsed a second time, since pyarrow drops the quotes.

    Parameters
    ----------
    source : Source
    layout : Layout
    columns : collection of str, optional
        The columns to read; all by default, or if one does not exist.
    keep : mapping of str to collections of str, optional
        Words for missing values that are text in these columns.

    Returns
    -------
    table : pyarrow.Table
    notes : list of Message
        On the words that are read as missing values.

    Raises
    ------
    TableError
        If a row has too many or too few fields, or a quote is never closed.
    """
    names = wanted(layout, columns)
    written = read_part(source, layout, names, [""])
    columns_read = dict(zip(names, written.columns, strict=True))
    for part, missing in parts_of(names, keep or {}):
        words = pa.array(missing[1:], pa.string())  # without ""
        part = [name for name in part if pc.any(pc.is_in(columns_read[name], words)).as_py()]
        if part:
            table = read_part(source, layout, part, missing)
            columns_read |= dict(zip(part, table.columns, strict=True))
    table = pa.table({name: columns_read[name] for name in names})
    check_quotes(source, table)
    notes = words_read_as_missing(written, table)
    empty = [name for name in layout.unnamed if name in names and not has_values(table[name])]
    return table.drop_columns(empty), notes


def read_csv_batches(
    source: Source, layout: Layout, columns: Collection[str] | None = None, keep: Keep | None = None
) -> Iterator[pa.Table]:
    """Read a CSV file in pieces; see `read_csv`.

    Parameters
    ----------
    source : Source
    layout : Layout
    columns : collection of str, optional
    keep : mapping of str to collections of str, optional

    Yields
    ------
    pyarrow.Table
    """
    names, n_rows = wanted(layout, columns), 0
    for block in BLOCKS[1:]:
        n_seen = 0  # rows since the file was opened
        invalid = list[Any]()
        try:
            for table in pieces(source, layout, names, keep or {}, block, invalid):
                if n_seen + table.num_rows > n_rows:
                    table = table.slice(max(n_rows - n_seen, 0))
                    check_quotes(source, table)
                    yield table
                n_seen += table.num_rows
                n_rows = max(n_seen, n_rows)
            return
        except pa.ArrowInvalid as error:
            if invalid:
                raise ragged(source, layout) from None
            if block == BLOCKS[-1]:
                raise too_long(source) from error


def words_read_as_missing(written: pa.Table, table: pa.Table) -> list[Message]:
    """Return a note on the words of a text that are missing values in its table.

    Only quotes decide whether "NA" is a word or a missing value, hence the note.

    Parameters
    ----------
    written : pyarrow.Table
        The fields as they are in the file.
    table : pyarrow.Table
        The same with null for missing values.

    Returns
    -------
    list of Message
        At most one.
    """
    counts, n_values, first = Counter[str](), dict[str, int](), table.num_rows
    for name, texts in zip(written.column_names, written.columns, strict=True):
        if table[name].null_count == texts.null_count:
            continue
        hidden = pc.and_(pc.is_null(table[name]), pc.is_valid(texts))
        values = pc.utf8_trim_whitespace(texts.filter(hidden))
        counted = values.value_counts()
        counts.update(dict(zip(*(part.to_pylist() for part in counted.flatten()), strict=True)))
        n_values[name] = len(values)
        first = min(first, pc.index(hidden, True).as_py())
    if not counts:
        return []
    return [
        Message(
            "{words} without quotes is read as missing in {columns}: {n} values in all, the first "
            "in row {row}. In quotes it would be text.",
            words=quoted_list([word for word, _ in counts.most_common()]),
            columns=quoted_list(list(n_values)),
            n=counts.total(),
            row=first + 1,
        )
    ]


def quoted_list(words: list[str]) -> str:
    """Return some words in quotes, and how many more there are.

    Parameters
    ----------
    words : list of str

    Returns
    -------
    str

    Examples
    --------
    >>> quoted_list(["NA", "?"]), quoted_list(["a", "b", "c", "d", "e"])
    ("'NA', '?'", "'a', 'b', 'c', 'd' and 1 more")
    """
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return ", ".join(map(repr, words[:MOST_LISTED])) + more


def has_values(texts: pa.ChunkedArray) -> bool:
    """Return whether not all texts are missing."""
    return texts.null_count < len(texts)


def wanted(layout: Layout, columns: Collection[str] | None) -> list[str]:
    """Return the names of the columns to read.

    Parameters
    ----------
    layout : Layout
    columns : collection of str, or None

    Returns
    -------
    list of str
        All columns if None, or if one does not exist, so that errors can name a similar one.
    """
    if columns is None or not set(columns) <= set(layout.names):
        return list(layout.names)
    return [name for name in layout.names if name in columns] or list(layout.names)


def parts_of(names: list[str], keep: Keep) -> list[tuple[list[str], list[str]]]:
    """Group columns by the words for missing values that apply to them.

    Parameters
    ----------
    names : list of str
    keep : mapping of str to collections of str
        Words for missing values that are text in these columns.

    Returns
    -------
    list of pairs
        Column names, and words.
    """
    parts = dict[tuple[str, ...], list[str]]()
    for name in names:
        kept = set(keep.get(name, ()))
        words = [word for word in NO_VALUE if word not in kept]
        missing = ("", *(space + word for word in words for space in ("", " ")))
        parts.setdefault(missing, []).append(name)
    return [(part, list(missing)) for missing, part in parts.items()]


def read_part(source: Source, layout: Layout, part: list[str], missing: list[str]) -> pa.Table:
    """Read columns with the same words for missing values.

    Parameters
    ----------
    source : Source
    layout : Layout
    part : list of str
        Column names.
    missing : list of str
        Words for missing values.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If a row has too many or too few fields, or is too long.
    """
    for block in BLOCKS:
        invalid = list[Any]()
        try:
            with source.open_text() as file:
                return pyarrow.csv.read_csv(
                    file, **options(source, layout, part, missing, block, invalid)
                )
        except pa.ArrowInvalid:
            if invalid:
                raise ragged(source, layout) from None
    raise too_long(source)


def pieces(
    source: Source, layout: Layout, names: list[str], keep: Keep, block: int, invalid: list[object]
) -> Iterator[pa.Table]:
    """Read all groups of columns of a text in parallel: blocks of one size hold the same rows.

    Parameters
    ----------
    source : Source
    layout : Layout
    names : list of str
        Column names.
    keep : mapping of str to collections of str
        Words for missing values that are text in these columns.
    block : int
        Bytes per block.
    invalid : list
        Receives rows of a wrong width.

    Yields
    ------
    pyarrow.Table
    """
    parts = parts_of(names, keep)
    with ExitStack() as stack:
        readers = [
            pyarrow.csv.open_csv(
                stack.enter_context(source.open_text()),
                **options(source, layout, part, missing, block, invalid),
            )
            for part, missing in parts
        ]
        for batches in zip(*readers, strict=True):
            columns = {
                name: column
                for (part, _), batch in zip(parts, batches, strict=True)
                for name, column in zip(part, batch.columns, strict=True)
            }
            yield pa.table({name: columns[name] for name in names})


def options(
    source: Source,
    layout: Layout,
    part: list[str],
    missing: list[str],
    block: int,
    invalid: list[Any],
) -> dict[str, Any]:
    """Return the options of pyarrow for reading columns of a text.

    Parameters
    ----------
    source : Source
    layout : Layout
    part : list of str
        Column names.
    missing : list of str
        Words for missing values.
    block : int
        Bytes per block.
    invalid : list
        Receives rows of a wrong width.

    Returns
    -------
    dict
    """

    def note(row: object) -> str:
        invalid.append(row)
        return "error"

    return {
        "read_options": pyarrow.csv.ReadOptions(
            block_size=block,
            column_names=layout.names,
            skip_rows=layout.n_lines,
        ),
        "parse_options": pyarrow.csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=note
        ),
        "convert_options": pyarrow.csv.ConvertOptions(
            include_columns=part,
            column_types=dict.fromkeys(part, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=missing,
        ),
    }


def ragged(source: Source, layout: Layout) -> TableError:
    """Return the error for the first row with too many or too few fields.

    Parameters
    ----------
    source : Source
    layout : Layout

    Returns
    -------
    TableError
    """
    invalid = list[Any]()
    for block in BLOCKS:
        settings = options(source, layout, [layout.names[0]], [""], block, invalid)
        settings["read_options"].use_threads = False  # otherwise rows have no number
        with source.open_text() as file, suppress(pa.ArrowInvalid):
            pyarrow.csv.read_csv(file, **settings)
        if invalid:
            break
    row = invalid[0]
    return TableError(
        Message(
            "{name!r}, row {row}: {n} fields, but the header has {wanted}: {text!r}. "
            "Is the delimiter {mark!r}, or a quote missing?",
            name=source.name,
            row=row.number - layout.n_lines,
            n=row.actual_columns,
            wanted=row.expected_columns,
            text=row.text[:60],
            mark=layout.delimiter,
        )
    )


def too_long(source: Source) -> TableError:
    """Return the error for a row that is longer than any block."""
    return TableError(
        Message("{name!r} has a row of more than 2 GB: is a quote never closed?", name=source.name)
    )


def check_quotes(source: Source, rows: pa.Table) -> None:
    """Check that the last quote is closed: else all that follows is one value.

    Parameters
    ----------
    source : Source
    rows : pyarrow.Table

    Raises
    ------
    TableError
        If the last row holds a line break, and the file an odd number of quotes.
    """
    if not rows.num_rows:
        return
    last = rows.slice(rows.num_rows - 1).to_pylist()[0].values()
    swallowed = [value for value in last if "\n" in (value or "")]
    if swallowed and sum(piece.count(b'"') for piece in source.chunks()) % 2:
        raise TableError(
            Message(
                "{name!r} has a quote that is never closed, before {text!r}.",
                name=source.name,
                text=swallowed[0][:40],
            )
        )
