"""The run folder of a multilayer perceptron, for resuming a killed fit."""

from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from jubako._version import __version__
from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.search.network_run import NetworkRun, open_network_run
from jubako.search.run_settings import earlier_settings
from jubako.training.engines.base import Problem
from jubako.training.state import TrainState
from jubako.training.validation import Validation

from .mlp_checkpoint import settings_of
from .saving import plain_params


def check_run_dir(estimator: Any, *, once: bool) -> None:
    """Check that no parameter contradicts `run_dir`.

    Raises
    ------
    ParameterError
        If one does, with advice.
    """
    if once or estimator.run_dir is None:
        return
    if estimator.warm_start:
        raise ParameterError(
            f"run_dir={str(estimator.run_dir)!r} continues what is in the folder, and "
            "warm_start=True the last fit: set one of the two."
        )
    if getattr(estimator, "solver", "adam") == "lbfgs":
        raise ParameterError(
            f"run_dir={str(estimator.run_dir)!r} needs solver='adam' or 'sgd': 'lbfgs' has no "
            "epochs from which it could continue."
        )


def random_of(estimator: Any, *, once: bool) -> tuple[np.random.RandomState, int | None]:
    """Return the random number generator of a fit; and its seed, if a run folder stores it.

    Without a `random_state`, a killed fit is resumed with the seed in its folder.
    """
    random: np.random.RandomState = check_random_state(estimator.random_state)
    if once or estimator.run_dir is None or estimator.random_state is not None:
        return random, None
    seed = earlier_settings(Path(estimator.run_dir)).get("seed")
    seed = int(random.randint(2**31 - 1)) if seed is None else int(seed)
    return np.random.RandomState(seed), seed


@contextmanager
def run_of(
    estimator: Any,
    problem: Problem,
    validation: Validation | None,
    start: TrainState,
    seed: int | None,
    *,
    once: bool,
) -> Generator[NetworkRun | None]:
    """Open the run folder of a fit; None if there is none.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
    problem : Problem
        The training rows.
    validation : Validation or None
    start : TrainState
        The state before the first epoch.
    seed : int or None
        From `random_of`.
    once : bool
        Whether this is a call of `partial_fit`, which does not use the folder.
    """
    if once or estimator.run_dir is None:
        yield None
        return
    held_out = [] if validation is None else [validation.x, validation.y, validation.w]
    settings = run_settings(estimator, start, seed, len(problem.y)) | {
        "table": fingerprint([problem.x, problem.y, problem.w]),
        "validation": fingerprint(held_out),
    }
    with open_network_run(Path(estimator.run_dir), settings, start) as run:
        yield run


def run_settings(
    estimator: Any, start: TrainState, seed: int | None, n_rows: int
) -> dict[str, object]:
    """Return the settings that must be the same to continue a run, besides the rows.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
    start : TrainState
        The state before the first epoch.
    seed : int or None
        From `random_of`.
    n_rows : int
        Number of training rows.

    Returns
    -------
    dict of JSON values
    """
    plain = plain_params(estimator)
    return {
        "library_version": __version__,
        "estimator": type(estimator).__name__,
        "n_rows": n_rows,
        **{name: plain.get(name, text) for name, text in settings_of(estimator).items()},
        "seed": seed,
        "seeds": start.seeds.tolist(),
    }


def fingerprint(arrays: list[Any]) -> str:
    """Return the SHA-256 of arrays, dense or sparse."""
    digest = sha256()
    for array in arrays:
        parts: list[Array] = [array]
        if hasattr(array, "toarray"):
            sparse = array.tocsr()
            parts = [sparse.data, sparse.indices, sparse.indptr]
        digest.update(str(array.shape).encode())
        for part in parts:
            digest.update(f"{part.dtype} {part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
