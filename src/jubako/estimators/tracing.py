"""`jubako.trace`: a step of training of an estimator, given rows; and the recording of many."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jubako.core.errors import ParameterError
from jubako.explain.render.notebook import DisplayedTrace
from jubako.explain.render.recording import STEPS, Recording
from jubako.explain.render.recording import record as record_steps
from jubako.explain.trace import Trace
from jubako.explain.tracer import PLAIN
from jubako.explain.tracer import trace as trace_step
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.training.engines.base import Problem

from .validation import NONE, RULES, whole


def trace(
    model: Any,
    X: Any,
    y: Any,
    *,
    learning_rate: float | None = None,
    dropout_seed: int | None = None,
    network: int = 0,
    target: str | None = None,
) -> Trace:
    """Make one step of training with the rows of X and y, and show every number of it.

    The step is that of the model's optimizer with nothing to remember yet, on all rows at once, in
    float64. The model stays as it is.

    Parameters
    ----------
    model : fitted estimator of Jubako
        Of an ensemble, the network with the largest weight is shown.
    X, y : like those of its `fit`
        A few rows are easiest to look at.
    learning_rate : float > 0, optional
        Of the step; the model's own if not given.
    dropout_seed : int >= 0, optional
        The seed of dropout; without it no unit is dropped, as in prediction.
    network : int, default 0
        The number of the network, of several (`n_networks`).
    target : str, optional
        The name of a predicted number; y if not given.

    Returns
    -------
    Trace
        It shows itself in a notebook, and printed; see `jubako.explain.trace.Trace` for its fields.

    Raises
    ------
    ParameterError
        If the model is not fitted, or X and y are not what it was fitted to.

    Examples
    --------
    >>> import jubako
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = jubako.MLPClassifier((8,), max_iter=5, n_iter_no_change=9, random_state=0)
    >>> model = model.set_params(learning_rate_init=0.01, schedule="cosine").fit(X, y)
    >>> t = jubako.trace(model, X[:3], y[:3])
    >>> [box.kind for box in t.layers], t.layers[0].delta.shape
    (['dense', 'dense'], (3, 8))
    """
    (NONE | whole(0)).check("trace", "dropout_seed", dropout_seed)
    fitted, problem, options = step_of(model, X, y, learning_rate, target)
    if not 0 <= network < len(fitted.theta):
        n_networks = len(fitted.theta)
        raise ParameterError(f"network={network}, but there are {n_networks}, counted from 0.")
    theta = fitted.theta[network].astype(np.float64)
    step = trace_step(fitted.net, theta, problem.x, problem.y, **options, seed=dropout_seed)
    return DisplayedTrace.of(step)


def record(
    model: Any,
    X: Any,
    y: Any,
    *,
    steps: int = STEPS,
    learning_rate: float | None = None,
    target: str | None = None,
    rows: Sequence[str] | None = None,
) -> Recording:
    """Train a model's network once more from its initial weights, and keep the numbers of steps.

    Each step takes all rows, with the model's optimizer at one learning rate, and drops nothing.

    Parameters
    ----------
    model, X, y, learning_rate, target : as in `trace`
    steps : int >= 1
    rows : sequence of str, optional
        Names of the rows; 1, 2 ... if not given.

    Returns
    -------
    Recording
        For `jubako.explain.render.recording.recording_page`.
    """
    fitted, problem, options = step_of(model, X, y, learning_rate, target)
    theta = fitted.step.initial_theta(fitted.net)
    x, codes = problem.x, problem.y
    return record_steps(fitted.net, theta, x, codes, **options, rows=rows, steps=steps)


def step_of(
    estimator: Any, X: Any, y: Any, learning_rate: float | None, target: str | None
) -> tuple[FittedNetwork, Problem, dict[str, Any]]:
    """Return the strongest network, the rows as it takes them, and how it makes a step."""
    (NONE | RULES["learning_rate_init"]).check("trace", "learning_rate", learning_rate)
    X, y = estimator.check_rows(X, y)
    model: Model = estimator.model_
    fitted, problem = model.strongest, model.problem(X, y)
    step = fitted.step
    return (
        fitted,
        problem,
        {
            "w": problem.w,
            "alpha": problem.alpha,
            "update": PLAIN if step.update is None else step.update,
            "lr": step.learning_rate if learning_rate is None else learning_rate,
            "features": model.input_names,
            "outputs": model.output_names(target or "y"),
        },
    )
