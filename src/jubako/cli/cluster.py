"""`--cluster`: the workers of an existing Dask cluster."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from joblib import parallel_config

from jubako.i18n.messages import Message

from .errors import UsageError

PATIENCE = 10  # seconds in which a scheduler must answer


@contextmanager
def cluster_workers(address: str | None) -> Generator[None]:
    """Make joblib run tasks on all workers of a Dask cluster; without effect for None.

    Raises
    ------
    UsageError
        If there is no scheduler at the address, no worker, or no Dask.
    """
    if address is None:
        yield
        return
    try:
        distributed: Any = import_module("distributed")  # an extra
    except ImportError:
        raise UsageError(Message("--cluster needs Dask: pip install 'jubako[cluster]'.")) from None
    for name in (
        "distributed",
        "distributed.client",
        "tornado",
    ):  # which log what is reported in one sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=True)
    except (OSError, ValueError, TypeError):
        raise UsageError(
            Message(
                "No Dask scheduler answers at {address!r}: start `dask scheduler` there, or "
                "correct --cluster.",
                address=address,
            )
        ) from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise UsageError(
                Message(
                    "The Dask cluster at {address!r} has no workers: start `dask worker "
                    "{address}` on some machines.",
                    address=address,
                )
            )
        with parallel_config("dask", n_jobs=-1):
            yield
