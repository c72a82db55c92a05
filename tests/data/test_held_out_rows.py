"""Ranges of rows by the hash of their number or group, or by time."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.casting.reading import NUMERIC
from jubako.data.errors import TableError
from jubako.data.held_out_rows import (
    ALL_ROWS,
    RowRange,
    group_hashes,
    hashes,
    reading_of_times,
    times_of,
)

N = 20_000
NUMBERS = np.arange(N)
NO_COLUMNS = pa.table({"a": NUMBERS})


def groups_of(values):
    return pa.chunked_array([pa.array(values)])


def test_all_rows_are_in_the_range_without_limits():
    assert ALL_ROWS.chosen(NO_COLUMNS, NUMBERS).all()
    assert (ALL_ROWS.share, ALL_ROWS.column) == (1, None)


def test_ranges_at_random_have_the_given_shares_and_each_row_is_in_one():
    ranges = RowRange(seed=3).cut_at_random([0.25, 0.2])
    chosen = np.stack([rows.chosen(NO_COLUMNS, NUMBERS) for rows in ranges])
    assert (chosen.sum(0) == 1).all()
    np.testing.assert_allclose(chosen.mean(1), [0.25, 0.15, 0.6], atol=0.01)
    np.testing.assert_allclose([rows.share for rows in ranges], [0.25, 0.15, 0.6])


def test_a_part_of_a_range_can_be_cut_again():
    _, rest = RowRange().cut_at_random([0.5])
    inner = rest.cut_at_random([0.5])
    assert [rows.share for rows in inner] == [0.25, 0.25]
    assert (inner[0].low, inner[-1].high) == (rest.low, np.inf)


def test_another_seed_selects_other_rows():
    chosen = [RowRange(high=0.5, seed=seed).chosen(NO_COLUMNS, NUMBERS) for seed in (0, 1, 2**40)]
    assert all((a != b).mean() > 0.4 for a, b in pairwise(chosen))


def test_hashes_of_row_numbers_are_distinct():
    assert len(set(hashes(0, NUMBERS).tolist())) == N


def test_rows_of_a_group_stay_together_in_exact_shares():
    table = pa.table({"g": [f"person {i // 10}" for i in range(2000)]})
    rows = RowRange(groups="g")
    positions = rows.positions(table, np.empty(0))
    held_out, rest = rows.cut(positions, [0.1])
    chosen = held_out.chosen(table, np.arange(2000)).reshape(200, 10)
    assert (chosen.all(1) == chosen.any(1)).all()
    assert chosen[:, 0].sum() == 20
    assert (rest.chosen(table, np.arange(2000)) == ~chosen.ravel()).all()
    assert rows.column == "g"


def test_groups_of_equal_numbers_have_equal_hashes_whatever_their_type():
    integers = group_hashes(groups_of([0, 1, -5]), 1)
    np.testing.assert_array_equal(integers, group_hashes(groups_of([-0.0, 1.0, -5.0]), 1))
    assert len(set(integers.tolist())) == 3


@pytest.mark.parametrize(
    "values",
    [["a", "b", "a"], [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 1)], [True, False, True]],
)
def test_groups_of_other_types_are_hashed_by_value_and_seed(values):
    first, second, third = group_hashes(groups_of(values), 0)
    assert first == third != second
    assert group_hashes(groups_of(values), 1)[0] != first


def test_the_latest_rows_are_first_and_equal_times_stay_together():
    table = pa.table({"t": [5, 1, 5, 3, 4, 2, 5, 0, 1, 6]})
    rows = RowRange(time="t")
    latest, middle, oldest = rows.cut(rows.positions(table, np.empty(0)), [0.2, 0.4])
    found = [
        table.filter(pa.array(part.chosen(table, np.arange(10))))
        for part in (latest, middle, oldest)
    ]
    assert [part["t"].to_pylist() for part in found] == [[5, 5, 5, 6], [3, 4], [1, 2, 0, 1]]
    assert latest.share == 1
    assert rows.column == "t"


def test_a_column_with_one_value_holds_no_rows_out():
    rows = RowRange(time="t")
    for positions in (np.zeros(5), np.empty(0)):
        with pytest.raises(TableError, match="'t' has too few distinct values"):
            rows.cut(positions, [0.2])


@pytest.mark.parametrize("by", ["groups", "time"])
def test_a_missing_value_is_refused_with_its_row(by):
    table = pa.table({"c": [1, 2, None]})
    rows = replace(RowRange(high=0.5), **{by: "c"})
    with pytest.raises(
        TableError, match="'c', row 3: the value is missing, but the rows are split"
    ):
        rows.chosen(table, np.arange(3))


def test_times_that_are_texts_are_read_in_the_order_of_day_and_month():
    days = [date(2024, 1, 1) + timedelta(days=9 * i) for i in range(60)]
    texts = groups_of([f"{day.day:02}/{day.month:02}/{day.year}" for day in days])
    reading = reading_of_times(texts, "t")
    times = times_of(texts, "t", reading)
    np.testing.assert_array_equal(np.diff(times), 9 * 86_400)
    np.testing.assert_array_equal(times, times_of(groups_of(days), "t", NUMERIC))


def test_times_that_are_numbers_need_no_reading():
    assert reading_of_times(groups_of([1, 2]), "t") == NUMERIC
    assert times_of(groups_of([1, None]), "t", NUMERIC).tolist()[0] == 1
    texts = groups_of(["10", "9.5"])
    assert times_of(texts, "t", reading_of_times(texts, "t")).tolist() == [10, 9.5]


def test_texts_without_an_order_are_no_times():
    with pytest.raises(TableError, match="'t'"):
        reading_of_times(groups_of(["red", "blue"]), "t")
