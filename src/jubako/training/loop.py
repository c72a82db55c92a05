"""The loop: epochs, early stopping, rollback, history. It never looks inside a network."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network

from .engine import Engine, Learner, Problem, Trail
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


@dataclass(frozen=True, slots=True)
class Record:
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

Reason = Literal["epochs", "converged", "observer", "interrupted", "diverged"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went, and why it ended."""

    records: list[Record]
    reason: Reason


def train(
    problem: Problem,
    learner: Learner,
    plan: Plan,
    engine: Engine,
    validation: Validation | None = None,
    observe: Observer | None = None,
    epochs: int | None = None,
) -> Outcome:
    """Train K networks side by side, for `epochs` (default plan.epochs) or until all have stopped.

    Each network sees its own order of rows and stops by its own losses. It ends with the weights
    that it would have had alone: its last, or its best where the validation score decides.

    A network whose loss or weights stop being finite goes back to its best weights and goes on at
    half the rate. When that has happened to one of them `MOST_BLOW_UPS` times before it was better
    than ever, training ends as "diverged". Ctrl-C ends it with the last whole epoch.

    Where there is neither an observer nor validation, the engine may run several short epochs at
    once. What they led to is judged epoch by epoch all the same: where one of them changes what
    comes after it, the later ones count as never run. Ctrl-C then loses all of them.
    """
    by_score = validation is not None and validation.stops
    end = learner.epoch + (plan.epochs if epochs is None else epochs)
    records, start = list[Record](), time.perf_counter()
    before = [a.copy() for a in learner.numbers()]  # where this epoch started
    proven = [a.copy() for a in before]  # where the epoch of the lowest loss started
    at_once = 1 if validation or observe else engine.epochs_at_once(problem, learner)
    reason: Reason = "epochs" if any(run.learning for run in learner.runs) else "converged"
    try:
        while reason == "epochs" and learner.epoch < end:
            generators = (
                [run.rng.bit_generator.state for run in learner.runs] if at_once > 1 else []
            )
            n_epochs = min(at_once, end - learner.epoch)
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                trail, lrs = run_epochs(problem, learner, plan, engine, n_epochs)
                finite = np.isfinite(trail.losses) & np.isfinite(trail.numbers[0]).all(-1)
                lengths = lengths_by_layer(problem.net, trail.grads)
            for e in range(n_epochs):
                loss = trail.losses[e]
                after = [a[e] for a in trail.numbers]
                held = [run.learning for run in learner.runs], [run.rate for run in learner.runs]
                message = roll_back(
                    learner, before, proven, after, np.where(finite[e], loss, np.inf)
                )
                if e + 1 == n_epochs:
                    copy_into(learner.numbers(), after)
                val: tuple[Array, Array] | None = None
                if validation:
                    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                        val = validation.measure(engine, problem.net, learner.theta)
                learning = [k for k, run in enumerate(learner.runs) if run.learning]
                good = [k for k in learning if finite[e, k]]
                learner.epoch += 1
                record = Record(
                    epoch=learner.epoch,
                    train_loss=mean(loss, good),
                    val_loss=val and mean(val[0], good),
                    val_score=val and mean(val[1], good),
                    learning_rate=mean(lrs[e, -1], learning),
                    grad_norms=mean_of_rows(lengths[e], good),
                    seconds=time.perf_counter() - start,
                    message=message,
                )
                records.append(record)
                value = val[1] if val and by_score else -loss
                for k in good:
                    judge(learner, k, float(value[k]), plan, after[0], keep_best=by_score)
                before = after
                if any(run.blow_ups == MOST_BLOW_UPS for run in learner.runs):
                    reason = "diverged"
                elif observe and observe(record) is True:
                    reason = "observer"
                elif not any(run.learning for run in learner.runs):
                    reason = "converged"
                now = [run.learning for run in learner.runs], [run.rate for run in learner.runs]
                if e + 1 < n_epochs and (message or now != held or reason != "epochs"):
                    # the rest went on with other rates, or should not have been: as if never run
                    copy_into(learner.numbers(), after)
                    for run, state in zip(learner.runs, generators, strict=True):
                        run.rng.bit_generator.state = state
                        for _ in range(e + 1 if plan.shuffle else 0):
                            run.rng.permutation(len(problem.y))
                    break
    except KeyboardInterrupt:
        copy_into(learner.numbers(), before)
        reason = "interrupted"
    if reason == "diverged":
        copy_into(learner.numbers(), proven)
    for k, run in enumerate(learner.runs):
        if by_score or not run.learning:
            learner.theta[k] = learner.kept[k]
    return Outcome(records, reason)


