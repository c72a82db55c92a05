"""The pack: members trained on folds, each network judged on the rows that it has not seen."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.training.engine import Engine, Learner, Problem
from jubako.training.loop import Plan, Reason, Record, train
from jubako.training.optimizers import Adam, Update

from .folds import learned
from .members import Member

ROW_STEPS = 8_000 * 64  # rows seen by a network in all its epochs, for tables of thousands of rows
EPOCHS = 12, 64  # but never fewer and never more passes than these
PROBE = 2048  # rows by which the cost of an epoch is measured
RATES = {"class": 0.04, "real": 0.07}  # learning rates, by what the loss is for


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows to learn from, as numbers.

    Parameters
    ----------
    view : callable
        From `Member.ranks` to x of shape (N, n_in), float32, numbers first.
    n_numbers : int
        How many of the columns of x are numbers.
    levels : tuple of int
        How many levels the categories have, whose codes are the last columns of x.
    y, w : arrays, shapes (N, n_y) and (N,), float32
        Targets, as the loss takes them, and weights.
    loss : Loss
    start : array, shape (n_out,)
        What the output layer says before training: the mean, or the logarithm of shares.
    held : list of arrays
        The rows that each network is judged on.
    seed : int
    """

    view: Callable[[bool], Array]
    n_numbers: int
    levels: tuple[int, ...]
    y: Array
    w: Array
    loss: Loss
    start: Array
    held: list[Array]
    seed: int

    @property
    def judged(self) -> Array:
        """The rows that some network is judged on, in order."""
        return np.unique(np.concatenate(self.held))


@dataclass(slots=True)
class Trained:
    """A member that has learned: one network for each fold.

    Parameters
    ----------
    member : Member
    net : Network
    theta : array, shape (K, P)
        Each network's weights, of the epoch that was best on its held out rows.
    guess : array, shape (n_judged, n_out)
        Predictions of `Rows.judged`, made by networks that have not seen them.
    loss, early : float
        Mean loss on the held out rows: the lowest, and after `trial_of` the epochs.
    epochs, best : int
        How many there were, and which was best, on average over the networks.
    seconds : float
    reason : str
        Why training ended.
    """

    member: Member
    net: Network
    theta: Array
    guess: Array
    loss: float
    early: float
    epochs: int
    best: int
    seconds: float
    reason: Reason

    def predict(self, engine: Engine, x: Array) -> Array:
        """Return the mean prediction of its networks, shape (N, n_out)."""
        return self.net.loss.mean(engine.predict(self.net, self.theta, x)).mean(0)


class HeldOut:
    """Judges each network by its loss on rows of its own."""

    stops = True

    def __init__(self, problem: Problem, held: list[Array]) -> None:
        self.parts = [problem.only(judged) for judged in held]
        self.lowest = np.full(len(held), np.inf)
        self.best = np.zeros(len(held), int)  # epoch of the lowest loss
        self.epoch = 0

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return each network's loss, and minus that as its score, shape (K,)."""
        loss = np.empty(len(theta))
        for k, part in enumerate(self.parts):
            values = net.loss.value(engine.predict(net, theta[k], part.x), part.y)
            loss[k] = (values * part.w).sum(dtype=np.float64) / part.w.sum(dtype=np.float64)
        self.epoch += 1
        better = loss < self.lowest
        self.lowest[better], self.best[better] = loss[better], self.epoch
        return loss, np.where(np.isfinite(loss), -loss, -np.inf)


def epochs_for(n_rows: int) -> int:
    """Return how many passes over so many rows a network makes."""
    return int(np.clip(ROW_STEPS / n_rows, *EPOCHS))


def trial_of(epochs: int) -> int:
    """Return after which epoch to ask whether a member is worth its time: the rate is near 0."""
    return max(1, round(0.2 * epochs))


def epochs_after(first: Trained) -> int:
    """Return how many epochs the members after the first make.

    The rate falls to 0 at 1/15, 3/15, 7/15 and 15/15 of a run. Where the first member was best at
    the end it could have gone on, and where it was best early it has learned the rows by heart.
    """
    place = first.best / first.epochs
    for most, factor in ((1.5 / 15, 1 / 4), (5 / 15, 1 / 2), (11 / 15, 1)):
        if place <= most:
            return max(min(first.epochs, EPOCHS[0]), round(first.epochs * factor))
    return 2 * first.epochs


