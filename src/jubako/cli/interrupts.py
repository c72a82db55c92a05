"""Ctrl-C, SIGTERM and SIGHUP, which interrupt a command; it then saves its results."""

import signal
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

NUMBERS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
ONCE = 1.0  # seconds in which signals count as one: a closed terminal and its shell each send one


class Interrupts:
    """The signals that interrupt a command; they raise KeyboardInterrupt.

    Attributes
    ----------
    number : int
        Number of the last signal that was handled.
    """

    def __init__(self) -> None:
        self.number: int = signal.SIGINT
        self._last = -ONCE
        self._held = False
        self._waiting = False

    def install(self) -> None:
        """Handle all signals except those that are ignored, as under nohup."""
        with suppress(ValueError):  # only the main thread can
            for number in NUMBERS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._on_signal)

    def ignore(self) -> None:
        """Ignore further signals: the command is about to end."""
        with suppress(ValueError):
            for number in NUMBERS:
                signal.signal(number, signal.SIG_IGN)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._last < ONCE:
            return
        self._last, self.number = now, number
        if self._held:
            self._waiting = True
        else:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Generator[None]:
        """Defer signals until the end of the block."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before
        self._raise_waiting()

    @contextmanager
    def let_through(self) -> Generator[None]:
        """Let signals interrupt a part of a block in which they are deferred."""
        before, self._held = self._held, False
        try:
            self._raise_waiting()
            yield
        finally:
            self._held = before

    def _raise_waiting(self) -> None:
        if self._waiting and not self._held:
            self._waiting = False
            raise KeyboardInterrupt


interrupts: Interrupts = Interrupts()
