"""Every type of column is complete: new ones are found here without being named."""

import importlib
import inspect
import pkgutil

import numpy as np
import pyarrow as pa
import pytest

from jubako.data import columns as package
from jubako.data.casting.reading import KINDS, Reading, cast
from jubako.data.column_encoding import COLUMNS, encode, fit_columns, n_inputs
from jubako.data.profile import profile
from jubako.i18n.ja import in_japanese
from jubako.i18n.messages import Message
from jubako.model.schema_json import from_plain, to_plain

N = 40
EXAMPLES = {  # values of which each type is fitted; some are missing
    "numeric": pa.array([None, *np.linspace(0, 1, N - 1)]),
    "categorical": pa.array([None, "a", "b", "c"] * (N // 4)),
    "boolean": pa.array([None, True, False, True] * (N // 4)),
    "date": pa.array([None, *range(0, 10 * N - 10, 10)], pa.date32()),
    "time of day": pa.array([None, *range(0, 100 * N - 100, 100)], pa.time32("s")),
    "duration": pa.array([None, *range(0, 100 * N - 100, 100)], pa.duration("s")),
    "ordinal": pa.DictionaryArray.from_arrays(
        [i % 3 for i in range(N)], ["low", "middle", "high"], ordered=True
    ),
}
MODULES = [
    importlib.import_module(f"{package.__name__}.{module.name}")
    for module in pkgutil.iter_modules(package.__path__)
]


def fitted(kind):
    table = pa.table({"x": EXAMPLES[kind]})
    columns, _ = fit_columns(table)
    return next(column for column in columns if column.kind == kind), table


def test_every_class_with_inputs_is_in_the_table_of_types():
    found = {
        value
        for module in MODULES
        for _, value in inspect.getmembers(module, inspect.isclass)
        if value.__module__ == module.__name__ and hasattr(value, "encode")
    }
    assert {cls.__name__ for cls in found} - {"Column"} == {
        cls.__name__ for cls in COLUMNS.values()
    }
    assert all(kind == cls.kind for kind, cls in COLUMNS.items())


def test_every_type_has_an_example_and_a_name_in_japanese():
    assert EXAMPLES.keys() == COLUMNS.keys()
    assert all(in_japanese(column.kind) != column.kind for column in COLUMNS.values())


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_type_is_fitted_encoded_described_profiled_and_saved(kind):
    column, table = fitted(kind)
    assert type(column) is COLUMNS[kind]
    assert column.reading_kind in KINDS
    assert column.reading.kind == column.reading_kind
    assert len(set(column.input_names)) == column.n_inputs
    x = np.full((N, column.n_inputs), np.nan, np.float32)
    column.encode(cast(table["x"], column.reading, "x"), x)
    assert np.isfinite(x).all()
    assert (abs(x) <= 3).all()
    assert encode([column], table).shape == (N, n_inputs([column]))
    sizes = column.sizes(cast(table["x"], column.reading, "x"))
    assert sizes is None or len(sizes) == N
    described = column.describe()
    assert isinstance(described, Message)
    assert described.startswith(kind) or kind == "date"
    assert in_japanese(described) != described
    for name in column.input_names:
        assert in_japanese(name)
    assert from_plain("column", to_plain(column)) == column
    found = profile(table).columns[0]
    assert found.type == ("categorical" if kind == "ordinal" else kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_reading_is_fitted_by_some_type_or_dropped(kind):
    kinds = {cls.reading_kind for cls in COLUMNS.values()}
    assert kind in kinds or kind == "drop"
    Reading(kind)
