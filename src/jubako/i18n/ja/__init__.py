"""The messages in Japanese, by their English patterns: one file for each folder they come from.

`data` has more messages than one file should: `readers`, `casting` and `columns` have their own.
"""

from typing import Any

from jubako.i18n.messages import Message, Series

from . import (
    casting,
    cli,
    columns,
    data,
    estimators,
    evaluation,
    explain,
    export,
    lab,
    model,
    readers,
    report,
    search,
    serve,
    training,
)

JAPANESE: dict[str, str] = {
    **training.TEXTS,
    **readers.TEXTS,
    **casting.TEXTS,
    **columns.TEXTS,
    **data.TEXTS,
    **model.TEXTS,
    **search.TEXTS,
    **evaluation.TEXTS,
    **explain.TEXTS,
    **estimators.TEXTS,
    **export.TEXTS,
    **serve.TEXTS,
    **report.TEXTS,
    **cli.TEXTS,
    **lab.TEXTS,
}


def in_japanese(message: object) -> Any:
    """Return a message in Japanese, with all messages in it; anything else as it is.

    >>> in_japanese(Message("dropped: {reason}", reason=Message("empty")))
    '除外 (値なし)'
    """
    if isinstance(message, Series):
        return "、".join(map(in_japanese, message))
    if not isinstance(message, Message):
        return message
    values = {name: in_japanese(value) for name, value in message.values.items()}
    return JAPANESE[message.pattern].format(**values)
