"""What a fitted column states about its values: numbers, typical values, samples, JSON schema."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.casting.reading import Reading, cast
from jubako.data.column_encoding import COLUMNS, fit_columns
from jubako.data.columns.categorical import Categorical, Ordinal
from jubako.data.columns.date import Date, TimeOfDay
from jubako.data.columns.discrete import Discrete
from jubako.data.columns.duration import Duration
from jubako.data.columns.numeric import MOMENTS, Numeric
from jubako.data.inference import infer_table

N = 60
DAYS = [date(2024, 1, 1) + timedelta(days=3 * i) for i in range(N)]
SINCE_1970 = [86_400.0 * (day - date(1970, 1, 1)).days for day in DAYS]
VALUES = {
    "number": [i / 4 for i in range(N)],
    "share": [f"{i}.5%" for i in range(N)],
    "word": ["a", "b", "c"] * 20,
    "size": ["small", "medium", "large"] * 20,
    "flag": [True, False] * 30,
    "day": DAYS,
    "day as text": [f"{day:%d.%m.%Y}" for day in DAYS],
    "moment": [datetime(2024, 1, 1, i % 24, i) for i in range(N)],
    "moment as text": [f"2024-01-01T{i % 24:02}:{i:02}:00+09:00" for i in range(N)],
    "clock": [time(i % 24, i) for i in range(N)],
    "clock as text": [f"{i % 24}:{i:02}" for i in range(N)],
    "trip": [timedelta(minutes=i) for i in range(N)],
    "trip as text": [f"{i}:{i:02}:00" for i in range(N)],
}
TABLE = pa.table(VALUES)
DECLARED = {"size": Reading("categorical", levels=("small", "medium", "large"))}
FITTED, _ = fit_columns(TABLE, False, infer_table(TABLE, DECLARED).readings)
FITTED.append(Discrete("number", (0.25, 0.5, 1.0)))
each = pytest.mark.parametrize("column", FITTED, ids=[f"{c.name} {c.kind}" for c in FITTED])


def values_of(column):
    return cast(TABLE[column.name], column.reading, column.name)


def named(name):
    return next(column for column in FITTED if column.name == name)


def test_each_type_of_column_is_here():
    assert {type(column) for column in FITTED} == set(COLUMNS.values())


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("number", VALUES["number"]),
        ("day", SINCE_1970),
        ("day as text", SINCE_1970),
        ("moment", [1704067200.0 + 3600 * (i % 24) + 60 * i for i in range(N)]),
        ("moment as text", [1704034800.0 + 3600 * (i % 24) + 60 * i for i in range(N)]),
        ("clock", [3600.0 * (i % 24) + 60 * i for i in range(N)]),
        ("clock as text", [3600.0 * (i % 24) + 60 * i for i in range(N)]),
        ("trip", [60.0 * i for i in range(N)]),
        ("trip as text", [3660.0 * i for i in range(N)]),
    ],
)
def test_numbers_of_dates_and_times_are_seconds(name, numbers):
    column = named(name)
    np.testing.assert_allclose(column.numbers(values_of(column)), numbers, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("number", pa.float64()),
        ("day", pa.date32()),
        ("day as text", pa.date32()),
        ("moment as text", pa.timestamp("us", "UTC")),
        ("clock as text", pa.time64("us")),
        ("trip as text", pa.duration("us")),
    ],
)
def test_sizes_are_typed_and_in_the_order_of_the_numbers(name, kind):
    column = named(name)
    sizes = column.sizes(values_of(column))
    assert sizes.type == kind
    numbers = column.numbers(values_of(column))
    np.testing.assert_array_equal(column.numbers(sizes), numbers)


@each
def test_levels_have_no_numbers(column):
    has_order = isinstance(column, Numeric | Date | TimeOfDay | Duration)
    assert (column.numbers(values_of(column)) is not None) == has_order
    assert (column.sizes(values_of(column)) is not None) == has_order


@each
def test_a_typical_value_and_a_sample_can_be_encoded(column):
    out = np.full((30, column.n_inputs), np.nan, np.float32)
    drawn = pa.chunked_array([column.sample(30, np.random.default_rng(0))])
    column.encode(cast(drawn, column.reading, column.name), out)
    assert np.isfinite(out).all()
    typical = pa.chunked_array([column.typical()])
    column.encode(typical, out[:1])
    assert np.isfinite(out[:1]).all()
    assert len(column.input_names) == column.n_inputs
    assert typical.null_count == (column.numbers(values_of(column)) is None)


@each
def test_the_typical_value_of_numbers_dates_and_times_is_the_middle_of_training(column):
    numbers = column.numbers(values_of(column))
    if numbers is not None:
        (typical,) = column.numbers(pa.chunked_array([column.typical()]))
        assert abs(typical - np.median(numbers)) <= (86_400 if isinstance(column, Date) else 1)


@pytest.mark.parametrize(
    ("numbers", "median"),
    [
        ([0] * 40 + [1] * 20, 0),
        ([1] * 20 + [2] * 40, 2),
        ([0] * 50 + list(range(1, 11)), 0),  # its IQR is 0
    ],
)
def test_the_typical_number_is_the_median_where_the_column_is_scaled_by_its_mean(numbers, median):
    table = pa.table({"x": pa.array(numbers, pa.float64())})
    (column,), _ = fit_columns(table, False, infer_table(table).readings)
    assert column.statistics == MOMENTS
    assert column.typical().to_pylist() == [median]


def test_a_single_level_is_described_in_the_singular():
    assert Categorical("x", ("a",), missing=True).describe() == "categorical, 1 level: a"
    assert Categorical("x", ("a",), rare=True).describe() == "categorical, 1 level and rare ones: a"
    assert Categorical("x", ("a", "b")).describe() == "categorical, 2 levels: a, b"


@each
def test_the_json_schema_permits_missing_values(column):
    schema = column.json_schema()
    if isinstance(column, Categorical):
        levels = [*(column.reading.levels or column.levels), None]
        assert schema["anyOf"][0] == {"enum": levels}
    else:
        assert {"string", "null"} <= set(schema["type"])


def test_the_json_schema_has_the_format_of_dates():
    assert named("day").json_schema()["format"] == "date"
    assert named("moment").json_schema()["format"] == "date-time"
    assert named("share").json_schema()["examples"] == ["50%"]
    assert "number" in named("number").json_schema()["type"]


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: Date("t", 0, 1, 0, 0, order="no order"),
        lambda: Date("t", 1e19, 1, 0, 0),
        lambda: Date("t", 0, 1, 5, 4),
        lambda: TimeOfDay("t", 86_400, 1),
        lambda: Duration("t", 0, 1, order="no order"),
        lambda: Numeric("t", 0, 1, knots=(0, 1)),
        lambda: Numeric("t", 0, 1, knots=(0, 2, 1)),
        lambda: Numeric("t", 0, 1, statistics="none"),
        lambda: Categorical("t", ("a",), counts=(1, 2)),
        lambda: Categorical("t", ("a",), counts=(0,)),
        lambda: Ordinal("t", Reading("categorical", levels=("a",))),
        lambda: Discrete("t", ()),
        lambda: Discrete("t", (1.0, 1.0)),
        lambda: Discrete("t", (1.0, 1e38)),
    ],
)
def test_impossible_fields_are_refused(impossible):
    with pytest.raises(ValueError, match=r"\.$"):
        impossible()


def discrete_in(values):
    """Return the discrete values of a column, None if it is not discrete."""
    columns, _ = fit_columns(pa.table({"x": pa.array(values, pa.float64())}), codes=True)
    return next((column.values for column in columns if isinstance(column, Discrete)), None)


def test_numbers_with_few_distinct_values_are_discrete_too():
    hours = np.arange(24.0)
    assert discrete_in(np.tile(hours, 20)) == tuple(hours)
    assert discrete_in(np.tile(hours, 19)) is None  # too few rows for each
    assert discrete_in(np.tile(hours[:8], 99)) is None  # layers learn eight values anyway
    assert discrete_in(np.tile(np.arange(128.0), 20)) == tuple(range(128))
    assert discrete_in(np.tile(np.arange(129.0), 20)) is None
    assert discrete_in(np.tile(hours, 20) * 1e35) is not None
    assert discrete_in(np.tile(hours, 20) * 1e38) is None


def test_a_value_of_two_rows_has_no_level():
    values = np.r_[np.tile(np.arange(10.0), 30), 99, 99, np.nan]
    assert discrete_in(values) == tuple(range(10))
    assert discrete_in(np.r_[values, 99]) == (*range(10), 99)


def test_only_codes_of_a_table_have_discrete_values():
    table = pa.table({"x": np.tile(np.arange(24.0), 20)})
    assert len(fit_columns(table, codes=False)[0]) == 1


def test_other_and_missing_numbers_have_no_code():
    column = Discrete("x", (0.1, 2.0, 1e30))
    values = [0.1, 2, 1e30, None, float("nan"), 0.2, -5.0, 1e300, -1e300, np.nextafter(0.1, 1)]
    codes = column.codes(pa.chunked_array([pa.array(values, pa.float64())]))
    assert codes.tolist() == [1, 2, 3, 0, 0, 0, 0, 0, 0, 1]
