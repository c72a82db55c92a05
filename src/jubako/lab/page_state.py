"""The state of a page in one tab of a browser, without controls."""

from typing import Final

from jubako.lab.snapshot import Snapshot

from .clients import Client
from .configuration import Setup
from .pictures import Changes
from .pictures.canvas import Canvas
from .session import Session
from .translator import Translator

STAGES = ("all", "forward", "loss part", "backward", "update")
"""The parts of a trace; the first is everything at once."""


class TracePosition:
    """The part of the trace that is shown."""

    def __init__(self) -> None:
        self.part: str = "all"
        self.rows = self.units = 0  # which page of the rows, and of the units
        self.n_rows = self.n_units = 1

    def move(self, by: int) -> None:
        """Go to the next or the previous part."""
        i = STAGES.index(self.part) + by
        self.part = STAGES[i % len(STAGES)]


class Sent:
    """The state of the browser, so that only updates are sent."""

    def __init__(self, builds: int = -1) -> None:
        self.builds = builds
        self.version = -1
        self.running = False
        self.tab_at: float = 0.0
        self.status_at: float = 0.0


class PageState:
    """The state of the page in one tab of a browser.

    Parameters
    ----------
    client : Client
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.translate: Translator = Translator(client.language)
        self.unit: tuple[int, int] | None = None  # which is open: layer, unit
        self.position: Final = TracePosition()
        self.fresh: Changes = {}  # what was new when the page was made
        self.note = ""  # the last message to the learner
        self.offered: Setup | None = None  # by the address, in place of a network that has learned
        self.take_snapshot()

    @property
    def session(self) -> Session:
        """The session of the client."""
        return self.client.session

    def take_snapshot(self) -> None:
        """Take a snapshot of the network, for a page that is rebuilt."""
        self.snapshot: Snapshot = self.session.snapshot()
        self.canvas: Canvas = Canvas(self.snapshot)
        self.sent: Sent = Sent(self.session.builds)
        if self.unit is not None and not self.snapshot.has(*self.unit):
            self.unit = None
