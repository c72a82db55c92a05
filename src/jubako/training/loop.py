"""The loop: epochs, early stopping, rollback. It never looks inside a network."""

import time
from typing import NamedTuple

import numpy as np

from jubako.core.activations import Array

from .config import TrainConfig
from .engines.base import Engine, EpochOutputs, Problem, Rows, row_counts
from .history import Observer, Outcome, Reason, Record, records_of
from .state import TrainState
from .validation import Validator

LOWEST_RATE = 1e-6  # where `adaptive` gives up
MOST_BLOW_UPS = 3  # rollbacks without improvement after which training stops


def train(
    problem: Problem,
    state: TrainState,
    config: TrainConfig,
    engine: Engine,
    validation: Validator | None = None,
    observe: Observer | None = None,
    epochs: int | None = None,
    rows: Rows = None,
) -> Outcome:
    """Train K networks side by side for `epochs` (default `config.epochs`), or until all stop.

    Each network learns from its own `rows`, default all, in an order of its own, and stops by its
    own losses. It ends with the weights that it would have had alone.

    A network whose loss or weights stop being finite goes back to its best weights and goes on at
    half the rate. When that has happened to one of them `MOST_BLOW_UPS` times before it was better
    than ever, training ends as "diverged". Ctrl-C ends it with the last whole epoch.

    Wherever it ends, the state is as it was after the last whole epoch, so that training can go
    on from there, with the same bits as if it had not been ended.

    Where there is neither an observer nor validation, the engine may run several short epochs at
    once. They are judged all the same: those after one that changes what follows it, because a
    network stops or goes back, count as never run. Ctrl-C then loses all of them.
    """
    if rows is not None and not all(map(len, rows)):
        raise ValueError("A network without rows can't learn.")
    by_score = validation is not None and validation.stops
    end = state.epoch + (config.epochs if epochs is None else epochs)
    at_once = 1 if validation or observe else engine.epochs_at_once(problem, state)
    records = list[Record]()
    start = time.perf_counter() - state.seconds
    reason = reason_to_end(state)
    saved = state.copy()  # as of the last whole epoch
    try:
        while reason is None and state.epoch < end:
            lrs = learning_rates(problem, state, config, min(at_once, end - state.epoch), rows)
            outputs, measured = run_epochs(problem, state, config, engine, validation, lrs, rows)
            values = measured[1][None] if measured and by_score else -outputs.losses
            verdict = judge(state, values, outputs.finite(), config)
            seconds = time.perf_counter() - start
            records += records_of(
                problem.net, state, outputs, lrs, verdict.finite, measured, seconds
            )
            message = advance(state, saved, outputs, verdict, config, by_score)
            records[-1] = records[-1]._replace(message=message)
            state.seconds = seconds
            saved = state.copy()
            reason = reason_to_end(state)
            if reason != "diverged" and observe and observe(records[-1]) is True:
                reason = "callback"
    except KeyboardInterrupt:
        state.go_back(saved)
        reason = "interrupted"
    if reason == "diverged":
        state.set_numbers(state.milestones.restart)
    records = [record for record in records if record.epoch <= state.epoch]
    return Outcome(records, reason or "epochs", state.result(by_score))


def reason_to_end(state: TrainState) -> Reason | None:
    """Return why training ends now, if it does."""
    if any(network.blow_ups == MOST_BLOW_UPS for network in state.progress):
        return "diverged"
    return None if any(state.learning) else "converged"


