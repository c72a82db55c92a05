"""Cross-validation: train a candidate on all folds, and predict the rows that were held out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, Loss
from jubako.core.network import Network
from jubako.model.candidate import Candidate
from jubako.model.fitted_network import FittedNetwork
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Engine, Problem
from jubako.training.history import Reason, Record
from jubako.training.loop import train
from jubako.training.state import TrainState

from .encoded import EncodedRows

ROW_STEPS = 8_000 * 64  # rows seen by a network in all its epochs, for tables of thousands of rows
CELL_STEPS = 5 * 10**7  # numbers seen by a network in all its epochs, at the most
EPOCHS = 12, 64  # but never fewer and never more passes than these
CYCLE_ENDS = 1 / 15, 3 / 15, 7 / 15, 1.0  # shares of a run after which the learning rate is 0
HOPELESS = 1.5, 1.1  # times the first candidate's `lows`, above which another is given up


@dataclass(frozen=True)
class CrossValResult:
    """The fitted networks of a candidate, with what only the search needs to know of them.

    Parameters
    ----------
    fitted : FittedNetwork
    oof_prediction : array, shape (n_judged, n_out)
        Predictions of `EncodedRows.judged`, each by the networks that did not train on the row.
    lows : pair of float
        The lowest loss of an epoch up to the second of the `CYCLE_ENDS`, and up to the third.
    planned_epochs : int
        The number of epochs after which the learning rate would be 0.
    reason : str
        Why training ended.
    history : list of Record
        The epochs of training.
    """

    fitted: FittedNetwork
    oof_prediction: Array
    lows: tuple[float, float]
    planned_epochs: int
    reason: Reason
    history: list[Record] = field(default_factory=list)

    @property
    def candidate(self) -> Candidate:
        """The candidate that was trained."""
        assert self.fitted.candidate is not None
        return self.fitted.candidate


class HeldOut:
    """Validates each network on its own fold; keeps the parameters of some epochs."""

    stops = True

    def __init__(self, problem: Problem, held: list[Array], loss: Loss, keep: set[int]) -> None:
        self.parts = [problem.only(judged) for judged in held]
        self.loss, self.keep = loss, keep
        self.lowest = np.full(len(held), np.inf)
        self.best = np.zeros(len(held), int)  # epoch of the lowest loss
        self.epoch = 0
        self.kept = dict[int, tuple[Array, float]]()  # epoch -> parameters, mean loss

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return each network's loss, and minus that as its score, shape (K,)."""
        loss = np.empty(len(theta))
        for k, part in enumerate(self.parts):
            values = self.loss.value(engine.predict(net, theta[k], part.x), part.y)
            loss[k] = (values * part.w).sum(dtype=np.float64) / part.w.sum(dtype=np.float64)
        self.epoch += 1
        better = loss < self.lowest
        self.lowest[better], self.best[better] = loss[better], self.epoch
        if self.epoch in self.keep and np.isfinite(loss).all():
            self.kept[self.epoch] = theta.copy(), float(loss.mean())
        return loss, np.where(np.isfinite(loss), -loss, -np.inf)


def epochs_for(n_rows: int, n_in: int = 1) -> int:
    """Return the number of epochs of a network, given the shape of its training data."""
    return int(np.clip(min(ROW_STEPS, CELL_STEPS / n_in) / n_rows, *EPOCHS))


def cycle_ends(epochs: int) -> list[int]:
    """Return the epochs after which the learning rate is 0."""
    return [max(1, round(share * epochs)) for share in CYCLE_ENDS]


def epochs_after(first: CrossValResult) -> int:
    """Return the number of epochs of the candidates after the first.

    The learning rate falls to 0 at 1/15, 3/15, 7/15 and 15/15 of a run. Where the first candidate
    was best at the end it could have gone on, and where it was best early it has overfitted.
    """
    planned = first.planned_epochs
    place = first.fitted.best_epoch / planned
    for most, factor in ((1.5 / 15, 1 / 4), (5 / 15, 1 / 2), (11 / 15, 1)):
        if place <= most:
            return max(min(planned, EPOCHS[0]), round(planned * factor))
    return planned * 3 // 2


def loss_limits_after(first: CrossValResult) -> tuple[float, float]:
    """Return the losses above which a later candidate is given up, at two of the `CYCLE_ENDS`.

    They depend on the first candidate only, so that the result is the same for any number of
    workers.
    """
    second, third = (factor * low for factor, low in zip(HOPELESS, first.lows, strict=True))
    if epochs_after(first) < first.planned_epochs:  # too early to compare
        second = np.inf
    return second, third


def rows_in_a_step(n_rows: int) -> int:
    """Return the batch size for a number of training rows."""
    for most, size in ((500, 32), (1000, 64), (4000, 128), (60_000, 256)):
        if n_rows <= most:
            return min(size, n_rows)
    return 512


