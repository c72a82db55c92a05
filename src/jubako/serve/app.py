"""The service as an ASGI application."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from jubako.i18n.language import Language
from jubako.i18n.messages import Message

from .answers import format_of
from .errors import (
    CAUSED_BY_REQUESTS,
    RequestError,
    as_request_error,
    error_response,
    in_language,
    language_of,
)
from .guard import Guard
from .limits import Limits
from .metrics import CONTENT_TYPE, Metrics
from .model_file import ModelFile
from .options import check_options, options_of
from .prediction import answer
from .requests import JSON, Body, kind_of
from .workers import Workers

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
}


class Service:
    """The pages of a service.

    Parameters
    ----------
    file : ModelFile
    limits : Limits
    """

    def __init__(self, file: ModelFile, limits: Limits) -> None:
        self.file: ModelFile = file
        self.limits: Limits = limits
        self.workers: Final = Workers(limits)
        self.metrics: Final = Metrics(file, self.workers)

    async def predict(self, request: Request) -> Response:
        """Predict the rows of a request."""
        loaded, options = self.file.current, options_of(request.query_params)
        check_options(options, loaded.model)
        kind, charset = kind_of(request.headers)
        body = Body(await self.read(request), kind, charset)
        wanted = format_of(request.headers.get("accept", ""))
        language = requested_language(request)
        content, n_rows = await self.workers.run(
            answer, loaded, body, options, self.limits.rows, wanted, language
        )
        self.metrics.rows.inc(n_rows)
        return Response(content, media_type=wanted)

    async def read(self, request: Request) -> bytes:
        """Read the body of a request.

        Raises
        ------
        RequestError
            If it is too long, or does not arrive in time.
        """
        limits, pieces, n_bytes = self.limits, list[bytes](), 0
        try:
            async with asyncio.timeout(limits.seconds):
                async for piece in request.stream():
                    n_bytes += len(piece)
                    if n_bytes > limits.n_bytes:
                        raise RequestError(
                            413,
                            Message(
                                "The body has more than {n:g} MB: send the rows in several "
                                "requests.",
                                n=limits.megabytes,
                            ),
                            {"Connection": "close"},
                        )
                    pieces.append(piece)
        except TimeoutError:
            message = Message(
                "The body did not arrive within {seconds:g} s.", seconds=limits.seconds
            )
            raise RequestError(408, message, {"Connection": "close"}) from None
        except ClientDisconnect:
            raise RequestError(400, Message("The body did not arrive to its end.")) from None
        return b"".join(pieces)

    async def health(self, request: Request) -> Response:
        """Answer that the service works, with the time of its model."""
        file = self.file
        refusal = file.refusal and in_language(file.refusal, requested_language(request))
        loaded = file.current.when.isoformat(timespec="seconds")
        words = {"status": "ok", "model": file.path.name, "loaded": loaded, "refused": refusal}
        return Response(json.dumps(words, ensure_ascii=False), media_type=JSON)

    async def schema(self, request: Request) -> Response:
        """Answer with the description of the service."""
        return Response(self.file.current.description, media_type=JSON)

    async def page(self, request: Request) -> Response:
        """Answer with the page that predicts."""
        language, loaded = requested_language(request), self.file.current
        page = await self.workers.run(loaded.page, language)
        return Response(page, media_type="text/html", headers=PAGE_HEADERS)

    async def show_metrics(self, request: Request) -> Response:
        """Answer with the metrics."""
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    @asynccontextmanager
    async def life(self, app: object) -> AsyncGenerator[None]:
        """Watch the file while the service runs."""
        watching = asyncio.create_task(self.file.watch())
        yield
        watching.cancel()
        self.workers.close()


def build(file: ModelFile, limits: Limits, token: str | None = None, local: bool = True) -> Guard:
    """Return the service as an ASGI application.

    Parameters
    ----------
    file : ModelFile
    limits : Limits
    token : str or None
        That requests must have.
    local : bool
        Whether the service is bound to this machine.

    Returns
    -------
    Guard
    """
    service = Service(file, limits)
    routes = [
        Route("/predict", service.predict, methods=["POST"]),
        Route("/health", service.health),
        Route("/schema", service.schema),
        Route("/openapi.json", service.schema),
        Route("/metrics", service.show_metrics),
        Route("/", service.page),
    ]
    handled = RequestError, HTTPException, *CAUSED_BY_REQUESTS, Exception
    app = Starlette(
        routes=routes,
        lifespan=service.life,
        exception_handlers=dict.fromkeys(handled, refuse),  # type: ignore[arg-type]
    )
    return Guard(app, token, local, service.metrics, {route.path for route in routes})


async def refuse(request: Request, error: Exception) -> Response:
    """Answer a request that has failed, in one sentence."""
    found = as_request_error(error)
    if isinstance(error, HTTPException):
        found = unknown_page(request, error)
    if found is None:
        message = Message(
            "Internal error ({kind}). The log of the service has its traceback.",
            kind=type(error).__name__,
        )
        found = RequestError(500, message)
    return error_response(found, requested_language(request))


def unknown_page(request: Request, error: HTTPException) -> RequestError:
    """Return the answer for a path or a method that does not exist.

    Parameters
    ----------
    request : Request
    error : HTTPException

    Returns
    -------
    RequestError
    """
    path, headers = request.url.path, error.headers
    if error.status_code == 405:
        methods = (headers or {}).get("Allow", "")
        message = Message(
            "{path!r} is not for {method}, but for {methods}.",
            path=path,
            method=request.method,
            methods=methods,
        )
    else:
        message = Message(
            "There is no page {path!r}: POST rows to /predict, or see /schema.", path=path
        )
    return RequestError(error.status_code, message, headers)


def requested_language(request: Request) -> Language:
    """Return the language that the client prefers."""
    return language_of(request.headers.get("accept-language", ""))
