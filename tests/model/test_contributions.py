"""Contributions are the change of the prediction when a value becomes the typical one."""

import warnings
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from jubako.model import contributions as module
from random_models import fitted_schema, random_model, random_table


def typed(schema, table):
    """The rows with units and texts cast, so that a typical value can replace any."""
    from jubako.data.casting.reading import cast

    readings = {column.name: column.reading for column in schema.columns}
    return pa.table({name: cast(table[name], readings[name], name) for name in readings})


def without_unit(reading):
    return replace(reading, unit="", missing=())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("task", ["regress", "classify"])
def test_each_is_a_difference_of_two_predictions(seed, task, monkeypatch):
    rng = np.random.default_rng(seed)
    schema = fitted_schema(rng, random_table(rng, 60), True)
    model = random_model(rng, schema, task)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = random_table(rng, 7, seen=False)
    monkeypatch.setattr(module, "BLOCK", 20)  # rows in several blocks
    found = model.contributions(table)
    table = typed(schema, table)
    loose = [
        replace(column, reading=replace(column.reading, unit="", missing=()))
        for column in schema.columns
    ]
    model = replace(model, schema=replace(schema, columns=loose))
    assert list(found) == list(dict.fromkeys(column.name for column in schema.columns))
    for column in schema.columns:
        i = table.column_names.index(column.name)
        value = pa.chunked_array([column.typical()])
        kind = value.type if value.null_count == 0 else table[i].type
        values = pa.chunked_array([pa.concat_arrays([value.cast(kind).chunk(0)] * 7)])
        changed = table.set_column(i, column.name, values)
        if task == "regress":
            expected = model.predict(table) - model.predict(changed)
        else:
            p, q = model.predict_proba(table), model.predict_proba(changed)
            best = (model.decide(p)[:, None] == model.classes).argmax(1)[:, None]
            expected = (np.take_along_axis(p, best, 1) - np.take_along_axis(q, best, 1))[:, 0]
        np.testing.assert_allclose(found[column.name], expected, rtol=1e-4, atol=1e-5)
