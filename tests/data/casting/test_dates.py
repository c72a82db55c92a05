import datetime as dt
import email.utils
import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jubako.data.casting.date_formats import DATES, PIVOT, normalized
from jubako.data.casting.date_notes import written
from jubako.data.casting.date_order import NAMES, ORDERS, likely_orders, orders_of, seconds_in
from jubako.data.casting.date_parsing import iso_seconds, parsed
from jubako.data.casting.date_values import as_seconds
from jubako.data.column_encoding import Date, Duration, TimeOfDay, encode, fit_column, fit_columns
from jubako.data.errors import TableError
from jubako.data.inference import infer_reading, read_order
from jubako.data.readers.frames import to_table
from jubako.data.readers.read import read_table

FORMATS = {
    "%Y-%m-%d": "year first",
    "%Y-%m-%dT%H:%M:%S.%fZ": "year first",
    "%Y-%m-%d %H:%M:%S+0000": "year first",
    "%Y/%m/%d %H:%M": "year first",
    "%Y年%m月%d日": "year first",
    "%Y年%m月%d日 %H時%M分": "year first",
    " %Y.%m.%d ": "year first",
    "%Y-%m-%dT%H:%M:%S+00:00[UTC]": "year first",
    "%Y%m%d": "year first",
    "%Y%m%dT%H%M%SZ": "year first",
    "%Y%m%d%H%M%S": "year first",
    "%G-W%V-%u": "year first",
    "%d-%b-%Y": "year first",
    "%d %B %Y %H:%M": "year first",
    "%d%b%Y": "year first",
    "%d/%b/%Y:%H:%M:%S +0000": "year first",
    "%b %d, %Y": "year first",
    "%B %d, %Y at %I:%M %p": "year first",
    "%A, %B %d, %Y": "year first",
    "%a, %d %b %Y %H:%M:%S GMT": "year first",
    "%a %b %d %H:%M:%S %Y": "year first",
    "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)": "year first",
    "%Y-%b-%d": "year first",
    "%m/%d/%y": "month first",
    "%m/%d/%y %I:%M %p": "month first",
    "%d.%m.%y": "day first",
    "%d-%b-%y": "day first",
    "%A, %d-%b-%y %H:%M:%S GMT": "day first",
    "%y/%m/%d": "two-digit year first",
    "%y.%m.%d": "two-digit year first",
    "%B %Y": "year and month",
    "%b-%Y": "year and month",
    "%m/%Y": "year and month",
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
TIMES = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2068, 12, 31))
ANY_YEAR = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31))


def texts(*values):
    return pa.chunked_array([pa.array(values, pa.string())])


def microseconds(seconds):
    return np.floor(seconds) + np.round(seconds % 1, 6)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=3)
@given(times=st.lists(TIMES, min_size=10, max_size=20))
def test_a_date_is_read_as_python_has_written_it(form, times):
    written = [when.strftime(form) for when in times]
    begin = dt.datetime(1970 if any(year in form for year in "YyG") else 1900, 1, 1)
    expected = [(dt.datetime.strptime(text, form) - begin).total_seconds() for text in written]
    order = FORMATS[form]
    np.testing.assert_array_equal(
        seconds_in(texts(*written, None), order), [*map(microseconds, expected), np.nan]
    )
    for text in written:
        assert order in orders_of(texts(text, None), "date")


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
        ("2026-W54-1", "year first"),
        ("2025-W53", "year first"),
        ("0000-00-00", "year first"),
        ("32 Aug 2026", "year first"),
        ("Sand 19, 2026", "year first"),
        ("令和5年13月1日", "year first"),
        ("2026-01-01 10:00 +99:00", "year first"),
        ("16:9", "time of day"),
        ("P", "duration"),
        ("PT", "duration"),
        ("P1M", "duration"),
        ("1:75:00", "duration"),
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
    assert column.describe() == "date, day first, median 2026-07-20, range 2026-02-13 to 2026-12-25"
    row = pa.table({"a": ["01/02/2026"]})
    day = pa.table({"a": [dt.date(2026, 2, 1)]})
    np.testing.assert_array_equal(encode([column], row), encode([column], day))


