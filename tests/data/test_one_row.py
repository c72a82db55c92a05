"""A single row has the inputs, and the errors, that Arrow gives it."""

import datetime as dt
import pickle
from contextlib import suppress
from decimal import Decimal
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jubako.data.column_encoding import encode_views, fit_columns
from jubako.data.columns.numeric import QuantileOfOne, grid_of, quantiles_of
from jubako.data.inference import infer_table
from jubako.data.one_row import OneRow
from jubako.data.readers.frames import to_table
from jubako.data.row_encoding import RowEncoder
from jubako.data.value_encoding import MOST_KEPT
from jubako.model.features import Features

N = 60
RNG = np.random.default_rng(0)
DAY = dt.datetime(2026, 1, 31)
TRAINING = pd.DataFrame(
    {
        "number": RNG.normal(size=N),
        "gaps": np.where(np.arange(N) % 5, RNG.normal(size=N), np.nan),
        "two": np.arange(N) % 2 * 3.5,
        "count": RNG.integers(0, 9, N),
        "truth": np.arange(N) % 3 > 0,
        "color": np.resize(["red", "green", "blue", None], N),
        "code": np.resize(["1", "2", "x"], N),
        "level": pd.Categorical(
            np.resize(["low", "mid", "high"], N), ["low", "mid", "high"], ordered=True
        ),
        "agrees": np.resize(["yes", "no", None], N),
        "share": [f"{7 * i}%" for i in range(N)],
        "price": [f"1,{i:03}.5" for i in range(N)],
        "date": pd.date_range("2026-01-01", periods=N, freq="37h"),
        "day": [f"{1 + i % 28}/12/2025" for i in range(N)],
        "wait": pd.to_timedelta(RNG.integers(0, 10**6, N), "s"),
        "unused": ["same"] * N,
    }
)
DECLARED = {"code": "categorical"}
VALUES = {name: TRAINING[name].tolist() for name in TRAINING}
STRANGE = [
    None,
    np.nan,
    np.inf,
    -np.inf,
    0,
    1,
    -0.0,
    1.0,
    2.5,
    2**53,
    2**63,
    -(2**70),
    1e308,
    1e-320,
    True,
    "",
    " ",
    "\u3000",
    "\x1c",
    "1",
    "1.0",
    "01",
    "red",
    "green ",
    "purple",
    "YES",
    "nan",
    "5%",
    "31/12/2025",
    "\ud800",
    "\0",
    b"red",
    DAY,
    DAY.date(),
    pd.Timestamp(DAY, tz="Asia/Tokyo"),
    pd.NaT,
    pd.NA,
    dt.timedelta(days=1),
    Decimal("1.5"),
    [1],
    {"a": 1},
    1j,
    object,
    np.float32(0.1),
    np.float16(2),
    np.int8(1),
    np.uint64(2**64 - 1),
    np.bool_(True),
    np.str_("red"),
    np.longdouble(1),
]


def fitted():
    table = to_table(TRAINING)
    columns, dropped = fit_columns(table, True, infer_table(table, DECLARED).readings)
    assert [column.name for column in dropped] == ["unused"]
    return columns


COLUMNS = fitted()


def outcome(call):
    """Return arrays as bytes, or the error."""
    try:
        return {view: (x.shape, x.dtype, x.tobytes()) for view, x in call().items()}
    except Exception as error:  # whichever Arrow raises
        return type(error), str(error)


def both(X, of, columns, encoder=None):
    """Return the outcomes of a row by Arrow and by itself, with categories as codes."""
    by_arrow = outcome(lambda: encode_views(columns, to_table(X), "X", (False, True), True))
    try:
        row = of(X, lambda: to_table(X))
    except (ValueError, TypeError, pa.ArrowException):
        return by_arrow, by_arrow  # left to Arrow
    encoder = encoder or RowEncoder(columns, True)
    return by_arrow, outcome(lambda: encoder.encode(row, (False, True)))


rows = st.fixed_dictionaries({name: st.sampled_from(VALUES[name]) for name in VALUES})
strange = st.dictionaries(st.sampled_from(list(VALUES)), st.sampled_from(STRANGE), max_size=3)


