"""The progress of a fit on stderr: a bar in terminals and notebooks, else lines."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

LINE_EVERY = 10.0  # seconds between two lines


class Status(NamedTuple):
    """The progress of a fit after an epoch."""

    stage: str  # its own time is estimated for each
    step: int  # of the stage: where there is no bar, each has a line
    done: float  # share of the stage that is over, in (0, 1]
    seconds: float  # since the fit began
    text: str


Show = Callable[[Status], None]


@contextmanager
def progress(time_limit: float | None = None) -> Generator[Show]:
    """Yield the function that shows a status with the remaining time.

    Parameters
    ----------
    time_limit : float or None
        Seconds after which the fit ends.
    """
    from rich.console import Console

    console = Console(file=sys.stderr, soft_wrap=True, highlight=False)
    starts = dict[str, float]()

    def describe(status: Status) -> str:
        start = starts.setdefault(status.stage, 0.0 if not starts else status.seconds)
        left = (status.seconds - start) * (1 - status.done) / status.done
        if time_limit is not None:
            left = min(left, max(0.0, time_limit - status.seconds))
        return f"{status.text}, about {duration(left)} left" if status.done < 1 else status.text

    if console.is_terminal or (console.is_jupyter and find_spec("ipywidgets")):
        from rich.progress import BarColumn, Progress, TextColumn

        columns = BarColumn(), TextColumn("{task.description}", markup=False)
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("training", total=1.0)
            yield lambda status: bar.update(
                task, completed=status.done, description=describe(status)
            )
        return
    with lines(console, describe) as show:
        yield show


@contextmanager
def lines(console: "Console", describe: Callable[[Status], str]) -> Generator[Show]:
    """Yield the function that prints the last status of each step, and others periodically."""
    waiting: Status | None = None
    printed = time.perf_counter()

    def print_waiting() -> None:
        nonlocal waiting, printed
        if waiting is not None:
            console.print(describe(waiting), markup=False)
        waiting, printed = None, time.perf_counter()

    def show(status: Status) -> None:
        nonlocal waiting
        if waiting is not None and (waiting.stage, waiting.step) != (status.stage, status.step):
            print_waiting()
        waiting = status
        if time.perf_counter() - printed >= LINE_EVERY:
            print_waiting()

    try:
        yield show
    finally:
        print_waiting()


def duration(seconds: float) -> str:
    """Format a number of seconds."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