def test_a_date_that_can_be_read_in_two_ways_is_refused_where_nothing_says_which():
    (column,), _ = fit_columns(pa.table({"a": [dt.date(2026, 2, 1), dt.date(2026, 3, 5)]}))
    assert column.order == ""
    days = [dt.date(2026, 2, 1), None, dt.date(2026, 2, 1)]
    for clear in (["2026-02-01", None, "1 Feb 2026"], [20260201, None, 20260201], days):
        np.testing.assert_array_equal(
            encode([column], pa.table({"a": clear})), encode([column], pa.table({"a": days}))
        )
    # texts are read the same in whichever batch they are
    for batch in (["25/12/2026"], ["01/02/2026", None], ["01/02/2026", "25/12/2026"]):
        with pytest.raises(TableError, match="/2026' may have the month first or the day"):
            encode([column], pa.table({"a": batch}))


def test_what_is_no_date_among_dates_is_refused_with_its_row():
    (column,), _ = fit_columns(pa.table({"a": ["25/12/2026", "13/02/2026"]}))
    with pytest.raises(
        TableError, match=r"'a', row 2: '12/25/2026' is not a date \(day first\), but"
    ):
        encode([column], pa.table({"a": [None, "12/25/2026"]}))


def test_every_order_has_a_format_that_is_tried():
    durations = {order for order in ORDERS if order.startswith("duration")}
    assert set(FORMATS.values()) | durations == set(ORDERS) == set(NAMES)
    assert set(DATES) == set(FORMATS.values()) - {"time of day"}


@settings(max_examples=20)
@given(when=ANY_YEAR)
def test_every_day_of_the_calendar_is_read(when):
    form = f"{when.year:04}-%m-%d %H:%M:%S.%f"
    typed = pa.chunked_array([pa.array([when], pa.timestamp("us"))])
    seconds = seconds_in(texts(when.strftime(form)), "year first")
    assert (
        seconds
        == as_seconds(typed, "a", "")
        == as_seconds(typed.cast(pa.timestamp("us", "UTC")), "a", "")
    )
    # float64 represents the seconds of late years to 3e-5
    assert abs(seconds[0] - (when - dt.datetime(1970, 1, 1)).total_seconds()) < 1e-4


@settings(max_examples=20)
@given(when=TIMES, hours=st.integers(-14, 14))
def test_mails_have_dates_with_a_zone(when, hours):
    zone = dt.timezone(dt.timedelta(hours=hours, minutes=30))
    when = when.replace(microsecond=0, tzinfo=zone)
    for text in (email.utils.format_datetime(when), when.isoformat(), str(when)):
        assert seconds_in(texts(text), "year first") == when.timestamp()


@settings(max_examples=20)
@given(when=TIMES)
def test_years_of_japan_are_read(when):
    forms = ["%m月%d日 %H時%M分", "%-m月%-d日%-H時%-M分", "%m月%d日(水)%H:%M"]
    begins = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
    era = max((e for e in begins if begins[e] <= when.year), key=lambda e: begins[e])
    number = when.year - begins[era] + 1
    years = [f"{era}{number}年", f"{era}{'元' if number == 1 else number}年", f"{when.year}年"]
    expected = (when.replace(second=0, microsecond=0) - dt.datetime(1970, 1, 1)).total_seconds()
    for year in years:
        for form in forms:
            assert seconds_in(texts(year + when.strftime(form)), "year first") == expected
    letter = dict(zip(begins, "MTSHR", strict=True))[era]
    assert seconds_in(texts(f"{letter}{number}.{when.month}.{when.day}"), "year first") == (
        expected // 86400 * 86400
    )


def test_years_of_two_digits_begin_in_1969():
    assert PIVOT == 69
    seconds = seconds_in(texts("01/31/69", "01/31/68"), "month first")
    expected = np.array(["1969-01-31", "2068-01-31"], "datetime64[s]").astype(float)
    np.testing.assert_array_equal(seconds, expected)


