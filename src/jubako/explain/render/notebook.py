"""Display of a trace: as a page in a notebook, and as tables when printed."""

from dataclasses import fields
from typing import Self

from jubako.explain.trace import Trace

from .page import fragment
from .terminal import as_text


class DisplayedTrace(Trace):
    """A `Trace` with the methods by which Python and notebooks display it."""

    __slots__ = ()

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Return the same trace with these methods."""
        return cls(**{field.name: getattr(trace, field.name) for field in fields(trace)})

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        """Return the trace as HTML; `page.fragment` also chooses rows, units and language."""
        return fragment(self)