def frame_of(row, as_objects):
    """Return a row as a frame, with the types of training where they hold its values."""
    frame = pd.DataFrame({name: pd.Series([value], dtype=object) for name, value in row.items()})
    if not as_objects:
        for name in frame:
            kind = TRAINING[name].dtype
            if kind == "category" and (
                type(row[name]) is not str or row[name] not in kind.categories
            ):
                continue
            # old versions of NumPy and pandas warn of numbers that are no dates
            ignored = np.errstate(invalid="ignore", over="ignore")
            with suppress(ValueError, TypeError, OverflowError), ignored:
                frame[name] = frame[name].astype(kind)
    return frame


@settings(max_examples=25, deadline=None)
@given(rows, strange, st.booleans(), st.permutations(list(VALUES)))
def test_a_row_of_pandas_is_encoded_as_by_arrow(row, changes, as_objects, order):
    frame = frame_of(row | changes, as_objects)[order]
    by_arrow, by_itself = both(frame, OneRow.of_frame, COLUMNS)
    assert by_itself == by_arrow


@settings(max_examples=25, deadline=None)
@given(rows, strange)
def test_a_row_of_arrow_is_encoded_as_by_arrow(row, changes):
    try:
        table = pa.Table.from_pylist([row | changes])
    except Exception:  # no Arrow table holds such a value
        return
    by_arrow, by_itself = both(table, OneRow.of_table, COLUMNS)
    assert by_itself == by_arrow


@pytest.mark.parametrize("name", list(VALUES)[:-1])
def test_each_value_is_encoded_as_by_arrow(name):
    columns = [column for column in COLUMNS if column.name == name]
    encoder = RowEncoder(columns, True)
    usual = VALUES[name][:4]
    slow = name in ("share", "price", "day")  # Arrow compiles patterns for each text of these
    for value in [
        *usual,
        *usual,
        *STRANGE[:: 3 if slow else 1],
    ]:  # the second time with what was kept
        frames = [frame_of({name: value}, as_objects) for as_objects in (True, False)]
        for frame in frames[: 1 + (frames[1].dtypes != frames[0].dtypes).any()]:
            by_arrow, by_itself = both(frame, OneRow.of_frame, columns, encoder)
            assert by_itself == by_arrow, value


def test_categories_are_encoded_one_hot_as_by_arrow():
    table = to_table(TRAINING)
    columns, _ = fit_columns(table, False, infer_table(table, DECLARED).readings)
    encoder = RowEncoder(columns, False)
    expected = encode_views(columns, table, "X", (False, True), False)
    for i in range(9):
        frame = TRAINING.iloc[[i]]
        x = encoder.encode(OneRow.of_frame(frame, partial(to_table, frame)), (False, True))
        for view, inputs in x.items():
            np.testing.assert_array_equal(inputs[0], expected[view][i])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint64", bool, object])
def test_a_row_of_an_array_is_encoded_as_by_arrow(dtype):
    x = RNG.integers(0, 2, (N, 4)).astype(float) + RNG.normal(size=(N, 4)) * [0, 1, 1, 1]
    table = to_table(x)
    columns, _ = fit_columns(table, True)
    encoder, names = RowEncoder(columns, True), table.column_names
    for values in x[0], [1, 0, 1, 1], [0, np.nan, 2, 3], [0, np.inf, 2, 3]:
        with np.errstate(invalid="ignore"):
            row = np.array([values]).astype(dtype)

        def by_arrow(row=row):
            return encode_views(columns, to_table(row), "X", (False, True), True)

        one = OneRow.of_array(row, names, partial(to_table, row))
        assert outcome(lambda one=one: encoder.encode(one, (False, True))) == outcome(by_arrow)


TYPES = {
    "str": ["red", "green", None],
    "string[python]": ["red", "green", None],
    "string[pyarrow]": ["red", "green", None],
    "object": ["red", np.nan, None],
    "category": ["red", "green", None],
    "float32": [0.1, 2.5, np.nan],
    "uint8": [1, 2, 3],
    "bool": [True, False, True],
    "Int64": [1, 2, None],
    "Float64": [0.1, 2.5, None],
    "boolean": [True, False, None],
    "double[pyarrow]": [0.1, 2.5, None],
    "datetime64[us]": [DAY, DAY, None],
    "datetime64[ns, Asia/Tokyo]": [DAY, DAY, None],
    "timedelta64[s]": [dt.timedelta(days=1), dt.timedelta(0), None],
    "Sparse[float]": [0.0, 2.5, np.nan],
}


