"""The loss of each network on its held-out fold after each epoch, and the best epochs."""

from dataclasses import dataclass

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.training.engines.base import Engine, Problem
from jubako.training.history import Record

CYCLE_ENDS = 1 / 15, 3 / 15, 7 / 15, 1.0  # fractions of a run at which the learning rate is 0


def cycle_ends(epochs: int) -> list[int]:
    """Return the epochs after which the learning rate is 0."""
    return [max(1, round(share * epochs)) for share in CYCLE_ENDS]


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
        self.parts: list[Problem] = [problem.only(held_out) for held_out in held]
        self.loss: Loss = loss
        self.keep: set[int] = keep
        self.seen: BestEpochs = BestEpochs(
            0, np.full(len(held), np.inf), np.zeros(len(held), int), {}
        )

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


class LossCurve:
    """The held-out losses of a candidate after each epoch, which decide whether it is stopped.

    Parameters
    ----------
    epochs : int
        The number of epochs that are planned.

    Attributes
    ----------
    planned_epochs : int
    records : list of Record
        The epochs so far.
    """

    def __init__(self, epochs: int) -> None:
        self.planned_epochs = epochs
        self.records: list[Record] = []
        self.losses: Array = np.full(epochs + 1, np.inf)
        self.ends: list[int] = cycle_ends(epochs)[1:3]

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
        """Return whether to stop training after this epoch by its loss; see `Race.is_lost`."""
        (by_second, by_third), (second_end, third_end) = self.lows, self.ends
        epoch = self.records[-1].epoch
        hopeless = epoch == second_end and by_second > loss_limits[0]
        hopeless |= epoch == third_end and by_third > loss_limits[1]
        overfits = epoch == third_end > second_end and by_third == by_second
        return hopeless or overfits
