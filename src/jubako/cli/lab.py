"""`jubako lab`: start the lab."""

import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

from jubako.i18n.language import Language
from jubako.i18n.messages import Message

from .errors import FAILED, UsageError
from .localization import localization


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
        raise UsageError(Message("Only `jubako lab` and `python -m jubako lab` open the lab."))
    if find_spec("nicegui") is None:
        needed = Message('the lab needs NiceGUI: pip install "jubako[lab]"')
        print(f"jubako: {localization.text(needed)}", file=sys.stderr)
        return FAILED
    with suppress(KeyboardInterrupt):  # that is how the lab is closed
        open_lab(data, target, port, browser, language)
    return 0
