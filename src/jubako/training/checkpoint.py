"""Checkpoints: a training state as named arrays, from which training resumes bit for bit."""

from dataclasses import fields

import numpy as np

from jubako.core.activations import Array

from .optimizers import OptimizerState
from .state import Milestones, NetworkProgress, TrainState

MOST_EPOCHS = 2**53  # up to here float64 represents each epoch exactly
TYPES: dict[str, type] = {"stale": np.int64, "blow_ups": np.int64, "learning": np.bool_}


def to_arrays(state: TrainState) -> dict[str, Array]:
    """Return a training state as named arrays.

    Parameters
    ----------
    state : TrainState

    Returns
    -------
    dict of str to array
        Losses and validation scores may be infinite.
    """
    milestones = state.milestones
    arrays = {
        "theta": state.theta,
        "milestones.best": milestones.best,
        "seeds": state.seeds,
        "clock": np.array([state.epoch, state.seconds], np.float64),
        "milestones.best_values": milestones.best_values,
        "milestones.lowest_losses": milestones.lowest_losses,
    }
    arrays |= {f"optimizer_state.{name}": array for name, array in state.optimizer_state.items()}
    arrays |= {f"milestones.restart.{i}": array for i, array in enumerate(milestones.restart)}
    for field in fields(NetworkProgress):
        values = [getattr(network, field.name) for network in state.progress]
        arrays[f"progress.{field.name}"] = np.array(values, TYPES.get(field.name, np.float64))
    return arrays


def from_arrays(
    arrays: dict[str, Array], theta: Array, optimizer_state: OptimizerState
) -> TrainState:
    """Return the training state that `to_arrays` has turned into arrays.

    Parameters
    ----------
    arrays : dict of str to array
        Read from a file: names, shapes, types and values are checked.
    theta : array, shape (K, P)
        Has the expected shape and type.
    optimizer_state : dict of str to array, shape (K, ...)
        Has the expected names, shapes and types.

    Returns
    -------
    TrainState

    Raises
    ------
    ValueError
        If an array is missing, has another shape or type, or holds impossible numbers.
    """
    k = len(theta)

    def array(name: str, shape: tuple[int, ...], dtype: object, finite: bool = True) -> Array:
        found = arrays.get(name)
        if found is None or found.shape != shape or found.dtype != dtype:
            raise ValueError(f"a checkpoint whose {name} is missing or of another kind")
        if finite and not np.isfinite(found).all():
            raise ValueError(f"a checkpoint whose {name} is not finite")
        return found

    def column(group: str, name: str) -> Array:
        return array(f"{group}.{name}", (k,), TYPES.get(name, np.float64), finite=False)

    columns = {field.name: column("progress", field.name) for field in fields(NetworkProgress)}
    best_values = column("milestones", "best_values")
    lowest_losses = column("milestones", "lowest_losses")
    rate, clock = columns["rate"], array("clock", (2,), np.float64)
    counts = columns["stale"], columns["blow_ups"]
    if not (np.isfinite(rate).all() and (rate > 0).all() and all((c >= 0).all() for c in counts)):
        raise ValueError("a checkpoint with impossible rates or counts")
    if np.isnan(best_values).any() or np.isnan(lowest_losses).any():
        raise ValueError("a checkpoint whose losses are no numbers")
    if (clock < 0).any() or clock[0] > MOST_EPOCHS or clock[0] != int(clock[0]):
        raise ValueError(f"a checkpoint after {clock[0]} epochs")
    numbers = [theta, *optimizer_state.values()]
    return TrainState(
        theta=array("theta", theta.shape, theta.dtype),
        optimizer_state={
            name: array(f"optimizer_state.{name}", a.shape, a.dtype)
            for name, a in optimizer_state.items()
        },
        seeds=array("seeds", (k,), np.uint32),
        progress=[
            NetworkProgress(**{name: values[i].item() for name, values in columns.items()})
            for i in range(k)
        ],
        milestones=Milestones(
            best_values=best_values,
            best=array("milestones.best", theta.shape, theta.dtype),
            lowest_losses=lowest_losses,
            restart=[
                array(f"milestones.restart.{i}", a.shape, a.dtype) for i, a in enumerate(numbers)
            ],
        ),
        epoch=int(clock[0]),
        seconds=float(clock[1]),
    )
