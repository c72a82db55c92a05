"""A runner: trains in a thread, in slices, and releases the lock in between."""

import threading
import time
from typing import Protocol

PACES = {"slow": 2.0, "medium": 20.0, "fast": float("inf")}  # epochs in a second


class Trainable(Protocol):
    """The interface of a session for a runner. All methods are called with the lock held."""

    lock: threading.RLock
    version: int
    message: str

    @property
    def epoch(self) -> float:
        """Number of epochs so far."""
        ...

    def save_undo_state(self) -> None:
        """Save the state that an epoch changes, for `step_back`."""

    def train_slice(self) -> bool:
        """Train for a short time. Return whether the epoch has ended."""
        ...

    def record(self) -> None:
        """Compute loss and score, and increase the version."""


class Runner:
    """Trains in a separate thread, a new one for each start.

    Parameters
    ----------
    trained : Trainable
    """

    def __init__(self, trained: Trainable) -> None:
        self.trained = trained
        self.running: bool = False
        self.pace = "fast"
        self.stopped: threading.Event = (
            threading.Event()
        )  # of the thread that trains: each has its own

    def start(self, end: int) -> None:
        """Train until the epoch `end`. The lock must be held."""
        self.running, self.stopped = True, threading.Event()
        threading.Thread(target=self.work, args=(end, self.stopped), daemon=True).start()

    def stop(self) -> None:
        """Stop the thread. The lock must be held, so that nothing is changed from now on."""
        self.stopped.set()
        self.running = False

    def work(self, end: int, stopped: threading.Event) -> None:
        """Train epoch after epoch, in the thread.

        It checks its event each time it has acquired the lock. Once that is set, the state may
        belong to another network.
        """
        trained = self.trained
        try:
            while True:
                due = time.perf_counter() + 1 / PACES[self.pace]
                with trained.lock:
                    if stopped.is_set() or trained.epoch >= end or trained.message:
                        return
                    trained.save_undo_state()
                done = False
                while not done:
                    with trained.lock:
                        if stopped.is_set():
                            return
                        done = trained.train_slice()
                        if done:
                            trained.record()
                    time.sleep(0.0005)  # other threads get the lock
                stopped.wait(max(0.0, due - time.perf_counter()))
        except Exception as error:  # any error is shown, and the lab keeps running
            with trained.lock:
                if not stopped.is_set():
                    trained.message = f"{type(error).__name__}: {error}"
        finally:
            with trained.lock:
                if not stopped.is_set():
                    self.running = False
                    trained.version += 1
