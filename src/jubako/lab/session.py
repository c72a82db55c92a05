"""A session: a network in training, without the page.

The network, its initial weights and its order of rows are those of an `MLPClassifier` or
`MLPRegressor` with the same parameters, and the steps are the NumPy engine's, in float64. So the
lines of Python that the lab shows lead to the same numbers.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jubako.core.activations import Array
from jubako.core.counter_rng import row_order
from jubako.core.network import Network
from jubako.data.errors import TableError
from jubako.estimators.mlp_parameters import make
from jubako.i18n.messages import Message
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.optimizers import OPTIMIZERS, Update

from .configuration import Setup
from .data import PreparedData, load
from .estimator import estimator, problem_of, targets
from .measurements import Point, measure, thinned, thinned_curve
from .runner import Runner
from .snapshot import Layer, Snapshot, layers_of
from .uploaded_table import UploadedTable

MEMORY = 16 << 20  # bytes for steps back
MAX_BACK = 1000  # steps back
MAX_TRIES = 50
SLICE = 0.02  # seconds for which the training thread keeps the lock

SETUP_ERRORS = (ValueError, TableError)
"""What a setup that can't be used raises."""


@dataclass(frozen=True, slots=True)
class UndoState:
    """The state before a step."""

    numbers: list[Array]  # theta and the state of the optimizer
    order: Array
    at: int
    steps: int
    last: Point
    edited: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A trained network: its settings, cost and scores."""

    setup: Setup
    sizes: tuple[int, ...]
    n_params: int
    epochs: float
    seconds: float
    score: float
    test_score: float


class Session:
    """A network in training.

    All that changes is guarded by a lock, which the training thread releases many times a second.

    Parameters
    ----------
    setup : Setup
    uploaded : UploadedTable, optional
        The user's own table.

    Raises
    ------
    ValueError, TableError
        If the setup can't be used, with the reason.
    """

    def __init__(self, setup: Setup | None = None, uploaded: UploadedTable | None = None) -> None:
        self.lock: Final = threading.RLock()
        self.version: int = 0  # rises with every change, so that pages know when to update
        self.builds: int = 0  # rises with every new network
        self.runner: Final = Runner(self)
        self.message: str = ""  # why training has stopped, if something went wrong
        self.uploaded = uploaded
        self.trials: deque[Trial] = deque(maxlen=MAX_TRIES)  # before this network
        self.build(setup or Setup())

    # Building

    def build(self, setup: Setup) -> None:
        """Build the network of a setup. Nothing is changed if the setup is invalid."""
        same = hasattr(self, "data") and data_key(setup) == data_key(self.setup)
        data = self.data if same and self.read is self.uploaded else load(setup, self.uploaded)
        model, y = estimator(setup, data)
        model.fit(data.x, y)
        problem = problem_of(model, data.x, y, setup.alpha)
        test = problem_of(model, data.x_test, targets(setup, data, data.y_test), 0.0)
        update = Update(make(OPTIMIZERS[setup.solver], {"momentum": setup.momentum}))
        with self.lock:
            self.pause()
            self.trials.extend(self.this_trial())
            self.setup: Setup = setup
            self.data: PreparedData = data
            self.model: Any = model
            self.read: UploadedTable | None = self.uploaded
            self.net: Network = model.network_
            self.layers: list[Layer] = layers_of(self.net)
            self.problem: Problem = problem
            self.measured: tuple[Problem, Problem] = (thinned(problem), thinned(test))
            self.update: Update = update
            self.engine: NumpyEngine = NumpyEngine()
            self.train_state: Any = model.train_state()  # its seed, as `partial_fit` goes on with
            self.undo_states: deque[UndoState] = deque(maxlen=self.undo_limit())
            self.order: Array = np.arange(len(data.y))
            self.seconds: float = 0.0  # of training
            self.at: int = 0  # rows seen in this epoch
            self.steps: int = 0  # made in all
            self.message: str = ""
            self.edited: bool = False
            self.points: list[Point] = [self.measure()]
            self.builds += 1
            self.version += 1

    def take(self, other: "Session") -> None:
        """Take over the state of another session, from a lab file."""
        with self.lock:
            self.pause()
            kept = {name: getattr(self, name) for name in ("lock", "runner")}
            builds, version = self.builds + 1, self.version + 1
            vars(self).update(vars(other) | kept)
            self.builds, self.version = builds, version

    def reset(self) -> None:
        """Restore the initial weights."""
        self.build(self.setup)

    @property
    def columns(self) -> list[str]:
        """The names of the columns of the table, including the target."""
        return [*self.data.train.table.column_names, self.data.target]

    @property
    def batch(self) -> int:
        """Rows in a step."""
        n = len(self.problem.y)
        return min(self.setup.batch or n, n)

    def next_batch(self) -> Problem:
        """Return the rows of the next step."""
        rows = self.next_order()[self.at : self.at + self.batch]
        return self.problem.only(rows)

    def next_order(self) -> Array:
        """Return the order of rows in the epoch of the next step."""
        if self.at:
            return self.order
        n = len(self.problem.y)
        epoch = self.steps // -(-n // self.batch)
        return row_order(self.train_state.seeds[0], epoch, n)

    @property
    def theta(self) -> Array:
        """All parameters, shape (P,)."""
        return self.train_state.theta[0]

    @property
    def epoch(self) -> float:
        """Number of epochs so far, including the fraction of the current one."""
        n_steps = -(-len(self.problem.y) // self.batch)
        return self.steps / n_steps

    def undo_limit(self) -> int:
        """Return the number of undo states that fit into memory."""
        size = sum(a.nbytes for a in self.train_state.numbers()) + 8 * len(self.data.y)
        return int(np.clip(MEMORY // size, 10, MAX_BACK))

    # Steps

    def save_undo_state(self) -> None:
        """Copy the state that a step changes, for `step_back`."""
        numbers = [a.copy() for a in self.train_state.numbers()]
        last = self.points[-1]
        state = UndoState(numbers, self.order, self.at, self.steps, last, self.edited)
        self.undo_states.append(state)

    def train_batch(self) -> bool:
        """Train on one batch, as the engine does in an epoch. Return whether the loss is finite."""
        n = len(self.problem.y)
        self.order = self.next_order()
        rows = self.order[self.at : self.at + self.batch]
        started = time.perf_counter()
        stepper = self.engine.stepper(self.problem, self.update, self.train_state)
        with np.errstate(all="ignore"):
            loss = stepper.gradient(rows[None], self.steps)
            if np.isfinite(loss).all():
                stepper.update(np.array([[self.setup.rate]]))
        self.seconds += time.perf_counter() - started
        self.at += len(rows)
        self.steps += 1
        if self.at >= n:
            self.at: int = 0
        good = bool(np.isfinite(loss).all() and np.isfinite(self.theta).all())
        if not good:
            self.message = "diverged"
        return good

    def step_batch(self) -> None:
        """Train on the next batch."""
        with self.lock:
            self.save_undo_state()
            self.train_batch()
            self.record()

    def step_epoch(self) -> None:
        """Train to the end of this epoch."""
        with self.lock:
            self.save_undo_state()
            while self.train_batch() and self.at:
                pass
            self.record()

    def step_back(self) -> None:
        """Undo the last step, bit for bit."""
        with self.lock:
            if not self.undo_states:
                return
            then = self.undo_states.pop()
            for now, before in zip(self.train_state.numbers(), then.numbers, strict=True):
                now[...] = before
            self.order, self.at, self.steps = then.order, then.at, then.steps
            while self.points and self.points[-1].epoch >= then.last.epoch:
                self.points.pop()
            self.points.append(then.last)
            self.edited, self.message = then.edited, ""
            self.version += 1

    def edit(self, layer: int, name: str, place: tuple[int, int], value: float) -> None:
        """Set one weight ("w") or bias ("b") of a layer.

        Raises
        ------
        ValueError
            If the value is not finite.
        """
        if not np.isfinite(value):
            raise ValueError(Message("A weight can't be {value}.", value=value))
        with self.lock:
            self.save_undo_state()
            box = self.layers[layer]
            parts = self.net.views(self.theta)
            (box.w(parts) if name == "w" else box.b(parts))[place] = value
            self.points[-1], self.edited = self.measure(), True
            self.version += 1

    def record(self) -> None:
        """Compute loss and score, and increase the version."""
        self.points.append(self.measure())
        self.points = thinned_curve(self.points)
        self.version += 1

    # Running

    def train_slice(self) -> bool:
        """Train for `SLICE` seconds. Return whether the epoch or training has ended."""
        deadline = time.perf_counter() + SLICE
        while self.train_batch():
            if self.at == 0:
                return True
            if time.perf_counter() > deadline:
                return False
        return True

    @property
    def running(self) -> bool:
        """Whether a thread is training."""
        return self.runner.running

    def run(self, epochs: int | None = None) -> None:
        """Train in a separate thread, until paused or for `epochs` epochs (default: setup)."""
        with self.lock:
            if not self.running:
                self.message = ""
                self.version += 1
                self.runner.start(int(self.epoch) + (epochs or self.setup.epochs))

    def pause(self) -> None:
        """Stop after the current step, and wait for it."""
        with self.lock:
            if not self.running:
                return
            self.runner.stop()
            if self.points[-1].epoch == self.epoch:
                self.version += 1
            else:  # within an epoch
                self.record()

    def run_or_pause(self) -> None:
        """Pause if it runs now, else run."""
        with self.lock:
            if self.running:
                self.pause()
            else:
                self.run()

    # Measurements

    def measure(self) -> Point:
        """Compute the current loss and score."""
        return measure(self.net, self.theta, self.measured, self.epoch, self.data.task)

    def this_trial(self) -> list[Trial]:
        """Return the results of this network, if it was trained."""
        if not getattr(self, "steps", 0):
            return []
        last, sizes = self.points[-1], (len(self.data.inputs), *(b.n_out for b in self.layers))
        return [
            Trial(
                self.setup,
                sizes,
                self.net.n_params,
                self.epoch,
                self.seconds,
                last.score,
                last.test_score,
            )
        ]

    def all_trials(self) -> list[Trial]:
        """Return all networks that were trained, this one last."""
        with self.lock:
            return [*self.trials, *self.this_trial()]

    def snapshot(self) -> Snapshot:
        """Return a copy that can be drawn while training continues."""
        with self.lock:
            return Snapshot(
                self.version,
                self.setup,
                self.data,
                self.net,
                self.layers,
                self.theta.copy(),
                self.next_batch(),
                self.measured[0],
                list(self.points),
                self.running,
            )


def data_key(setup: Setup) -> tuple[Any, ...]:
    """Return the settings that determine the rows."""
    return setup.data, setup.target, setup.noise, setup.held_out, setup.scaled, setup.seed
