"""The error in a user's table, row numbers in messages, and suggestions."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from difflib import get_close_matches
from functools import partial

from jubako.core.activations import Array
from jubako.i18n.messages import Message


class TableError(ValueError):
    """An error in a user's table: one sentence on what is wrong, where, and what to do."""


ROWS = ("row", "other_row")  # values of messages that are row numbers, from 1


@contextmanager
def locating_errors(located: Callable[[str], str]) -> Generator[None]:
    """Add files and their row numbers to errors.

    Parameters
    ----------
    located : callable
        From the message of an error to the message with files and row numbers.

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
    """Convert the row numbers in errors to those of the file.

    Parameters
    ----------
    row_numbers : sequence of int, or None
        Number of each row in the file, from 0; None if these are all rows.

    Returns
    -------
    context manager

    Raises
    ------
    TableError
        As raised inside, with the row numbers of the file.
    """
    if row_numbers is None:
        return nullcontext()
    return locating_errors(partial(renumbered, row_numbers=row_numbers))


def renumbered(message: str, row_numbers: Sequence[int] | Mapping[int, int] | Array) -> str:
    """Return a message with the row numbers of the file.

    Parameters
    ----------
    message : str
        Unchanged if it is not a `Message`.
    row_numbers : sequence or mapping of int to int
        From a row, from 0, to its number in the file, from 0.

    Returns
    -------
    str
    """
    if not isinstance(message, Message):
        return message
    values = {
        name: int(row_numbers[value - 1]) + 1 if name in ROWS else renumbered(value, row_numbers)
        for name, value in message.values.items()
    }
    return Message(message.pattern, **values)


def rows_in(message: str) -> list[int]:
    """Return the row numbers in a message, from 1.

    Parameters
    ----------
    message : str

    Returns
    -------
    list of int
    """
    if not isinstance(message, Message):
        return []
    own = [int(value) for name, value in message.values.items() if name in ROWS]
    inner = [value for value in message.values.values() if isinstance(value, Message)]
    return own + [row for value in inner for row in rows_in(value)]


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, ignoring case.

    Parameters
    ----------
    word : str
    words : iterable of str

    Returns
    -------
    str or None
        None if no word is similar.

    Examples
    --------
    >>> nearest("Species", ["size", "species"])
    'species'
    """
    known = {other.lower(): other for other in words}
    near = get_close_matches(word.lower(), known, n=1)
    return known[near[0]] if near else None


def one_line(error: BaseException) -> str:
    """Return the text of an error, to end a sentence with."""
    return " ".join(str(error).split())[:200].rstrip(".")
