"""What can be wrong with a user's table, and what was meant."""

from collections.abc import Iterable
from difflib import get_close_matches

from jubako.i18n.messages import Message


class TableError(ValueError):
    """One sentence: what is wrong, where, and what to do."""


def in_row(error: TableError, n_before: int) -> str:
    """Return what an error says, with its row counted from the beginning of the file.

    Parameters
    ----------
    error : TableError
        About a piece of a file.
    n_before : int
        The number of rows in the pieces before.
    """
    said = error.args[0]
    if not isinstance(said, Message) or "row" not in said.values:
        return str(said)
    return Message(said.pattern, **said.values | {"row": said.values["row"] + n_before})


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of some words that was probably meant; capitals do not count.

    >>> nearest("Species", ["size", "species"])
    'species'
    """
    known = {other.lower(): other for other in words}
    near = get_close_matches(word.lower(), known, n=1)
    return known[near[0]] if near else None


def one_line(error: BaseException) -> str:
    """Return what an error says, fit for the end of a sentence."""
    return " ".join(str(error).split())[:200].rstrip(".")