def learning_rates(
    problem: Problem, state: TrainState, config: TrainConfig, n_epochs: int, rows: Rows
) -> Array:
    """Return the learning rate of each step of the next E epochs, shape (E, n_steps, K)."""
    counts = row_counts(rows, len(state.progress), len(problem.y)).tolist()
    if config.schedule == config.learning_rate == "constant" and not config.warm_up:
        epochs = [state.epoch] * n_epochs  # all alike
    else:
        epochs = [state.epoch + e for e in range(n_epochs)]
    n_steps = -(-max(counts) // config.batch_size)
    factors = {
        n: np.stack([pad(config.factors(epoch, n), n_steps) for epoch in epochs])
        for n in set(counts)
    }
    lrs = [factors[n] * net.rate for n, net in zip(counts, state.progress, strict=True)]
    return np.stack(lrs, -1).astype(state.theta.dtype)


def pad(values: Array, n: int) -> Array:
    """Repeat the last value until there are n."""
    return np.concatenate([values, np.repeat(values[-1:], n - len(values))])


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def run_epochs(
    problem: Problem,
    state: TrainState,
    config: TrainConfig,
    engine: Engine,
    validation: Validator | None,
    lrs: Array,
    rows: Rows,
) -> tuple[EpochOutputs, tuple[Array, Array] | None]:
    """Run E epochs, one for each entry of lrs (E, n_steps, K), and measure the validation rows.

    Returns
    -------
    outputs : EpochOutputs
    measured : tuple of arrays, shape (K,), or None
        Validation loss and score; None without validation.
    """
    outputs = engine.run_epochs(
        problem, config.update, state, rows, config.batch_size, lrs, config.shuffle
    )
    measured = validation.measure(engine, problem.net, state.theta) if validation else None
    return outputs, measured


class Verdict(NamedTuple):
    """What E epochs of K networks are worth, as if one came after the other.

    Parameters
    ----------
    n_epochs : int
        How many of the epochs count: up to the first in which a network blows up or stops.
    finite : array of bool, shape (n_epochs, K)
        In which of these each network had a finite loss and weights.
    bests : array, shape (E + 1, K)
        The highest value before each epoch, and after the last.
    stales : array of int, shape (E + 1, K)
        How many epochs in a row have not been better than before by `tol`, likewise.
    """

    n_epochs: int
    finite: Array
    bests: Array
    stales: Array


@np.errstate(over="ignore", invalid="ignore")
def judge(state: TrainState, values: Array, finite: Array, config: TrainConfig) -> Verdict:
    """Judge E epochs of K networks.

    Parameters
    ----------
    values : array, shape (E, K)
        Higher is better: the validation score, or minus the training loss.
    finite : array of bool, shape (E, K)
        Which networks came through each epoch.
    """
    n_epochs = len(values)
    bests = np.concatenate([state.milestones.best_values[None], values])
    bests = np.maximum.accumulate(bests)
    number = np.arange(n_epochs + 1)[:, None]
    better = np.zeros(bests.shape, int)
    better[1:] = np.where(values < bests[:-1] + config.tol, 0, number[1:])
    last = np.maximum.accumulate(better)  # the epoch that was better last; 0: none of these
    stale = [network.stale for network in state.progress]
    stales = number - last + np.where(last, 0, stale)
    stops = (stales[1:] > config.patience) & state.learning
    turns = (~finite | stops).any(1)
    n = int(turns.argmax()) + 1 if turns.any() else n_epochs
    return Verdict(n, finite[:n], bests, stales)


def advance(
    state: TrainState,
    saved: TrainState,
    outputs: EpochOutputs,
    verdict: Verdict,
    config: TrainConfig,
    by_score: bool,
) -> str:
    """Bring a state to the end of the epochs that count; return what the user should know.

    Parameters
    ----------
    saved : TrainState
        The state before these epochs.
    """
    n, finite = verdict.n_epochs, verdict.finite
    if n < len(outputs.losses):
        state.set_numbers([array[n - 1] for array in outputs.numbers])
    losses = np.where(finite, outputs.losses[:n], np.inf)
    improved = state.milestones.note_losses(losses, saved.numbers(), outputs.numbers)
    for k in np.flatnonzero(improved):
        state.progress[k].blow_ups = 0
    state.epoch += n
    learning = state.learning
    message = "" if finite[-1].all() else recover(state, ~finite[-1])
    update_progress(state, learning, verdict, config, by_score)
    return message


def recover(state: TrainState, blown_up: Array) -> str:
    """Roll back the networks that have blown up, and halve the rate of those still learning.

    Returns what the user should know.
    """
    state.roll_back(blown_up)
    message = ""
    for k in np.flatnonzero(blown_up & state.learning):
        network = state.progress[k]
        network.blow_ups += 1
        network.rate /= 2
        message = (
            f"The loss stopped being finite in epoch {state.epoch}: went back to the "
            f"best weights so far and halved the learning rate to {network.rate:.3g}."
        )
    return message


def update_progress(
    state: TrainState, learning: Array, verdict: Verdict, config: TrainConfig, by_score: bool
) -> None:
    """Update the progress of the networks that are learning, and their best values and weights.

    Those that have not improved for longer than `config.patience` stop.
    """
    networks, n = np.arange(len(learning)), verdict.n_epochs
    last = np.where(verdict.finite[-1], n, n - 1)  # the last epoch that each came through
    best_values = verdict.bests[last, networks]
    milestones = state.milestones
    keeps = learning & by_score & (best_values > milestones.best_values)
    milestones.best_values = np.where(learning, best_values, milestones.best_values)
    for k in np.flatnonzero(learning):
        network = state.progress[k]
        network.stale = int(verdict.stales[last[k], k])
        if network.stale > config.patience:
            if config.learning_rate == "adaptive" and network.rate > LOWEST_RATE:
                network.rate /= 5
                network.stale = 0
            else:
                network.learning = False
                keeps[k] |= not by_score
    milestones.keep(keeps, state.theta)
