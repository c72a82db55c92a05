"""The time that a model takes to predict."""

import time
from contextlib import suppress
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.model.errors import ModelFileError
from jubako.model.model import Model

N_ROWS = 1, 1000  # of which the time is measured
SECONDS = 0.1  # minimum duration of a measurement
FEWEST_CALLS = 3


def latency(model: Model) -> dict[int, float]:
    """Measure how long predictions take, on rows that are drawn from the schema.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict of int to float
        From the number of rows of a call to its median duration, in seconds.
    """
    rng = np.random.default_rng(0)
    return {n: seconds_per_call(model, rows_for(model, n, rng)) for n in N_ROWS}


def rows_for(model: Model, n: int, rng: np.random.Generator) -> object:
    """Draw rows that a model can predict.

    Parameters
    ----------
    model : Model
    n : int
    rng : Generator

    Returns
    -------
    pyarrow.Table, or array of shape (n, n_inputs) if the model has no schema
    """
    if model.schema is not None:
        return model.schema.sample(n, rng)
    network = model.strongest
    x: Array = rng.normal(size=(n, network.net.layers[0].n_in))
    return x.astype(network.theta.dtype)


def seconds_per_call(model: Model, rows: Any) -> float:
    """Return the median duration of a prediction, as that of an estimator.

    Parameters
    ----------
    model : Model
    rows : as in `Model.predict`

    Returns
    -------
    float
    """
    durations, end = list[float](), time.perf_counter() + SECONDS
    while len(durations) <= FEWEST_CALLS or time.perf_counter() < end:
        began = time.perf_counter()
        with suppress(ModelFileError):  # a prediction that is not finite takes as long
            row = model.schema.features.find_row(rows, lambda: rows) if model.schema else None
            model.predict(rows if row is None else row)
        durations.append(time.perf_counter() - began)
    return float(np.median(durations[1:]))  # the first call loads what the others have
