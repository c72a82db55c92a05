"""Cross-validation: train a candidate on all folds, and predict the rows that were held out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy
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
from .held_out import BestEpochs, HeldOut, LossCurve, cycle_ends
from .racing import NO_RACE, Race, Rival

ROW_STEPS = 8_000 * 64  # rows in all epochs, for tables of thousands of rows
CELL_STEPS = 5 * 10**7  # maximum number of values in all epochs
EPOCHS = 12, 64  # minimum and maximum number of epochs
FALLING = 0.15  # share of the loss, by which it falls in the last cycle where epochs are too few
HOPELESS = 1.5, 1.1  # factors of the first candidate's `lows` above which another is stopped


@dataclass(frozen=True)
class CrossValResult:
    """The fitted networks of a candidate, with the results that only the search needs.

    Parameters
    ----------
    fitted : FittedNetwork
    oof_prediction : array, shape (n_held_out, n_out)
        Out-of-fold predictions of `EncodedRows.held_out`.
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


def epochs_for(n_rows: int, n_in: int = 1) -> int:
    """Return the number of epochs of a network, given the shape of its training data."""
    return int(np.clip(min(ROW_STEPS, CELL_STEPS / n_in) / n_rows, *EPOCHS))


def epochs_after(first: CrossValResult, is_large: bool = False) -> int:
    """Return the number of epochs of the candidates after the first.

    The learning rate falls to 0 at 1/15, 3/15, 7/15 and 15/15 of a run. If the first candidate was
    best at the end, more epochs may help; if it was best early, it has overfitted.

    Parameters
    ----------
    first : CrossValResult
    is_large : bool
        Whether there are at least `MANY` rows. Then the epochs are doubled if the loss of the
        first candidate was still falling, by the share `FALLING` in the last cycle.

    Returns
    -------
    int
    """
    planned = first.planned_epochs
    place = first.fitted.best_epoch / planned
    for most, factor in ((1.5 / 15, 1 / 4), (5 / 15, 1 / 2), (11 / 15, 1)):
        if place <= most:
            return max(min(planned, EPOCHS[0]), round(planned * factor))
    return 2 * planned if is_large and is_falling(first) else planned * 3 // 2


def is_falling(first: CrossValResult) -> bool:
    """Return whether the loss fell by the share `FALLING` or more in the last cycle.

    Parameters
    ----------
    first : CrossValResult

    Returns
    -------
    bool
    """
    return first.fitted.loss < (1 - FALLING) * first.lows[1]


def race_after(results: Sequence[CrossValResult], rows: EncodedRows) -> Race:
    """Return what decides whether later candidates are stopped early.

    Parameters
    ----------
    results : sequence of CrossValResult
        Of the first candidate.
    rows : EncodedRows

    Returns
    -------
    Race
    """
    first, *snapshots = results
    second, third = (factor * low for factor, low in zip(HOPELESS, first.lows, strict=True))
    if epochs_after(first) < first.planned_epochs:  # too early to compare
        second = np.inf
    second_end = cycle_ends(first.planned_epochs)[1]
    everything = Rival.of([result.oof_prediction for result in results], rows)
    there = [
        Rival.of([one.oof_prediction], rows)
        for one in snapshots
        if one.fitted.best_epoch == second_end
    ]
    return Race((second, third), ([everything, *there], [everything]))


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


