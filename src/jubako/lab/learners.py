"""Learners: who is in the lab. Each browser is one; all its tabs show the same session."""

import threading
import time
from dataclasses import dataclass, field

from jubako.cli.language import Language

from .data import Own
from .session import Session
from .setup import Setup

MOST = 64  # learners at once; then those who were away longest make room


@dataclass(slots=True)
class Learner:
    """A session, and what the page remembers of who sits before it."""

    session: Session
    language: Language
    theme: str = "auto"
    tab: str = "flow"
    lesson: str = ""
    done: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)  # what was opened since the lesson began
    answer: float | None = None
    opened: str = ""  # the lab file or table that was opened last
    last_seen: float = field(default_factory=time.monotonic)


class Learners:
    """All learners of a lab, by the cookie that the guard gave them.

    Parameters
    ----------
    language : Language
    setup : Setup
        With which everybody begins.
    own : Own, optional
        The table with which the lab was started.
    """

    def __init__(self, language: Language, setup: Setup, own: Own | None = None) -> None:
        self.language, self.setup, self.own = language, setup, own
        self.lock = threading.Lock()
        self.by_cookie: dict[str, Learner] = {}

    def get(self, cookie: str) -> Learner:
        """Return who this is; a newcomer gets a session of their own."""
        with self.lock:
            learner = self.by_cookie.get(cookie)
            if learner is None:
                while len(self.by_cookie) >= MOST:
                    oldest = min(self.by_cookie, key=lambda c: self.by_cookie[c].last_seen)
                    self.by_cookie.pop(oldest).session.pause()
                learner = Learner(Session(self.setup, self.own), self.language)
                self.by_cookie[cookie] = learner
            learner.last_seen = time.monotonic()
            return learner
