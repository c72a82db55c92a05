"""The loop: epochs, early stopping, rollback, history. It never looks inside a network."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network

from .engine import Engine, Learner, Problem, Rows, Trail, sizes_of
from .optimizers import Update
from .schedules import SCHEDULES

LOWEST_RATE = 1e-6  # where `adaptive` gives up
ROUNDING = 1e-6  # the same rows in another order give a loss that differs by less, relatively
MOST_BLOW_UPS = 3  # rollbacks without improvement after which training stops


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Parameters
    ----------
    update : Update
    epochs : int
        At most so many passes over the rows.
    batch_size : int
        Rows in a step; the last step of an epoch has what is left.
    shuffle : bool
        Whether each epoch sees the rows in a new order.
    schedule : str
        A name in `SCHEDULES`; `epochs` is its whole length.
    warm_up : float in [0, 1)
        Share of the run over which the rate first rises from 0 (Goyal et al. 2017,
        arXiv:1706.02677).
    learning_rate : {"constant", "invscaling", "adaptive"}
        As in scikit-learn. `invscaling` divides by (rows seen so far + 1)^power_t; `adaptive`
        divides by 5 instead of stopping.
    tol, patience : float
        A network stops once more than `patience` epochs in a row have not improved the training
        loss (or the validation score, where that is what stops) by `tol`.
    """

    update: Update
    epochs: int
    batch_size: int
    shuffle: bool = True
    schedule: str = "constant"
    warm_up: float = 0.0
    learning_rate: Literal["constant", "invscaling", "adaptive"] = "constant"
    power_t: float = 0.5
    tol: float = 1e-4
    patience: float = 10

    def factors(self, epoch: int, n_rows: int) -> Array:
        """Return what multiplies the initial rate in each step of an epoch, shape (n_steps,)."""
        n_steps = -(-n_rows // self.batch_size)
        t = (epoch + np.arange(n_steps) / n_steps) / max(self.epochs, epoch + 1)
        factors = SCHEDULES[self.schedule](t)
        if self.warm_up:
            factors = factors * np.minimum(1, t / self.warm_up)
        if self.learning_rate == "invscaling" and epoch:
            factors = factors / (epoch * n_rows + 1) ** self.power_t
        return factors


class Judge(Protocol):
    """Who measures networks on rows that they do not learn from, after each epoch."""

    @property
    def stops(self) -> bool:
        """Whether the score decides when to stop, and which epoch's weights to keep."""
        ...

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return each network's loss and score, shape (K,). A higher score is better."""
        ...


@dataclass(frozen=True, slots=True)
class Validation:
    """Rows held out: their loss and score are recorded after each epoch.

    Parameters
    ----------
    x, y, w : as in Problem
    score : callable
        From the prediction, shape (N, n_out), to a number; higher is better.
    stops : bool
        Whether the score decides when to stop, and which epoch's weights to keep.
    """

    x: Any
    y: Array
    w: Array
    score: Callable[[Array], float]
    stops: bool = True

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return each network's loss and score, shape (K,)."""
        b = engine.predict(net, theta, self.x)
        loss = (net.loss.value(b, self.y) * self.w).sum(-1, dtype=np.float64) / self.w.sum()
        prediction = net.loss.mean(b)
        score = np.full(len(theta), -np.inf)  # of a network that has blown up
        for k in np.flatnonzero(np.isfinite(b).all((1, 2)) & np.isfinite(prediction).all((1, 2))):
            score[k] = self.score(prediction[k])
        return loss, score


class Record(NamedTuple):
    """What is known after an epoch: means over the networks that are still learning."""

    epoch: int  # 1 after the first
    train_loss: float  # mean over the epoch's batches, penalty included
    val_loss: float | None
    val_score: float | None
    learning_rate: float | None  # in the epoch's last step; L-BFGS has none
    grad_norms: tuple[float, ...]  # of each layer, in the epoch's last step, after clipping
    seconds: float  # since training began
    message: str = ""  # something that the user should know


Observer = Callable[[Record], object]
"""Called after each epoch. Training stops if it returns True."""

Reason = Literal["epochs", "converged", "callback", "interrupted", "diverged"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went, and why it ended.

    Parameters
    ----------
    records : list of Record
    reason : str
    theta : array, shape (K, P)
        The weights that training ends with: each network's last, or its best where the validation
        score decides.
    """

    records: list[Record]
    reason: Reason
    theta: Array


def train(
    problem: Problem,
    learner: Learner,
    plan: Plan,
    engine: Engine,
    validation: Judge | None = None,
    observe: Observer | None = None,
    epochs: int | None = None,
    rows: Rows = None,
) -> Outcome:
    """Train K networks side by side, for `epochs` (default plan.epochs) or until all have stopped.

    Each network learns from its own `rows`, default all, in an order of its own, and stops by its
    own losses. It ends with the weights that it would have had alone.

    A network whose loss or weights stop being finite goes back to its best weights and goes on at
    half the rate. When that has happened to one of them `MOST_BLOW_UPS` times before it was better
    than ever, training ends as "diverged". Ctrl-C ends it with the last whole epoch.

    Wherever it ends, the learner is as it was after the last whole epoch, so that training can go
    on from there, with the same bits as if it had not been ended.

    Where there is neither an observer nor validation, the engine may run several short epochs at
    once. They are judged all the same: those after one that changes what follows it, because a
    network stops or goes back, count as never run. Ctrl-C then loses all of them.
    """
    if rows is not None and not all(map(len, rows)):
        raise ValueError("A network without rows can't learn.")
    by_score = validation is not None and validation.stops
    end = learner.epoch + (plan.epochs if epochs is None else epochs)
    records, start = list[Record](), time.perf_counter() - learner.seconds
    at_once = 1 if validation or observe else engine.epochs_at_once(problem, learner)
    reason = reason_to_end(learner)
    saved = learner.copy()  # as of the last whole epoch
    try:
        while reason is None and learner.epoch < end:
            n_epochs = min(at_once, end - learner.epoch)
            val: tuple[Array, Array] | None = None
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                trail, lrs = run_epochs(problem, learner, plan, engine, n_epochs, rows)
                finite = np.isfinite(trail.losses) & np.isfinite(trail.numbers[0]).all(-1)
                if validation:
                    val = validation.measure(engine, problem.net, learner.theta)
                values = val[1][None] if val and by_score else -trail.losses
                n, bests, stales = judge(learner, values, finite, plan)
                lengths = lengths_by_layer(problem.net, trail.grads[:n])
            learning = np.array([run.learning for run in learner.runs])
            message = roll_back(learner, trail, n, saved.numbers(), finite[n - 1])
            if n < n_epochs or message:
                copy_into(learner.numbers(), [a[n - 1] for a in trail.numbers])
            good = finite[:n] & learning
            span = learner.seconds, time.perf_counter() - start
            records += records_of(learner, trail, lengths, lrs, good, learning, val, span)
            records[-1] = records[-1]._replace(message=message)
            learner.epoch, learner.seconds = learner.epoch + n, span[1]
            n_judged = np.where(finite[n - 1], n, n - 1)
            settle(learner, learning, n_judged, bests, stales, plan, keep_best=by_score)
            saved = learner.copy()
            reason = reason_to_end(learner)
            if reason != "diverged" and observe and observe(records[-1]) is True:
                reason = "callback"
    except KeyboardInterrupt:
        learner.go_back(saved)
        reason = "interrupted"
    if reason == "diverged":
        copy_into(learner.numbers(), learner.proven)
    records = [record for record in records if record.epoch <= learner.epoch]
    return Outcome(records, reason or "epochs", learner.result(by_score))


def reason_to_end(learner: Learner) -> Reason | None:
    """Return why training ends now, if it does."""
    if any(run.blow_ups == MOST_BLOW_UPS for run in learner.runs):
        return "diverged"
    return None if any(run.learning for run in learner.runs) else "converged"


def run_epochs(
    problem: Problem, learner: Learner, plan: Plan, engine: Engine, n_epochs: int, rows: Rows
) -> tuple[Trail, Array]:
    """Choose the rates (E, n_steps, K) of E epochs, and have them computed."""
    sizes = sizes_of(rows, len(learner.runs), len(problem.y)).tolist()
    if plan.schedule == plan.learning_rate == "constant" and not plan.warm_up:
        epochs = [learner.epoch] * n_epochs  # all alike
    else:
        epochs = [learner.epoch + e for e in range(n_epochs)]
    n_steps = -(-max(sizes) // plan.batch_size)
    factors = {
        n: np.stack([pad(plan.factors(epoch, n), n_steps) for epoch in epochs]) for n in set(sizes)
    }
    lrs = np.stack([factors[n] * run.rate for n, run in zip(sizes, learner.runs, strict=True)], -1)
    lrs = lrs.astype(learner.theta.dtype)
    trail = engine.run_epochs(
        problem, plan.update, learner, rows, plan.batch_size, lrs, plan.shuffle
    )
    return trail, lrs


def pad(values: Array, n: int) -> Array:
    """Repeat the last value until there are n."""
    return np.concatenate([values, np.repeat(values[-1:], n - len(values))])


def judge(learner: Learner, values: Array, finite: Array, plan: Plan) -> tuple[int, Array, Array]:
    """Judge E epochs of K networks, as if one came after the other.

    Parameters
    ----------
    values : array, shape (E, K)
        Higher is better: the validation score, or minus the training loss.
    finite : array of bool, shape (E, K)

    Returns
    -------
    n : int
        How many of the epochs stand: up to the first in which a network blows up or has enough.
    bests : array, shape (E + 1, K)
        The highest value before each epoch, and after the last.
    stales : array of int, shape (E + 1, K)
        How many epochs in a row have not been better than before by `tol`, likewise.
    """
    runs, n_epochs = learner.runs, len(values)
    first = np.array([[run.best for run in runs]])
    bests = np.maximum.accumulate(np.concatenate([first, values]))
    number = np.arange(n_epochs + 1)[:, None]
    better = np.zeros(bests.shape, int)
    better[1:] = np.where(values < bests[:-1] + plan.tol, 0, number[1:])
    last = np.maximum.accumulate(better)  # the epoch that was better last; 0: none of these
    stales = number - last + np.where(last, 0, [run.stale for run in runs])
    enough = (stales[1:] > plan.patience) & [run.learning for run in runs]
    turns = (~finite | enough).any(1)
    return int(turns.argmax()) + 1 if turns.any() else n_epochs, bests, stales


def records_of(
    learner: Learner,
    trail: Trail,
    lengths: Array,
    lrs: Array,
    good: Array,
    learning: Array,
    val: tuple[Array, Array] | None,
    span: tuple[float, float],
) -> list[Record]:
    """Return the records of n epochs, given which networks came through each: good (n, K).

    Only one epoch at a time has validation. `span` is when they began and ended, in seconds.
    """
    n = len(good)
    losses, norms = mean(trail.losses[:n], good), mean(lengths, good)
    rates = mean(lrs[:n, -1], np.broadcast_to(learning, good.shape))
    val_losses, val_scores = (mean(a[None], good) for a in val) if val else repeat([None] * n, 2)
    by_layer = [tuple(norms[e]) if some else () for e, some in enumerate(np.any(good, 1).tolist())]
    first, seconds = learner.epoch + 1, np.linspace(*span, n + 1)[1:].tolist()
    # made from columns, since short epochs take no longer than a record
    columns = losses, val_losses, val_scores, rates, by_layer, seconds
    return list(map(Record, range(first, first + n), *columns))


def roll_back(learner: Learner, trail: Trail, n: int, before: list[Array], finite: Array) -> str:
    """Take networks that have blown up in the last of n epochs back to `proven`, halve their rate.

    Proven are the weights from which the epoch of the lowest loss started. Later ones may be
    finite and yet have run away already. Returns what the user should know.

    Parameters
    ----------
    before : list of arrays, shape (K, ...)
        `Learner.numbers` from which the first of the epochs started.
    finite : array of bool, shape (K,)
        Which networks came through the last of them.
    """
    starts = dict[int, int]()  # of networks with a new lowest loss: in which of the epochs it was
    for k, run in enumerate(learner.runs):
        losses = trail.losses[: n if finite[k] else n - 1, k]
        if len(losses):
            lowest = np.minimum.accumulate([run.lowest, *losses])
            if (losses < lowest[:-1] * (1 - ROUNDING)).any():
                run.blow_ups = 0
            if lowest[-1] < run.lowest:
                run.lowest, starts[k] = float(lowest[-1]), int(losses.argmin())
    if len(starts) == len(learner.runs) and not any(starts.values()):
        learner.proven = before  # no copy: nobody writes to these
    elif starts:
        learner.proven = [a.copy() for a in learner.proven]
        for good, start, then in zip(learner.proven, before, trail.numbers, strict=True):
            for k, e in starts.items():
                good[k] = then[e - 1, k] if e else start[k]
    message = ""
    for k, run in enumerate(learner.runs):
        if not finite[k]:
            for then, good in zip(trail.numbers, learner.proven, strict=True):
                then[n - 1, k] = good[k]
            if run.learning:
                run.blow_ups += 1
                run.rate /= 2
                message = (
                    f"The loss stopped being finite in epoch {learner.epoch + n}: went back to the "
                    f"best weights so far and halved the learning rate to {run.rate:.3g}."
                )
    return message


def settle(
    learner: Learner,
    learning: Array,
    n: Array,
    bests: Array,
    stales: Array,
    plan: Plan,
    keep_best: bool,
) -> None:
    """Write down how the networks that are learning stand, and which have learned enough.

    Network k stands where it was after n[k] of the epochs: `bests` and `stales` are (E + 1, K).
    """
    keeps = np.zeros(len(n), bool)  # whose weights are now those to end with
    for k in np.flatnonzero(learning).tolist():
        run = learner.runs[k]
        keeps[k] = keep_best and bests[n[k], k] > run.best
        run.best, run.stale = float(bests[n[k], k]), int(stales[n[k], k])
        if run.stale > plan.patience:
            if plan.learning_rate == "adaptive" and run.rate > LOWEST_RATE:
                run.rate /= 5
                run.stale = 0
            else:
                run.learning = False
                keeps[k] |= not keep_best
    if keeps.any():
        learner.kept = np.where(keeps[:, None], learner.theta, learner.kept)


def copy_into(targets: list[Array], sources: list[Array]) -> None:
    """Overwrite the first arrays with the second."""
    for target, source in zip(targets, sources, strict=True):
        target[...] = source


def mean(values: Array, of: Array) -> list[Any]:
    """Average each row of values (E, K, ...) over the networks that count in it; NaN if none do."""
    shares = of / np.maximum(of.sum(1, keepdims=True), 1)
    shares[~of.any(1)] = np.nan
    lead = of.reshape(of.shape + (1,) * (values.ndim - 2))
    return (np.where(lead, values, 0) * shares.reshape(lead.shape)).sum(1).tolist()


def lengths_by_layer(net: Network, grads: Array) -> Array:
    """Length of gradients (..., P) in each layer that has parameters, shape (..., layers)."""
    places = [[part for part, _ in parts.values()] for parts in net.layout if parts]
    layers = [grads[..., parts[0].start : parts[-1].stop] for parts in places]
    return np.sqrt(np.stack([np.vecdot(part, part) for part in layers], -1, dtype=np.float64))


def norms_by_layer(net: Network, grad: Array) -> tuple[float, ...]:
    """Length of the gradient (K, P) in each layer that has parameters, mean over networks."""
    return tuple(lengths_by_layer(net, grad).mean(0).tolist())
