"""The entrance of the lab: `open_lab`; `python -m jubako.lab DATA TARGET PORT BROWSER LANGUAGE`."""

import sys

from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.read import read_table
from jubako.i18n.language import Language

from .app import serve
from .clients import learn_from
from .configuration import Setup
from .session import Session
from .shapes import SHAPES
from .uploaded_table import prepare_upload


def open_lab(data: str, target: str, port: int | None, browser: bool, language: Language) -> None:
    """Read the data, and serve the lab until it is interrupted."""
    setup, uploaded = Setup(), None
    if data in SHAPES or data in BUILT_IN:
        setup = setup.but(data=data, target=target)
    elif data:
        uploaded = prepare_upload(data, *read_table(data))
    session = Session(setup)
    if uploaded is not None:
        learn_from(session, uploaded, target)  # finds a target, or raises
    serve(language, session.setup, uploaded, port, browser)


def main(data: str, target: str, port: str, browser: str, language: str) -> None:
    """Open the lab from command line arguments; "" for any port, and for no browser."""
    open_lab(data, target, int(port) if port else None, bool(browser), Language(language))


if __name__ == "__main__":
    main(*sys.argv[1:])
