"""`jubako.trace`: the door to `explain.tracer` for whoever has an estimator and rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.schema import Categorical, encode, input_slices
from jubako.data.target import ClassTarget
from jubako.explain.render.notebook import DisplayedTrace
from jubako.explain.render.recording import STEPS, Recording
from jubako.explain.render.recording import record as record_steps
from jubako.explain.trace import Trace
from jubako.explain.tracer import PLAIN
from jubako.explain.tracer import trace as trace_step
from jubako.search.crossval import rate_of, start, update_of

from .base_mlp import BaseMLP
from .fit_inputs import open_rows
from .single_network import BasePlain
from .table_estimator import RawTable
from .tabular import BaseTabular
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
    model : any estimator of Jubako
        A fitted one. Of `TabularClassifier` and `TabularRegressor` it is the candidate that counts
        most.
    X, y : like those of its `fit`
        A few rows are easiest to look at.
    learning_rate : float > 0, optional
        How long the step is; the model's `learning_rate_init` if not given.
    dropout_seed : int >= 0, optional
        Drops hidden units at random, if the model does so in training. If not given, none is
        dropped, as in prediction.
    network : int, default 0
        Which one, of several (`n_networks`).
    target : str, optional
        What a predicted number is called; y if not given.

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
    (net, thetas, x, labels), options = step_of(model, X, y, learning_rate, target)
    if not 0 <= network < len(thetas):
        raise ParameterError(f"network={network}, but there are {len(thetas)}, counted from 0.")
    step = trace_step(net, thetas[network], x, labels, **options, seed=dropout_seed)
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
    (net, _, x, labels), options = step_of(model, X, y, learning_rate, target)
    if isinstance(model, BaseTabular):
        theta = start(net, np.zeros(net.layers[-1].n_out), 0).astype(np.float64)
    else:
        mlp: BaseMLP = model.mlp_ if isinstance(model, BasePlain) else model
        random = check_random_state(mlp.random_state)
        theta = mlp._train_state(random, np.dtype(np.float64), fresh=True, once=False).theta[0]
    return record_steps(net, theta, x, labels, **options, rows=rows, steps=steps)


def step_of(
    model: Any, X: Any, y: Any, learning_rate: float | None, target: str | None
) -> tuple[tuple[Any, Array, Array, Array], dict[str, Any]]:
    """Return what `explain.tracer.trace` takes, but with the parameters (K, P) of all networks."""
    (NONE | RULES["learning_rate_init"]).check("trace", "learning_rate", learning_rate)
    if isinstance(model, BaseTabular):
        return step_of_strongest(model, X, y, learning_rate, target)
    check_is_fitted(model, "mlp_" if isinstance(model, BasePlain) else "theta_")
    if isinstance(model, BasePlain):
        mlp, (table, y) = model.mlp_, open_rows(model._find_features(X), y)
        X, y = encode(model.columns_, table, "X"), model._encode_target(y, fresh=False)
        names = names_of(model)
    else:
        mlp = model
        names = getattr(mlp, "feature_names_in_", None)
    p = mlp._problem(mlp.network_, mlp._targets, *mlp._open(X, y, None), np.dtype(np.float64))
    x = p.x.toarray() if hasattr(p.x, "toarray") else p.x
    alpha = p.alpha
    if isinstance(model, BasePlain):  # its alpha fits its batches, so that the penalty does not
        alpha *= len(x) / int(mlp.batch_size)  # depend on how many rows there are in a step
    return (p.net, mlp.theta_, x, p.y), {
        "w": p.w,
        "alpha": alpha,
        "update": PLAIN if mlp.solver == "lbfgs" else mlp._update(),
        "lr": mlp.learning_rate_init if learning_rate is None else learning_rate,
        "features": names,
        "outputs": output_names(mlp, target or "y"),
    }


def step_of_strongest(
    model: BaseTabular, X: Any, y: Any, learning_rate: float | None, target: str | None
) -> tuple[tuple[Any, Array, Array, Array], dict[str, Any]]:
    """Return what `step_of` does, of the candidate with the largest weight in the ensemble."""
    check_is_fitted(model, "ensemble_")
    one = model.ensemble_[int(model.weights_.argmax())]
    table, y = open_rows(model._find_features(X), y)
    x = encode(model.columns_, table, "X", one.candidate.ranks, codes=True).astype(np.float64)
    labels: Any = model
    outputs = [str(label) for label in labels.classes_] if is_classifier(model) else [target or "y"]
    return (one.net, one.theta.astype(np.float64), x, model.target_.encode(y)), {
        "w": np.ones(len(x)),
        "alpha": 0.0,
        "update": update_of(one.candidate),
        "lr": rate_of(one.candidate, one.net.loss) if learning_rate is None else learning_rate,
        "features": names_of(model, codes=True),
        "outputs": outputs,
    }


def names_of(model: RawTable, codes: bool = False) -> list[str]:
    """Return what the numbers are called that a table becomes; a code is called like its column."""
    names = list[str]()
    for column, _ in input_slices(model.columns_, codes):
        names += [column.name] if codes and isinstance(column, Categorical) else column.input_names
    return names


def output_names(mlp: BaseMLP, target: str) -> list[str]:
    """Return what each output stands for: a class, or a number."""
    targets: ClassTarget | Any = mlp._targets
    if not isinstance(targets, ClassTarget):
        n = targets.n_outputs
        return [target] if n == 1 else [f"{target}{i}" for i in range(1, n + 1)]
    labels: Array = targets.classes[1:] if targets.kind == "binary" else targets.classes
    return [str(label) for label in labels]
