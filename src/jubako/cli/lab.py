"""`jubako lab`: start the lab, which is a program of its own above this one."""

import runpy
import sys
from contextlib import suppress
from importlib.util import find_spec

from .language import Language


def run(data: str, target: str, port: int | None, browser: bool, language: Language) -> int:
    """Serve the lab until Ctrl-C. Return the exit code."""
    if find_spec("nicegui") is None:
        print('jubako: the lab needs NiceGUI: pip install "jubako[lab]"', file=sys.stderr)
        return 1
    words = [
        data,
        target,
        "" if port is None else str(port),
        "browser" if browser else "",
        language,
    ]
    sys.argv[1:] = words
    with suppress(KeyboardInterrupt):  # that is how the lab is closed
        runpy.run_module("jubako.lab", run_name="__main__")
    return 0
