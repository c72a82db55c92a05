"""The parts of dates, times and durations, one text for each rule."""

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.casting.date_formats import DURATIONS, normalized
from jubako.data.casting.date_notes import written
from jubako.data.casting.date_parsing import parsed, seconds_and_zones


def read(text, order):
    (seconds,), (zoned,) = seconds_and_zones(pa.chunked_array([[text]]), order)
    return seconds, zoned


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("明治45年7月29日", "1912-07-29"),
        ("大正元年7月30日", "1912-07-30"),
        ("昭和64年1月7日", "1989-01-07"),
        ("H31.4.30", "2019-04-30"),
        ("令和5年8月19日", "2023-08-19"),
        ("2026-W01-1", "2025-12-29"),
        ("2026-W02", "2026-01-05"),
        ("2020W537", "2021-01-03"),
        ("2027-W01-4", "2027-01-07"),
        ("29 Feb 2024", "2024-02-29"),
        ("Sept. 1st, 2026", "2026-09-01"),
        ("20261231.0", "2026-12-31"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("2026-01-05 10:20:30.25", "2026-01-05 10:20:30"),
        ("2026-01-05 10:20:60", "2026-01-05 10:21:00"),
        ("2026-01-05 23h", None),
        ("2026-02-29", None),
        ("2026-01-05 10:20:61", None),
        ("2026-W00", None),
        ("2025-W53-1", None),
        ("0000-01-01", None),
    ],
)
def test_a_date_has_a_year_a_month_and_a_day(text, date):
    seconds, zoned = read(text, "year first")
    assert (None if np.isnan(seconds) else written(seconds, "year first")) == date
    assert not zoned


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-01", "2026-01-01"),
        ("2026Q1", "2026-01-01"),
        ("2026-Q4", "2026-10-01"),
        ("Q3 2026", "2026-07-01"),
        ("Dec 2026", "2026-12-01"),
        ("平成元年2月", "1989-02-01"),
    ],
)
def test_a_month_or_a_quarter_begins_with_its_first_day(text, date):
    assert written(read(text, "year and month")[0], "year and month") == date


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("0:05", "00:05:00"),
        ("12:05 am", "00:05:00"),
        ("11:05 a.m.", "11:05:00"),
        ("12:05 pm", "12:05:00"),
        ("11:05:30 PM", "23:05:30"),
        ("午前0時5分", "00:05:00"),
        ("午後0時5分", "12:05:00"),
        ("午後11時", "23:00:00"),
        ("3 pm", "15:00:00"),
        ("23:59:59", "23:59:59"),
    ],
)
def test_the_hours_of_both_halves_of_the_day_begin_with_twelve(text, time):
    assert written(read(text, "time of day")[0], "time of day") == time


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Z", "2026-01-05 10:00:00"),
        (" GMT", "2026-01-05 10:00:00"),
        (" JST", "2026-01-05 01:00:00"),
        ("+09:00", "2026-01-05 01:00:00"),
        (" +0530", "2026-01-05 04:30:00"),
        (" -0330", "2026-01-05 13:30:00"),
        (" UTC-3", "2026-01-05 13:00:00"),
        ("+15:00", "2026-01-04 19:00:00"),
        ("-15:00", "2026-01-06 01:00:00"),
    ],
)
def test_the_offset_of_a_zone_is_subtracted(zone, utc):
    seconds, zoned = read(f"2026-01-05 10:00{zone}", "year first")
    assert written(seconds, "year first") == utc
    assert zoned


def test_no_zone_is_more_than_15_hours_from_utc():
    assert np.isnan(read("2026-01-05 10:00+15:01", "year first")[0])
    assert np.isnan(read("2026-01-05 10:00-15:01", "year first")[0])


def test_a_date_without_a_time_may_have_a_zone():
    assert read("2026-01-05+09:00", "year first") == (read("2026-01-04 15:00Z", "year first"))
    assert read("2026-01-05Z", "year first")[1]
    assert not read("2026-01-05", "year first")[1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:02", 3720),
        ("-1:02:03.5", -3723.5),
        ("+1:02:03,25", 3723.25),
        ("2 days", 172800),
        ("-1 day, 23:00:00", -3600),
        ("-1 days +23:00:00", -3600),
        ("1 days -01:00:00", 82800),
        ("P2W", 1209600),
        ("P3D", 259200),
        ("1.5 days", 129600),
        ("P1W2DT3H4M5.5S", 604800 + 172800 + 3 * 3600 + 4 * 60 + 5.5),
        ("-P1DT1H", -90000),
        ("PT-5M", -300),
        ("1.5h", 5400),
        ("1d 2h 3m 4s", 86400 + 7200 + 180 + 4),
        ("2日 3時間 4分 5秒", 2 * 86400 + 3 * 3600 + 4 * 60 + 5),
        ("-90 min", -5400),
        ("PT0S", 0),
        ("P", None),
        ("-", None),
        ("1:60", None),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text, seconds):
    found, zoned = read(text, "duration")
    assert (None if np.isnan(found) else found) == seconds
    assert not zoned


def test_two_fields_may_be_minutes_and_seconds():
    assert read("1:02", "duration, minutes first")[0] == 62
    assert read("-90:02.5", "duration, minutes first")[0] == -5402.5
    assert read("1:02:03", "duration, minutes first")[0] == 3723


@pytest.mark.parametrize("order", ["year first", "day first", *DURATIONS])
def test_the_seconds_are_whole_microseconds(order):
    text = "0:00:00.1234567" if order in DURATIONS else "2026-01-05 0:00:00.1234567"
    assert read(text, order)[0] % 1 == pytest.approx(0.123457, abs=1e-7)


def test_what_is_clear_is_read_alike_in_every_order():
    words = normalized(pa.array(["2026-01-05 10:00Z", "05/06/2026", "x"]))
    clear = parsed(words, "year first")
    for order, date in ("day first", "2026-06-05"), ("month first", "2026-05-06"):
        for known in None, clear:
            seconds, zoned = parsed(words, order, known)
            assert seconds[0] == clear[0][0]
            assert written(seconds[1], order) == date
            assert np.isnan(seconds[2])
            assert zoned.tolist() == [True, False, False]
    assert np.isnan(clear[0]).tolist() == [False, True, True]
