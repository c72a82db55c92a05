"""In which columns of texts are dates, and which of their texts are not."""

import pyarrow as pa
import pytest

from jubako.data.casting.date_order import (
    are_firsts,
    is_named_like_dates,
    likely_orders,
    mean_no_date,
    orders_of,
)
from jubako.data.casting.date_parsing import seconds_in

DAYS = [f"{day}/03/2026" for day in range(13, 29)]


def texts(*values):
    return pa.chunked_array([pa.array(values, pa.string())])


def test_one_repeated_word_in_less_than_half_of_the_rows_may_mean_missing():
    orders, bad = likely_orders(texts(*DAYS[:4], "x", "x", "x"))
    assert orders == ["day first"]
    assert bad.tolist() == 4 * [False] + 3 * [True]
    assert likely_orders(texts(*DAYS[:3], "x", "x", "x"))[0] == []
    assert likely_orders(texts(*DAYS[:4], "x", "y", "z"))[0] == []
    assert likely_orders(texts(*DAYS[:4], "x"))[0] == []


def test_one_text_in_ten_may_be_no_date():
    orders, bad = likely_orders(texts(*DAYS[:9], "soon"))
    assert orders == ["day first"]
    assert bad.tolist() == 9 * [False] + [True]
    assert likely_orders(texts(*DAYS[:8], "soon"))[0] == []
    assert likely_orders(texts(*DAYS[:9], "soon", "x", "x"))[0] == ["day first"]
    assert orders_of(texts(*DAYS[:9], "soon")) == []


def test_missing_values_are_no_texts():
    orders, bad = likely_orders(texts(None, *DAYS, None))
    assert orders == ["day first"]
    assert not bad.any()
    assert len(bad) == len(DAYS) + 2
    assert likely_orders(texts(None, "x"))[1].tolist() == [False, False]


@pytest.mark.parametrize("months_are_close", [False, True])
@pytest.mark.parametrize("mistake", [False, True])
def test_a_repeated_date_decides_the_order_and_does_not_mean_missing(months_are_close, mistake):
    unsure = [f"{d:02}/02/2026" if months_are_close else f"02/{d:02}/2026" for d in range(1, 13)]
    values = [*unsure * 5, *["25/12/2026"] * 5, *["12/25/2026"] * mistake]
    orders, bad = likely_orders(texts(*values))
    assert orders == ["day first"]
    assert bad.tolist() == 65 * [False] + [True] * mistake


def test_hours_from_24_on_are_durations_however_often():
    assert (
        likely_orders(texts("1:30", "25:00", "25:00", "7:10", "9:20", "8:00"))[0][0] == "duration"
    )


@pytest.mark.parametrize(
    ("name", "digits", "order"),
    [
        ("date", "20260331", "year first"),
        ("saleDate", "20260331", "year first"),
        ("id", "20260331", None),
        ("month", "20260331", None),
        ("month", "202603", "year and month"),
        ("month", "202603.0", "year and month"),
        ("date", "202603", None),
        ("date", "202603.0", None),
        ("date", "1234567.0", None),
        ("id", "202603", None),
        ("date", "20260331.0", "year first"),
        ("id", "20260331.00", None),
        ("date", "5", None),
    ],
)
def test_digits_are_dates_only_by_the_name_of_their_column(name, digits, order):
    assert orders_of(texts(digits), name)[:1] == ([order] if order else [])


def test_digits_beside_other_dates_are_dates_whatever_the_name():
    assert orders_of(texts("20260331", "2026-04-01"), "id") == ["year first"]


def test_a_name_suggests_dates_by_a_word_in_it():
    assert all(map(is_named_like_dates, ["date", "Order Date", "orderDate", "dob", "日付", "年月"]))
    assert all(map(is_named_like_dates, ["updated_month", "period", "yyyymm", "birthdate", "ymd"]))
    assert not any(map(is_named_like_dates, ["id", "candidates_n", "monthly", "日数", "休日本"]))


def test_zeros_and_nines_mean_no_date():
    no_dates = ["0000-00-00", "0", "00000000", "99999999", "00/00/0000", "００００年００月００日"]
    dates = ["2026-01-01", "10000000", "000", "9999-12-31", "0000-00-01", ""]
    assert mean_no_date(pa.array(no_dates)).all()
    assert mean_no_date(pa.array(["0000-00-00 00:00:00", "0000-00-00T00:00"])).all()
    assert not mean_no_date(pa.array(dates)).any()


def test_the_first_days_of_months_are_told_from_other_days():
    assert are_firsts(seconds_in(texts("2026-03-01", None, "2026-04-01 23:59"), "year first"))
    assert not are_firsts(seconds_in(texts("2026-03-01", "2026-04-02"), "year first"))


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["23/08/19", "23/09/20", "23/10/21"], "two-digit year first"),
        (["19.08.23", "20.09.23", "21.10.23"], "day first"),
        (["08/19/23", "09/20/23"], "month first"),
    ],
)
def test_the_years_of_close_dates_are_what_varies_least(values, order):
    assert orders_of(texts(*values))[0] == order


@pytest.mark.parametrize(
    ("values", "orders"),
    [
        (["1:30", "2:40"], ["time of day", "duration", "duration, minutes first"]),
        (["1:30", "2:40:10"], ["time of day", "duration, minutes first", "duration"]),
        (["10:30:20", "12:40:10"], ["time of day", "duration"]),
        (["1:30:20", "2:40:10"], ["duration", "time of day"]),
        (["01:30:20", "2:40:10"], ["time of day", "duration"]),
        (["25:30", "2:40"], ["duration", "duration, minutes first"]),
        (["1:30.5", "2:40"], ["duration, minutes first"]),
        (["5 h", "7 h"], []),
        (["5 h", "7 min"], ["duration"]),
        (["5 days", "7 days"], ["duration"]),
        (["1 day", "7 days"], ["duration"]),
        (["5 時間", "7 時間"], []),
        (["5 秒"], []),
    ],
)
def test_what_lasts_is_told_from_what_begins(values, orders):
    assert orders_of(texts(*values)) == orders
