"""Messages that can be translated."""

from typing import Any, Self

LONGEST = 200  # characters of a value: a cell may hold megabytes, and a sentence is to be read


class Message(str):
    """A sentence in English with its pattern and values.

    In Python it is a str. For another language, the translation of the pattern is filled with the
    same values, of which those that are messages are translated, too.

    Parameters
    ----------
    pattern : str
        With the names of the values in braces, as for `str.format`.
    **values
        Texts are cut to `LONGEST` characters.

    >>> message = Message("Column {name!r} has {n} rows.", name="size", n=3)
    >>> message
    "Column 'size' has 3 rows."
    >>> message.pattern, message.values
    ('Column {name!r} has {n} rows.', {'name': 'size', 'n': 3})
    """

    pattern: str
    values: dict[str, Any]

    def __new__(cls, pattern: str, /, **values: object) -> Self:
        """Return the pattern with its values, of which long ones are shortened."""
        values = {name: shortened(value) for name, value in values.items()}
        made = super().__new__(cls, pattern.format(**values))
        made.pattern, made.values = pattern, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:  # to be pickled
        return (self.pattern,), self.values


class Series(tuple[str, ...]):
    """Texts that a sentence lists with commas; those that are messages can be translated.

    >>> print(Message("There are {names}.", names=Series(["a", "b"])))
    There are a, b.
    """

    def __format__(self, spec: str) -> str:
        return ", ".join(self)


def shortened(value: Any) -> Any:
    """Return a text cut to `LONGEST` characters; other values are unchanged."""
    if type(value) is not str or len(value) <= LONGEST:
        return value
    return value[: LONGEST - 1] + "…"
