"""What can be wrong with a user's table, and what was meant."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from difflib import get_close_matches
from functools import partial

from jubako.core.activations import Array
from jubako.i18n.messages import Message


class TableError(ValueError):
    """One sentence: what is wrong, where, and what to do."""


ROWS = ("row", "other_row")  # values of messages that are row numbers, counted from 1


@contextmanager
def locating_errors(located: Callable[[str], str]) -> Iterator[None]:
    """Name files and their rows in errors about some rows.

    Parameters
    ----------
    located : callable
        From the message of an error to the same with files and their row numbers.

    Raises
    ------
    TableError
        As raised inside, with that message.
    """
    try:
        yield
    except TableError as error:
        raise TableError(located(error.args[0])) from error


def rows_of_file(
    row_numbers: Sequence[int] | Array | None,
) -> AbstractContextManager[None]:
    """Name the rows of the file in errors about some of its rows.

    Parameters
    ----------
    row_numbers : sequence of int, or None
        The place of each of these rows in the file, counted from 0; None if they are all rows.

    Raises
    ------
    TableError
        As raised inside, with the row numbers of the file.
    """
    if row_numbers is None:
        return nullcontext()
    return locating_errors(partial(renumbered, row_numbers=row_numbers))


def renumbered(message: str, row_numbers: Sequence[int] | Mapping[int, int] | Array) -> str:
    """Return a message about some rows of a file with the row numbers of the file."""
    if not isinstance(message, Message):
        return message
    values = {
        name: int(row_numbers[value - 1]) + 1 if name in ROWS else renumbered(value, row_numbers)
        for name, value in message.values.items()
    }
    return Message(message.pattern, **values)


def rows_in(message: str) -> list[int]:
    """Return the row numbers in a message, counted from 1."""
    if not isinstance(message, Message):
        return []
    own = [int(value) for name, value in message.values.items() if name in ROWS]
    inner = [value for value in message.values.values() if isinstance(value, Message)]
    return own + [row for value in inner for row in rows_in(value)]


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of some words that was probably meant; capitals do not count.

    >>> nearest("Species", ["size", "species"])
    'species'
    """
    known = {other.lower(): other for other in words}
    near = get_close_matches(word.lower(), known, n=1)
    return known[near[0]] if near else None


def one_line(error: BaseException) -> str:
    """Return the text of an error, to end a sentence with."""
    return " ".join(str(error).split())[:200].rstrip(".")
