"""The limits of a service."""

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may use, and how many may wait.

    Parameters
    ----------
    rows : int
        Rows of a request.
    megabytes : float
        Size of its body, in units of 2^20 bytes.
    seconds : float
        Within which its body must arrive, and again within which it must be answered.
    waiting : int
        Requests that are predicted or wait for it; more are refused.
    """

    rows: int = 10_000
    megabytes: float = 16
    seconds: float = 30
    waiting: int = 256

    @property
    def n_bytes(self) -> int:
        """The largest size of a body."""
        return int(self.megabytes * MEGABYTE)
