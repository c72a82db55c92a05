import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest

from jubako.data.casting.date_notes import date_notes
from jubako.data.casting.date_values import orders_in


def notes(values, name="a"):
    column = pa.chunked_array([pa.array(values)])
    return date_notes(name, column, orders_in(column, name))


@pytest.mark.parametrize(
    "values",
    [
        ["2023-08-19", "2023-08-20", None],
        ["25/12/2026", "01/02/2026"],
        ["19-Aug-2023"],
        ["令和5年8月19日"],
        ["13:45 pm"],
        ["PT5M"],
        [dt.date(2026, 1, 1), dt.date(2026, 1, 2)],
        [dt.datetime(2026, 1, 1), None],
        [dt.time(9, 30)],
        [dt.timedelta(1)],
        ["9999-12-31"],
    ],
)
def test_nothing_is_said_where_there_is_one_reading(values):
    assert notes(values) == []


def test_the_order_of_day_and_month_is_said_with_its_reason():
    firsts = [f"01/{month:02}/2026" for month in range(2, 13)]
    assert notes(firsts) == [
        "Column 'a': '01/02/2026' is read as 2026-02-01 (day first), because all dates are first "
        "days of months then; it could also be 2026-01-02 (month first). Write the year first to "
        "be sure."
    ]
    assert "because the dates lie closer together then" in notes(["01/02/2026", "05/02/2026"])[0]
    (note,) = notes(["01/02/2026", "02/01/2026"])
    assert "(month first), though nothing in the column decides; " in note


def test_years_of_two_digits_and_dates_by_name_are_said():
    assert notes(["08/19/23", "08/20/69"]) == [
        "Column 'a': '08/19/23' is read as 2023-08-19: years of two digits from 69 on are 19.., "
        "and those before it 20..."
    ]
    days = pd.date_range("2023-01-01", periods=40)
    assert notes(days.strftime("%Y%m%d").astype(int).tolist(), "日付") == [
        "Column '日付': the digits '20230101' are read as the date 2023-01-01, because of the "
        "name or the declared type of the column."
    ]


def test_times_of_day_that_may_be_durations_are_said():
    assert notes(["13:45", "07:05"]) == [
        "Column 'a': '13:45' is read as 13:45:00 (time of day); it could also be 49500 s "
        "(duration, hours first)."
    ]
    assert "read as 163800 s (duration, hours first); it" in notes(["45:30", "50:10"])[0]


@pytest.mark.parametrize("odd", [dt.date(9999, 12, 31), dt.date(1, 1, 1), dt.date(1900, 1, 1)])
@pytest.mark.parametrize("as_text", [True, False])
def test_dates_that_lie_far_from_all_others_are_said(odd, as_text):
    days = [*pd.date_range("2023-01-01", periods=40).date, odd, None, odd]
    days = [day and str(day) for day in days] if as_text else days
    assert notes(days) == [
        f"Column 'a': 2 dates such as {odd} lie far from all others; they count as very early or "
        "very late, and do not change the scale of the others."
    ]
