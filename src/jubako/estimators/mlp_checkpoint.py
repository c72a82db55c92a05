"""The start and end states of the training of a multilayer perceptron."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network
from jubako.training.checkpoint import from_arrays, to_arrays
from jubako.training.history import Outcome
from jubako.training.loop import MOST_BLOW_UPS
from jubako.training.optimizers import Update
from jubako.training.state import TrainState

from .mlp_parameters import update_of

FREE = "callbacks", "random_state", "run_dir", "verbose", "warm_start"  # parameters that may differ
PREFIX = "checkpoint."  # of the names of its arrays in a file


@dataclass
class Checkpoint:
    """The end of a training, from which it can be resumed.

    Parameters
    ----------
    state : TrainState
    kind : {"finished", "stopped", "partial_fit"}
        Whether `fit` was complete, was stopped early by Ctrl-C or a callback, or whether this was a
        call of `partial_fit`.
    settings : dict
        The parameters that affect the result: a stopped fit is only resumed with the same.
    n_rows : int
        Number of rows, including validation rows.
    split_seed : int or None
        Seed of the split into training and validation rows.
    """

    state: TrainState
    kind: Literal["finished", "stopped", "partial_fit"]
    settings: dict[str, str]
    n_rows: int
    split_seed: int | None

    @classmethod
    def of(
        cls,
        outcome: Outcome,
        state: TrainState,
        settings: dict[str, str],
        n_rows: int,
        split_seed: int | None,
        *,
        once: bool,
    ) -> "Checkpoint":
        """Return where training has ended: after `partial_fit` if `once`, or else after `fit`."""
        if once:
            return cls(state, "partial_fit", settings, n_rows, split_seed)
        if outcome.reason in ("callback", "interrupted"):
            return cls(state, "stopped", settings, n_rows, split_seed)
        # `partial_fit` may go on from the result: no need for more copies
        theta = outcome.theta
        restart = [theta, *state.optimizer_state.values()]
        milestones = replace(state.milestones, best=theta, restart=restart)
        state = replace(state, theta=theta, milestones=milestones)
        return cls(state, "finished", settings, n_rows, split_seed)

    def fits(self, settings: dict[str, str], n_rows: int, theta: Array, by_score: bool) -> bool:
        """Return whether a stopped fit is resumed from here.

        This requires that no parameter, the number of rows, and none of the weights has changed.
        """
        return (
            self.kind == "stopped"
            and self.n_rows == n_rows
            and self.settings == settings
            and np.array_equal(theta, self.state.result(by_score))
        )


def settings_of(estimator: Any) -> dict[str, str]:
    """Return the parameters that affect the result, after the seeds are drawn."""
    params = estimator.get_params(deep=False).items()
    return {name: repr(value) for name, value in params if name not in FREE}


def new_state(estimator: Any, net: Network, random: Any, dtype: Any) -> TrainState:
    """Return the initial state of the training of a new network."""
    seeds = random.randint(2**31 - 1, size=estimator.n_networks).tolist()
    steps = [estimator.training_step(seed) for seed in seeds]
    theta = np.stack([step.initial_theta(net) for step in steps]).astype(dtype)
    update = update_of(estimator)
    optimizer_state = {} if update is None else update.optimizer.init(theta)
    return TrainState.start(theta, optimizer_state, seeds, estimator.learning_rate_init)


def next_state(estimator: Any, last: Checkpoint | None, random: Any, *, once: bool) -> TrainState:
    """Return the state to continue from: the end of the last training, or the last weights."""
    update = update_of(estimator)
    if not once or last is None or update is None:
        seeds = random.randint(2**31 - 1, size=estimator.n_networks).tolist()
        theta = estimator.theta_.copy()
        optimizer_state = {} if update is None else update.optimizer.init(theta)
        return TrainState.start(theta, optimizer_state, seeds, estimator.learning_rate_init)
    state = last.state.copy()
    if not np.array_equal(state.theta, estimator.theta_):  # set by hand, or of a best epoch
        state.theta[...] = estimator.theta_
        state.milestones.restart = [a.copy() for a in state.numbers()]
    for network in state.progress:  # an epoch is always possible
        network.learning = True
        if network.blow_ups == MOST_BLOW_UPS:
            network.blow_ups = 0
    optimizer_state = update.optimizer.init(state.theta)
    if optimizer_state.keys() != state.optimizer_state.keys():  # of another solver
        state = TrainState.start(
            state.theta, optimizer_state, state.seeds.tolist(), estimator.learning_rate_init
        )
        state.epoch = last.state.epoch
    return state


def describe_checkpoint(last: Checkpoint | None) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the data for resuming a stopped fit; empty if the fit was complete."""
    if last is None or last.kind != "stopped":
        return {}, {}
    words = {"n_rows": last.n_rows, "split_seed": last.split_seed}
    arrays = to_arrays(last.state)
    return {"checkpoint": words}, {f"{PREFIX}{name}": arrays[name] for name in arrays}


def restore_checkpoint(
    words: dict[str, Any],
    arrays: dict[str, Array],
    theta: Array,
    update: Update | None,
    settings: dict[str, str],
) -> Checkpoint | None:
    """Restore the result of `describe_checkpoint`, for networks with the weights theta (K, P).

    Raises
    ------
    ValueError
        If it does not fit these networks.
    """
    given = words.get("checkpoint")
    if given is None:
        return None
    n_rows, split_seed = given["n_rows"], given["split_seed"]
    if type(n_rows) is not int or n_rows < 1:
        raise ValueError(f"a checkpoint of {n_rows!r} rows")
    if split_seed is not None and not (type(split_seed) is int and 0 <= split_seed < 2**31):
        raise ValueError(f"a checkpoint with the seed {split_seed!r}")
    if update is None:
        raise ValueError("a checkpoint of L-BFGS, which has no epochs")
    own = {k.removeprefix(PREFIX): a for k, a in arrays.items() if k.startswith(PREFIX)}
    state = from_arrays(own, theta, update.optimizer.init(theta))
    return Checkpoint(state, "stopped", settings, n_rows, split_seed)