class FoldTraining:
    """The training of the networks of a candidate for some folds.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    engine : Engine
    epochs : int
    folds : sequence of int
        The numbers of K folds; a network has the same bits alone and beside others.
    checkpoint : CheckpointFile or None
        See `cross_validate`.

    Attributes
    ----------
    curve : LossCurve
        The epochs so far.
    is_partial : bool
        Whether training was ended from outside, and could be resumed.
    reason : str
        Why training ended, one of `Reason`.
    """

    def __init__(
        self,
        candidate: Candidate,
        rows: EncodedRows,
        engine: Engine,
        epochs: int,
        folds: Sequence[int],
        checkpoint: CheckpointFile | None = None,
    ) -> None:
        self.began: float = time.perf_counter()
        self.candidate: Candidate = candidate
        self.rows: EncodedRows = rows
        self.engine: Engine = engine
        self.epochs: int = epochs
        self.folds: Sequence[int] = folds
        self.checkpoint: CheckpointFile | None = checkpoint
        self.state: TrainState
        self.problem: Problem
        self.config: TrainConfig
        self.state, self.problem, self.config = prepare(candidate, rows, epochs, folds)
        self.curve: Final = LossCurve(epochs)
        self.is_partial: bool = False
        self.reason: Reason = "epochs"
        held = [rows.held[k] for k in folds]
        self.held_out: Final = HeldOut(self.problem, held, rows.loss, set(cycle_ends(epochs)[1:]))
        if checkpoint and (earlier := checkpoint.read(self.state)):
            self.state, records, arrays = earlier
            self.held_out.seen = BestEpochs.from_arrays(arrays)
            for record in records:
                self.curve.note(record)
            self.began -= self.state.seconds

    def run(self, watch: Callable[[Record], bool]) -> None:
        """Train until the last epoch, or until `watch` returns True after one."""

        def note_and_watch(record: Record) -> bool:
            self.curve.note(record)
            return watch(record)

        learned = self.rows.learned()
        outcome = train(
            self.problem,
            self.state,
            self.config,
            self.rows.engine(self.engine, self.candidate.quantiles),
            self.held_out,
            note_and_watch,
            epochs=self.epochs - self.state.epoch,
            rows=[learned[k] for k in self.folds],
        )
        n_before = self.state.epoch - len(outcome.records)
        self.curve.records = [*self.curve.records[:n_before], *outcome.records]
        self.reason = outcome.reason
        if outcome.reason == "interrupted":
            self.is_partial = self.state.epoch < self.epochs
            if self.held_out.seen.epoch == self.state.epoch:  # otherwise it is one epoch ahead
                self.save()

    def save_if_due(self, *, is_partial: bool, gives_up: bool) -> None:
        """Write a checkpoint after an epoch if one is due.

        Parameters
        ----------
        is_partial : bool
            Whether training is ended from outside.
        gives_up : bool
            Whether the candidate is given up, so that it needs no checkpoint.
        """
        self.is_partial = is_partial and self.state.epoch < self.epochs
        if self.checkpoint is None or gives_up:
            return
        if self.is_partial or self.checkpoint.is_due():
            self.save()

    def save(self) -> None:
        """Write a checkpoint, if there is a file for it."""
        if self.checkpoint:
            arrays = self.held_out.seen.to_arrays()
            self.checkpoint.write(self.state, self.curve.records, arrays)

    def oof_predictions(self) -> list[Array]:
        """Return the out-of-fold predictions of `results`."""
        return [result.oof_prediction for result in self.results()]

    def results(self) -> list[CrossValResult]:
        """Return the networks of the best epoch so far, and the snapshots."""
        seen = self.held_out.seen
        best = self.state.milestones.best, float(seen.lowest.mean())
        best_epoch = round(float(seen.best.mean()))
        return [
            self._result(*best, best_epoch),
            *(self._result(theta, loss, epoch) for epoch, (theta, loss) in seen.kept.items()),
        ]

    def _result(self, theta: Array, loss: float, epoch: int) -> CrossValResult:
        net, candidate = self.problem.net, self.candidate
        fitted = FittedNetwork(
            net,
            theta,
            candidate.training_step(net.loss),
            candidate,
            loss=loss,
            epochs=len(self.curve.records),
            best_epoch=epoch,
            seconds=time.perf_counter() - self.began,
        )
        predictions = [
            self.rows.loss.mean(self.engine.predict(net, theta[i], part.x))
            for i, part in enumerate(self.held_out.parts)
        ]
        return CrossValResult(
            fitted,
            out_of_fold(self.rows, self.folds, predictions),
            self.curve.lows,
            self.epochs,
            self.reason,
            self.curve.records,
            self.is_partial,
        )


def cross_validate(
    candidate: Candidate,
    rows: EncodedRows,
    engine: Engine,
    epochs: int,
    race: Race = NO_RACE,
    observe: Callable[[Record], object] | None = None,
    checkpoint: CheckpointFile | None = None,
) -> list[CrossValResult]:
    """Train the networks of a candidate on all folds at once.

    Each network is trained on the rows outside its fold, and training may be stopped early; see
    `Race.is_lost`.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    engine : Engine
    epochs : int
    race : Race
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
    training = FoldTraining(candidate, rows, engine, epochs, range(len(rows.held)), checkpoint)

    def watch(record: Record) -> bool:
        gives_up = race.is_lost(candidate, training.curve, rows, training.oof_predictions)
        ended = observe is not None and observe(record) is True
        training.save_if_due(is_partial=ended and not gives_up, gives_up=gives_up)
        return ended or gives_up

    training.run(watch)
    return training.results()


def out_of_fold(rows: EncodedRows, folds: Sequence[int], predictions: list[Array]) -> Array:
    """Return out-of-fold predictions, averaged where a row is in several folds.

    Parameters
    ----------
    rows : EncodedRows
    folds : sequence of int
        The numbers of K folds.
    predictions : list of K arrays, shape (n_k, n_out)
        Of the rows of each fold.

    Returns
    -------
    array, shape (n_held_out, n_out)
        Of all rows in these folds, in order.
    """
    total, count = np.zeros((len(rows.y), len(rows.start))), np.zeros((len(rows.y), 1))
    for k, prediction in zip(folds, predictions, strict=True):
        total[rows.held[k]] += prediction
        count[rows.held[k]] += 1
    held_out = np.flatnonzero(count[:, 0])
    return total[held_out] / count[held_out]


def prepare(
    candidate: Candidate, rows: EncodedRows, epochs: int, folds: Sequence[int]
) -> tuple[TrainState, Problem, TrainConfig]:
    """Initialize the networks of a candidate, one for each fold, and configure their training.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows
    epochs : int
    folds : sequence of int
        The numbers of the folds.

    Returns
    -------
    TrainState
    Problem
    TrainConfig
    """
    x, n_networks = rows.view(candidate.quantiles), len(rows.held)
    net = network_for(candidate, rows)
    theta = np.stack([start(net, rows.start, [rows.seed, k]) for k in folds])
    update = candidate.update()
    batch_size = rows_in_a_step(rows.n_learned)
    config = TrainConfig(update, epochs, batch_size, schedule="coslog4", tol=0, patience=np.inf)
    seeds = np.random.default_rng(rows.seed).integers(2**31, size=n_networks).tolist()
    seeds = [seeds[k] for k in folds]
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
    return candidate.network(
        n_in, rows.n_numbers, rows.levels, len(rows.start), loss, rows.n_discrete
    )


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
