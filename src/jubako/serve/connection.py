"""Connections that are closed when a request begins and does not come on."""

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS = 10.0  # within which the head of a request must arrive


class Connection(HttpToolsProtocol):
    """A connection that is closed if the head of a request takes too long.

    After its headers, the application limits the time of its body.
    """

    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self.deadline = self.loop.call_later(HEAD_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Receive a piece of a request."""
        super().data_received(data)
        cycle = cast(RequestResponseCycle | None, self.cycle)
        busy = cycle is not None and not cycle.response_complete
        if self.deadline is not None and (busy or self.transport.get_protocol() is not self):
            self.deadline.cancel()
            self.deadline = None
        elif self.deadline is None and not busy:
            self.deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)
