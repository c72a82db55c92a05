"""Threads that predict, with a bounded number of waiting requests and a time limit."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from jubako.i18n.messages import Message
from jubako.training.engines.native.threads import thread_count

from .errors import RequestError
from .limits import Limits


class Workers:
    """A pool of one thread for each processor.

    Parameters
    ----------
    limits : Limits

    Attributes
    ----------
    n_waiting : int
        Number of calls that wait or run; also those whose client was refused after its time.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits: Limits = limits
        self.n_waiting: int = 0
        self.pool: Final = ThreadPoolExecutor(thread_count(), "jubako")

    async def run(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call a function in a thread, and return what it returns.

        Raises
        ------
        RequestError
            If too many calls wait, or this one takes too long.
        """
        limits, loop = self.limits, asyncio.get_running_loop()
        if self.n_waiting >= limits.waiting:
            raise RequestError(
                503,
                Message(
                    "The service is busy: {n} requests are waiting. Try again.", n=limits.waiting
                ),
                {"Retry-After": "1"},
            )
        self.n_waiting += 1
        future = self.pool.submit(function, *arguments)
        future.add_done_callback(lambda _: self._leave(loop))
        try:
            async with asyncio.timeout(limits.seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            future.cancel()
            raise RequestError(
                503,
                Message(
                    "The request took longer than {seconds:g} s: send fewer rows at once.",
                    seconds=limits.seconds,
                ),
            ) from None

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count a call that has ended."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._count_down)

    def _count_down(self) -> None:
        self.n_waiting -= 1

    def close(self) -> None:
        """End the threads after their calls."""
        self.pool.shutdown(wait=False, cancel_futures=True)
