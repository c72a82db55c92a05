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

from .checkpoint import CheckpointFile
from .encoded import EncodedRows

ROW_STEPS = 8_000 * 64  # rows in all epochs, for tables of thousands of rows
CELL_STEPS = 5 * 10**7  # maximum number of values in all epochs
EPOCHS = 12, 64  # minimum and maximum number of epochs
CYCLE_ENDS = 1 / 15, 3 / 15, 7 / 15, 1.0  # fractions of a run at which the learning rate is 0
HOPELESS = 1.5, 1.1  # factors of the first candidate's `lows` above which another is stopped


@dataclass(frozen=True)
class CrossValResult:
    """The fitted networks of a candidate, with the results that only the search needs.

    Parameters
    ----------
    fitted : FittedNetwork
    oof_prediction : array, shape (n_judged, n_out)
        Out-of-fold predictions of `EncodedRows.judged`.
    lows : pair of float
        Lowest loss of an epoch up to the second of the `CYCLE_ENDS`, and up to the third.
    planned_epochs : int
        Number of epochs after which the learning rate would be 0.
    reason : str
        Why training ended, one of `Reason`.
    history : list of Record
        One for each epoch.
    is_partial : bool
        Whether training was ended from outside, and could be resumed.
    """

    fitted: FittedNetwork
    oof_prediction: Array
    lows: tuple[float, float]
    planned_epochs: int
    reason: Reason
    history: list[Record] = field(default_factory=list)
    is_partial: bool = False

    @property
    def candidate(self) -> Candidate:
        """The candidate that was trained."""
        assert self.fitted.candidate is not None
        return self.fitted.candidate


@dataclass(frozen=True)
class BestEpochs:
    """The best epochs of K networks on their held-out rows so far.

    Parameters
    ----------
    epoch : int
        Number of epochs so far.
    lowest : array, shape (K,)
        Lowest loss of each network.
    best : array of int, shape (K,)
        The epoch of that loss.
    kept : dict of int to pair
        Parameters (K, P) and mean loss after some epochs.
    """

    epoch: int
    lowest: Array
    best: Array
    kept: dict[int, tuple[Array, float]]

    def to_arrays(self) -> dict[str, Array]:
        """Return the fields as named arrays."""
        arrays = {"held_out.lowest": self.lowest, "held_out.best": self.best}
        arrays["held_out.epoch"] = np.array(self.epoch)
        for epoch, (theta, loss) in self.kept.items():
            arrays[f"held_out.kept.{epoch}.theta"] = theta
            arrays[f"held_out.kept.{epoch}.loss"] = np.array(loss)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> "BestEpochs":
        """Invert `to_arrays`."""
        names = [name for name in arrays if name.startswith("held_out.kept.")]
        epochs = sorted({int(name.split(".")[2]) for name in names})
        kept = {
            epoch: (
                arrays[f"held_out.kept.{epoch}.theta"],
                arrays[f"held_out.kept.{epoch}.loss"].item(),
            )
            for epoch in epochs
        }
        lowest, best = arrays["held_out.lowest"], arrays["held_out.best"]
        return cls(arrays["held_out.epoch"].item(), lowest, best, kept)


class HeldOut:
    """Validate each network on its own fold, and keep the parameters of some epochs.

    Parameters
    ----------
    problem : Problem
    held : list of K arrays of int
        The rows of each network's fold.
    loss : Loss
        Without label smoothing.
    keep : set of int
        The epochs whose parameters are kept.
    """

    stops = True

    def __init__(self, problem: Problem, held: list[Array], loss: Loss, keep: set[int]) -> None:
        self.parts = [problem.only(judged) for judged in held]
        self.loss, self.keep = loss, keep
        self.seen = BestEpochs(0, np.full(len(held), np.inf), np.zeros(len(held), int), {})

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return each network's loss, and minus that as its score, shape (K,)."""
        loss = np.empty(len(theta))
        for k, part in enumerate(self.parts):
            values = self.loss.value(engine.predict(net, theta[k], part.x), part.y)
            loss[k] = (values * part.w).sum(dtype=np.float64) / part.w.sum(dtype=np.float64)
        epoch, better, kept = self.seen.epoch + 1, loss < self.seen.lowest, self.seen.kept
        if epoch in self.keep and np.isfinite(loss).all():
            kept = kept | {epoch: (theta.copy(), float(loss.mean()))}
        self.seen = BestEpochs(  # replaced at once, so that Ctrl-C leaves it consistent
            epoch,
            np.where(better, loss, self.seen.lowest),
            np.where(better, epoch, self.seen.best),
            kept,
        )
        return loss, np.where(np.isfinite(loss), -loss, -np.inf)


