import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.table.columns import Date, encode, fit_columns
from jubako.table.dates import NAMES, ORDERS, orders_of, seconds_in
from jubako.table.errors import TableError
from jubako.table.read import read_table, to_table

FORMATS = {
    "%Y-%m-%d": "year first",
    "%Y-%m-%dT%H:%M:%S.%fZ": "year first",
    "%Y-%m-%d %H:%M:%S+0000": "year first",
    "%Y/%m/%d %H:%M": "year first",
    "%Y年%m月%d日": "year first",
    "%Y年%m月%d日 %H時%M分": "year first",
    " %Y.%m.%d ": "year first",
    "%m/%d/%Y": "month first",
    "%m-%d-%Y %I:%M %p": "month first",
    "%m/%d/%Y %I:%M:%S%p": "month first",
    "%d/%m/%Y %H:%M:%S": "day first",
    "%d.%m.%Y": "day first",
    "%Y-%m": "year and month",
    "%Y年%m月": "year and month",
    "%H:%M:%S": "time of day",
    "%I:%M %p": "time of day",
}
TIMES = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2099, 12, 31))


def texts(*values):
    return pa.chunked_array([pa.array(values, pa.string())])


@pytest.mark.parametrize("form", FORMATS)
@given(when=TIMES)
def test_a_date_is_read_as_python_has_written_it(form, when):
    text = when.strftime(form)
    expected = dt.datetime.strptime(text.replace("+0000", ""), form.replace("+0000", ""))
    begin = dt.datetime(1900 if "Y" not in form else 1970, 1, 1)
    seconds = seconds_in(texts(text, None), FORMATS[form])
    np.testing.assert_allclose(seconds, [(expected - begin).total_seconds(), np.nan], rtol=1e-12)
    assert FORMATS[form] in orders_of(texts(text, None))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-02-30", "year first"),
        ("2026-13-01", "year first"),
        ("2026-00-01", "year first"),
        ("2026-01-01 24:00", "year first"),
        ("2026-01-01 07:60", "year first"),
        ("2026-01-01x", "year first"),
        ("31/04/2026", "day first"),
        ("13/01/2026", "month first"),
        ("1234-01", "year and month"),
        ("7", "time of day"),
        ("apple", "year first"),
        ("2026", "year first"),
        ("20260101", "year first"),
    ],
)
def test_what_is_no_date_is_none(text, order):
    assert np.isnan(seconds_in(texts(text), order)).all()
    assert order not in orders_of(texts(text))


def test_a_zone_moves_the_clock():
    seconds = seconds_in(
        texts("2026-01-01T07:00+09:00", "2025-12-31 17:00-0500", "2025-12-31T22:00Z"), "year first"
    )
    assert len(set(seconds)) == 1


def test_digits_may_be_wide():
    wide, narrow = texts("２０２６／０１／０５"), texts("2026/01/05")
    assert seconds_in(wide, "year first") == seconds_in(narrow, "year first")


def test_one_date_says_which_number_is_the_day():
    assert orders_of(texts("01/02/2026", "25/12/2026")) == ["day first"]
    assert orders_of(texts("01/02/2026", "12/25/2026")) == ["month first"]
    assert orders_of(texts("01/02/2026", "25/12/2026", "12/25/2026")) == []
    assert orders_of(texts("01.02.2026")) == ["day first"]


def test_where_both_may_be_the_day_dates_are_firsts_of_months_or_lie_close_together():
    firsts = [f"01/{month:02}/2026" for month in range(1, 13)]
    assert orders_of(texts(*firsts)) == ["day first", "month first"]
    assert orders_of(texts(*(f"{t[3:5]}/01/2026" for t in firsts))) == ["month first", "day first"]
    assert orders_of(texts("01/02/2026", "05/02/2026")) == ["day first", "month first"]
    assert orders_of(texts("02/01/2026", "02/05/2026")) == ["month first", "day first"]


def test_dates_in_a_frame_of_texts_are_those_in_a_file_and_those_of_pandas(tmp_path):
    when = pd.date_range("2026-01-01", periods=60, freq="37h")
    for form in ("%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%Y年%m月%d日 %H:%M"):
        frame = pd.DataFrame({"when": when.strftime(form).tolist()})
        frame.to_csv(tmp_path / "a.csv", index=False)
        tables = [to_table(frame), read_table(str(tmp_path / "a.csv"))[0]]
        tables.append(to_table(pd.DataFrame({"when": when})))
        fitted = [fit_columns(table)[0] for table in tables]
        assert all(isinstance(columns[0], Date) for columns in fitted)
        first, *others = (
            encode(columns, table) for columns, table in zip(fitted, tables, strict=True)
        )
        for other in others:
            np.testing.assert_array_equal(other, first)
        # and rows from one are read by what was fitted to another
        np.testing.assert_array_equal(encode(fitted[0], tables[2]), first)


def test_a_single_row_is_read_in_the_order_of_the_others():
    (column,), _ = fit_columns(to_table(pd.DataFrame({"a": ["25/12/2026", "13/02/2026"]})))
    assert column.describe() == "date, day first, around 2026-07-20"
    row = pa.table({"a": ["01/02/2026"]})
    day = pa.table({"a": [dt.date(2026, 2, 1)]})
    np.testing.assert_array_equal(encode([column], row), encode([column], day))


def test_a_date_that_can_be_read_in_two_ways_is_refused_where_nothing_says_which():
    (column,), _ = fit_columns(pa.table({"a": [dt.date(2026, 2, 1), dt.date(2026, 3, 5)]}))
    assert column.order == ""
    encode([column], pa.table({"a": ["25/12/2026", "01/02/2026"]}))
    with pytest.raises(TableError, match="'01/02/2026' may have the month first or the day"):
        encode([column], pa.table({"a": ["01/02/2026", None]}))


def test_what_is_no_date_among_dates_is_refused_with_its_row():
    (column,), _ = fit_columns(pa.table({"a": ["25/12/2026", "13/02/2026"]}))
    with pytest.raises(TableError, match=r"'a', row 2: '12/25/2026' is no date \(day first\), as"):
        encode([column], pa.table({"a": [None, "12/25/2026"]}))


def test_every_order_has_a_format_that_is_tried():
    assert set(FORMATS.values()) == set(ORDERS) == set(NAMES)
