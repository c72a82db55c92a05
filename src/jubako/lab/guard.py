"""The guard: who may come in. Every route and the socket lie behind it; there is no other door.

The address that the lab prints holds a random token, which a cookie then keeps. Host and Origin are
checked too: without that, a foreign page could have its own name lead to this machine (DNS
rebinding), or speak to the lab from a tab beside it.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HOSTS = {"127.0.0.1", "localhost", "::1"}
LARGEST_UPLOAD = 50 << 20  # bytes
# Who stands outside has not chosen a language yet.
OTHER_HOST = """This is not the address that the lab listens to.
このアドレスでは、ラボを開けません。"""
OTHER_PAGE = """Other pages may not speak to the lab.
ほかのページから、ラボを操作することはできません。"""
NO_TOKEN = """Open the lab with the address that it printed: it holds a token.
ラボを始めたときに表示されたアドレスで開いてください (合い言葉が入っています)。"""
TOO_LARGE = f"""A file may have {LARGEST_UPLOAD >> 20} MB at most.
ファイルは {LARGEST_UPLOAD >> 20} MB までです。"""
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


class TooLarge(Exception):
    """More came in than may."""


class Guard:
    """An ASGI application around another, which lets in those who know the token.

    Parameters
    ----------
    app : ASGI application
    token : str
    """

    def __init__(self, app: App, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        host, origin = headers.get("host", ""), headers.get("origin")
        if hostname(f"//{host}") not in HOSTS:
            await refuse(scope, send, 403, OTHER_HOST)
            return
        if origin is not None and urlsplit(origin).netloc != host:
            await refuse(scope, send, 403, OTHER_PAGE)
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        names = cookie_names(host)
        cookies = read_cookies(headers.get("cookie", ""))
        if scope["type"] == "http" and self.knows(query.get("token")):
            del query["token"]  # so that the address can be shared without it
            target = scope["path"] + (f"?{urlencode(query)}" if query else "")
            learner = cookies.get(names[1]) or secrets.token_urlsafe(16)
            await redirect(send, target, zip(names, (self.token, learner), strict=True))
            return
        learner = cookies.get(names[1])
        if not self.knows(cookies.get(names[0])) or not learner:
            await refuse(scope, send, 401, NO_TOKEN)
            return
        scope["learner"] = learner
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_UPLOAD:
            await refuse(scope, send, 413, TOO_LARGE)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        response = Guarded(send)
        try:
            await self.app(scope, counted(receive), response)
        except TooLarge:
            await refuse(scope, send, 413, TOO_LARGE)

    def knows(self, token: str | None) -> bool:
        """Tell whether this is the token."""
        return token is not None and secrets.compare_digest(token.encode(), self.token.encode())


class Guarded:
    """Sends a response on, with headers that bind the browser, and a nonce for its scripts."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.nonce = secrets.token_urlsafe(16)
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (n, v) for n, v in message["headers"] if n.lower() != b"content-security-policy"
            ]
            policy = POLICY.format(nonce=self.nonce)
            message = {
                **message,
                "headers": [*kept, *headers_of({**SAFE, "content-security-policy": policy})],
            }
            if any(n.lower() == b"content-type" and b"text/html" in v for n, v in kept):
                self.start = message  # the length is not yet known
                return
        elif self.start is not None:
            self.body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = self.body.replace(b"<script", f'<script nonce="{self.nonce}"'.encode())
            kept = [(n, v) for n, v in self.start["headers"] if n.lower() != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            await self.send({**self.start, "headers": [*kept, length]})
            self.start = None
            message = {"type": "http.response.body", "body": body}
        await self.send(message)


SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def cookie_names(host: str) -> tuple[str, str]:
    """Name the cookies of token and learner: a browser keeps one jar for all ports of a host."""
    port = urlsplit(f"//{host}").port or 80
    return f"jubako-{port}", f"jubako-learner-{port}"


def hostname(address: str) -> str:
    """Return the host of an address; "" if it has none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises if it is no number
        return parts.hostname or ""
    except ValueError:
        return ""


def read_cookies(text: str) -> dict[str, str]:
    """Return cookies by name."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def headers_of(words: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(name.encode(), value.encode("latin-1")) for name, value in words.items()]


def counted(receive: Receive) -> Receive:
    """Receive a body whose length nobody said, and stop where it is too large."""
    n = 0

    async def receive_some() -> Message:
        nonlocal n
        message = await receive()
        n += len(message.get("body", b""))
        if n > LARGEST_UPLOAD:
            raise TooLarge
        return message

    return receive_some


async def redirect(send: Send, target: str, cookies: Iterable[tuple[str, str]]) -> None:
    """Send the browser on, with cookies."""
    headers = headers_of({"location": target, "cache-control": "no-store", **SAFE})
    for name, value in cookies:
        cookie = f"{name}={value}; Path=/; HttpOnly; SameSite=Lax"
        headers.append((b"set-cookie", cookie.encode()))
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def refuse(scope: Message, send: Send, status: int, why: str) -> None:
    """Say no, in one sentence."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why.partition("\n")[0]})
        return
    body = why.encode()
    headers = headers_of(
        {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **SAFE}
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
