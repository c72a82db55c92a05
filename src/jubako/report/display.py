"""A report that shows itself in notebooks, and is saved as a page or as JSON."""

import json
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from jubako.core.errors import ParameterError
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.atomic import whole_or_not_at_all

from .page import report_fragment, report_page
from .report import Report

SCHEMA_VERSION = 1
SUFFIXES = ".html", ".json"


@dataclass(frozen=True, slots=True)
class DisplayedReport:
    """A report with its language.

    Parameters
    ----------
    facts : Report
        All that it shows, as plain data.
    language : Language
    """

    facts: Report
    language: Language = Language.en

    def save(self, path: str | Path) -> None:
        """Write the report as a page (.html) or as JSON (.json).

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        ParameterError
            If the name has another suffix.
        OSError
            If it can't be written.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ParameterError(
                Message(
                    "A report can't be saved as {path!r}: the name must end with {endings}.",
                    path=str(path),
                    endings=" / ".join(SUFFIXES),
                )
            )
        text = self.html() if suffix == ".html" else self.json()
        with whole_or_not_at_all(path) as part:
            part.write_text(text, encoding="utf-8")

    def html(self) -> str:
        """Return the report as a page."""
        return report_page(self.facts, self.language)

    def json(self) -> str:
        """Return the report as JSON, in English."""
        facts = {"schema_version": SCHEMA_VERSION, **with_none(asdict(self.facts))}
        return json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def _repr_html_(self) -> str:
        """Return the report as HTML for a notebook."""
        return report_fragment(self.facts, self.language)


def with_none(value: Any) -> Any:
    """Replace numbers that are not finite, which JSON lacks, with None.

    Parameters
    ----------
    value : dict, list, tuple, or anything else

    Returns
    -------
    of the same type
    """
    if isinstance(value, dict):
        return {name: with_none(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_none(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
