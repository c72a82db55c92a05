"""The process of a service."""

import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from threadpoolctl import threadpool_limits

from jubako.i18n.messages import Message

from .app import build
from .connection import Connection
from .limits import Limits
from .model_file import ModelFile


def serve(
    path: Path,
    host: str,
    port: int,
    token: str | None,
    limits: Limits,
    report: Callable[[Message], None],
) -> None:
    """Predict with a model by HTTP until SIGTERM or Ctrl-C; requests in flight are answered.

    Parameters
    ----------
    path : Path
        File of the model.
    host : str
        Name or address to bind to.
    port : int
        0 for any.
    token : str or None
        That requests must have.
    limits : Limits
    report : callable
        Receives a message on what happens.

    Raises
    ------
    ModelFileError
        If the file is no model for tables.
    OSError
        If the port can't be used.
    """
    file, local = ModelFile(path, report), is_loopback(host)
    with open_socket(host, port) as listening:
        app = build(file, limits, token, local)
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="on",
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=round(2 * limits.seconds + 1),
        )
        if not local and token is None:
            report(
                Message(
                    "Anyone who reaches {host} can use the service: set a token with JUBAKO_TOKEN.",
                    host=host,
                )
            )
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listening.getsockname()[1]}"
        report(Message("{path} predicts at {address}", path=str(path), address=address))
        threadpool_limits(1)  # threads within a small product only get in each other's way
        uvicorn.Server(config).run(sockets=[listening])


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def open_socket(host: str, port: int) -> socket.socket:
    """Bind to a port.

    Parameters
    ----------
    host : str
    port : int

    Returns
    -------
    socket.socket
        Listening: early connections wait until the server is ready.

    Raises
    ------
    OSError
        If the port is in use, or the host is not of this machine.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, number)
    except (OSError, UnicodeError) as error:
        raise cant_listen(host, port, error) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(1024)
    except OSError as error:
        made.close()
        raise cant_listen(host, port, error) from error
    return made


def cant_listen(host: str, port: int, error: Exception) -> OSError:
    """Return the error that a port of a host can't be used.

    Parameters
    ----------
    host : str
    port : int
    error : Exception
        Of the operating system.

    Returns
    -------
    OSError
    """
    if isinstance(error, socket.gaierror):
        return OSError(
            Message(
                "There is no address {host!r} ({reason}): choose another with --host.",
                host=host,
                reason=error.strerror,
            )
        )
    number = getattr(error, "errno", None)
    reason = os.strerror(number) if isinstance(error, OSError) and number else str(error)
    return OSError(
        Message(
            "Port {port} of {host!r} can't be used ({reason}): choose another with --port, or "
            "--port 0 for any.",
            port=port,
            host=host,
            reason=reason,
        )
    )
