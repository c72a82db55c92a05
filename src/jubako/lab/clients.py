"""Clients of the lab. Each browser is one; all its tabs show the same session."""

import asyncio
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from nicegui import run

from jubako.data.errors import TableError
from jubako.i18n.language import Language

from .configuration import Setup
from .exports import is_lab_file, open_lab_file
from .session import Session
from .translator import Translator
from .uploaded_table import UploadedTable
from .uploads import read_upload, shown_name

MAX_CLIENTS = 64  # at once; beyond, the least recently seen is dropped
MAX_CACHED = 6  # pictures kept for the tabs of a client
PAUSE_AFTER = 20.0  # seconds without a page after which training pauses


@dataclass(slots=True)
class Client:
    """The session and the page settings of one browser."""

    session: Session
    language: Language
    theme: str = "auto"
    tab: str = "inside"
    lesson: str = ""
    done: set[str] = field(default_factory=set)
    opened_tabs: set[str] = field(default_factory=set)  # what was opened since the lesson began
    answer: float | None = None
    last_seen: float = field(default_factory=time.monotonic)
    pages: set[str] = field(default_factory=set)  # those that are open in a browser now
    without_pages_since: float = 0.0
    paused_without_pages: bool = False  # training was paused since no page was open
    drawn: dict[Hashable, tuple[Hashable, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def in_turn(self, work: Callable[..., object], *args: object) -> object:
        """Run slow work after all earlier requests of this client; others are served meanwhile.

        So a press of Run while the network is built is not lost, and changes do not overtake.
        """
        async with self.turn:
            return await run.io_bound(work, *args)

    def open_page(self, page: str) -> None:
        """Record that a page is open."""
        self.pages.add(page)

    async def close_page(self, page: str) -> None:
        """Note that a page was closed. If it was the last, training pauses a while later."""
        self.pages.discard(page)
        if self.pages:
            return
        self.without_pages_since = time.monotonic()
        await asyncio.sleep(PAUSE_AFTER)  # a page that is reloaded comes back
        if self.pages or time.monotonic() - self.without_pages_since < PAUSE_AFTER:
            return
        if self.session.running:
            self.paused_without_pages = True
            await self.in_turn(self.session.pause)

    def cached(self, what: Hashable, version: Hashable, draw: Callable[[], Any]) -> Any:
        """Return a drawing of this version, which is drawn once for all tabs."""
        with self.lock:
            if what not in self.drawn or self.drawn[what][0] != version:
                self.drawn.pop(what, None)
                self.drawn[what] = version, draw()
                if len(self.drawn) > MAX_CACHED:
                    del self.drawn[next(iter(self.drawn))]  # the oldest
            return self.drawn[what][1]


class Clients:
    """All clients of a lab, by their cookie.

    Parameters
    ----------
    language : Language
    setup : Setup
        The settings that each session begins with.
    uploaded : UploadedTable, optional
        The table with which the lab was started.
    """

    def __init__(
        self, language: Language, setup: Setup, uploaded: UploadedTable | None = None
    ) -> None:
        self.language: Language = language
        self.setup: Setup = setup
        self.uploaded: UploadedTable | None = uploaded
        self.lock: Final = threading.Lock()
        self.by_cookie: dict[str, Client] = {}

    def get(self, cookie: str) -> Client:
        """Return the client of a cookie; a new one gets a new session."""
        with self.lock:
            client = self.by_cookie.get(cookie)
            if client is None:
                while len(self.by_cookie) >= MAX_CLIENTS:
                    oldest = min(self.by_cookie, key=lambda c: self.by_cookie[c].last_seen)
                    self.by_cookie.pop(oldest).session.pause()
                client = Client(Session(self.setup, self.uploaded), self.language)
                self.by_cookie[cookie] = client
            client.last_seen = time.monotonic()
            return client


def accept(client: Client, name: str, content: bytes) -> str:
    """Open a file, either a table or a lab file. Return the message about it.

    Raises
    ------
    ValueError, TableError
        If it is neither.
    """
    translate = Translator(client.language)
    if is_lab_file(content):
        open_lab_file(client.session, content)
        return translate("lab file opened", name=shown_name(name))
    learn_from(client.session, read_upload(name, content))
    uploaded = client.session.uploaded
    assert uploaded is not None
    return translate(
        "table read",
        name=uploaded.name,
        read_as=translate.message(uploaded.read_as),
        n=uploaded.n_rows,
    )


def learn_from(session: Session, uploaded: UploadedTable, target: str = "") -> None:
    """Use an uploaded table in a session, with its target or its last usable column.

    Raises
    ------
    TableError
        If no column can be predicted.
    """
    before, errors = session.uploaded, list[TableError]()
    session.uploaded = uploaded
    names = [target] if target else uploaded.table.column_names[::-1]
    for name in names:
        try:
            session.build(session.setup.but(data="uploaded", target=name, loss="", axes=("", "")))
            return
        except TableError as error:
            errors.append(error)
    session.uploaded = before
    raise errors[0]