def run_epochs(
    problem: Problem, learner: Learner, plan: Plan, engine: Engine, n_epochs: int
) -> tuple[Trail, Array]:
    """Choose the orders of rows and the rates (E, n_steps, K) of E epochs; have them computed."""
    n_rows, n_networks = len(problem.y), len(learner.runs)
    orders = np.empty((n_epochs, n_networks, n_rows), np.intp)
    for k, run in enumerate(learner.runs):
        for e in range(n_epochs):
            orders[e, k] = run.rng.permutation(n_rows) if plan.shuffle else np.arange(n_rows)
    if plan.schedule == plan.learning_rate == "constant" and not plan.warm_up:
        factors = [plan.factors(learner.epoch, n_rows)] * n_epochs  # all alike
    else:
        factors = [plan.factors(learner.epoch + e, n_rows) for e in range(n_epochs)]
    lrs = np.multiply.outer(factors, [run.rate for run in learner.runs])
    lrs = lrs.astype(learner.theta.dtype)
    return engine.run_epochs(problem, plan.update, learner, orders, plan.batch_size, lrs), lrs


def roll_back(
    learner: Learner, before: list[Array], proven: list[Array], after: list[Array], loss: Array
) -> str:
    """Take networks whose loss (K,) is infinite back to `proven`, halve their rate, and say so.

    Proven are the weights from which the epoch of the lowest loss started. Later ones may be
    finite and yet have run away already.
    """
    message = ""
    for k, run in enumerate(learner.runs):
        if loss[k] < run.lowest * (1 - ROUNDING):
            run.lowest, run.blow_ups = float(loss[k]), 0
            for good, start in zip(proven, before, strict=True):
                good[k] = start[k]
        elif loss[k] == np.inf:
            for a, good in zip(after, proven, strict=True):
                a[k] = good[k]
            if run.learning:
                run.blow_ups += 1
                run.rate /= 2
                message = (
                    f"The loss stopped being finite in epoch {learner.epoch + 1}: went back to the "
                    f"best weights so far and halved the learning rate to {run.rate:.3g}."
                )
    return message


def judge(
    learner: Learner, k: int, value: float, plan: Plan, theta: Array, keep_best: bool
) -> None:
    """Decide whether network k has improved, or has learned enough.

    `value` is higher where better: the validation score, or minus the training loss. theta (K, P)
    is where this epoch ended.
    """
    run = learner.runs[k]
    run.stale = run.stale + 1 if value < run.best + plan.tol else 0
    if value > run.best:
        run.best = value
        if keep_best:
            learner.kept[k] = theta[k]
    if run.stale > plan.patience:
        if plan.learning_rate == "adaptive" and run.rate > LOWEST_RATE:
            run.rate /= 5
            run.stale = 0
        else:
            run.learning = False
            if not keep_best:
                learner.kept[k] = theta[k]


def copy_into(targets: list[Array], sources: list[Array]) -> None:
    """Overwrite the first arrays with the second."""
    for target, source in zip(targets, sources, strict=True):
        target[...] = source


def mean(values: Array, networks: list[int]) -> float:
    """Average over some networks; NaN if there are none."""
    return sum(float(values[k]) for k in networks) / len(networks) if networks else np.nan


def lengths_by_layer(net: Network, grads: Array) -> Array:
    """Length of gradients (..., P) in each layer that has parameters, shape (..., layers)."""
    starts = [next(iter(parts.values()))[0].start for parts in net.layout if parts]
    return np.sqrt(np.add.reduceat(np.square(grads), starts, axis=-1, dtype=np.float64))


def mean_of_rows(values: Array, networks: list[int]) -> tuple[float, ...]:
    """Average the rows of some networks; nothing if there are none."""
    rows = values if len(networks) == len(values) else values[networks]
    return tuple((rows.sum(0) / len(rows)).tolist()) if len(rows) else ()


def norms_by_layer(net: Network, grad: Array) -> tuple[float, ...]:
    """Length of the gradient (K, P) in each layer that has parameters, mean over networks."""
    return mean_of_rows(lengths_by_layer(net, grad), list(range(len(grad))))
