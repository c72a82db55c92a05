"""What comes before each request: its token, its Host, its metrics."""

import hmac
import time
from base64 import b64decode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from jubako.i18n.messages import Message

from .errors import RequestError, error_response, language_of
from .metrics import Metrics

OPEN = "/health"  # answers without a token, as container platforms ask
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Guard:
    """An application behind a token, or for this machine only.

    Parameters
    ----------
    app : ASGI application
    token : str or None
        That all requests but those for `OPEN` must have.
    local : bool
        Whether the service is bound to this machine. Without a token, requests by another name are
        then refused: any web page could send them through the browser of this machine.
    metrics : Metrics
    paths : set of str
        Paths that are counted by their names.
    """

    def __init__(
        self, app: ASGIApp, token: str | None, local: bool, metrics: Metrics, paths: set[str]
    ) -> None:
        self.app: ASGIApp = app
        self.token: str | None = token
        self.local: bool = local
        self.metrics: Metrics = metrics
        self.paths: set[str] = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app, or refuse it, and count it in the metrics."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_counted(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
            await send(event)

        headers = Headers(scope=scope)
        try:
            if refusal := self.refuse(scope["path"], headers):
                response = error_response(refusal, language_of(headers.get("accept-language", "")))
                await response(scope, receive, send_counted)
            else:
                await self.app(scope, receive, send_counted)
        finally:
            path = scope["path"] if scope["path"] in self.paths else "other"
            self.metrics.requests.labels(path, status).inc()
            self.metrics.seconds.labels(path).observe(time.perf_counter() - began)

    def refuse(self, path: str, headers: Headers) -> RequestError | None:
        """Return why a request is refused; None if it is not."""
        if self.token is not None:
            if path == OPEN or self.has_token(headers.get("authorization", "")):
                return None
            return RequestError(
                401,
                Message(
                    "The service needs its token: send the header Authorization: Bearer TOKEN, or "
                    "enter it as password."
                ),
                {"WWW-Authenticate": 'Bearer, Basic realm="jubako", charset="UTF-8"'},
            )
        host = headers.get("host", "")
        if self.local and host.lower().removesuffix(port_in(host)) not in LOCAL:
            return RequestError(
                421,
                Message(
                    "The service is for this machine only, not for {host!r}: start it with a token "
                    "to use other names.",
                    host=host,
                ),
            )
        return None

    def has_token(self, given: str) -> bool:
        """Return whether a header Authorization has the token, also as password of a browser."""
        scheme, _, value = given.partition(" ")
        if scheme.lower() == "basic":
            try:
                password = b64decode(value, validate=True).partition(b":")[2]
            except ValueError:
                return False
        elif scheme.lower() != "bearer":
            return False
        else:
            password = value.strip().encode("latin-1")  # as it was decoded
        return hmac.compare_digest(password, (self.token or "").encode())


def port_in(host: str) -> str:
    """Return the port in a Host header, with its colon.

    Parameters
    ----------
    host : str

    Returns
    -------
    str
        Empty if there is none.
    """
    name, colon, port = host.rpartition(":")
    return f":{port}" if colon and port.isdigit() and name else ""
