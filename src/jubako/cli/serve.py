"""`jubako serve`: predictions by HTTP."""

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from jubako.i18n.messages import Message
from jubako.serve.limits import Limits

from .console import err
from .errors import UsageError
from .interrupts import interrupts

NEEDED = "starlette", "uvicorn", "httptools", "prometheus_client"
TOKEN = "JUBAKO_TOKEN"


def run(path: Path, host: str, port: int, token: str | None, limits: Limits) -> None:
    """Serve a model until a signal.

    Parameters
    ----------
    path : Path
        File of the model.
    host : str
    port : int
        0 for any.
    token : str or None
        Of `--token`; that of the environment variable if None.
    limits : Limits

    Raises
    ------
    UsageError
        If the token is empty, or the service is not installed.
    ModelFileError, OSError
        See `serve`.
    """
    if any(find_spec(name) is None for name in NEEDED):
        raise UsageError(Message("jubako serve needs more packages: pip install 'jubako[serve]'."))
    token = os.environ.get(TOKEN) if token is None else token
    if token is not None and not token.strip():
        raise UsageError(
            Message(
                "The token is empty: set {name} to a long random text, or leave it out.", name=TOKEN
            )
        )
    from jubako.serve.server import serve

    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when it has stopped
        serve(path, host, port, token, limits, lambda message: err.print(message))
    interrupts.ignore()
    err.print(Message("The service has stopped."))
