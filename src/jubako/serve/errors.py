"""Answers that refuse a request: a status, and one sentence in the language of the client."""

import json
from collections.abc import Mapping

from starlette.responses import Response

from jubako.core.errors import ParameterError
from jubako.data.errors import TableError
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError

SOURCE = Message("request body")  # the name of its table in messages
CAUSED_BY_REQUESTS = TableError, ParameterError, ModelFileError, MemoryError


class RequestError(Exception):
    """A request that can't be answered.

    Parameters
    ----------
    status : int
        Status of HTTP.
    message : str
        One sentence, translated if it is a `Message`.
    headers : mapping of str to str, optional
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status: int = status
        self.message: str = message
        self.headers: Mapping[str, str] | None = headers


def as_request_error(error: Exception) -> RequestError | None:
    """Return the answer to an error that rows or parameters have caused; None for others.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    RequestError or None
    """
    if isinstance(error, RequestError):
        return error
    if isinstance(error, TableError | ParameterError | ModelFileError):
        return RequestError(400 if isinstance(error, ParameterError) else 422, error.args[0])
    if isinstance(error, MemoryError):
        message = Message("There is not enough memory for the request: send fewer rows at once.")
        return RequestError(503, message)
    return None


def error_response(error: RequestError, language: Language) -> Response:
    """Return the answer: a JSON object with the sentence as "error".

    Parameters
    ----------
    error : RequestError
    language : Language

    Returns
    -------
    Response
    """
    body = json.dumps({"error": in_language(error.message, language)}, ensure_ascii=False)
    return Response(
        body.encode("utf-8", "replace"), error.status, error.headers, media_type="application/json"
    )


def in_language(message: str, language: Language) -> str:
    """Return a message in a language; texts that are no messages are unchanged.

    Parameters
    ----------
    message : str
    language : Language

    Returns
    -------
    str
    """
    if language is Language.en:
        return message
    from jubako.i18n.ja import in_japanese

    return in_japanese(message)


def language_of(accepted: str) -> Language:
    """Return the language that a client prefers.

    Parameters
    ----------
    accepted : str
        The header Accept-Language.

    Returns
    -------
    Language
        English if the client wants neither.

    Examples
    --------
    >>> language_of("fr, ja;q=0.8, en;q=0.5")
    <Language.ja: 'ja'>
    """
    best, found = 0.0, Language.en
    for tag, quality in preferences(accepted):
        primary = tag.partition("-")[0]
        if primary in set(Language) and quality > best:
            best, found = quality, Language(primary)
    return found


def preferences(header: str) -> list[tuple[str, float]]:
    """Return the values of an Accept header, each with its quality, in their order.

    Parameters
    ----------
    header : str

    Returns
    -------
    list of (str, float)

    Examples
    --------
    >>> preferences("text/csv, application/json;q=0.5")
    [('text/csv', 1.0), ('application/json', 0.5)]
    """
    found = []
    for part in header.lower().split(","):
        value, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = as_quality(parameter[2:])
        found.append((value, quality))
    return found


def as_quality(text: str) -> float:
    """Return a quality; 0 for a text that is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0
