"""`jubako.trace`: a training step of an estimator on given rows; and recorded trainings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jubako.core.errors import ParameterError
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.training.engines.base import Problem

from .validation import NONE, RULES, whole

if TYPE_CHECKING:  # loaded when something is traced
    from jubako.explain.render.recording import Recording
    from jubako.explain.trace import Trace


def trace(
    model: object,
    X: object,
    y: object,
    *,
    learning_rate: float | None = None,
    dropout_seed: int | None = None,
    network: int = 0,
    target: str | None = None,
) -> "Trace":
    """Compute one training step on the rows of X and y, and record all intermediate values.

    The step uses the model's optimizer in its initial state, with all rows as one batch, in
    float64. The model is not changed.

    Parameters
    ----------
    model : fitted estimator of Jubako
        Of an ensemble, the network with the largest weight is used.
    X, y : as in `fit`
        A few rows.
    learning_rate : float > 0, optional
        Learning rate of the step; that of the model by default.
    dropout_seed : int >= 0, optional
        Seed of dropout; by default no unit is dropped, as in prediction.
    network : int, default 0
        Which network to use, if `n_networks` > 1.
    target : str, optional
        Name of the target in regression; y by default.

    Returns
    -------
    Trace
        Displayed in notebooks, and by print; see `jubako.explain.trace.Trace` for its fields.

    Raises
    ------
    ParameterError
        If the model is not fitted, or X and y do not fit it.

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
    from jubako.explain.render.notebook import DisplayedTrace
    from jubako.explain.tracer import trace as trace_step

    (NONE | whole(0)).check("trace", "dropout_seed", dropout_seed)
    fitted, problem, options = step_of(model, X, y, learning_rate, target)
    if not 0 <= network < len(fitted.theta):
        n_networks = len(fitted.theta)
        raise ParameterError(f"network={network}, but there are {n_networks}, counted from 0.")
    theta = fitted.theta[network].astype(np.float64)
    step = trace_step(fitted.net, theta, problem.x, problem.y, **options, seed=dropout_seed)
    return DisplayedTrace.of(step)


def record(
    model: object,
    X: object,
    y: object,
    *,
    steps: int = 100,
    learning_rate: float | None = None,
    target: str | None = None,
    rows: Sequence[str] | None = None,
) -> "Recording":
    """Train the network of a model again from its initial weights, and record the steps.

    Each step uses all rows, with the model's optimizer at a constant learning rate, without
    dropout.

    Parameters
    ----------
    model, X, y, learning_rate, target : as in `trace`
    steps : int >= 1, default 100
    rows : sequence of str, optional
        Names of the rows; 1, 2, ... by default.

    Returns
    -------
    Recording
        For `jubako.explain.render.recording.recording_page`.
    """
    from jubako.explain.render.recording import record as record_steps

    fitted, problem, options = step_of(model, X, y, learning_rate, target)
    theta = fitted.step.initial_theta(fitted.net)
    x, codes = problem.x, problem.y
    return record_steps(fitted.net, theta, x, codes, **options, rows=rows, steps=steps)


def step_of(
    estimator: Any, X: Any, y: Any, learning_rate: float | None, target: str | None
) -> tuple[FittedNetwork, Problem, dict[str, Any]]:
    """Return the strongest network, the rows in its form, and the settings of its step."""
    from jubako.explain.tracer import PLAIN

    (NONE | RULES["learning_rate_init"]).check("trace", "learning_rate", learning_rate)
    rows = estimator.check_rows(X, y)
    model: Model = estimator.model_
    fitted, problem = model.strongest, model.problem(*rows)
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