@pytest.mark.parametrize("form", ["%d.%m.%y", "%y.%m.%d", "%d-%b-%y", "%y/%m/%d", "%d/%m/%y"])
def test_years_of_two_digits_are_told_from_days_because_dates_lie_close_together(form):
    when = pd.date_range("2023-01-01", "2024-02-01")
    (order,) = orders_of(texts(*when.strftime(form)))
    np.testing.assert_array_equal(
        seconds_in(texts(*when.strftime(form)), order), (when - pd.Timestamp(0)).total_seconds()
    )


@pytest.mark.parametrize("version", ["10.12.6", "1.2.3", "11.3.1", "3.11.4"])
def test_versions_of_programs_are_no_dates(version):
    assert orders_of(texts(version)) == []


def test_plain_digits_are_dates_where_the_name_says_so():
    names = [
        "date",
        "sale_date",
        "orderDate",
        "Order Date",
        "day",
        "日付",
        "年月日",
        "登録日",
        "dt",
    ]
    for name in names:
        assert orders_of(texts("20230819", "20230820"), name) == ["year first"]
        assert orders_of(texts("20230819", "20231320"), name) == []
        assert orders_of(texts("1", "2"), name) == []
    for name in ["id", "amount", "price", "", "update_count", "日本", "日数"]:
        assert orders_of(texts("20230819", "20230820"), name) == []
    assert orders_of(texts("202308", "202309"), "年月") == ["year and month"]
    assert orders_of(texts("202308", "202309"), "date") == []


def test_digits_of_any_type_are_the_dates_that_they_spell():
    days = pd.date_range("2023-01-01", periods=40, freq="13D")
    digits = days.strftime("%Y%m%d").astype(int)
    expected = None
    floats = digits.astype(float)
    for values in map(list, (digits, floats, digits.astype(str), floats.astype(str))):
        table = pa.table({"sale_date": [*values, None]})
        (column,), _ = fit_columns(table)
        assert isinstance(column, Date), values
        expected = encode([column], table) if expected is None else expected
        np.testing.assert_array_equal(encode([column], table), expected)
    typed = pa.table({"sale_date": [*days.date, None]})
    np.testing.assert_array_equal(encode([column], typed), expected)
    for value in (45157, -1, 2**62, 1e300, float("inf"), 20230819.5):
        with pytest.raises(TableError, match=r"row 1: '.*' is not a date, but the others are"):
            encode([column], pa.table({"sale_date": [value]}))
    with pytest.raises(TableError, match="type float, but must hold dates"):  # of 24 bits
        encode([column], pa.table({"sale_date": pa.array([2.0230820e7], pa.float32())}))