def rows_in_a_step(n_rows: int) -> int:
    """Return the batch size for so many rows."""
    for most, size in ((500, 32), (1000, 64), (4000, 128), (60_000, 256)):
        if n_rows <= most:
            return min(size, n_rows)
    return 512


def fit_member(
    member: Member,
    rows: Rows,
    engine: Engine,
    epochs: int,
    most: float = np.inf,
    observe: Callable[[Record], object] | None = None,
) -> Trained:
    """Train a member on all folds at once.

    Each network learns from the rows that it is not judged on, and ends with the weights of the
    epoch that was best on those that it is. If its loss after `trial_of` the epochs is more than
    `most`, it is given up.
    """
    began = time.perf_counter()

    def watch(record: Record) -> bool:
        hopeless = record.epoch == trial_of(epochs) and (record.val_loss or 0) > most
        return (observe is not None and observe(record) is True) or hopeless

    x, loss, n_networks = rows.view(member.ranks), rows.loss, len(rows.held)
    net = member.network(x.shape[1], rows.n_numbers, rows.levels, len(rows.start), loss)
    theta = np.stack([start(net, rows.start, [rows.seed, k]) for k in range(n_networks)])
    own = learned(len(x), rows.held, rows.seed)
    update = update_of(member)
    batch_size = rows_in_a_step(own.shape[1])
    plan = Plan(update, epochs, batch_size, schedule="coslog4", tol=0, patience=np.inf)
    seeds = np.random.default_rng(rows.seed).integers(2**31, size=n_networks).tolist()
    learner = Learner.start(theta, update.optimizer.init(theta), seeds, rate_of(member, loss))
    problem = Problem(net, x, rows.y, rows.w)
    held_out = HeldOut(problem, rows.held)
    outcome = train(problem, learner, plan, engine, held_out, watch, rows=own)
    judged = rows.judged
    guess, count = np.zeros((len(x), len(rows.start))), np.zeros((len(x), 1))
    for k, (some, part) in enumerate(zip(rows.held, held_out.parts, strict=True)):
        guess[some] += loss.mean(engine.predict(net, learner.theta[k], part.x))
        count[some] += 1
    return Trained(
        member,
        net,
        learner.theta,
        guess[judged] / count[judged],
        float(np.mean(held_out.lowest)),
        next((r.val_loss or np.inf for r in outcome.records[trial_of(epochs) - 1 :]), np.inf),
        len(outcome.records),
        round(float(held_out.best.mean())),
        time.perf_counter() - began,
        outcome.reason,
    )


def update_of(member: Member) -> Update:
    """Return the step that a member learns by."""
    return Update(Adam(beta_2=0.95), member.weight_decay, by_part=True)


def rate_of(member: Member, loss: Loss) -> float:
    """Return the highest learning rate of a member's run."""
    return member.rate * RATES["real" if loss.target == "real" else "class"]


def seconds_an_epoch(member: Member, rows: Rows, engine: Engine) -> float:
    """Measure how long an epoch of this member takes, by a step over some of the rows."""
    x, n_networks = rows.view(member.ranks), len(rows.held)
    net = member.network(x.shape[1], rows.n_numbers, rows.levels, len(rows.start), rows.loss)
    theta = np.stack([start(net, rows.start, k) for k in range(n_networks)])
    optimizer = Adam()
    learner = Learner.start(theta, optimizer.init(theta), [0] * n_networks, 1e-3)
    n = min(PROBE, len(x))
    size = rows_in_a_step(len(x))
    orders = np.broadcast_to(np.arange(n), (1, n_networks, n))
    lrs = np.full((1, -(-n // size), n_networks), 1e-3, np.float32)
    problem, seconds = Problem(net, x, rows.y, rows.w), list[float]()
    for _ in range(2):  # the first touches the memory
        began = time.perf_counter()
        engine.run_epochs(problem, Update(optimizer), learner, orders, size, lrs)
        seconds.append(time.perf_counter() - began)
    # judging costs a third of learning for each row
    passes = len(x) - len(rows.held[0]) * (1 - 1 / 3)
    return min(seconds) * passes / n


def start(net: Network, means: Array, seed: Any) -> Array:
    """Return initial weights (P,): the output layer says `means`, whatever the row."""
    theta = net.init("lecun", np.random.default_rng(seed))
    last = net.views(theta)[-1]
    last["w"][...], last["b"][...] = 0, means
    return theta.astype(np.float32)