def epochs_for(n_rows: int, n_in: int = 1) -> int:
    """Return the number of epochs of a network, given the shape of its training data."""
    return int(np.clip(min(ROW_STEPS, CELL_STEPS / n_in) / n_rows, *EPOCHS))


def cycle_ends(epochs: int) -> list[int]:
    """Return the epochs after which the learning rate is 0."""
    return [max(1, round(share * epochs)) for share in CYCLE_ENDS]


def epochs_after(first: CrossValResult) -> int:
    """Return the number of epochs of the candidates after the first.

    The learning rate falls to 0 at 1/15, 3/15, 7/15 and 15/15 of a run. If the first candidate was
    best at the end, more epochs may help; if it was best early, it has overfitted.

    Parameters
    ----------
    first : CrossValResult

    Returns
    -------
    int
    """
    planned = first.planned_epochs
    place = first.fitted.best_epoch / planned
    for most, factor in ((1.5 / 15, 1 / 4), (5 / 15, 1 / 2), (11 / 15, 1)):
        if place <= most:
            return max(min(planned, EPOCHS[0]), round(planned * factor))
    return planned * 3 // 2


def loss_limits_after(first: CrossValResult) -> tuple[float, float]:
    """Return the losses above which later candidates are stopped at two of the `CYCLE_ENDS`.

    They depend on the first candidate only, so that the result is the same for any number of
    workers.

    Parameters
    ----------
    first : CrossValResult

    Returns
    -------
    pair of float
        At the second cycle end, and at the third.
    """
    second, third = (factor * low for factor, low in zip(HOPELESS, first.lows, strict=True))
    if epochs_after(first) < first.planned_epochs:  # too early to compare
        second = np.inf
    return second, third


def rows_in_a_step(n_rows: int) -> int:
    """Return the batch size for a number of training rows.

    Parameters
    ----------
    n_rows : int

    Returns
    -------
    int
    """
    for most, size in ((500, 32), (1000, 64), (4000, 128), (60_000, 256)):
        if n_rows <= most:
            return min(size, n_rows)
    return 512


class LossCurve:
    """The held-out losses of a candidate after each epoch, which decide whether it is stopped.

    Parameters
    ----------
    epochs : int
        The number of epochs that are planned.

    Attributes
    ----------
    records : list of Record
        The epochs so far.
    """

    def __init__(self, epochs: int) -> None:
        self.records = list[Record]()
        self.losses = np.full(epochs + 1, np.inf)
        self.ends = cycle_ends(epochs)[1:3]

    def note(self, record: Record) -> None:
        """Append an epoch."""
        self.records.append(record)
        self.losses[record.epoch] = np.inf if record.val_loss is None else record.val_loss

    @property
    def lows(self) -> tuple[float, float]:
        """The lowest loss up to the second of the `CYCLE_ENDS`, and up to the third."""
        second_end, third_end = self.ends
        return float(self.losses[: second_end + 1].min()), float(self.losses[: third_end + 1].min())

    def gives_up(self, loss_limits: tuple[float, float]) -> bool:
        """Return whether to stop training after this epoch; see `cross_validate`."""
        (by_second, by_third), (second_end, third_end) = self.lows, self.ends
        epoch = self.records[-1].epoch
        hopeless = epoch == second_end and by_second > loss_limits[0]
        hopeless |= epoch == third_end and by_third > loss_limits[1]
        overfits = epoch == third_end > second_end and by_third == by_second
        return hopeless or overfits


