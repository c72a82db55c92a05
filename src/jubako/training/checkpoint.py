"""A learner as named arrays, for a file, and back: training then goes on with the same bits."""

from dataclasses import fields

import numpy as np

from jubako.core.activations import Array

from .engine import Learner, Run
from .optimizers import State

MOST_EPOCHS = 2**53  # up to here a float64 tells epochs apart
KINDS: dict[str, type] = {"stale": np.int64, "blow_ups": np.int64, "learning": np.bool_}


def to_arrays(learner: Learner) -> dict[str, Array]:
    """Return all that a learner is, as arrays: infinity is a number in these."""
    arrays = {
        "theta": learner.theta,
        "kept": learner.kept,
        "seeds": learner.seeds,
        "clock": np.array([learner.epoch, learner.seconds], np.float64),
    }
    arrays |= {f"state.{name}": array for name, array in learner.state.items()}
    arrays |= {f"proven.{i}": array for i, array in enumerate(learner.proven)}
    for field in fields(Run):
        values = [getattr(run, field.name) for run in learner.runs]
        arrays[f"runs.{field.name}"] = np.array(values, KINDS.get(field.name, np.float64))
    return arrays


def from_arrays(arrays: dict[str, Array], theta: Array, state: State) -> Learner:
    """Make the learner that `to_arrays` has described.

    Parameters
    ----------
    arrays : dict of arrays
        From a file, so it may hold anything.
    theta : array, shape (K, P)
        Weights of the network that learns, and
    state : dict of arrays, shape (K, ...)
        what its optimizer remembers: the shapes and types that are expected.

    Raises
    ------
    ValueError
        If an array is missing, of another shape or type, or holds impossible numbers.
    """
    k = len(theta)

    def array(name: str, shape: tuple[int, ...], dtype: object, finite: bool = True) -> Array:
        found = arrays.get(name)
        if found is None or found.shape != shape or found.dtype != dtype:
            raise ValueError(f"a checkpoint whose {name} is missing or of another kind")
        if finite and not np.isfinite(found).all():
            raise ValueError(f"a checkpoint whose {name} is not finite")
        return found

    columns = {
        field.name: array(
            f"runs.{field.name}", (k,), KINDS.get(field.name, np.float64), finite=False
        )
        for field in fields(Run)
    }
    rate, clock = columns["rate"], array("clock", (2,), np.float64)
    counts = columns["stale"], columns["blow_ups"]
    if not (np.isfinite(rate).all() and (rate > 0).all() and all((c >= 0).all() for c in counts)):
        raise ValueError("a checkpoint with impossible rates or counts")
    if np.isnan(columns["best"]).any() or np.isnan(columns["lowest"]).any():
        raise ValueError("a checkpoint whose losses are no numbers")
    if (clock < 0).any() or clock[0] > MOST_EPOCHS or clock[0] != int(clock[0]):
        raise ValueError(f"a checkpoint after {clock[0]} epochs")
    numbers = [theta, *state.values()]
    runs = [Run(*(columns[field.name][i].item() for field in fields(Run))) for i in range(k)]
    return Learner(
        theta=array("theta", theta.shape, theta.dtype),
        state={name: array(f"state.{name}", a.shape, a.dtype) for name, a in state.items()},
        seeds=array("seeds", (k,), np.uint32),
        runs=runs,
        kept=array("kept", theta.shape, theta.dtype),
        proven=[array(f"proven.{i}", a.shape, a.dtype) for i, a in enumerate(numbers)],
        epoch=int(clock[0]),
        seconds=float(clock[1]),
    )
