"""`python -m jubako.lab DATA TARGET PORT BROWSER LANGUAGE`, as `jubako lab` says it."""

import sys

from jubako.cli.language import Language
from jubako.table.builtin import BUILT_IN
from jubako.table.read import read_table

from .app import serve
from .clients import learn_from
from .configuration import Setup
from .data import SHAPES, own_table
from .session import Session


def main(data: str, target: str, port: str, browser: str, language: str) -> None:
    """Read the data, and serve the lab."""
    setup, own = Setup(), None
    if data in SHAPES or data in BUILT_IN:
        setup = setup.but(data=data, target=target)
    elif data:
        own = own_table(data, *read_table(data))
    session = Session(setup)
    if own is not None:
        learn_from(session, own, target)  # finds a target, or says what is wrong
    serve(Language(language), session.setup, own, int(port) if port else None, bool(browser))


if __name__ == "__main__":
    main(*sys.argv[1:])