def cross_validate(
    candidate: Candidate,
    rows: EncodedRows,
    engine: Engine,
    epochs: int,
    loss_limits: tuple[float, float] = (np.inf, np.inf),
    observe: Callable[[Record], object] | None = None,
    checkpoint: CheckpointFile | None = None,
) -> list[CrossValResult]:
    """Train the networks of a candidate on all folds at once.

    Each network is trained on the rows outside its fold. Training is stopped early at the second or
    third of the `CYCLE_ENDS` if the lowest loss so far is above `loss_limits`, and at the third if
    that loss was reached before the second: then the networks overfit.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    engine : Engine
    epochs : int
    loss_limits : pair of float
    observe : callable or None
        Called with the `Record` of each epoch; training stops if it returns True.
    checkpoint : CheckpointFile or None
        If there is a checkpoint, training resumes from it, bit for bit. It is written periodically,
        and when training is ended from outside.

    Returns
    -------
    list of CrossValResult
        The first has the parameters of each network's best epoch on its fold; the others are
        snapshots at the `CYCLE_ENDS` after the first, where the learning rate is 0.
    """
    began = time.perf_counter()
    state, problem, config = prepare(candidate, rows, epochs)
    curve, is_partial = LossCurve(epochs), False
    held_out = HeldOut(problem, rows.held, rows.loss, set(cycle_ends(epochs)[1:]))
    if checkpoint and (earlier := checkpoint.read(state)):
        state, records, arrays = earlier
        held_out.seen = BestEpochs.from_arrays(arrays)
        for record in records:
            curve.note(record)
        began -= state.seconds

    def watch(record: Record) -> bool:
        nonlocal is_partial
        curve.note(record)
        gives_up = curve.gives_up(loss_limits)
        ended = observe is not None and observe(record) is True
        is_partial = ended and not gives_up and record.epoch < epochs
        if checkpoint and (is_partial or (checkpoint.is_due() and not gives_up)):
            checkpoint.write(state, curve.records, held_out.seen.to_arrays())
        return ended or gives_up

    trainer, n_left = rows.engine(engine, candidate.quantiles), epochs - state.epoch
    outcome = train(
        problem, state, config, trainer, held_out, watch, epochs=n_left, rows=rows.learned()
    )
    n_before = state.epoch - len(outcome.records)
    records = [*curve.records[:n_before], *outcome.records]
    if outcome.reason == "interrupted":
        is_partial = state.epoch < epochs
        if checkpoint and held_out.seen.epoch == state.epoch:  # otherwise it is one epoch ahead
            checkpoint.write(state, records, held_out.seen.to_arrays())

    def result(theta: Array, loss: float, epoch: int) -> CrossValResult:
        fitted = FittedNetwork(
            problem.net,
            theta,
            candidate.training_step(problem.net.loss),
            candidate,
            loss=loss,
            epochs=len(records),
            best_epoch=epoch,
            seconds=time.perf_counter() - began,
        )
        prediction = predict_held_out(engine, problem.net, theta, rows, held_out.parts)
        reason = outcome.reason
        return CrossValResult(fitted, prediction, curve.lows, epochs, reason, records, is_partial)

    best_epoch = round(float(held_out.seen.best.mean()))
    return [
        result(outcome.theta, float(held_out.seen.lowest.mean()), best_epoch),
        *(result(theta, loss, epoch) for epoch, (theta, loss) in held_out.seen.kept.items()),
    ]


def predict_held_out(
    engine: Engine, net: Network, theta: Array, rows: EncodedRows, parts: list[Problem]
) -> Array:
    """Return out-of-fold predictions, averaged where a row is in several folds.

    Parameters
    ----------
    engine : Engine
    net : Network
    theta : array, shape (K, P)
    rows : EncodedRows
    parts : list of K Problem
        The rows of each network's fold.

    Returns
    -------
    array, shape (n_judged, n_out)
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
    """Initialize the networks of a candidate, one for each fold, and configure their training.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    epochs : int

    Returns
    -------
    TrainState
    Problem
    TrainConfig
    """
    x, n_networks = rows.view(candidate.quantiles), len(rows.held)
    net = network_for(candidate, rows)
    theta = np.stack([start(net, rows.start, [rows.seed, k]) for k in range(n_networks)])
    update = candidate.update()
    batch_size = rows_in_a_step(rows.n_learned)
    config = TrainConfig(update, epochs, batch_size, schedule="coslog4", tol=0, patience=np.inf)
    seeds = np.random.default_rng(rows.seed).integers(2**31, size=n_networks).tolist()
    state = TrainState.start(
        theta, update.optimizer.init(theta), seeds, candidate.learning_rate(net.loss)
    )
    return state, Problem(net, x, rows.y, rows.w), config


def network_for(candidate: Candidate, rows: EncodedRows) -> Network:
    """Return the network of a candidate for these rows.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows

    Returns
    -------
    Network
    """
    n_in, loss = rows.view(candidate.quantiles).shape[1], rows.loss
    if isinstance(loss, CrossEntropy):
        loss = CrossEntropy(candidate.label_smoothing)
    return candidate.network(n_in, rows.n_numbers, rows.levels, len(rows.start), loss)


def start(net: Network, means: Array, seed: Any) -> Array:
    """Return initial parameters with which the output is the same for every row.

    Parameters
    ----------
    net : Network
    means : array, shape (n_out,)
        That output.
    seed : int or sequence of int

    Returns
    -------
    array of float32, shape (P,)
    """
    theta = net.init("lecun", np.random.default_rng(seed))
    last = net.views(theta)[-1]
    last["w"][...], last["b"][...] = 0, means
    return theta.astype(np.float32)
