"""The pack: members trained on folds, each network judged on the rows that it has not seen."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, Loss
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Engine, Problem
from jubako.training.history import Reason, Record
from jubako.training.loop import train
from jubako.training.optimizers import Adam, Update
from jubako.training.state import TrainState

from .folds import learned, n_learned
from .members import Member

ROW_STEPS = 8_000 * 64  # rows seen by a network in all its epochs, for tables of thousands of rows
CELL_STEPS = 5 * 10**7  # numbers seen by a network in all its epochs, at the most
EPOCHS = 12, 64  # but never fewer and never more passes than these
PROBE = 512  # rows by which the cost of an epoch is measured
LULLS = 1 / 15, 3 / 15, 7 / 15, 1.0  # shares of a run after which the rate is 0
RATES = {"class": 0.04, "real": 0.07}  # learning rates, by what the loss is for


@dataclass(frozen=True)
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
    def n_learned(self) -> int:
        """The number of rows that the network which may see most of them sees in an epoch."""
        return n_learned(len(self.y), self.held)

    @property
    def judged(self) -> Array:
        """The rows that some network is judged on, in order."""
        return np.unique(np.concatenate(self.held))


@dataclass
class Trained:
    """A member that has learned: one network for each fold.

    Parameters
    ----------
    member : Member
    net : Network
    theta : array, shape (K, P)
        Each network's weights: of the epoch that was best on its held out rows, or of one epoch.
    guess : array, shape (n_judged, n_out)
        Predictions of `Rows.judged`, made by networks that have not seen them.
    loss : float
        Mean loss on the held out rows.
    lows : pair of float
        The lowest loss of an epoch up to the second of the `LULLS`, and up to the third.
    epochs, best : int
        How many there were, and of which these weights are, on average over the networks.
    planned : int
        How many epochs there were to be: the rate has fallen to 0 only then.
    seconds : float
    reason : str
        Why training ended.
    """

    member: Member
    net: Network
    theta: Array
    guess: Array
    loss: float
    lows: tuple[float, float]
    epochs: int
    best: int
    planned: int
    seconds: float
    reason: Reason

    def predict(self, engine: Engine, x: Array) -> Array:
        """Return the mean prediction of its networks, shape (N, n_out)."""
        with np.errstate(over="ignore", invalid="ignore"):  # whoever uses it looks for NaN
            return self.net.loss.mean(engine.predict(self.net, self.theta, x)).mean(0)


class HeldOut:
    """Judges each network by its loss on rows of its own; keeps the weights of some epochs."""

    stops = True

    def __init__(self, problem: Problem, held: list[Array], loss: Loss, keep: set[int]) -> None:
        self.parts = [problem.only(judged) for judged in held]
        self.loss, self.keep = loss, keep
        self.lowest = np.full(len(held), np.inf)
        self.best = np.zeros(len(held), int)  # epoch of the lowest loss
        self.epoch = 0
        self.kept = dict[int, tuple[Array, float]]()  # epoch -> weights, mean loss

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
    """Return how many passes over so many rows of so many numbers a network makes."""
    return int(np.clip(min(ROW_STEPS, CELL_STEPS / n_in) / n_rows, *EPOCHS))


def lulls_of(epochs: int) -> list[int]:
    """Return after which epochs the rate is 0."""
    return [max(1, round(share * epochs)) for share in LULLS]


def epochs_after(first: Trained) -> int:
    """Return how many epochs the members after the first make.

    The rate falls to 0 at 1/15, 3/15, 7/15 and 15/15 of a run. Where the first member was best at
    the end it could have gone on, and where it was best early it has learned the rows by heart.
    """
    place = first.best / first.planned
    for most, factor in ((1.5 / 15, 1 / 4), (5 / 15, 1 / 2), (11 / 15, 1)):
        if place <= most:
            return max(min(first.planned, EPOCHS[0]), round(first.planned * factor))
    return first.planned * 3 // 2


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
    most: tuple[float, float] = (np.inf, np.inf),
    observe: Callable[[Record], object] | None = None,
) -> list[Trained]:
    """Train a member on all folds at once.

    Each network learns from the rows that it is not judged on. The first of the results has, of
    each network, the epoch that was best on those that it is; the others are snapshots of the
    `LULLS` but the first, when the rate was 0. The member ends at the second or third of these if
    its lowest loss so far is more than `most`, and at the third if that was reached before the
    second: it learns the rows by heart.
    """
    began = time.perf_counter()
    _, soon, later, end = lulls_of(epochs)
    losses = np.full(epochs + 1, np.inf)

    def lows() -> tuple[float, float]:
        return float(losses[: soon + 1].min()), float(losses[: later + 1].min())

    def watch(record: Record) -> bool:
        losses[record.epoch] = np.inf if record.val_loss is None else record.val_loss
        first, second = lows()
        hopeless = record.epoch == soon and first > most[0]
        hopeless |= record.epoch == later and second > most[1]
        by_heart = record.epoch == later > soon and second == first
        return (observe is not None and observe(record) is True) or hopeless or by_heart

    state, problem, config = prepare(member, rows, epochs)
    held_out = HeldOut(problem, rows.held, rows.loss, {soon, later, end})
    own = learned(len(rows.y), rows.held)
    outcome = train(problem, state, config, engine, held_out, watch, rows=own)
    judged = rows.judged

    def trained(theta: Array, loss: float, epoch: int) -> Trained:
        guess, count = np.zeros((len(rows.y), len(rows.start))), np.zeros((len(rows.y), 1))
        for k, (some, part) in enumerate(zip(rows.held, held_out.parts, strict=True)):
            guess[some] += rows.loss.mean(engine.predict(problem.net, theta[k], part.x))
            count[some] += 1
        return Trained(
            member,
            problem.net,
            theta,
            guess[judged] / count[judged],
            loss,
            lows(),
            len(outcome.records),
            epoch,
            epochs,
            time.perf_counter() - began,
            outcome.reason,
        )

    best = round(float(held_out.best.mean()))
    return [
        trained(outcome.theta, float(held_out.lowest.mean()), best),
        *(trained(theta, loss, epoch) for epoch, (theta, loss) in held_out.kept.items()),
    ]


def fit_again(
    one: Trained,
    rows: Rows,
    engine: Engine,
    observe: Callable[[Record], object] | None = None,
) -> Trained:
    """Train the networks of a member again, on all rows, up to the lull nearest to its best epoch.

    Each fold had a best epoch of its own; at their mean the rate may be high, and weights rough.
    """
    state, problem, config = prepare(one.member, rows, one.planned)
    lull = nearest_lull(one.best, one.planned)
    outcome = train(problem, state, config, engine, None, observe, epochs=lull)
    theta = outcome.theta if outcome.reason == "epochs" else one.theta
    return replace(one, theta=theta, reason=outcome.reason)


def nearest_lull(epoch: int, epochs: int) -> int:
    """Return which of the `LULLS` is nearest to an epoch, as the schedule counts time."""
    lulls = lulls_of(epochs)
    cycle, *cycles = np.log2(1 + 15 * np.array([epoch, *lulls]) / max(epochs, 1))
    return lulls[int(abs(np.array(cycles) - cycle).argmin())]


def prepare(member: Member, rows: Rows, epochs: int) -> tuple[TrainState, Problem, TrainConfig]:
    """Build the networks of a member, and configure their training."""
    x, loss, n_networks = rows.view(member.ranks), rows.loss, len(rows.held)
    if isinstance(loss, CrossEntropy):
        loss = CrossEntropy(member.smoothing)
    net = member.network(x.shape[1], rows.n_numbers, rows.levels, len(rows.start), loss)
    theta = np.stack([start(net, rows.start, [rows.seed, k]) for k in range(n_networks)])
    update = update_of(member)
    batch_size = rows_in_a_step(rows.n_learned)
    config = TrainConfig(update, epochs, batch_size, schedule="coslog4", tol=0, patience=np.inf)
    seeds = np.random.default_rng(rows.seed).integers(2**31, size=n_networks).tolist()
    state = TrainState.start(theta, update.optimizer.init(theta), seeds, rate_of(member, loss))
    return state, Problem(net, x, rows.y, rows.w), config


def update_of(member: Member) -> Update:
    """Return the step that a member learns by."""
    return Update(Adam(beta_2=0.95), member.weight_decay, per_parameter=True)


def rate_of(member: Member, loss: Loss) -> float:
    """Return the highest learning rate of a member's run."""
    return member.rate * RATES["real" if loss.target == "real" else "class"]


def seconds_an_epoch(member: Member, rows: Rows, engine: Engine) -> float:
    """Measure how long an epoch of this member takes, by a step over some of the rows."""
    state, problem, config = prepare(member, rows, epochs=1)
    n, n_networks = min(PROBE, len(rows.y)), len(rows.held)
    some = [np.arange(n)] * n_networks
    lrs = np.full((1, -(-n // config.batch_size), n_networks), 1e-3, np.float32)
    seconds = list[float]()
    for _ in range(2):  # the first touches the memory
        began = time.perf_counter()
        engine.run_epochs(problem, config.update, state, some, config.batch_size, lrs)
        seconds.append(time.perf_counter() - began)
    n_judged = sum(map(len, rows.held)) / n_networks
    passes = rows.n_learned + n_judged / 3  # judging costs a third of learning for each row
    return min(seconds) * passes / n


def start(net: Network, means: Array, seed: Any) -> Array:
    """Return initial weights (P,): the output layer says `means`, whatever the row."""
    theta = net.init("lecun", np.random.default_rng(seed))
    last = net.views(theta)[-1]
    last["w"][...], last["b"][...] = 0, means
    return theta.astype(np.float32)
