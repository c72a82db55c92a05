"""CSV with any delimiter, read as texts: each field as it is written."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv

from .errors import TableError
from .sentence import Sentence
from .source import CHUNK, Source, chunks

NO_VALUE = ["?", "-", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "None"]
BLOCKS = 1 << 20, 8 << 20, 128 << 20, (1 << 31) - 1  # bytes of text parsed at a time

Keep = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text is laid out as a table.

    Parameters
    ----------
    delimiter, decimal : str
        What separates the fields; what probably separates the fraction of a number.
    names : tuple of str
        Of all columns: stripped, none empty, all different.
    n_lines : int
        Lines up to the first row, those of the header included.
    """

    delimiter: str
    decimal: str
    names: tuple[str, ...]
    n_lines: int


def find_layout(source: Source) -> Layout:
    """Find out how a text is laid out.

    Raises
    ------
    TableError
        If two columns have the same name, or there is no header.
    """
    text = source.start(CHUNK)
    delimiter = find_delimiter(text)
    while True:
        lines = io.StringIO(text, newline="")
        rows = csv.reader(lines, delimiter=delimiter)
        try:
            header = next((row for row in rows if row), None)
        except csv.Error:
            header = None
        if header is None:
            raise TableError(Sentence("{name!r} has no rows.", name=source.name))
        more = source.start(2 * len(text)) if lines.tell() == len(text) else text
        if len(more) == len(text):
            break
        text = more  # the header goes on
    names = good_names(header, source.name)
    return Layout(delimiter, find_decimal(text, delimiter), tuple(names), rows.line_num)


def good_names(names: Collection[str], source: str) -> list[str]:
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


def find_delimiter(text: str) -> str:
    r"""Return the delimiter that splits most of the first lines into equally many fields.

    >>> find_delimiter("name;price\n'a, b';1,5\n")
    ';'
    """
    best, widest = ",", (0.0, 0)
    for delimiter in ",;\t|":
        widths = [len(row) for row in first_rows(text, delimiter)]
        width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
        if width > 1 and widths[0] == width and (count / len(widths), width) > widest:
            best, widest = delimiter, (count / len(widths), width)
    return best


def find_decimal(text: str, delimiter: str) -> str:
    """Return "," where numbers are written like 1,5, else "."."""
    if delimiter == ",":
        return "."
    fields = [field.strip() for row in first_rows(text, delimiter) for field in row]
    commas = sum(is_number(field.replace(",", ".")) for field in fields if field.count(",") == 1)
    points = sum(is_number(field) for field in fields if "." in field)
    return "," if commas > points else "."


def first_rows(text: str, delimiter: str) -> list[list[str]]:
    """Split the first lines of a text, all but the last of which are known to be whole."""
    lines = list(islice(io.StringIO(text, newline=""), 201))
    whole = lines[:-1] if len(lines) > 2 else lines
    try:
        rows = csv.reader(whole, delimiter=delimiter)
        return [row for row in islice(rows, 100) if row]
    except csv.Error:
        return []


def is_number(field: str) -> bool:
    """Tell whether a field reads as a number."""
    try:
        float(field)
    except ValueError:
        return False
    return True


def read_csv(
    source: Source, layout: Layout, columns: Collection[str] | None = None, keep: Keep | None = None
) -> pa.Table:
    """Read a text as a table of texts.

    Empty fields and words for missing values are null, except in quotes.

    Parameters
    ----------
    source : Source
    layout : Layout
    columns : collection of str, optional
        Those to read; all if not given, or if one of them is not there.
    keep : mapping of str to collections of str, optional
        Words for missing values that are text in these columns.

    Raises
    ------
    TableError
        If a row has too many fields, or too few, or a quote is never closed.
    """
    names, columns_read = wanted(layout, columns), dict[str, pa.ChunkedArray]()
    for part, missing in parts_of(names, keep or {}):
        table = read_part(source, layout, part, missing)
        columns_read |= dict(zip(part, table.columns, strict=True))
    table = pa.table({name: columns_read[name] for name in names})
    check_quotes(source, table)
    return table


