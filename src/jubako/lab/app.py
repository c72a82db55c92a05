"""The server: one process on this machine, behind the guard."""

import secrets
import socket
import webbrowser
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from jinja2.ext import Extension
from nicegui import app, run, ui
from nicegui.client import templates
from threadpoolctl import threadpool_limits

from jubako.i18n.language import Language
from jubako.serve.connection import Connection

from .auth import Guard
from .clients import Clients, accept
from .configuration import Setup
from .page import Page
from .session import SETUP_ERRORS
from .translator import Translator
from .uploaded_table import UploadedTable

PORT = 8765
HERE = Path(__file__).parent


class Nonces(Extension):
    """A template extension that adds the nonce to scripts of NiceGUI's templates, not of values."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template whose scripts have the nonce of the guard."""
        return source.replace("<script", '<script nonce="{{ request.scope.nonce }}"')


def build(clients: Clients, token: str) -> Guard:
    """Return the lab as an ASGI application."""
    server = FastAPI(openapi_url=None)
    code = (HERE / "page.js").read_text(encoding="utf-8")
    style = f"<style>{(HERE / 'page.css').read_text(encoding='utf-8')}</style>"
    templates.env.add_extension(Nonces)

    @ui.page("/", response_timeout=60)
    async def index(request: Request, setup: str = "") -> None:
        client = await run.io_bound(clients.get, request.scope["learner"])
        if client is None:  # the lab is being closed
            return
        page = Page(client)
        if setup and setup != client.session.setup.to_address():
            await page.actions.open_address(setup)
        ui.page_title(Translator(client.language)("title"))
        lang = f"document.documentElement.lang = '{client.language}';"
        begin = f"{lang} jubako.theme('{client.theme}');"
        nonce = request.scope["nonce"]
        ui.add_head_html(f'{style}<script nonce="{nonce}">{code}\n{begin}</script>')
        page.make()

    @server.post("/file")
    async def file(request: Request, name: str = "table") -> Response:
        client = await run.io_bound(clients.get, request.scope["learner"])
        if client is None:  # the lab is being closed
            return PlainTextResponse("", 503)
        content = await request.body()
        try:
            message = await client.in_turn(accept, client, name, content)
        except SETUP_ERRORS as error:
            return PlainTextResponse(Translator(client.language).message(error), 422)
        return PlainTextResponse(message)

    app.config.quasar_config["loadingBar"]["skipHijack"] = True  # nothing loads for long
    ui.run_with(
        server,
        title="Jubako",
        favicon="🍱",
        tailwind=False,
        gzip_middleware_factory=None,
        binding_refresh_interval=None,
        reconnect_timeout=60,  # a browser that is busy for a while, or asleep, is not lost
    )
    return Guard(server, token)  # type: ignore[arg-type]


def open_socket(port: int | None) -> socket.socket:
    """Bind to a port of this machine: the given one, else the default port or any.

    Raises
    ------
    OSError
        If the given port is in use.
    """
    for wanted in [PORT, 0] if port is None else [port]:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(("127.0.0.1", wanted))
            made.listen()  # early connections wait until the server is ready
        except OSError as error:
            made.close()
            if port is not None:
                raise OSError(
                    f"Port {port} is taken: choose another, or leave out --port."
                ) from error
            continue
        return made
    raise OSError("No port is free on this machine.")


def serve(
    language: Language,
    setup: Setup,
    uploaded: UploadedTable | None,
    port: int | None,
    browser: bool,
) -> None:
    """Run the lab until Ctrl-C."""
    token = secrets.token_urlsafe(16)
    listening = open_socket(port)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/?token={token}"
    print(Translator(language)("open at", address=address), flush=True)
    guard = build(Clients(language, setup, uploaded), token)
    if browser:
        webbrowser.open(address)
    threadpool_limits(1)  # threads within a small product only get in each other's way
    config = uvicorn.Config(guard, http=Connection, log_level="warning", ws_max_size=1 << 20)
    uvicorn.Server(config).run(sockets=[listening])