@settings(max_examples=20)
@given(when=st.lists(TIMES, min_size=1, max_size=8), form=st.sampled_from(list(FORMATS)))
def test_a_batch_is_read_as_the_whole_column(when, form):
    column = texts(*(time.strftime(form) for time in when))
    order = orders_of(column, "date")[0]
    whole = seconds_in(column, order)
    parts = [seconds_in(column[i : i + 2], order) for i in range(0, len(when), 2)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_what_is_no_date_among_dates_is_found():
    column = texts(*["25/12/2026"] * 9, None, "unknown", *["24/11/2026"] * 9)
    orders, bad = likely_orders(column)
    assert orders == ["day first"]
    assert np.flatnonzero(bad).tolist() == [10]
    assert likely_orders(texts("25/12/2026", "unknown"))[0] == []
    assert likely_orders(texts(None, "a", "b"))[0] == []
    assert likely_orders(pa.chunked_array([], pa.string()))[0] == []


def test_files_and_frames_of_every_kind_give_the_same_numbers(tmp_path):
    when = pd.date_range("2023-01-31", periods=50, freq="37h13min7s").tz_localize("Asia/Tokyo")
    spans = pd.to_timedelta(np.arange(50) ** 2, unit="min") - pd.Timedelta("1 day")
    frame = pd.DataFrame({"when": when, "span": spans, "clock": when.time})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    tables = [
        read_table(str(tmp_path / "a.csv"))[0],
        read_table(str(tmp_path / "a.parquet"))[0],
        to_table(frame),
        to_table(pl.from_pandas(frame)),
    ]
    fitted = [fit_columns(table)[0] for table in tables]
    for columns in fitted:
        assert [type(column) for column in columns] == [Date, Duration, TimeOfDay]
        for table in tables:
            np.testing.assert_array_equal(encode(columns, table), encode(fitted[0], tables[0]))


# Words for missing dates, and what is no date


ISO = pd.date_range("2023-01-01", periods=40).strftime("%Y-%m-%d").tolist()
DIGITS = [day.replace("-", "") for day in ISO]


@pytest.mark.parametrize(
    "word", ["NaT", "-", "unknown", "0000-00-00", "00/00/0000", "0", "99999999"]
)
def test_a_word_that_is_repeated_in_a_column_of_dates_means_missing(word):
    for days in (ISO, DIGITS):
        values = [word if i % 6 == 3 else day for i, day in enumerate(days)]
        reading, notes, *_ = infer_reading("date", texts(*values))
        assert (reading.kind, reading.missing) == ("date", (word,))
        assert f"'{word}' in 7 rows, first in row " in notes[0]
        (column,), _ = fit_columns(pa.table({"date": values}))
        gone = [None if value == word else value for value in values]
        np.testing.assert_array_equal(
            encode([column], pa.table({"date": values})), encode([column], pa.table({"date": gone}))
        )


def test_numbers_that_mean_no_date_are_said():
    values = [0 if i == 7 else int(day) for i, day in enumerate(DIGITS)]
    reading, notes, *_ = infer_reading("date", pa.chunked_array([values]))
    assert reading.kind == "date"
    assert "Column 'date': 0, 99999999 mean that the date is missing (1 row)." in notes


@pytest.mark.parametrize(
    ("days", "bad"),
    [(ISO, "2023-02-30"), (ISO, "x"), (DIGITS, "20230230"), ([*map(int, DIGITS)], 20230230)],
)
def test_one_bad_cell_in_a_column_of_dates_is_named_with_its_row(days, bad):
    values = [bad if i == 7 else day for i, day in enumerate(days)]
    with pytest.raises(TableError, match=f"Column 'date', row 8: '{bad}' is not a date, but"):
        infer_reading("date", pa.chunked_array([values]))


def test_digits_are_dates_where_that_is_declared():
    for values in (DIGITS, [*map(int, DIGITS)]):
        column = pa.chunked_array([values])
        assert infer_reading("id", column).reading.kind == "numeric"
        assert infer_reading("id", column, "date").reading.order == "year first"
        assert infer_reading("date", column, "numeric").reading.kind == "numeric"


def test_typed_dates_may_be_declared_to_be_something_else():
    column = pa.chunked_array([pd.date_range("2023-01-01", periods=40).date])
    assert infer_reading("a", column, "categorical").reading.kind == "categorical"
    assert infer_reading("a", column, "date").reading.kind == "date"


# Zones


AWARE = ["2026-01-01T10:00+09:00", "2026-02-01T10:00+09:00"]
NAIVE = ["2026-01-01T10:00", "2026-02-01T10:00"]


@pytest.mark.parametrize("typed_in_training", [False, True])
@pytest.mark.parametrize("typed_later", [False, True])
def test_a_zone_on_one_side_only_is_refused(typed_in_training, typed_later):
    def table(rows, typed):
        return to_table(
            pd.DataFrame({"a": pd.to_datetime(rows)}) if typed else pa.table({"a": rows})
        )

    (column,), _ = fit_columns(table(AWARE, typed_in_training))
    assert column.zoned
    assert column.describe() == (
        "date and time in UTC, median 2026-01-16 13:00, range 2026-01-01 01:00 to 2026-02-01 01:00"
    )
    encode([column], table(AWARE, typed_later))
    with pytest.raises(TableError, match=r"'a', row 1: '2026-01-01.*' has no time zone"):
        encode([column], table(NAIVE, typed_later))
    (column,), _ = fit_columns(table(NAIVE, typed_in_training))
    assert not column.zoned
    encode([column], table(NAIVE, typed_later))
    with pytest.raises(TableError, match=r"'a', row 1: '2026-01-01.*' has a time zone"):
        encode([column], table(AWARE, typed_later))


def test_a_zone_in_some_rows_only_is_refused():
    with pytest.raises(TableError, match=r"'2026-01-02T09:00Z' in row 3 has a time zone, but "):
        fit_columns(pa.table({"a": [None, "2026-01-01T09:00", "2026-01-02T09:00Z"]}))


# The order of rows


def sorting(*values):
    return read_order(texts(*values), "a")


def test_rows_are_put_in_the_order_of_any_reading_if_all_give_the_same():
    assert (np.diff(sorting("01/02/2026", "02/03/2026", "04/04/2026")) > 0).all()
    assert (np.diff(sorting("7:05", "13:45", "23:10")) > 0).all()
    assert (np.diff(sorting("08/19/23", "12/31/23", "01/01/24")) > 0).all()
    assert np.isnan(sorting("2026-01-01", None)).tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], 86400),
        ([dt.datetime(2026, 1, 1, 9), dt.datetime(2026, 1, 1, 10)], 3600),
        ([dt.time(9), dt.time(9, 1)], 60),
        ([dt.timedelta(hours=9), dt.timedelta(hours=9, seconds=1)], 1),
    ],
)
def test_rows_are_put_in_the_order_of_typed_values(values, step):
    first, second = read_order(pa.chunked_array([values]), "a")
    assert second - first == step


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["01/02/2026", "03/01/2026", "02/03/2026"], r"'01/02/2026' may be \(\w+ first\) or \("),
        (["01/02/2026", "01/02/2026", "02/01/2026"], "Rows can't be ordered by 'a'"),
        (["2026-01-01T00:00", "2026-01-01T00:00Z"], "has a time zone, but"),
    ],
)
def test_rows_without_a_sure_order_in_time_are_refused(values, said):
    with pytest.raises(TableError, match=said):
        sorting(*values)