def read_csv_batches(
    source: Source, layout: Layout, columns: Collection[str] | None = None, keep: Keep | None = None
) -> Iterator[pa.Table]:
    """Read a text piece by piece; see `read_csv`."""
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


def wanted(layout: Layout, columns: Collection[str] | None) -> list[str]:
    """Return the names of the columns to read: all where one is not there, to find its like."""
    if columns is None or not set(columns) <= set(layout.names):
        return list(layout.names)
    return [name for name in layout.names if name in columns] or list(layout.names)


def parts_of(names: list[str], keep: Keep) -> list[tuple[list[str], list[str]]]:
    """Group columns by the words for missing values that count in them."""
    parts = dict[tuple[str, ...], list[str]]()
    for name in names:
        kept = set(keep.get(name, ()))
        words = [word for word in NO_VALUE if word not in kept]
        missing = ("", *(space + word for word in words for space in ("", " ")))
        parts.setdefault(missing, []).append(name)
    return [(part, list(missing)) for missing, part in parts.items()]


def read_part(source: Source, layout: Layout, part: list[str], missing: list[str]) -> pa.Table:
    """Read columns in which the same words stand for missing values."""
    for block in BLOCKS:
        invalid = list[Any]()
        try:
            with source.open() as file:
                return pyarrow.csv.read_csv(
                    file, **options(source, layout, part, missing, block, invalid)
                )
        except pa.ArrowInvalid:
            if invalid:
                raise ragged(source, layout) from None
    raise too_long(source)


def pieces(
    source: Source, layout: Layout, names: list[str], keep: Keep, block: int, invalid: list[Any]
) -> Iterator[pa.Table]:
    """Read all parts of a text side by side: blocks of one size hold the same rows."""
    parts = parts_of(names, keep)
    with ExitStack() as stack:
        readers = [
            pyarrow.csv.open_csv(
                stack.enter_context(source.open()),
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
    source: Source, layout: Layout, part: list[str], missing: list[str], block: int, invalid: list
) -> dict[str, Any]:
    """Return how pyarrow is to read columns of a text; rows of a wrong width go to `invalid`."""

    def note(row: Any) -> str:
        invalid.append(row)
        return "error"

    return {
        "read_options": pyarrow.csv.ReadOptions(
            encoding=source.encoding,
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
    """Name the first row with too many fields or too few."""
    invalid = list[Any]()
    for block in BLOCKS:
        settings = options(source, layout, [layout.names[0]], [""], block, invalid)
        settings["read_options"].use_threads = False  # else rows have no number
        with source.open() as file, suppress(pa.ArrowInvalid):
            pyarrow.csv.read_csv(file, **settings)
        if invalid:
            break
    row = invalid[0]
    return TableError(
        Sentence(
            "{name!r}, row {row}: {n} fields, but the header has {wanted}: {text!r}. "
            "Is the delimiter {mark!r}, or a quote missing?",
            name=source.name, row=row.number - layout.n_lines, n=row.actual_columns,
            wanted=row.expected_columns, text=row.text[:60], mark=layout.delimiter,
        )
    )  # fmt: skip


def too_long(source: Source) -> TableError:
    """Refuse a row that fits into no block."""
    return TableError(
        Sentence("{name!r} has a row of more than 2 GB: is a quote never closed?", name=source.name)
    )


def check_quotes(source: Source, rows: pa.Table) -> None:
    """Refuse a quote that is never closed: it makes all that follows one value.

    Raises
    ------
    TableError
        If the last row holds a line break, and the file an odd number of quotes.
    """
    if not rows.num_rows:
        return
    last = rows.slice(rows.num_rows - 1).to_pylist()[0].values()
    swallowed = [value for value in last if "\n" in (value or "")]
    if swallowed and sum(piece.count(b'"') for piece in chunks(source.open)) % 2:
        raise TableError(
            Sentence(
                "{name!r} has a quote that is never closed, before {text!r}.",
                name=source.name, text=swallowed[0][:40],
            )
        )  # fmt: skip
