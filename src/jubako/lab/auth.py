"""The guard: authentication of every route and of the socket.

The address that the lab prints holds a random token, which a cookie then keeps. Host and Origin are
checked too: without that, a foreign page could have its own name lead to this machine (DNS
rebinding), or speak to the lab from a tab beside it.

What a request sends is read here, with a limit of size and of time, before the page hears of it.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?", re.ASCII | re.IGNORECASE)
LEARNER = re.compile(r"[\w-]{1,64}", re.ASCII)  # the characters of cookies of the guard
LARGEST_UPLOAD = 50 << 20  # bytes
PIECE_SECONDS, BODY_SECONDS = 10.0, 120.0  # for the next piece of a body, and for all of it
# Without a session there is no language setting.
OTHER_HOST = """This is not the address that the lab listens to.
このアドレスでは、ラボを開けません。"""
OTHER_PAGE = """Other pages may not speak to the lab.
ほかのページから、ラボを操作することはできません。"""
NO_TOKEN = """Open the lab with the address that it printed: it holds a token.
ラボを始めたときに表示されたアドレスで開いてください (合い言葉が入っています)。"""
TOO_LARGE = f"""A file may have {LARGEST_UPLOAD >> 20} MB at most.
ファイルは {LARGEST_UPLOAD >> 20} MB までです。"""
TOO_SLOW = """The file has not arrived in time. Send it once more.
時間内にファイルが届きませんでした。もう一度送ってください。"""
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",  # Vue compiles templates in the browser
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class TooLargeError(Exception):
    """The body of a request is too large."""


class Guard:
    """An ASGI application around another one, which accepts only clients with the token.

    It adds two entries to the scope of a request: "learner", the id of the client, and "nonce",
    which allows a script of the page to run.

    Parameters
    ----------
    app : ASGI application
    token : str
    """

    def __init__(self, app: App, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request with the cookie on; set it for one with the token; refuse others."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        hosts, origins, lengths, cookie = (
            values_of(scope, name) for name in ("host", "origin", "content-length", "cookie")
        )
        names = cookie_names(hosts)
        if names is None:
            await refuse(scope, send, 403, OTHER_HOST)
            return
        if any(origin.lower() != f"http://{hosts[0]}".lower() for origin in origins):
            await refuse(scope, send, 403, OTHER_PAGE)
            return
        cookies = read_cookies("; ".join(cookie))
        learner = cookies.get(names[1], "")
        learner = learner if LEARNER.fullmatch(learner) else ""
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if scope["type"] == "http" and self.is_token(query.get("token")):
            del query["token"]  # so that the address can be shared without it
            # to the one page that there is: a path of the sender's could lead anywhere
            target = "/" + (f"?{urlencode(query)}" if query else "")
            learner = learner or secrets.token_urlsafe(16)
            await redirect(send, target, zip(names, (self.token, learner), strict=True))
            return
        if not self.is_token(cookies.get(names[0])) or not learner:
            await refuse(scope, send, 401, NO_TOKEN)
            return
        scope["learner"], scope["nonce"] = learner, secrets.token_urlsafe(16)
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        if not all(is_small(length) for length in lengths):
            await refuse(scope, send, 413, TOO_LARGE)
            return
        try:
            body = await read_body(receive)
        except TooLargeError:
            await refuse(scope, send, 413, TOO_LARGE)
        except TimeoutError:
            await refuse(scope, send, 408, TOO_SLOW, {"connection": "close"})
        else:
            if body is not None:
                await self.app(scope, replay(body, receive), bound(send, scope["nonce"]))

    def is_token(self, token: str | None) -> bool:
        """Return whether this is the token."""
        return token is not None and secrets.compare_digest(token.encode(), self.token.encode())


def bound(send: Send, nonce: str) -> Send:
    """Send a response with security headers."""
    policy = POLICY.format(nonce=nonce)
    added = headers_of({**SAFE, "content-security-policy": policy})

    async def send_bound(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in added}
            kept = [(n, v) for n, v in message.get("headers", []) if n.lower() not in names]
            message = {**message, "headers": [*kept, *added]}
        await send(message)

    return send_bound


def values_of(scope: Message, name: str) -> list[str]:
    """Return all values of a header."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name.encode()]


def cookie_names(hosts: list[str]) -> tuple[str, str] | None:
    """Return the names of the cookies of token and client, which depend on the port.

    Browsers share cookies between the ports of a host. Returns None unless there is exactly one
    host, which is a name of this machine.
    """
    match = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None:
        return None
    port = int(match[1] or 80)
    return f"jubako-{port}", f"jubako-learner-{port}"


def read_cookies(text: str) -> dict[str, str]:
    """Return cookies by name."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def is_small(length: str) -> bool:
    """Return whether a content length is within the limit."""
    return length.isdecimal() and len(length) < 20 and int(length) <= LARGEST_UPLOAD


async def read_body(receive: Receive) -> bytes | None:
    """Return what a request sends, or None if it breaks off.

    Raises
    ------
    TooLargeError
        If that is more than `LARGEST_UPLOAD`, whatever Content-Length promised.
    TimeoutError
        If it does not come on.
    """
    body, more = bytearray(), True
    async with asyncio.timeout(BODY_SECONDS):
        while more:
            async with asyncio.timeout(PIECE_SECONDS):
                message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > LARGEST_UPLOAD:
                raise TooLargeError
    return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """Receive a body that has already been read, and then the rest."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_next() -> Message:
        return first.pop() if first else await receive()

    return receive_next


def headers_of(words: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers in the form of ASGI."""
    return [(name.encode(), value.encode("latin-1")) for name, value in words.items()]


async def redirect(send: Send, target: str, cookies: Iterable[tuple[str, str]]) -> None:
    """Send the browser on, with cookies."""
    headers = headers_of(
        {"location": target, "cache-control": "no-store", "content-length": "0", **SAFE}
    )
    for name, value in cookies:
        cookie = f"{name}={value}; Path=/; HttpOnly; SameSite=Lax"
        headers.append((b"set-cookie", cookie.encode()))
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def refuse(
    scope: Message, send: Send, status: int, why: str, more: dict[str, str] | None = None
) -> None:
    """Say no, in one sentence."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why.partition("\n")[0]})
        return
    body = why.encode()
    length = str(len(body))
    words = {"content-type": "text/plain; charset=utf-8", "content-length": length, **SAFE}
    headers = headers_of(words | (more or {}))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