# The scale


@pytest.mark.parametrize("odd", ["9999-12-31", "0001-01-01", "2999-12-31", "1900-01-01"])
@pytest.mark.parametrize("n_days", [1, 100])
def test_one_odd_date_does_not_flatten_the_others(odd, n_days):
    day, first = np.timedelta64(1, "D"), np.datetime64("2023-01-01")
    days = [str(first + i % n_days * (i % 3 > 1) * day) for i in range(200)]
    days[:4] = ["2023-03-01", "2023-01-05", "2023-01-06", "2023-02-01"]
    fitted = [fit_column("a", texts(*days, *more)) for more in ([], [odd])]
    x = [encode([column], pa.table({"a": days}))[:, 0] for column in fitted]
    assert np.ptp(x[1]) > np.ptp(x[0]) / 2 > 0.1
    assert abs(encode([fitted[0]], pa.table({"a": [odd]}))).max() <= 3


def test_dates_that_no_calendar_has_are_far_away():
    seconds = pa.array([0, 60, 2**62, -(2**63)], pa.timestamp("s"))
    for fitted in (seconds, seconds[:2], seconds[2:]):
        (column,), _ = fit_columns(pa.table({"a": fitted}))
        x = encode([column], pa.table({"a": seconds}))[:, 0]
        assert abs(x).max() <= 3
        assert x[3] < x[0] <= x[1] < x[2]
    with pytest.raises(TableError, match="has a time zone"):
        encode([column], pa.table({"a": seconds.cast(pa.timestamp("s", "UTC"))}))


def test_one_date_and_missing_values_say_something():
    (column,), _ = fit_columns(pa.table({"a": ["2026-01-01", None, "2026-01-01"]}))
    assert encode([column], pa.table({"a": ["2026-01-01", None]})).any(axis=1).tolist() == [1, 0]
    assert fit_columns(pa.table({"a": ["2026-01-01", "2026-01-01"]}))[0] == []


# Times of day and durations


@settings(max_examples=20)
@given(span=st.timedeltas(dt.timedelta(days=-999), dt.timedelta(days=999)))
def test_durations_are_read_as_programs_have_written_them(span):
    typed = pa.chunked_array([pa.array([span], pa.duration("us"))])
    expected = as_seconds(typed, "a", "")
    iso = pl.Series([span]).dt.to_string("iso")[0]
    for text in (str(span), str(pd.Timedelta(span)), iso, pd.Timedelta(span).isoformat()):
        np.testing.assert_array_equal(seconds_in(texts(text), "duration"), expected, text)
        assert orders_of(texts(text, "P2D"))[0] == "duration"


