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

N = 240
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
    "discrete": pa.array([None, 0.5, *range(1, 9)] * (N // 10), pa.float64()),
}
MODULES = [
    importlib.import_module(f"{package.__name__}.{module.name}")
    for module in pkgutil.iter_modules(package.__path__)
]


def fitted(kind):
    table = pa.table({"x": EXAMPLES[kind]})
    columns, _ = fit_columns(table, codes=kind == "discrete")
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
    complemented = {"ordinal": "categorical", "discrete": "numeric"}
    assert found.type == complemented.get(kind, kind)


@pytest.mark.parametrize("kind", COLUMNS)
def test_values_drawn_from_every_type_are_encoded_as_those_of_training(kind):
    column, table = fitted(kind)
    drawn = pa.table({"x": column.sample(2000, np.random.default_rng(0))})
    x, real = encode([column], drawn), encode([column], table)
    assert x.shape == (2000, column.n_inputs)
    assert (x.min(0) >= real.min(0) - 0.1).all()
    assert (x.max(0) <= real.max(0) + 0.1).all()
    np.testing.assert_allclose(x.mean(0), real.mean(0), atol=0.3)
    again = column.sample(2000, np.random.default_rng(0))
    assert again.equals(drawn["x"].chunk(0))


@pytest.mark.parametrize(
    "texts",
    [
        ["1,5%", "2,5%", "4,25%"],
        ["1.234,5 kg", "2.345,5 kg", "3,5 kg"],
        ["31/12/2025", "30/11/2025", "15/01/2026"],
        ["2025-12-31 09:00+09:00", "2026-01-31 10:30+09:00", "2026-02-28 11:00+09:00"],
        ["yes", "no", "no"],
        ["2", "2", "7"],
        ["a", "b", "c"],
        ["0", "0", "1"],
        ["5", "", "5"],
        ["01:30:00", "26:10:00", "00:10:10"],
    ],
)
def test_values_drawn_from_columns_of_texts_are_read_as_those_of_training(texts):
    table = pa.table({"x": np.resize(texts, N)})
    columns, dropped = fit_columns(table)
    assert not dropped
    drawn = pa.table({"x": columns[0].sample(100, np.random.default_rng(0))})
    x, real = encode(columns, drawn), encode(columns, table)
    assert real[:, 0].min() - 0.3 <= x[:, 0].min()  # dates have positions in circles after it
    assert x[:, 0].max() <= real[:, 0].max() + 0.3
    assert np.ptp(x, axis=0).max() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_reading_is_fitted_by_some_type_or_dropped(kind):
    kinds = {cls.reading_kind for cls in COLUMNS.values()}
    assert kind in kinds or kind == "drop"
    Reading(kind)
