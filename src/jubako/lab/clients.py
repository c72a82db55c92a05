"""Clients: who is in the lab. Each browser is one; all its tabs show the same session."""

import asyncio
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from nicegui import run

from jubako.data.errors import TableError
from jubako.i18n.language import Language

from .configuration import Setup
from .data import UploadedTable
from .exports import is_lab_file, open_lab_file
from .session import Session
from .texts import Translator
from .uploads import read_upload, shown_name

MOST = 64  # clients at once; then those who were away longest make room
MOST_DRAWN = 6  # pictures kept for the tabs of a client
AWAY = 20.0  # seconds without a page after which training pauses


@dataclass(slots=True)
class Client:
    """A session, and what the page remembers of who sits before it."""

    session: Session
    language: Language
    theme: str = "auto"
    tab: str = "inside"
    lesson: str = ""
    done: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)  # what was opened since the lesson began
    answer: float | None = None
    last_seen: float = field(default_factory=time.monotonic)
    pages: set[str] = field(default_factory=set)  # those that are open in a browser now
    alone_since: float = 0.0
    paused_alone: bool = False  # training was paused since no page was open
    drawn: dict[Hashable, tuple[Hashable, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def in_turn(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do what takes a while after all that was asked for before; others are served meanwhile.

        So a press of Run is not lost while the network is built, nor one change to the next.
        """
        async with self.turn:
            return await run.io_bound(work, *args)

    def come(self, page: str) -> None:
        """Note that a page is open."""
        self.pages.add(page)

    async def go(self, page: str) -> None:
        """Note that a page was closed. If it was the last, training pauses a while later."""
        self.pages.discard(page)
        if self.pages:
            return
        self.alone_since = time.monotonic()
        await asyncio.sleep(AWAY)  # a page that is loaded anew comes back
        if self.pages or time.monotonic() - self.alone_since < AWAY:
            return
        if self.session.running:
            self.paused_alone = True
            await self.in_turn(self.session.pause)

    def once(self, what: Hashable, version: Hashable, draw: Callable[[], Any]) -> Any:
        """Draw something, unless it was drawn of this version: all tabs show the same."""
        with self.lock:
            if what not in self.drawn or self.drawn[what][0] != version:
                self.drawn.pop(what, None)
                self.drawn[what] = version, draw()
                if len(self.drawn) > MOST_DRAWN:
                    del self.drawn[next(iter(self.drawn))]  # the oldest
            return self.drawn[what][1]


class Clients:
    """All clients of a lab, by the cookie that the guard gave them.

    Parameters
    ----------
    language : Language
    setup : Setup
        With which everybody begins.
    own : UploadedTable, optional
        The table with which the lab was started.
    """

    def __init__(self, language: Language, setup: Setup, own: UploadedTable | None = None) -> None:
        self.language, self.setup, self.own = language, setup, own
        self.lock = threading.Lock()
        self.by_cookie: dict[str, Client] = {}

    def get(self, cookie: str) -> Client:
        """Return who this is; a newcomer gets a session of their own."""
        with self.lock:
            client = self.by_cookie.get(cookie)
            if client is None:
                while len(self.by_cookie) >= MOST:
                    oldest = min(self.by_cookie, key=lambda c: self.by_cookie[c].last_seen)
                    self.by_cookie.pop(oldest).session.pause()
                client = Client(Session(self.setup, self.own), self.language)
                self.by_cookie[cookie] = client
            client.last_seen = time.monotonic()
            return client


def accept(client: Client, name: str, content: bytes) -> str:
    """Take in a file: a table to learn from, or a lab file. Return what to say about it.

    Raises
    ------
    ValueError, TableError
        If it is neither.
    """
    say = Translator(client.language)
    if is_lab_file(content):
        open_lab_file(client.session, content)
        return say("lab file opened", name=shown_name(name))
    learn_from(client.session, read_upload(name, content))
    own = client.session.own
    assert own is not None
    return say("table read", name=own.name, taken_for=say.said(own.taken_for), n=own.n_rows)


def learn_from(session: Session, own: UploadedTable, target: str = "") -> None:
    """Let a session learn from an own table: to predict its last column, or the last that it can.

    Raises
    ------
    TableError
        If it can predict none.
    """
    before, errors = session.own, list[TableError]()
    session.own = own
    names = [target] if target else own.table.column_names[::-1]
    for name in names:
        try:
            session.build(session.setup.but(data="own", target=name, loss="", axes=("", "")))
            return
        except TableError as error:
            errors.append(error)
    session.own = before
    raise errors[0]
