"""Training of a multilayer perceptron: the engine, the callbacks, and warnings."""

import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message
from jubako.search.network_run import NetworkRun
from jubako.training.engines.base import Engine, Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.history import Observer, Outcome, Record
from jubako.training.lbfgs import train_lbfgs
from jubako.training.loop import train
from jubako.training.state import TrainState
from jubako.training.validation import Validation

from .callbacks import Attributes, fit_task
from .mlp_parameters import config_of, update_of
from .validation import is_bool


def engine_of(estimator: Any) -> Engine:
    """Return the engine for these parameters.

    L-BFGS compares losses to their last digits; NumPy's pairwise summation loses fewer of them.
    """
    return NumpyEngine() if estimator.solver == "lbfgs" else best_engine()


def train_networks(
    estimator: Any,
    problem: Problem,
    state: TrainState,
    validation: Validation | None,
    observe: Observer | None,
    *,
    once: bool,
) -> Outcome:
    """Train as configured by the parameters, and update the state in place."""
    n_rows = len(problem.y)
    engine, update = engine_of(estimator), update_of(estimator)
    if update is None:
        limits = {
            "tol": estimator.tol,
            "max_iter": estimator.max_iter,
            "max_fun": estimator.max_fun,
        }
        outcomes = [
            train_lbfgs(problem, theta, engine, validation, observe, **limits)
            for theta in state.theta
        ]
        longest = max(outcomes, key=lambda outcome: len(outcome.records))
        return replace(longest, theta=state.theta)
    if estimator.batch_size == "auto":
        batch_size = min(200, n_rows)
    else:
        batch_size = min(int(estimator.batch_size), n_rows)
        if batch_size < int(estimator.batch_size):
            warnings.warn(
                f"batch_size={estimator.batch_size} is larger than the {n_rows} rows to train on: "
                f"{n_rows} is used.",
                stacklevel=5,
            )
    config = config_of(estimator, update, batch_size)
    epochs = 1 if once else max(0, estimator.max_iter - state.epoch)
    return train(problem, state, config, engine, validation, observe, epochs)


@contextmanager
def observed(
    estimator: Any,
    now: Attributes,
    X: Any,
    y: Any,
    sample_weight: Any,
    run: NetworkRun | None,
    *,
    once: bool,
) -> Generator[Observer | None]:
    """Yield the observer that prints epochs and calls `callbacks` and scikit-learn's callbacks.

    `now` returns the attributes of the estimator fitted so far; epochs are logged in the run
    folder.
    """

    def observe(record: Record) -> bool:
        stop = False
        if run:
            run.note(record)
        if estimator.verbose:
            print(f"Iteration {record.epoch}, loss = {record.train_loss:.8f}")
            if record.val_score is not None:
                print(f"Validation score: {record.val_score:f}")
        for callback in estimator.callbacks or ():
            answer = callback(record)
            stop |= is_bool(answer) and bool(answer)
        if end_epoch is not None:
            stop |= end_epoch(now)
        return stop

    max_epochs = None if estimator.solver == "lbfgs" else estimator.max_iter
    task = fit_task(estimator, X, y, sample_weight, now, max_epochs)
    with nullcontext() if once else task as end_epoch:
        yield observe if run or estimator.verbose or estimator.callbacks or end_epoch else None


def warn_of(estimator: Any, outcome: Outcome, x: Any, *, once: bool) -> None:
    """Warn of problems in training, with advice.

    Raises
    ------
    ParameterError
        If training has diverged.
    """
    for record in outcome.records:
        if record.message:
            warnings.warn(record.message, ConvergenceWarning, stacklevel=5)
    is_lbfgs = estimator.solver == "lbfgs"
    if outcome.reason == "diverged":
        text = Message(
            "Solver produced non-finite parameter weights. The input data may contain large "
            "values and need to be preprocessed. Training has stopped: the loss kept growing, "
            "even at lower learning rates. The estimator holds the best weights it had. Scale "
            "X (and y), lower learning_rate_init or set max_grad_norm."
        )
        if estimator.best_validation_score_ is None:
            raise ParameterError(text)
        warnings.warn(text, ConvergenceWarning, stacklevel=5)  # as in scikit-learn
    if outcome.reason == "interrupted":
        warnings.warn("Training interrupted by user.", stacklevel=5)
    wanted = once or estimator.max_iter == 0
    wanted |= estimator.n_iter_no_change == np.inf and not estimator.warm_start
    if not is_lbfgs:
        wanted |= estimator.early_stopping or estimator.schedule != "constant"
    if outcome.reason == "epochs" and not wanted:
        warnings.warn(
            f"The loss was still falling after max_iter={estimator.max_iter} epochs: "
            f"{advice(x, estimator.loss_curve_)}",
            ConvergenceWarning,
            stacklevel=5,
        )


def advice(x: Any, losses: Sequence[float]) -> str:
    """Return advice for a training that ended before it converged, given its loss curve."""
    if not hasattr(x, "toarray"):
        center, spread = x.mean(0), x.std(0)
        spread = spread[spread > 0]
        if spread.size and (
            spread.max() > 100 * spread.min() or (abs(center) > 10 * x.std(0).max()).any()
        ):
            return "scale the columns of X first, for example with StandardScaler."
    late = np.diff(losses[-20:])
    if len(late) and (late > 0).mean() > 0.4:
        return "it goes up and down, so try a lower learning_rate_init."
    return "raise max_iter, or learning_rate_init."