@pytest.mark.parametrize("dtype", TYPES)
def test_each_type_of_pandas_is_encoded_as_by_arrow(dtype):
    values = [TYPES[dtype][i % 3] for i in range(N)]
    frame = pd.DataFrame({"a": pd.Series(values, dtype=dtype), "b": RNG.normal(size=N)})
    frame["c"] = frame["a"]  # in a block of its own
    readings = infer_table(to_table(frame), {}).readings
    columns, _ = fit_columns(to_table(frame), True, readings)
    for i in range(3):
        for names in ("abc", "cba", "a"):
            used = [column for column in columns if column.name in names]
            by_arrow, by_itself = both(frame[list(names)].iloc[[i]], OneRow.of_frame, used)
            assert by_itself == by_arrow


def test_a_row_of_a_pandas_without_blocks_is_left_to_arrow(monkeypatch):
    def values_in(array, pandas):
        raise AttributeError("values")

    monkeypatch.setattr("jubako.data.one_row.values_in", values_in)
    frame = TRAINING.iloc[[0]]
    assert Features(tuple(TRAINING), True).find_row(frame, lambda: to_table(frame)) is None


def test_usual_rows_need_no_table():
    def table():
        raise AssertionError

    encoder = RowEncoder([column for column in COLUMNS if column.name != "price"], True)
    for i in range(12):
        encoder.encode(OneRow.of_frame(TRAINING.iloc[[i]], table), (True,))
    numbers = TRAINING[["number", "gaps"]]
    columns, _ = fit_columns(to_table(numbers))
    x = RowEncoder(columns, False).encode(
        OneRow.of_frame(numbers.iloc[[0]], table)._replace(columns=table), (False, True)
    )
    assert x.keys() == {False, True}


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.drop(columns="color"),
        lambda row: row.rename(columns={"color": "colour"}),
        lambda row: row.rename(columns={"color": " color"}),
        lambda row: row.rename(columns={"unused": "color"}),
        lambda row: row.rename(columns={"unused": 0}),
        lambda row: row.rename(columns={"unused": ""}),
        lambda row: row.assign(more=1, others=None),
        lambda row: row[row.columns[::-1]],
    ],
)
def test_columns_are_found_and_missed_as_by_arrow(change):
    encoder = RowEncoder(COLUMNS, True)
    for frame in (TRAINING.iloc[[3]], change(TRAINING.iloc[[3]]), TRAINING.iloc[[4]]):
        by_arrow, by_itself = both(frame, OneRow.of_frame, COLUMNS, encoder)
        assert by_itself == by_arrow


def test_texts_are_kept_up_to_a_number_and_do_not_travel():
    columns, _ = fit_columns(to_table(TRAINING[["color"]]), True)
    encoder = RowEncoder(columns, True)
    kept = encoder.encoders[0].kept
    kept.update({str(i): {} for i in range(MOST_KEPT)})
    frame = TRAINING[["color"]].iloc[[0]]
    encoder.encode(OneRow.of_frame(frame, partial(to_table, frame)), (True,))
    assert list(kept) == ["red"]
    assert not pickle.loads(pickle.dumps(encoder)).encoders[0].kept


@settings(max_examples=300)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=40),
    st.floats(allow_infinity=False),
)
@example([-1.7e308, 0, 1.7e308] * 3, 1e308)
@example([0.0, 5e-324, 1e-323, 1.0], 5e-324)
def test_the_quantile_of_a_number_is_that_of_an_array(numbers, number):
    with np.errstate(over="ignore"):
        knots = quantiles_of(np.array(numbers))
    if not knots:
        return
    grid, quantile = grid_of(knots), QuantileOfOne(knots)
    for x in (number, *knots, -number):
        below = np.interp(np.array([x] * 2), *grid[:2])
        above = np.interp(np.array([-x] * 2), *grid[2:])
        expected = np.where(np.isnan(x), 0, (below - above) / 2)[0]
        assert quantile(x) == expected


@pytest.mark.parametrize(
    "kind", [pa.date32(), pa.timestamp("us"), pa.timestamp("s", "UTC")], ids=str
)
def test_dates_beyond_the_years_of_python_are_left_to_arrow(kind):
    days = np.array(["20000-01-01", "-0500-01-01"], "datetime64[D]")
    dates = pa.array(days.astype("datetime64[s]")).cast(kind)
    for i in range(2):
        table = pa.table({"day": dates.slice(i, 1)})
        assert Features(("day",), named=True).find_row(table, table.combine_chunks) is None
