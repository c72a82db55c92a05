"""Layouts of CSV files: delimiter, header, lines before it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from jubako.core.errors import ParameterError
from jubako.data.errors import TableError
from jubako.i18n.messages import Message

from .cleaning import good_names
from .detect import Source

START = 1 << 20  # bytes for detecting the layout
FIRST = 100  # rows for detecting the delimiter
ALIKE = 0.9  # minimum fraction of rows as wide as the header for skipping lines before it
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a CSV file.

    Parameters
    ----------
    delimiter : str
        Separator of fields.
    names : tuple of str
        Names of all columns: stripped, not empty, distinct.
    n_lines : int
        Number of lines up to the first row, including the header.
    unnamed : frozenset of str
        Columns without a name in the header.
    notes : tuple of str
        One for each ambiguity.
    """

    delimiter: str
    names: tuple[str, ...]
    n_lines: int
    unnamed: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a CSV file.

    Parameters
    ----------
    fields : list of str
    n_lines : int
        Number of lines of the file up to the end of the row.
    """

    fields: list[str]
    n_lines: int

    @property
    def is_blank(self) -> bool:
        """Whether all fields are blank."""
        return not any(map(str.strip, self.fields))


def find_layout(
    source: Source, delimiter: str | None = None, skip_rows: int | None = None
) -> Layout:
    """Detect the layout of a CSV file.

    Parameters
    ----------
    source : Source
    delimiter : str, optional
        One character, or "tab"; detected by default.
    skip_rows : int, optional
        Number of lines before the header; titles and comments are detected by default.

    Returns
    -------
    Layout

    Raises
    ------
    TableError
        If there is no header, or two columns have the same name.
    ParameterError
        If the delimiter or the number of lines is invalid.
    """
    delimiter = checked_delimiter(delimiter)
    if skip_rows is not None and skip_rows < 0:
        raise ParameterError(Message("skip_rows must be 0 or more, got {n}.", n=skip_rows))
    size = START
    while True:
        text = source.start(size)
        is_whole = len(source.start(size + 1)) == len(text)
        layout = layout_of(source, text, is_whole, delimiter, skip_rows)
        if layout is not None:
            return layout
        size *= 4  # the header continues


def checked_delimiter(delimiter: str | None) -> str | None:
    """Return a delimiter as one character.

    Parameters
    ----------
    delimiter : str or None

    Returns
    -------
    str or None

    Raises
    ------
    ParameterError
        If it is invalid.
    """
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if delimiter is None or (
        len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\r\n'
    ):
        return delimiter
    raise ParameterError(
        Message(
            "delimiter must be one ASCII character or 'tab', and no quote, got {delimiter!r}.",
            delimiter=delimiter,
        )
    )


def can_separate(delimiter: str) -> bool:
    """Return whether a delimiter is one ASCII character that has no other use in CSV."""
    return len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\r\n\0'


def layout_of(
    source: Source, text: str, is_whole: bool, delimiter: str | None, skip_rows: int | None
) -> Layout | None:
    """Return the layout of a CSV file, given its start.

    Parameters
    ----------
    source : Source
    text : str
        The start of the file.
    is_whole : bool
        Whether it is the whole file.
    delimiter : str or None
    skip_rows : int or None

    Returns
    -------
    Layout or None
        None if the start ends within the header.

    Raises
    ------
    TableError
        If there is no header, or two columns have the same name.
    """
    lines = io.StringIO(text, newline="")
    n_skipped = sum(1 for _ in islice(lines, skip_rows or 0))
    if skip_rows is None and (mark := excel_mark(text)):
        delimiter, n_skipped = delimiter or mark, 1
        next(lines)
    begin = lines.read()
    tables = {mark: rows_of(begin, mark, is_whole) for mark in delimiter or DELIMITERS}
    if skip_rows is None:
        headers = {mark: find_header(rows) for mark, rows in tables.items()}
    else:
        headers = dict.fromkeys(tables, 0)
    best, widest = delimiter or ",", (0.0, False, 0, 0.0)
    for mark, rows in tables.items():
        if rows and (fit := fitness(rows, headers[mark])) > widest:
            best, widest = mark, fit
    rows, h = tables[best], headers[best]
    if not rows:
        if not is_whole:
            return None
        raise TableError(Message("{name!r} has no rows.", name=source.name))
    if (
        is_whole
        and not "".join(islice(io.StringIO(begin, newline=""), rows[h].n_lines, None)).strip()
    ):
        raise TableError(Message("{name!r} has a header but no rows.", name=source.name))
    fields = with_trailing(rows[h:])
    check_header(source, fields)
    names = good_names(fields, source.name)
    unnamed = frozenset(
        name for name, field in zip(names, fields, strict=True) if not field.strip()
    )
    notes = (*notes_on_lines(source, rows[: h + 1], n_skipped), *notes_on_names(source, fields))
    return Layout(best, tuple(names), n_skipped + rows[h].n_lines, unnamed, notes)


def excel_mark(text: str) -> str:
    """Return the delimiter in a first line such as "sep=;", which Excel writes.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Empty if there is no such line.
    """
    line = text[:10].splitlines()[:1]
    mark = line[0].strip('"') if line else ""
    return mark[4:] if mark[:4].lower() == "sep=" and can_separate(mark[4:]) else ""


def rows_of(text: str, delimiter: str, is_whole: bool) -> list[Row]:
    """Split the start of a text into rows, without blank ones and a last incomplete one.

    Parameters
    ----------
    text : str
    delimiter : str
    is_whole : bool
        Whether it is the whole text.

    Returns
    -------
    list of Row
    """
    lines = list(islice(io.StringIO(text, newline=""), 3 * FIRST))
    is_whole &= len(lines) < 3 * FIRST
    reader = csv.reader(lines, delimiter=delimiter)
    rows = list[Row]()
    try:
        for fields in reader:
            if fields:
                rows.append(Row(fields, reader.line_num))
            if len(rows) > FIRST:
                return rows[:-1]
    except csv.Error:  # a field of more than 131072 characters
        return rows
    return rows if is_whole else rows[:-1]


def fitness(rows: list[Row], h: int) -> tuple[float, bool, int, float]:
    """Return how well a delimiter fits.

    Parameters
    ----------
    rows : list of Row
        Split by the delimiter.
    h : int
        Position of the header.

    Returns
    -------
    tuple
        Higher is better.
    """
    width = len(rows[h].fields)
    if width < 2:
        return 0.0, False, 0, 0.0
    fields = [field for row in rows[h:] for field in row.fields[1:]]
    alike = sum(is_as_wide(row, width) for row in rows[h:]) / len(rows[h:])
    spaced = sum(field.startswith(" ") for field in fields) / len(fields)
    common = Counter(len(row.fields) for row in rows[h:]).most_common(1)[0][0]
    return alike if common >= width - 1 else 0.0, h == 0, width, -spaced


def is_as_wide(row: Row, width: int) -> bool:
    """Return whether a row has `width` fields, ignoring an empty one at its end.

    Parameters
    ----------
    row : Row
    width : int
    """
    n = len(row.fields)
    return n == width or (n == width + 1 and not row.fields[-1]) or n == width - 1 == 0


def find_header(rows: list[Row]) -> int:
    """Return which row is the header, after titles, comments and blank fields.

    Titles have fewer fields than the table, or only the first one. Lines are skipped only if the
    row that follows looks like a header, and is followed by rows of its width; a line that lacks
    only one field may be a header itself, and is skipped only if numbers follow the other.

    Parameters
    ----------
    rows : list of Row

    Returns
    -------
    int
        Position in `rows`.
    """
    widths = Counter(len(row.fields) for row in rows if len(row.fields) > 1)
    if not widths:
        return comments_before(rows)
    width = widths.most_common(1)[0][0]
    for h, row in enumerate(rows):
        if not could_be_header(row, width, 1):
            continue
        after, then = [
            *(other for other in rows[h + 1 :] if could_be_header(other, width, 0)),
            row,
            row,
        ][:2]
        narrow = len(row.fields) < width and any(map(is_number, then.fields))
        if after is not row and (is_title(row) or narrow) and looks_like_header(after):
            continue
        if h == 0:
            return 0
        alike = sum(is_as_wide(other, len(row.fields)) for other in rows[h:])
        good = looks_like_header(row) and alike >= ALIKE * len(rows[h:]) and len(rows) > h + 1
        return h if good else 0
    return 0


def could_be_header(row: Row, width: int, n_lacking: int) -> bool:
    """Return whether a row has as many fields as the table, or up to `n_lacking` fewer."""
    return not row.is_blank and len(row.fields) >= max(width - n_lacking, min(width, 2))


def is_title(row: Row) -> bool:
    """Return whether a wide row has only its first field, or is a comment.

    Parameters
    ----------
    row : Row
    """
    first, *others = row.fields
    alone = len(others) > 1 and not any(map(str.strip, others)) and not is_number(first)
    return alone or first.startswith(("# ", "##", "//"))


def comments_before(rows: list[Row]) -> int:
    """Return the number of comments before the header of a table with one column.

    Parameters
    ----------
    rows : list of Row

    Returns
    -------
    int
    """
    n = next((i for i, row in enumerate(rows) if row.fields[0].strip()[:1] not in ("#", "")), 0)
    return n if n and len(rows) > n + 1 and not is_number(rows[n].fields[0]) else 0


def looks_like_header(row: Row) -> bool:
    """Return whether fields are names: not empty, distinct, and not numbers.

    Parameters
    ----------
    row : Row
    """
    names = [field.strip() for field in row.fields]
    names = names if names[-1] or len(names) < 3 else names[:-1]
    return all(names) and len(set(names)) == len(names) and not any(map(is_number, names))


def with_trailing(rows: list[Row]) -> list[str]:
    """Return the fields of the header, with the same number as the rows.

    Each row, or only the header, may end with a superfluous delimiter.

    Parameters
    ----------
    rows : list of Row
        The first is the header.

    Returns
    -------
    list of str
    """
    header, others = rows[0].fields, rows[1:]
    n = len(header)
    if others and all(len(row.fields) == n + 1 and not row.fields[-1] for row in others):
        return [*header, ""]
    if others and n > 1 and not header[-1] and all(len(row.fields) == n - 1 for row in others):
        return header[:-1]
    return header


def check_header(source: Source, fields: list[str]) -> None:
    """Check that a header does not hold a number twice: then it is a row of values.

    Parameters
    ----------
    source : Source
    fields : list of str

    Raises
    ------
    TableError
        If it does.
    """
    numbers = Counter(field.strip() for field in fields if is_number(field))
    doubles = [number for number, count in numbers.items() if count > 1]
    if doubles:
        raise TableError(
            Message(
                "{name!r} seems to have no header: its first row holds {value!r} more than once. "
                "Put a row with the names of the columns before it.",
                name=source.name,
                value=doubles[0],
            )
        )


def notes_on_lines(source: Source, rows: list[Row], n_skipped: int) -> Iterator[Message]:
    """Yield a note on the skipped lines.

    Parameters
    ----------
    source : Source
    rows : list of Row
        Up to the header.
    n_skipped : int
        Number of lines before these rows.

    Yields
    ------
    Message
    """
    shown = [row for row in rows[:-1] if not row.is_blank]
    if shown:
        yield Message(
            "{name!r}: line {line} is read as the header, and the lines before it are skipped, "
            "such as {text!r}. --skip-rows sets the number of lines to skip.",
            name=source.name,
            line=n_skipped + rows[-1].n_lines,
            text=" ".join(field.strip() for field in shown[0].fields).strip()[:60],
        )


def notes_on_names(source: Source, fields: list[str]) -> Iterator[Message]:
    """Yield a note on a header that looks like a row of values.

    Parameters
    ----------
    source : Source
    fields : list of str

    Yields
    ------
    Message
    """
    numbers = [field.strip() for field in fields if is_number(field)]
    fractions = [number for number in numbers if "." in number]
    named = [field for field in fields if field.strip()]
    if fractions or (named and len(numbers) == len(named)):
        yield Message(
            "{name!r}: the first row is read as the header, though it holds numbers such as "
            "{value!r}. If it is a row of values, put a header before it.",
            name=source.name,
            value=(fractions or numbers)[0],
        )


def is_number(field: str) -> bool:
    """Return whether a field is a number.

    Parameters
    ----------
    field : str
    """
    try:
        float(field)
    except ValueError:
        return False
    return True
