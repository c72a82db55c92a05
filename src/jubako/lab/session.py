"""A session: one learner's network while it learns. There is no page in it.

The network, its initial weights and its order of rows are those of an `MLPClassifier` or
`MLPRegressor` with the same parameters, and the steps are the plain engine's, in float64. So the
lines of Python that the lab shows lead to the same numbers.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from jubako import MLPClassifier, MLPRegressor
from jubako.core.activations import Array
from jubako.core.layers import Dense, Parts, Residual, backward, forward
from jubako.core.network import Network
from jubako.core.stream import row_order
from jubako.estimators.base import make
from jubako.estimators.targets import Labels
from jubako.table.errors import TableError
from jubako.table.sentence import Sentence
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import PlainEngine
from jubako.training.optimizers import OPTIMIZERS, Update

from .data import Data, Own, load
from .setup import Setup

MEMORY = 16 << 20  # bytes for steps back
MOST_BACK = 1000  # steps back
MOST_TRIES = 50
MOST_POINTS = 2000  # of the curves; then half of them go
MEASURED = 2000  # rows on which loss and score are measured; more are drawn from, in their order
SLICE = 0.02  # seconds for which the training thread keeps the lock
PACES = {"slow": 2.0, "medium": 20.0, "fast": float("inf")}  # epochs in a second


@dataclass(frozen=True, slots=True)
class Point:
    """How good the network was at a moment."""

    epoch: float  # with its fraction, where a step is shorter
    loss: float  # on the rows to learn from, without penalty
    test_loss: float
    score: float  # accuracy, or R²
    test_score: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What to go back to."""

    numbers: list[Array]  # theta and what the optimizer remembers
    order: Array
    at: int
    steps: int
    last: Point
    edited: bool


