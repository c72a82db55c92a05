"""Texts from users, made fit to be shown in one terminal: whatever they hold, they do nothing."""

import re

UNSEEN = re.compile(  # control characters but \t and \n; marks that reverse text; lone surrogates
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def escape_controls(text: str) -> str:
    r"""Return a text whose control characters are written as in Python's source.

    Line breaks and tabs stay. So a terminal is never given an escape sequence that a file holds.

    >>> print(escape_controls("\x1b[31mred"))
    \x1b[31mred
    """
    return UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
