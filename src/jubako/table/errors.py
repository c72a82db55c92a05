"""What can be wrong with a user's table, and what was meant."""

from collections.abc import Iterable
from difflib import get_close_matches


class TableError(ValueError):
    """One sentence: what is wrong, where, and what to do."""


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of some words that was probably meant; capitals do not count.

    >>> nearest("Species", ["size", "species"])
    'species'
    """
    known = {other.lower(): other for other in words}
    near = get_close_matches(word.lower(), known, n=1)
    return known[near[0]] if near else None