@dataclass(frozen=True, slots=True)
class Try:
    """A network that was trained, what it cost, and how good it became."""

    setup: Setup
    sizes: tuple[int, ...]
    n_params: int
    epochs: float
    seconds: float
    score: float
    test_score: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One box: where its parameters stand, and what it does."""

    index: int  # in net.layers
    prefix: str  # of the names of its parameters: "0." inside a Residual
    n_in: int
    n_out: int
    activation: str
    bridged: bool

    def w(self, parts: list[Parts]) -> Array:
        """Return its weights, shape (n_in, n_out), or their gradient."""
        return parts[self.index][self.prefix + "w"]

    def b(self, parts: list[Parts]) -> Array:
        """Return its biases, shape (1, n_out), or their gradient."""
        return parts[self.index][self.prefix + "b"]


class Session:
    """One learner's network, and how it learns.

    All that changes is guarded by a lock, which the training thread gives back many times a second.

    Parameters
    ----------
    setup : Setup
    own : Own, optional
        The learner's own table.

    Raises
    ------
    ValueError, TableError
        If the setup can't be used. The message says why.
    """

    def __init__(self, setup: Setup | None = None, own: Own | None = None) -> None:
        self.lock = threading.RLock()
        self.version = 0  # rises with every change, so that a page knows when to look
        self.builds = 0  # rises with every new network
        self.running = False
        self.pace = "fast"
        self.message = ""  # why training has stopped, if something went wrong
        self.stop = threading.Event()  # of the thread that trains: each has its own
        self.own = own
        self.tries: deque[Try] = deque(maxlen=MOST_TRIES)  # before this network
        self.build(setup or Setup())

    # Building

    def build(self, setup: Setup) -> None:
        """Start anew with this setup. If it can't be used, everything stays as it was."""
        same = hasattr(self, "data") and data_key(setup) == data_key(self.setup)
        data = self.data if same and self.read is self.own else load(setup, self.own)
        model, y = estimator(setup, data)
        model.fit(data.x, y)
        problem = problem_of(model, data.x, y, setup.alpha)
        test = problem_of(model, data.x_test, targets(setup, data, data.y_test), 0.0)
        update = Update(make(OPTIMIZERS[setup.solver], {"momentum": setup.momentum}))
        with self.lock:
            self.pause()
            self.tries.extend(self.this_try())
            self.setup, self.data, self.model, self.read = setup, data, model, self.own
            self.net: Network = model.network_
            self.layers = layers_of(self.net)
            self.problem, self.measured = problem, [thinned(problem), thinned(test)]
            self.update, self.engine = update, PlainEngine()
            self.learner = model._checkpoint.learner  # its seed, as `partial_fit` goes on with
            self.back: deque[Snapshot] = deque(maxlen=self.most_back())
            self.order = np.arange(len(data.y))
            self.seconds = 0.0  # of training
            self.at = self.steps = 0  # rows seen in this epoch; steps made in all
            self.message, self.edited = "", False
            self.points = [self.measure()]
            self.builds += 1
            self.version += 1

    def take(self, other: "Session") -> None:
        """Become what another session is: what a lab file held."""
        with self.lock:
            self.pause()
            kept = {name: getattr(self, name) for name in ("lock", "pace")}
            builds, version = self.builds + 1, self.version + 1
            vars(self).update(vars(other) | kept)
            self.builds, self.version = builds, version

    def reset(self) -> None:
        """Go back to the initial weights."""
        self.build(self.setup)

    @property
    def columns(self) -> list[str]:
        """The names of the table's columns, the target among them."""
        return [*self.data.train.table.column_names, self.data.target]

    @property
    def batch(self) -> int:
        """Rows in a step."""
        n = len(self.problem.y)
        return min(self.setup.batch or n, n)

    def next_batch(self) -> Problem:
        """Return the rows that the next step learns from."""
        rows = self.next_order()[self.at : self.at + self.batch]
        return self.problem.only(rows)

    def next_order(self) -> Array:
        """Return the order of rows of the epoch that the next step belongs to."""
        if self.at:
            return self.order
        n = len(self.problem.y)
        epoch = self.steps // -(-n // self.batch)
        return row_order(self.learner.seeds[0], epoch, n)

    @property
    def theta(self) -> Array:
        """All parameters, shape (P,)."""
        return self.learner.theta[0]

    @property
    def epoch(self) -> float:
        """Epochs so far, with the fraction of the one that it is in."""
        n_steps = -(-len(self.problem.y) // self.batch)
        return self.steps / n_steps

    def most_back(self) -> int:
        """Return how many steps back fit into memory."""
        size = sum(a.nbytes for a in self.learner.numbers()) + 8 * len(self.data.y)
        return int(np.clip(MEMORY // size, 10, MOST_BACK))

    # Steps

    def snapshot(self) -> Snapshot:
        """Copy all that a step changes."""
        return Snapshot(
            [a.copy() for a in self.learner.numbers()],
            self.order, self.at, self.steps, self.points[-1], self.edited,
        )  # fmt: skip

    def one_step(self) -> bool:
        """Learn from one batch, as the engine does within an epoch. Return whether it went well."""
        n = len(self.problem.y)
        self.order = self.next_order()
        rows = self.order[self.at : self.at + self.batch]
        started = time.perf_counter()
        self.learner.epoch = self.steps  # an epoch of one step: dropout counts steps, not epochs
        with np.errstate(all="ignore"):
            loss, _ = self.engine.run_epoch(
                self.problem, self.update, self.learner, rows[None], len(rows),
                np.array([[self.setup.rate]]),
            )  # fmt: skip
        self.seconds += time.perf_counter() - started
        self.at += len(rows)
        self.steps += 1
        if self.at >= n:
            self.at = 0
        good = bool(np.isfinite(loss).all() and np.isfinite(self.theta).all())
        if not good:
            self.message = "blown up"
        return good

    def step_batch(self) -> None:
        """Learn from the next batch."""
        with self.lock:
            self.back.append(self.snapshot())
            self.one_step()
            self.changed()

    def step_epoch(self) -> None:
        """Learn to the end of this epoch."""
        with self.lock:
            self.back.append(self.snapshot())
            while self.one_step() and self.at:
                pass
            self.changed()

    def step_back(self) -> None:
        """Undo the last step: the numbers are then the same to the last bit."""
        with self.lock:
            if not self.back:
                return
            then = self.back.pop()
            for now, before in zip(self.learner.numbers(), then.numbers, strict=True):
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
            raise ValueError(Sentence("A weight can't be {value}.", value=value))
        with self.lock:
            self.back.append(self.snapshot())
            box = self.layers[layer]
            parts = self.net.views(self.theta)
            (box.w(parts) if name == "w" else box.b(parts))[place] = value
            self.points[-1], self.edited = self.measure(), True
            self.version += 1

    def changed(self) -> None:
        """Measure, and let the page know."""
        self.points.append(self.measure())
        self.points = thinned_curve(self.points)
        self.version += 1

    # Running

    def some_steps(self) -> bool:
        """Learn for `SLICE` seconds. Return whether the epoch is at its end, or has blown up."""
        deadline = time.perf_counter() + SLICE
        while self.one_step():
            if self.at == 0:
                return True
            if time.perf_counter() > deadline:
                return False
        return True

    def run(self, epochs: int | None = None) -> None:
        """Train in a thread of its own, until paused or for so many epochs (as set up)."""
        with self.lock:
            if self.running:
                return
            self.running, self.message, self.stop = True, "", threading.Event()
            end = int(self.epoch) + (epochs or self.setup.epochs)
            self.version += 1
            threading.Thread(target=self.work, args=(end, self.stop), daemon=True).start()

    def work(self, end: int, stop: threading.Event) -> None:
        """Train epoch after epoch: what the thread does.

        It looks at its own event each time that it has got the lock. Once that is set, all that it
        would change may belong to another network.
        """
        try:
            while True:
                due = time.perf_counter() + 1 / PACES[self.pace]
                with self.lock:
                    if stop.is_set() or self.epoch >= end or self.message:
                        return
                    self.back.append(self.snapshot())
                done = False
                while not done:
                    with self.lock:
                        if stop.is_set():
                            return
                        done = self.some_steps()
                        if done:
                            self.changed()
                    time.sleep(0.0005)  # whoever wants to look gets a turn
                stop.wait(max(0.0, due - time.perf_counter()))
        except Exception as error:  # whatever it is, the learner sees it and the lab lives on
            with self.lock:
                if not stop.is_set():
                    self.message = f"{type(error).__name__}: {error}"
        finally:
            with self.lock:
                if not stop.is_set():
                    self.running = False
                    self.version += 1

    def pause(self) -> None:
        """Stop after the step that it is in, and wait for that."""
        with self.lock:
            if not self.running:
                return
            self.stop.set()
            self.running = False
            if self.points[-1].epoch == self.epoch:
                self.version += 1
            else:  # within an epoch
                self.changed()

    def run_or_pause(self) -> None:
        """Pause if it runs now, else run."""
        with self.lock:
            if self.running:
                self.pause()
            else:
                self.run()

    # Looking

    def measure(self) -> Point:
        """Measure loss and score, on the rows to learn from and on the others."""
        figures = list[float]()
        with np.errstate(all="ignore"):
            for problem in self.measured:
                b = self.engine.predict(self.net, self.theta, problem.x)
                loss = self.net.loss.value(b, problem.y).mean(dtype=np.float64)
                figures += [float(loss), score(self.net, b, problem.y, self.data.task)]
        return Point(self.epoch, figures[0], figures[2], figures[1], figures[3])

    def this_try(self) -> list[Try]:
        """Return what this network has come to, if it was trained at all."""
        if not getattr(self, "steps", 0):
            return []
        last, sizes = self.points[-1], (len(self.data.inputs), *(b.n_out for b in self.layers))
        return [
            Try(self.setup, sizes, self.net.n_params, self.epoch, self.seconds, last.score,
                last.test_score)
        ]  # fmt: skip

    def all_tries(self) -> list[Try]:
        """Return all networks that were trained, this one last."""
        with self.lock:
            return [*self.tries, *self.this_try()]

    def look(self) -> "Look":
        """Copy the weights, for whoever draws them while training goes on."""
        with self.lock:
            return Look(
                self.version, self.setup, self.data, self.net, self.layers, self.theta.copy(),
                self.next_batch(), self.measured[0], list(self.points), self.running,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """The network as it was at one moment."""

    version: int
    setup: Setup
    data: Data
    net: Network
    layers: list[Layer]
    theta: Array
    batch: Problem  # the rows of the next step
    seen: Problem  # the rows to learn from, or some of them
    points: list[Point]
    running: bool

    def has(self, layer: int, unit: int) -> bool:
        """Tell whether there is such a unit."""
        return layer < len(self.layers) and unit < self.layers[layer].n_out

    @property
    def parts(self) -> list[Parts]:
        """Its parameters by name, layer by layer."""
        return self.net.views(self.theta)

    def outputs(self, x: Array) -> tuple[list[Array], Array]:
        """Return what each hidden layer puts out, (M, n_out) each, and what is predicted."""
        with np.errstate(all="ignore"):  # weights may have run away
            b, pages = forward(self.net.layers, self.parts, x)
            hidden = [pages[layer.index].v for layer in self.layers[:-1]]
            return hidden, self.net.loss.mean(b)

    def gradients(self, problem: Problem | None = None) -> tuple[list[Parts], list[Array]]:
        """Return dL/dw and dL/db, and each layer's delta = dL/da, row by row.

        They are those of the rows to learn from (of `MEASURED` of them), unless others are given.
        Each delta is that of the row's own loss.
        """
        problem, grad = problem or self.seen, np.empty_like(self.theta)
        s = np.full(len(problem.y), 1 / len(problem.y))
        grads = self.net.views(grad)
        with np.errstate(all="ignore"):
            b, pages = forward(self.net.layers, self.parts, problem.x)
            delta = s[:, None] * self.net.loss.delta(b, problem.y)
            backward(self.net.layers, self.parts, pages, delta, grads)
            problem.penalize(self.theta, grad, problem.w.sum(), self.net.is_weight)
        deltas = list[Array]()
        for layer in self.layers:
            page = pages[layer.index]
            page = page.inside[0] if page.inside else page
            assert page.delta is not None
            deltas.append(page.delta * len(problem.y))
        return grads, deltas


def data_key(setup: Setup) -> tuple[Any, ...]:
    """Return what of a setup decides about the rows."""
    return setup.data, setup.target, setup.noise, setup.held_out, setup.scaled, setup.seed


def parameters(setup: Setup, data: Data) -> dict[str, Any]:
    """Return the parameters of the estimator that this setup describes."""
    activations = [box.activation for box in setup.boxes]
    return {
        "hidden_layer_sizes": tuple(box.units for box in setup.boxes),
        "activation": activations[0] if len(set(activations)) == 1 else activations or "relu",
        "solver": setup.solver,
        "momentum": setup.momentum,
        "learning_rate_init": setup.rate,
        "batch_size": min(setup.batch or len(data.y), len(data.y)),
        "alpha": setup.alpha,
        "dropout": setup.dropout if setup.boxes else 0.0,
        "residual": setup.residual and can_bridge(setup),
        "init": setup.init,
        "random_state": setup.seed,
        "dtype": "float64",
    }


def can_bridge(setup: Setup) -> bool:
    """Tell whether a hidden layer is as wide as the one before it."""
    sizes = [box.units for box in setup.boxes]
    return any(a == b for a, b in pairwise(sizes))


def loss_name(setup: Setup, data: Data) -> str:
    """Return the name of the loss that is used.

    Raises
    ------
    ValueError
        If it does not suit what is predicted.
    """
    if data.task == "classify":
        if setup.loss not in ("", "cross_entropy", "squared_error"):
            raise ValueError(
                Sentence(
                    "The loss {loss!r} is for numbers, but {target!r} has classes: choose "
                    "cross_entropy or squared_error.",
                    loss=setup.loss, target=data.target,
                )
            )  # fmt: skip
        return setup.loss or "cross_entropy"
    if setup.loss == "cross_entropy":
        raise ValueError(
            Sentence(
                "The loss 'cross_entropy' is for classes, but {target!r} is a number: choose "
                "squared_error.",
                target=data.target,
            )
        )
    return setup.loss or "squared_error"


def estimator(setup: Setup, data: Data) -> tuple[Any, Array]:
    """Return the estimator that this setup describes, untrained, and the y that it takes."""
    more = parameters(setup, data) | {"max_iter": 0}
    y = targets(setup, data, data.y)
    if data.task == "classify" and loss_name(setup, data) == "cross_entropy":
        return MLPClassifier(**more), y
    return MLPRegressor(loss_name(setup, data), **more), y


def targets(setup: Setup, data: Data, y: Array) -> Array:
    """Return y as the estimator takes it; for squared errors of classes one column for each."""
    if data.task == "regress":
        return y[:, 0]
    if loss_name(setup, data) == "squared_error":
        return (y[:, None] == np.unique(data.y)).astype(float)
    return y


def problem_of(model: Any, x: Array, y: Array, alpha: float) -> Problem:
    """Turn rows into what an engine takes."""
    encoded = Labels(model.classes_, model._targets.kind).encode(y) if is_classifier(model) else y
    encoded = encoded.reshape(len(y), -1)
    if model.network_.loss.target != "class":
        encoded = encoded.astype(np.float64)
    return Problem(model.network_, x, encoded, np.ones(len(y)), alpha)


def is_classifier(model: Any) -> bool:
    """Tell which of the two estimators this is."""
    return isinstance(model, MLPClassifier)


def thinned(problem: Problem) -> Problem:
    """Return at most `MEASURED` of the rows, spread evenly."""
    n = len(problem.y)
    return problem if n <= MEASURED else problem.only(np.linspace(0, n - 1, MEASURED).astype(int))


def thinned_curve(points: list[Point]) -> list[Point]:
    """Return the same curve with at most `MOST_POINTS`, spread evenly; its ends stay."""
    if len(points) <= MOST_POINTS:
        return points
    epochs = np.array([point.epoch for point in points])
    wanted = np.linspace(epochs[0], epochs[-1], MOST_POINTS // 2)
    kept = np.unique(np.searchsorted(epochs, wanted))
    return [points[i] for i in kept]


def classes(net: Network, b: Array) -> Array:
    """Return the number of the class that is predicted for each row, shape (M,)."""
    return (b[:, 0] > 0).astype(int) if b.shape[1] == 1 else b.argmax(1)


def true_classes(y: Array) -> Array:
    """Return the number of each row's class, shape (M,), from what a loss takes."""
    return (y[:, 0] if y.shape[1] == 1 else y.argmax(1)).astype(int)


def score(net: Network, b: Array, y: Array, task: str) -> float:
    """Return the accuracy, or R²; NaN where b is not finite or there are no rows."""
    if not len(y) or not np.isfinite(b).all():
        return float("nan")
    if task == "classify":
        return float((classes(net, b) == true_classes(y)).mean())
    spread = float(np.square(y - y.mean()).sum())
    return 1 - float(np.square(net.loss.mean(b) - y).sum()) / (spread or 1.0)


def layers_of(net: Network) -> list[Layer]:
    """List the boxes of a network: its dense layers, with or without a bridge."""
    found = list[Layer]()
    for i, layer in enumerate(net.layers):
        bridged = isinstance(layer, Residual)
        dense = layer.layers[0] if isinstance(layer, Residual) else layer
        if isinstance(dense, Dense):
            prefix = "0." if bridged else ""
            found.append(Layer(i, prefix, dense.n_in, dense.n_out, dense.activation, bridged))
    return found


Wrong = (ValueError, TableError)
"""What a setup that can't be used raises."""
