"""Contributions: the change of a prediction when a value replaces the typical one of its column."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.column_encoding import encode_values, input_slices

from .schema import Schema

BLOCK = 65_536  # rows of a network predicted at a time: bounds the memory


def contributions(
    views: dict[bool, Array],
    schema: Schema,
    predict: Callable[[dict[bool, Array]], Array],
    choose: Callable[[Array], Array],
) -> dict[str, Array]:
    """Compute the contributions of all columns.

    Parameters
    ----------
    views : dict of bool to array, shape (N, n_inputs)
        Encoded rows, by whether numbers are quantile-transformed.
    schema : Schema
    predict : callable
        From encoded rows to predictions, shape (N, n_outputs).
    choose : callable
        From predictions to the number of the output that is explained, shape (N,).

    Returns
    -------
    dict of str to array, shape (N,)
        By column name.
    """
    places = dict[str, list[slice]]()
    for column, place in input_slices(schema.columns, schema.codes):
        places.setdefault(column.name, []).append(place)
    by_name = schema.columns_by_name
    names = list(by_name)
    # the row of typical values, shape (1, n_inputs)
    typical = encode_values(
        schema.columns,
        lambda column: pa.chunked_array([by_name[column.name].typical()]),
        1,
        views,
        schema.codes,
    )
    n_rows, n_views = len(next(iter(views.values()))), len(names) + 1
    changes = np.empty((n_rows, len(names)))
    size = max(1, BLOCK // n_views)
    for start in range(0, n_rows, size):
        block = {}  # once as it is, and once for each column
        for quantiles, x in views.items():
            copies = np.repeat(x[None, start : start + size], n_views, 0)
            for j, name in enumerate(names, 1):
                for place in places[name]:
                    copies[j, :, place] = typical[quantiles][0, place]
            block[quantiles] = copies.reshape(-1, x.shape[1])
        outputs = predict(block)
        outputs = outputs.reshape(n_views, -1, outputs.shape[1])
        best = choose(outputs[0])[None, :, None]
        values = np.take_along_axis(outputs, best, 2)[..., 0]
        changes[start : start + size] = (values[0] - values[1:]).T
    return dict(zip(names, changes.T, strict=True))
