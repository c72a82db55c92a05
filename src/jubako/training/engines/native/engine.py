"""The native engine: whole epochs in C++, without Python. See `docs/engine.md`.

Networks that C++ does not support run on the NumPy engine. Both agree up to rounding.
"""

import ctypes
import warnings
from functools import cache
from typing import Any, cast

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import LOSSES
from jubako.core.network import Network
from jubako.i18n.messages import Message
from jubako.training.engines.base import Engine, EpochOutputs, Problem, Rows, row_counts
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.optimizers import OPTIMIZERS, Update
from jubako.training.state import TrainState

from .description import describe, entry_of, implements, name_of, pass_settings
from .library import Job, Library, PredictJob, chosen, libraries, problem
from .threads import thread_count

SLICE = 0.2  # seconds per call, after which Python handles Ctrl-C
DENSE_BLOCK = 2**31  # multiplications in one call over all rows, about as long
PRECISIONS = np.dtype(np.float32), np.dtype(np.float64)
NO_RULE = 3  # of a pass without update

JOB_ARRAYS = {"z": "m", "m": "m", "v": "v", "t": "t"}
"""Where a job has each array of an optimizer's state; after each epoch: ms, vs, ts."""

running: set[int] = set()  # jobs in C++, by id


class NativeEngine(NumpyEngine):
    """The passes of `core`, in C++.

    Parameters
    ----------
    library : Library, optional
        A build; default the fastest that this processor runs.
    n_threads : int, optional
        Default as in `thread_count`. Any number gives the same bits.
    """

    name = "native"

    def __init__(self, library: Library | None = None, n_threads: int | None = None) -> None:
        self.library: Library = library or libraries()[0]
        self.n_threads = n_threads

    def __reduce__(self) -> Any:
        """Travel to another process, or machine, as the name of the build."""
        return engine_of, (self.library.build, self.n_threads)

    # Support

    def supports(self, net: Network, update: Update | None = None) -> bool:
        """Return whether C++ implements all layers, activations, the loss and the optimizer."""
        if update and not entry_of(OPTIMIZERS, self.library.optimizers, update.optimizer):
            return False
        is_known = entry_of(LOSSES, self.library.losses, net.loss) is not None
        return is_known and implements(self.library, net.layers)

    def fits(self, problem: Problem, theta: Array, update: Update | None = None) -> bool:
        """Return whether C++ can compute this problem: dense arrays of one precision, all known."""
        return (
            takes(theta, problem.x)
            and len(problem.y) > 0
            and problem.w.dtype == theta.dtype
            and self.supports(problem.net, update)
        )

    def name_for(self, problem: Problem, theta: Array, update: Update | None) -> str:
        """Return the name of this engine, or "numpy" for what C++ does not implement."""
        return self.name if self.fits(problem, theta, update) else NumpyEngine.name

    # Computation

    def loss_and_grad(self, problem: Problem, theta: Array, grad: Array) -> Array:
        """Compute L(theta) in blocks of rows in C++, or in NumPy; overwrite grad."""
        if not self.fits(problem, theta) or not grad.flags.c_contiguous:
            return super().loss_and_grad(problem, theta, grad)
        net, n_rows, lead = problem.net, len(problem.y), theta.shape[:-1]
        thetas = np.ascontiguousarray(theta).reshape(-1, net.n_params)
        total, loss, part = problem.w.sum(), np.zeros(len(thetas)), np.empty_like(thetas)
        y = np.ascontiguousarray(problem.y, theta.dtype)
        grads = grad.reshape(thetas.shape)
        grads[...] = 0
        block = max(512, DENSE_BLOCK // (net.n_params * len(thetas)) // 512 * 512)
        for start in range(0, n_rows, block):
            rows = slice(start, start + block)
            some = Problem(net, problem.x[rows], y[rows], problem.w[rows])
            losses = np.zeros((1, len(thetas)))
            job = self.job(some, thetas, losses, part)
            job.total, job.batch_size = float(total), len(some.y)
            self.run(job, theta.dtype)
            loss += losses[0]
            grads += part
        penalty = problem.penalize(theta, grad, total, net.is_weight.astype(theta.dtype))
        return loss.reshape(lead) + penalty

    def epochs_at_once(self, problem: Problem, state: TrainState) -> int:
        """Return how many epochs to run in one call, from 1 to 256: fewer for large problems."""
        numbers = 4 * state.theta.size
        work = state.theta.size * len(problem.y)
        return max(1, min(2**8, 2**20 // numbers, 2**27 // max(work, 1)))

    def run_epochs(
        self,
        problem: Problem,
        update: Update,
        state: TrainState,
        rows: Rows,
        batch_size: int,
        lrs: Array,
        shuffle: bool = False,
    ) -> EpochOutputs:
        """Run epochs in C++, or in NumPy what C++ does not implement.

        Raises
        ------
        IndexError
            If a row number is outside of the problem.
        """
        theta, dtype = state.theta, state.theta.dtype
        if (
            not self.fits(problem, theta, update)
            or not all(a.flags.c_contiguous for a in state.numbers())
            or lrs.dtype != dtype
        ):
            return super().run_epochs(problem, update, state, rows, batch_size, lrs, shuffle)
        outputs = EpochOutputs.empty(len(lrs), state)
        outputs.losses[...] = 0
        job = self.job(problem, theta, outputs.losses, outputs.grads)
        entry = self.library.optimizers[name_of(OPTIMIZERS, update.optimizer)]
        job.rule = entry.number
        pass_settings(job.settings, entry, update.optimizer)
        job.layers = describe(problem.net, self.library, update.per_parameter)
        job.weight_decay, job.max_grad_norm = update.weight_decay, update.max_grad_norm
        job.alpha, job.batch_size = problem.alpha, batch_size
        job.n_epochs, job.n_steps = lrs.shape[:2]
        job.first_epoch = state.epoch
        for name, array, after in zip(
            state.optimizer_state, state.numbers()[1:], outputs.numbers[1:], strict=True
        ):
            setattr(job, JOB_ARRAYS[name], array.ctypes.data)
            setattr(job, JOB_ARRAYS[name] + "s", after.ctypes.data)
        lrs, seeds = np.ascontiguousarray(lrs), np.ascontiguousarray(state.seeds, np.uint32)
        job.thetas, job.rates, job.seeds = (a.ctypes.data for a in (outputs.numbers[0], lrs, seeds))
        sizes = row_counts(rows, len(theta), len(problem.y))
        job.most_rows = sizes.max()
        if rows is not None:
            own = np.concatenate(rows).astype(np.int64)
            if own.min() < 0 or own.max() >= len(problem.y):
                raise IndexError(f"There are rows 0 to {len(problem.y) - 1}, no others.")
            first_rows = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
            job.rows, job.first_rows = own.ctypes.data, first_rows.ctypes.data
            job.held += own, first_rows
        if shuffle:
            order = np.empty((len(theta), job.most_rows), np.uint32)
            ordered = np.full(len(theta), -1, np.int64)
            job.order, job.ordered = order.ctypes.data, ordered.ctypes.data
            job.held += order, ordered
        self.run(job, dtype)
        return outputs

    def predict(self, net: Network, theta: Array, x: Any) -> Array:
        """Compute the raw prediction b of every row in C++, or in NumPy."""
        if not takes(theta, x) or not implements(self.library, net.layers):
            return super().predict(net, theta, x)
        lead, n_out = theta.shape[:-1], net.layers[-1].n_out
        thetas = np.ascontiguousarray(theta).reshape(-1, net.n_params)
        b = np.empty((len(thetas), len(x), n_out), theta.dtype)
        if b.size:
            layers = describe(net, self.library)
            done = ctypes.c_int64(0)
            step, size = x.strides, x.itemsize
            job = PredictJob(
                layers,
                len(layers),
                net.n_params,
                x.ctypes.data,
                step[0] // size,
                step[1] // size,
                len(x),
                thetas.ctypes.data,
                len(thetas),
                b.ctypes.data,
                ctypes.addressof(done),
            )
            try:
                # one row of one network takes one thread, and counting those there are takes longer
                n_threads = 1 if len(thetas) == len(x) == 1 else None
                self.until_done(self.library.predict, job, theta.dtype, n_threads)
            finally:
                self.library.end_predict(job)
        return b.reshape(*lead, len(x), n_out)

    # Jobs

    def threads(self) -> int:
        """Return the maximum number of threads to use."""
        return self.n_threads or thread_count()

    def job(self, problem: Problem, theta: Array, losses: Array, grad: Array) -> Job:
        """Describe a pass over all rows, without an update: one network (P,) for each row of theta.

        The job holds on to all arrays that it points to.
        """
        net, dtype = problem.net, theta.dtype
        layers, x = describe(net, self.library), problem.x
        y = np.ascontiguousarray(problem.y, dtype)
        w = np.ascontiguousarray(problem.w)
        done = np.zeros(len(theta), np.int64)
        loss = self.library.losses[name_of(LOSSES, net.loss)]
        job = Job(
            layers=layers,
            n_layers=len(layers),
            n_params=net.n_params,
            loss=loss.number,
            rule=NO_RULE,
            max_grad_norm=np.inf,
            x=x.ctypes.data,
            x_row=x.strides[0] // x.itemsize,
            x_col=x.strides[1] // x.itemsize,
            y=y.ctypes.data,
            y_cols=y.shape[1],
            w=w.ctypes.data,
            n_rows=len(y),
            most_rows=len(y),
            n_networks=len(theta),
            n_epochs=1,
            n_steps=1,
            theta=theta.ctypes.data,
            losses=losses.ctypes.data,
            grad=grad.ctypes.data,
            done=done.ctypes.data,
        )
        pass_settings(job.loss_settings, loss, net.loss)
        job.held = x, y, w, done, theta, losses, grad
        return job

    def run(self, job: Job, dtype: Any) -> None:
        """Run a training job to its end."""
        self.until_done(self.library.train, job, dtype)

    def until_done(self, function: Any, job: Any, dtype: Any, n_threads: int | None = None) -> None:
        """Call a function of the library until it is done; between calls Python sees Ctrl-C.

        Without a number of threads, jobs that run at once, in threads of this process, share the
        processors.
        """
        single, answer = dtype == np.float32, 0
        running.add(id(job))
        try:
            while answer == 0:
                job.n_threads = n_threads or max(1, self.threads() // len(running))
                answer = function(job, single, SLICE)
        finally:
            running.discard(id(job))
        if answer == -1:
            raise MemoryError("The native engine found no memory for a batch: lower batch_size.")
        if answer < 0:
            raise RuntimeError(
                "The native engine could not start its threads: set OMP_NUM_THREADS=1."
            )


def takes(theta: Array, x: Any) -> bool:
    """Return whether C++ can read these arrays: dense, and both in the same precision.

    Parameters
    ----------
    theta : array, shape (..., P)
    x : array or SciPy sparse array, shape (N, n_in)
    """
    if not isinstance(x, np.ndarray):
        return False
    x = cast(Array, x)
    return (
        x.ndim == 2
        and x.dtype == theta.dtype
        and theta.dtype in PRECISIONS
        and x.dtype.isnative
        and all(step % x.itemsize == 0 for step in x.strides)
    )


def engine_of(build: str, n_threads: int | None) -> Engine:
    """Return the engine of this build, or the best that this machine has.

    Parameters
    ----------
    build : str
        One of `BUILDS`.
    n_threads : int or None
        As in `NativeEngine`.

    Returns
    -------
    Engine
    """
    for library in libraries():
        if library.build == build:
            return NativeEngine(library, n_threads)
    return best_engine()


def best_engine() -> Engine:
    """Return the native engine if it was built, else the NumPy engine.

    `JUBAKO_ENGINE` in the environment selects another; see `chosen`.

    Returns
    -------
    Engine

    Warns
    -----
    UserWarning
        Once in a process, if the native engine is missing.
    """
    if library := chosen():
        return NativeEngine(library)
    if why := problem():
        warn_once(why)
    return NumpyEngine()


@cache
def warn_once(why: Message) -> None:
    """Warn that the NumPy engine is used.

    Parameters
    ----------
    why : Message
        Why there is no native engine.
    """
    text = Message(
        "Jubako computes with its NumPy engine, which is slower, since the native engine {why}. "
        "Install g++ or clang, then run `pip install --force-reinstall --no-deps jubako`; "
        "JUBAKO_ENGINE=numpy in the environment hides this warning.",
        why=why,
    )
    warnings.warn(text, stacklevel=3)