def cross_validate(
    candidate: Candidate,
    rows: EncodedRows,
    engine: Engine,
    epochs: int,
    loss_limits: tuple[float, float] = (np.inf, np.inf),
    observe: Callable[[Record], object] | None = None,
) -> list[CrossValResult]:
    """Train the networks of a candidate on all folds at once.

    Each network learns from the rows that are not in its fold. The first of the results has the
    parameters of each network's best epoch on its fold; the others are snapshots at the
    `CYCLE_ENDS` but the first, where the learning rate is 0. Training ends early at the second or
    third of these if the lowest loss so far is above `loss_limits`, and at the third if that loss
    was reached before the second: the networks overfit.
    """
    began = time.perf_counter()
    _, second_end, third_end, last = cycle_ends(epochs)
    losses = np.full(epochs + 1, np.inf)

    def lows() -> tuple[float, float]:
        return float(losses[: second_end + 1].min()), float(losses[: third_end + 1].min())

    def watch(record: Record) -> bool:
        losses[record.epoch] = np.inf if record.val_loss is None else record.val_loss
        by_second, by_third = lows()
        hopeless = record.epoch == second_end and by_second > loss_limits[0]
        hopeless |= record.epoch == third_end and by_third > loss_limits[1]
        overfits = record.epoch == third_end > second_end and by_third == by_second
        return (observe is not None and observe(record) is True) or hopeless or overfits

    state, problem, config = prepare(candidate, rows, epochs)
    held_out = HeldOut(problem, rows.held, rows.loss, {second_end, third_end, last})
    trainer = rows.engine(engine, candidate.quantiles)
    outcome = train(problem, state, config, trainer, held_out, watch, rows=rows.learned())

    def result(theta: Array, loss: float, epoch: int) -> CrossValResult:
        fitted = FittedNetwork(
            problem.net,
            theta,
            candidate.training_step(problem.net.loss),
            candidate,
            loss=loss,
            epochs=len(outcome.records),
            best_epoch=epoch,
            seconds=time.perf_counter() - began,
        )
        prediction = predict_held_out(engine, problem.net, theta, rows, held_out.parts)
        history, reason = outcome.records, outcome.reason
        return CrossValResult(fitted, prediction, lows(), epochs, reason, history)

    best_epoch = round(float(held_out.best.mean()))
    return [
        result(outcome.theta, float(held_out.lowest.mean()), best_epoch),
        *(result(theta, loss, epoch) for epoch, (theta, loss) in held_out.kept.items()),
    ]


def predict_held_out(
    engine: Engine, net: Network, theta: Array, rows: EncodedRows, parts: list[Problem]
) -> Array:
    """Return out-of-fold predictions (n_judged, n_out), the mean where a row is in several folds.

    Parameters
    ----------
    theta : array, shape (K, P)
    parts : list of K problems
        The rows of each network's fold.
    """
    total, count = np.zeros((len(rows.y), len(rows.start))), np.zeros((len(rows.y), 1))
    for k, (fold, part) in enumerate(zip(rows.held, parts, strict=True)):
        total[fold] += rows.loss.mean(engine.predict(net, theta[k], part.x))
        count[fold] += 1
    judged = rows.judged
    return total[judged] / count[judged]


def prepare(
    candidate: Candidate, rows: EncodedRows, epochs: int
) -> tuple[TrainState, Problem, TrainConfig]:
    """Initialize the networks of a candidate, one for each fold, and configure their training."""
    x, loss, n_networks = rows.view(candidate.quantiles), rows.loss, len(rows.held)
    if isinstance(loss, CrossEntropy):
        loss = CrossEntropy(candidate.label_smoothing)
    net = candidate.network(x.shape[1], rows.n_numbers, rows.levels, len(rows.start), loss)
    theta = np.stack([start(net, rows.start, [rows.seed, k]) for k in range(n_networks)])
    update = candidate.update()
    batch_size = rows_in_a_step(rows.n_learned)
    config = TrainConfig(update, epochs, batch_size, schedule="coslog4", tol=0, patience=np.inf)
    seeds = np.random.default_rng(rows.seed).integers(2**31, size=n_networks).tolist()
    state = TrainState.start(
        theta, update.optimizer.init(theta), seeds, candidate.learning_rate(loss)
    )
    return state, Problem(net, x, rows.y, rows.w), config


def start(net: Network, means: Array, seed: Any) -> Array:
    """Return initial parameters (P,), with which the output is `means` for every row."""
    theta = net.init("lecun", np.random.default_rng(seed))
    last = net.views(theta)[-1]
    last["w"][...], last["b"][...] = 0, means
    return theta.astype(np.float32)