@pytest.mark.parametrize(
    ("values", "orders"),
    [
        (["13:45", "07:05"], "time of day"),
        (["9:30", "10:15:30"], "time of day"),
        (["午前9時5分", "午後3時"], "time of day"),
        (["1:23:45", "0:59:10"], "duration"),
        (["25:10", "7:05"], "duration"),
        (["48:30", "1:02:10"], "duration, minutes first"),
        (["4:35.2", "4:10.9"], "duration, minutes first"),
        (["1h 30m", "45m"], "duration"),
        (["1時間30分", "45分"], "duration"),
        (["PT5M", "P1DT2H"], "duration"),
        (["3 days", "1 day"], "duration"),
        (["5 m", "7 m"], None),
        (["5 min", "7 min"], None),
    ],
)
def test_times_of_day_are_told_from_durations(values, orders):
    found = orders_of(texts(*values))
    assert (found[0] if found else None) == orders


def test_a_name_may_say_that_times_last():
    assert orders_of(texts("13:45", "07:05"), "所要時間")[0] == "duration"
    assert orders_of(texts("13:45", "07:05"), "start")[0] == "time of day"


def test_times_of_day_are_places_in_the_day():
    clock = [f"{h:02}:{m:02}" for h in range(24) for m in (0, 30)]
    (column,), _ = fit_columns(pa.table({"a": clock}))
    assert column.describe() == "time of day, median 11:45"
    assert column.input_names == ("a", "a sin day", "a cos day")
    x = encode([column], pa.table({"a": [*clock, None]}))
    assert (np.diff(x[:-1, 0]) > 0).all()
    np.testing.assert_allclose(np.hypot(x[:-1, 1], x[:-1, 2]), 1, rtol=1e-6)
    assert not x[-1].any()
    typed = pa.table({"a": [*(dt.time.fromisoformat(t) for t in clock), None]})
    np.testing.assert_array_equal(encode([column], typed), x)


def test_durations_are_numbers_of_seconds():
    spans = [dt.timedelta(minutes=m) for m in (1, 2, 3, 5, 8, 13, 21)]
    (column,), _ = fit_columns(pa.table({"a": [*spans, None]}))
    assert isinstance(column, Duration)
    assert column.describe() == "duration in min, median 5, IQR 8"
    assert column.input_names == ("a", "a missing")
    (number,), _ = fit_columns(pa.table({"a": [s.total_seconds() for s in spans] + [None]}))
    np.testing.assert_array_equal(
        encode([column], pa.table({"a": spans})),
        encode([number], pa.table({"a": [s.total_seconds() for s in spans]})),
    )


@pytest.mark.parametrize("fitted", range(3))
@pytest.mark.parametrize("given", range(4))
def test_dates_times_and_durations_are_not_taken_for_each_other(fitted, given):
    columns = [
        [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)],
        [dt.time(9, 30), dt.time(10, 30)],
        [dt.timedelta(minutes=5), dt.timedelta(minutes=7)],
        [1.5, 2.5],
    ]
    (column,), _ = fit_columns(pa.table({"a": columns[fitted]}))
    if fitted == given:
        encode([column], pa.table({"a": columns[given]}))
    else:
        with pytest.raises(TableError, match="Column 'a'"):
            encode([column], pa.table({"a": columns[given]}))


def test_the_page_on_dates_says_what_is_so():
    page = (Path(__file__).parents[3] / "docs" / "dates.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert {order for _, _, order in rows} == set(ORDERS)
    for text, meaning, order in rows:
        column = texts(text)
        assert orders_of(column)[0] == order, text
        assert written(seconds_in(column, order)[0], order) == meaning, text
    assert f"**{PIVOT}**" in page


@pytest.mark.parametrize("order", ORDERS)
@given(st.lists(st.dates().map(str) | st.sampled_from(["2026-02-30", "0000-01-01", "2026-1-05"])))
def test_iso_dates_are_read_alike_one_by_one_and_by_expressions(order, texts):
    words = pa.array(texts, pa.string())
    few = iso_seconds(words, order)
    if few is not None:
        seconds, zoned = parsed(normalized(words), order)
        np.testing.assert_array_equal(few, seconds)
        assert not zoned.any()
