"""The training loop: epochs, early stopping, rollback."""

import time
from typing import NamedTuple

import numpy as np

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .config import TrainConfig
from .engines.base import Engine, EpochOutputs, Problem, Rows, row_counts
from .history import Observer, Outcome, Reason, Record, records_of
from .state import TrainState
from .validation import Validator

LOWEST_RATE = 1e-6  # minimum learning rate of `adaptive`
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
    """Train K networks side by side for `epochs`, or until all have stopped.

    Each network is trained on its own rows, in its own order, and stops by its own losses. The
    result is the same as if it had been trained alone.

    A network whose loss or weights are no longer finite is rolled back to its best weights, and
    continues with half the learning rate. If this happens `MOST_BLOW_UPS` times to a network
    without a new lowest training loss between, training ends as "diverged". Ctrl-C ends it after
    the last whole epoch.

    The state always ends as of the last whole epoch, so that training can be resumed from it bit
    for bit.

    Without observer and validation, the engine may run several short epochs at once. The epochs
    after one in which a network stops or is rolled back are discarded, so the result is the same.
    Ctrl-C then discards the whole call.

    Parameters
    ----------
    problem : Problem
    state : TrainState
        Of K networks; updated in place.
    config : TrainConfig
    engine : Engine
    validation : Validator or None
    observe : callable or None
        Called with the `Record` of each epoch; training stops if it returns True.
    epochs : int or None
        Number of epochs; default `config.epochs`.
    rows : list of K arrays of int, or None
        The rows that each network is trained on; default all.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        If a network has no rows.
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
            is_as_run = verdict.finite[-1].all()  # not rolled back
            saved = state.copy(outputs.numbers_after(verdict.n_epochs) if is_as_run else None)
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
    """Return why training ends in this state, or None to continue.

    Parameters
    ----------
    state : TrainState

    Returns
    -------
    "diverged", "converged" or None
    """
    if any(network.blow_ups == MOST_BLOW_UPS for network in state.progress):
        return "diverged"
    return None if any(state.learning) else "converged"


def learning_rates(
    problem: Problem, state: TrainState, config: TrainConfig, n_epochs: int, rows: Rows
) -> Array:
    """Return the learning rate of each step of the next E epochs.

    Parameters
    ----------
    problem : Problem
    state : TrainState
    config : TrainConfig
    n_epochs : int
        E.
    rows : list of K arrays of int, or None

    Returns
    -------
    array, shape (E, n_steps, K)
        In the precision of theta.
    """
    counts = row_counts(rows, len(state.progress), len(problem.y)).tolist()
    if config.schedule == config.learning_rate == "constant" and not config.warm_up:
        epochs = [state.epoch]  # all alike
    else:
        epochs = [state.epoch + e for e in range(n_epochs)]
    n_steps = -(-max(counts) // config.batch_size)
    factors = {
        n: np.stack([pad(config.factors(epoch, n), n_steps) for epoch in epochs])
        for n in set(counts)
    }
    lrs = [factors[n] * net.rate for n, net in zip(counts, state.progress, strict=True)]
    rates = np.stack(lrs, -1).astype(state.theta.dtype)
    return np.broadcast_to(rates, (n_epochs, *rates.shape[1:]))


def pad(values: Array, n: int) -> Array:
    """Repeat the last value up to length n."""
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
    """Run E epochs, and measure the validation rows.

    Parameters
    ----------
    problem : Problem
    state : TrainState
        Updated in place.
    config : TrainConfig
    engine : Engine
    validation : Validator or None
    lrs : array, shape (E, n_steps, K)
    rows : list of K arrays of int, or None

    Returns
    -------
    outputs : EpochOutputs
    measured : pair of arrays, shape (K,), or None
        Validation loss and score; None without validation.
    """
    outputs = engine.run_epochs(
        problem, config.update, state, rows, config.batch_size, lrs, config.shuffle
    )
    measured = validation.measure(engine, problem.net, state.theta) if validation else None
    return outputs, measured


class Verdict(NamedTuple):
    """Which of E epochs of K networks count, and how they compare with the best.

    Parameters
    ----------
    n_epochs : int
        Number of epochs that count: up to the first in which a network diverges or stops.
    finite : array of bool, shape (n_epochs, K)
        Which networks had a finite loss and weights in each of them.
    bests : array, shape (E + 1, K)
        Highest value before each epoch, and after the last.
    stales : array of int, shape (E + 1, K)
        Number of epochs in a row without an improvement by `tol`, likewise.
    """

    n_epochs: int
    finite: Array
    bests: Array
    stales: Array


@np.errstate(over="ignore", invalid="ignore")
def judge(state: TrainState, values: Array, finite: Array, config: TrainConfig) -> Verdict:
    """Compare E epochs of K networks with the best before.

    Parameters
    ----------
    state : TrainState
    values : array, shape (E, K)
        Higher is better: the validation score, or minus the training loss.
    finite : array of bool, shape (E, K)
        Which networks had a finite loss and weights in each epoch.
    config : TrainConfig

    Returns
    -------
    Verdict
    """
    n_epochs = len(values)
    bests = np.concatenate([state.milestones.best_values[None], values])
    bests = np.maximum.accumulate(bests)
    number = np.arange(n_epochs + 1)[:, None]
    better = np.zeros(bests.shape, int)
    better[1:] = np.where(values < bests[:-1] + config.tol, 0, number[1:])
    last = np.maximum.accumulate(better)  # the last epoch with an improvement; 0 for none
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
    """Set a state to the end of the epochs that count.

    Parameters
    ----------
    state : TrainState
        Updated in place.
    saved : TrainState
        The state before these epochs.
    outputs : EpochOutputs
    verdict : Verdict
    config : TrainConfig
    by_score : bool
        Whether the validation score decides when to stop.

    Returns
    -------
    str
        A message for the user, or "".
    """
    n, finite = verdict.n_epochs, verdict.finite
    if n < len(outputs.losses):
        state.set_numbers(outputs.numbers_after(n))
    losses = np.where(finite, outputs.losses[:n], np.inf)
    improved = state.milestones.note_losses(losses, saved.numbers(), outputs.numbers)
    for k in np.flatnonzero(improved):
        state.progress[k].blow_ups = 0
    state.epoch += n
    learning = state.learning
    message = "" if finite[-1].all() else recover(state, ~finite[-1])
    update_progress(state, learning, verdict, config, by_score)
    return message


def recover(state: TrainState, diverged: Array) -> str:
    """Roll back the networks that have diverged, and halve the rate of those still training.

    Parameters
    ----------
    state : TrainState
        Updated in place.
    diverged : array of bool, shape (K,)

    Returns
    -------
    str
        A message for the user.
    """
    state.roll_back(diverged)
    message = ""
    for k in np.flatnonzero(diverged & state.learning):
        network = state.progress[k]
        network.blow_ups += 1
        network.rate /= 2
        message = Message(
            "The loss stopped being finite in epoch {epoch}: went back to the best weights so "
            "far and halved the learning rate to {rate:.3g}.",
            epoch=state.epoch,
            rate=network.rate,
        )
    return message


def update_progress(
    state: TrainState, learning: Array, verdict: Verdict, config: TrainConfig, by_score: bool
) -> None:
    """Update the progress, best values and best weights of the networks that were training.

    Networks without an improvement for longer than `config.patience` stop.

    Parameters
    ----------
    state : TrainState
        Updated in place.
    learning : array of bool, shape (K,)
        Which networks were training before these epochs.
    verdict : Verdict
    config : TrainConfig
    by_score : bool
        Whether the validation score decides when to stop.
    """
    networks, n = np.arange(len(learning)), verdict.n_epochs
    last = np.where(verdict.finite[-1], n, n - 1)  # the last epoch with finite values
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
