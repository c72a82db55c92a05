"""Prediction: the weighted mean of an ensemble, for a table."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.schema import Column, encode
from jubako.training.engines.native.engine import best_engine

from .crossval import FittedCandidate

CHUNK = 65_536  # rows predicted at a time: bounds the memory


def predict_mean(
    ensemble: Sequence[FittedCandidate],
    weights: Array,
    columns: list[Column],
    table: pa.Table,
) -> Array:
    """Return the weighted mean of the candidates' predictions, shape (N, n_out)."""
    engine = best_engine()
    result = np.zeros((table.num_rows, ensemble[0].net.layers[-1].n_out))
    for begin in range(0, table.num_rows, CHUNK):
        part = table.slice(begin, CHUNK)
        views = {
            ranks: encode(columns, part, "X", ranks, codes=True)
            for ranks in {fitted.candidate.ranks for fitted in ensemble}
        }
        for weight, fitted in zip(weights, ensemble, strict=True):
            prediction = fitted.predict(engine, views[fitted.candidate.ranks])
            result[begin : begin + CHUNK] += weight * prediction
    return result
