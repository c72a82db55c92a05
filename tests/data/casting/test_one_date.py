"""A date of one row has the inputs that Arrow gives it, without Arrow."""

import datetime as dt
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jubako.data.casting.one_date import moment_of
from jubako.data.column_encoding import encode_views, fit_columns
from jubako.data.one_row import OneRow
from jubako.data.readers.frames import to_table
from jubako.data.row_encoding import RowEncoder

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
ZONES = [None, dt.UTC, dt.timezone(dt.timedelta(hours=-3, minutes=-30)), TOKYO, NEW_YORK]
ORDERS = ["", "year first", "day first", "month first"]
FORMATS = ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"]

moments = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
zoned_moments = st.builds(
    lambda moment, zone: moment.replace(tzinfo=zone), moments, st.sampled_from(ZONES)
)


def columns_for(values):
    """Return the columns of a table of one column, fitted to these values."""
    columns, _ = fit_columns(to_table(pa.table({"t": values})))
    return columns


DAYS = pd.date_range("2026-01-01", periods=40, freq="37D")
TIMES = pd.date_range("2026-01-01", periods=40, freq="37h")
COLUMNS = {
    "days": columns_for(pa.array(DAYS.date)),
    "times": columns_for(pa.array(TIMES)),
    "zoned": columns_for(pa.array(TIMES.tz_localize("Asia/Tokyo"))),
    "texts": columns_for(pa.array(DAYS.strftime("%Y-%m-%d"))),
    "texts with times": columns_for(pa.array(TIMES.strftime("%Y-%m-%d %H:%M"))),
    "texts, day first": columns_for(pa.array(DAYS.strftime("%d/%m/%Y"))),
    "texts with zones": columns_for(pa.array(TIMES.strftime("%Y-%m-%dT%H:%MZ"))),
}


def outcome(call):
    """Return the bytes of arrays, or the error."""
    try:
        return {view: x.tobytes() for view, x in call().items()}
    except Exception as error:  # whichever Arrow raises
        return type(error), str(error)


def by_arrow(columns, X):
    """Return the outcome of a row of a table by Arrow."""
    return outcome(lambda: encode_views(columns, to_table(X), "X", (False, True), False))


def alone(columns, X, of):
    """Return the outcome of a row by itself."""
    row = of(X, partial(to_table, X))
    return outcome(lambda: RowEncoder(columns, False).encode(row, (False, True)))


@settings(max_examples=60, deadline=None)
@given(zoned_moments, st.sampled_from(list(COLUMNS)))
@example(dt.datetime(1969, 12, 31, 23, 59, 59, 999999), "times")
@example(dt.datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=NEW_YORK), "zoned")
@example(dt.datetime(2024, 12, 31), "days")
def test_a_date_of_python_is_encoded_as_by_arrow(moment, kind):
    for value in moment, moment.date():
        frame = pd.DataFrame({"t": pd.Series([value], dtype=object)})
        assert alone(COLUMNS[kind], frame, OneRow.of_frame) == by_arrow(COLUMNS[kind], frame)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(-(2**63), 2**63 - 1) | st.integers(0, 2**31).map(lambda n: n * 10**9),
    st.sampled_from(["s", "ms", "us", "ns"]),
    st.sampled_from([None, "UTC", "Asia/Tokyo"]),
    st.sampled_from(list(COLUMNS)),
)
def test_typed_dates_are_encoded_as_by_arrow(count, unit, zone, kind):
    count = count // 10 ** {"s": 9, "ms": 6, "us": 3, "ns": 0}[unit]
    table = pa.table({"t": pa.array([count]).cast(pa.timestamp(unit, zone))})
    expected = by_arrow(COLUMNS[kind], table)
    assert alone(COLUMNS[kind], table, OneRow.of_table) == expected
    for mapper in None, pd.ArrowDtype:
        frame = table.to_pandas(types_mapper=mapper)
        assert alone(COLUMNS[kind], frame, OneRow.of_frame) == by_arrow(COLUMNS[kind], frame)


@settings(max_examples=60, deadline=None)
@given(
    moments,
    st.sampled_from(FORMATS),
    st.sampled_from(["", "Z", "+09:00", "-03:30"]),
    st.sampled_from(list(COLUMNS)),
)
def test_a_text_is_encoded_as_by_arrow(moment, pattern, zone, kind):
    text = moment.replace(year=max(moment.year, 1000)).strftime(pattern) + zone
    frame = pd.DataFrame({"t": [text]})
    assert alone(COLUMNS[kind], frame, OneRow.of_frame) == by_arrow(COLUMNS[kind], frame)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "0000-01-01",
        "2026-1-1",
        "2026-01-01 24:00",
        "2026-01-01 9:00",
        "2026-01-01  09:00",
        "2026-01-01 09:00 +09:00",
        "2026-01-01T09:00:00.1234567",
        "2026-01-01T09:00:60",
        "2026-01-01T09:00+15:00",
        "2026-01-01+09:00",
        "２０２６-01-01",
        "2026-01-01\n",
        "31/12/2025",
        "today",
        " ",
    ],
)
def test_a_text_of_another_format_is_encoded_as_by_arrow(text):
    for columns in COLUMNS.values():
        frame = pd.DataFrame({"t": [text]})
        assert alone(columns, frame, OneRow.of_frame) == by_arrow(columns, frame)


def test_usual_dates_need_no_arrow(monkeypatch):
    def cast(*given):
        raise AssertionError

    monkeypatch.setattr("jubako.data.value_encoding.cast_value", cast)
    monkeypatch.setattr("jubako.data.row_encoding.encode_views", cast)
    day = dt.datetime(2026, 3, 31, 9, 30)
    zoned = [day.replace(tzinfo=zone) for zone in ZONES[1:]]
    values = {
        "days": [day.date(), day, np.datetime64(day), "2026-03-31"],
        "times": [day, pd.Timestamp(day), pd.Series([day]).dt.as_unit("ns"), "2026-03-31 09:30"],
        "zoned": [*zoned, pd.Series([pd.Timestamp(day, tz=TOKYO)])],
        "texts with zones": ["2026-03-31T09:30Z", "2026-03-31T09:30:00+09:00", *zoned],
        "texts, day first": ["2026-03-31", day],
    }
    for kind, dates in values.items():
        encoder = RowEncoder(COLUMNS[kind], False)
        for value in dates:
            frame = pd.DataFrame({"t": value if isinstance(value, pd.Series) else [value]})
            for as_objects in frame, frame.astype(object):
                encoder.encode(OneRow.of_frame(as_objects, cast), (True,))


@pytest.mark.parametrize("order", ["year and month", "two-digit year first"])
def test_only_orders_with_such_texts_read_them(order):
    assert (moment_of("2026-03-31", order) is None) == (order == "year and month")
