"""The options that declare how a table is read."""

from collections.abc import Mapping
from dataclasses import dataclass

from jubako.data.casting.reading import KINDS
from jubako.data.inference import Declared
from jubako.data.readers.csv import Keep
from jubako.data.readers.read import TableBatches, TableFile, read_batches, read_table
from jubako.data.table_files import TableFiles, open_files
from jubako.i18n.messages import Message, Series

from .errors import UsageError


@dataclass(frozen=True, slots=True)
class TextFormat:
    """The format of text tables; None is inferred."""

    encoding: str | None = None
    delimiter: str | None = None
    skip_rows: int | None = None

    def table(self, name: str, keep: Keep | None = None) -> TableFile:
        """Read a whole file; see `read_table`."""
        return read_table(
            name, self.encoding, keep, delimiter=self.delimiter, skip_rows=self.skip_rows
        )

    def files(self, name: str, keep: Keep | None = None) -> TableFiles:
        """Return a table in files, not yet read; see `open_files`."""
        return open_files(name, self.encoding, keep, self.delimiter, self.skip_rows)

    def batches(self, name: str, columns: list[str], keep: Keep | None = None) -> TableBatches:
        """Read a file in pieces; see `read_batches`."""
        return read_batches(
            name, self.encoding, columns, keep, delimiter=self.delimiter, skip_rows=self.skip_rows
        )


def column_types(words: list[str]) -> Mapping[str, Declared]:
    """Return the types of columns that `--as COLUMN=TYPE` declares.

    Raises
    ------
    UsageError
        If there is no such type, or a column is declared twice.
    """
    types: dict[str, Declared] = {}
    for word in words:
        column, _, kind = word.rpartition("=")
        if not column or kind not in KINDS:
            raise UsageError(
                Message(
                    "--as {word!r} must read COLUMN=TYPE, with one of {kinds}.",
                    word=word,
                    kinds=Series(KINDS),
                )
            )
        if types.setdefault(column, kind) != kind:
            raise UsageError(
                Message(
                    "--as declares {column!r} twice: {first} and {second}.",
                    column=column,
                    first=types[column],
                    second=kind,
                )
            )
    return types
