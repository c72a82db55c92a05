"""`jubako lab`: start the lab, which stands beside the command line."""

import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

from jubako.i18n.language import Language

from .errors import UsageError


def run(
    open_lab: Callable[..., None] | None,
    data: str,
    target: str,
    port: int | None,
    browser: bool,
    language: Language,
) -> int:
    """Serve the lab until Ctrl-C. Return the exit code."""
    if open_lab is None:
        raise UsageError("Only `jubako lab` and `python -m jubako lab` open the lab.")
    if find_spec("nicegui") is None:
        print('jubako: the lab needs NiceGUI: pip install "jubako[lab]"', file=sys.stderr)
        return 1
    with suppress(KeyboardInterrupt):  # that is how the lab is closed
        open_lab(data, target, port, browser, language)
    return 0
