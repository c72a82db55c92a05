"""What is refused while cells are cast, with the whole sentence: the value, its row, what to do."""

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.casting.date_notes import date_notes
from jubako.data.casting.date_values import as_seconds, orders_in, seconds_of, seconds_to_sort
from jubako.data.casting.numbers import read_number
from jubako.data.casting.reading import (
    BOOLEAN,
    CATEGORICAL,
    DATE,
    NUMERIC,
    Reading,
    cast,
    cast_numbers,
    cast_table,
    whole,
)
from jubako.data.casting.values import as_numbers, as_texts, plain
from jubako.data.errors import TableError

LEAVE = "Correct it, or leave it empty."


def column(*values, kind=None):
    return pa.chunked_array([pa.array(values, kind)])


def refusal(function, *arguments):
    with pytest.raises((TableError, ValueError)) as refused:
        function(*arguments)
    return str(refused.value)


def numeric(unit="", grouping="", decimal=".", missing=()):
    return Reading("numeric", decimal=decimal, grouping=grouping, unit=unit, missing=missing)


@pytest.mark.parametrize(
    ("values", "reading", "sentence"),
    [
        (["1", "x"], NUMERIC, f"row 2: 'x' is not a number, but the others are. {LEAVE}"),
        (["", "x", "2"], NUMERIC, f"row 1: '' is not a number, but the others are. {LEAVE}"),
        (
            ["1", "1,000"],
            NUMERIC,
            "row 2: '1,000' can be read in two ways, since no such mark separated thousands when "
            "the model was trained. Write it without thousands separator.",
        ),
        (
            ["1", None, "5 kg"],
            NUMERIC,
            "row 3: '5 kg' has a unit, but the numbers of this column had none. Write the number "
            "alone, in the unit of the others.",
        ),
        (
            ["5 kg", "5 lb"],
            numeric("kg"),
            "row 2: '5 lb' has another unit than the column, which is in kg. Convert it.",
        ),
        (
            ["5%", "50"],
            numeric("%"),
            "row 2: '50' lacks the sign %, which the others have: 50% can be meant by 50 and by "
            "0.5. Write it with the sign.",
        ),
        (
            ["yes", "si"],
            BOOLEAN,
            f"row 2: 'si' is neither true nor false, but the others are. {LEAVE}",
        ),
    ],
)
def test_a_text_is_refused_with_its_row(values, reading, sentence):
    assert refusal(cast, column(*values), reading, "size") == f"Column 'size', {sentence}"


def test_a_number_in_a_column_of_percentages_is_refused_with_its_row():
    sentence = (
        "Column 'rate', row 2: 0.5 lacks the sign %, which the others have: 50% can be meant by 50 "
        "and by 0.5. Write it with the sign."
    )
    assert refusal(cast, column(None, 0.5), numeric("%"), "rate") == sentence
    nothing = column(None, None, kind=pa.float64())
    assert cast(nothing, numeric("%"), "rate") is nothing
    assert cast(column(0.5), numeric("kg"), "weight").to_pylist() == [0.5]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "colour"}, "There is no type of column 'colour'."),
        ({"kind": "numeric", "decimal": ";"}, "Numbers can't have the marks ';' and ''."),
        ({"kind": "numeric", "grouping": "."}, "Numbers can't have the marks '.' and '.'."),
        ({"kind": "date", "order": "day last"}, "There is no order of dates 'day last'."),
        (
            {"kind": "categorical", "levels": ("low", "high", "low")},
            "A level of an ordered category appears twice.",
        ),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(arguments, sentence):
    assert refusal(lambda: Reading(**arguments)) == sentence


@pytest.mark.parametrize(
    ("values", "order", "sentence"),
    [
        (
            column("2026-03-31", "soon"),
            "year first",
            f"row 2: 'soon' is not a date, but the others are. {LEAVE}",
        ),
        (
            column("2026-03-31", "03/04/2026"),
            "",
            "row 2: '03/04/2026' may have the month first or the day: the dates in training were "
            "not texts. Write the year first, as in 2026-03-31.",
        ),
        (
            column("31/03/2026", "03/31/2026"),
            "day first",
            f"row 2: '03/31/2026' is not a date (day first), but the others are. {LEAVE}",
        ),
        (
            column("10:30", "noon"),
            "time of day",
            f"row 2: 'noon' is not one of times of day, but the others are. {LEAVE}",
        ),
        (
            column("10:30:15", "long"),
            "duration",
            f"row 2: 'long' is not one of durations, but the others are. {LEAVE}",
        ),
    ],
)
def test_a_text_among_dates_is_refused_with_its_row(values, order, sentence):
    assert refusal(as_seconds, values, "when", order) == f"Column 'when', {sentence}"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("date", "dates"), ("time of day", "times of day"), ("duration", "durations")],
)
def test_values_of_another_type_are_refused(kind, words):
    values = column(True, False)
    sentence = f"Column 'when' holds values of type bool, but must hold {words}."
    assert refusal(seconds_of, values, "when", kind, "") == sentence


def test_the_mark_that_is_not_decimal_may_separate_thousands():
    point = Reading("numeric", decimal=".", grouping=",")
    assert cast(column("1,234.5", "1,234"), point, "a").to_pylist() == [1234.5, 1234]
    comma = Reading("numeric", decimal=",", grouping=".")
    assert cast(column("1.234,5", "1.234"), comma, "a").to_pylist() == [1234.5, 1234]


def test_texts_are_cast_to_numbers_once_unless_their_sign_is_needed():
    table = pa.table(
        {"a": ["1", None], "rate": ["5%", "6%"], "kg": ["5 kg", "6 kg"], "b": ["x"] * 2}
    )
    readings = {"a": NUMERIC, "rate": numeric("%"), "kg": numeric("kg"), "b": CATEGORICAL}
    columns = cast_numbers(table, readings).to_pydict()
    assert columns == {"a": [1, None], "rate": ["5%", "6%"], "kg": [5, 6], "b": ["x", "x"]}
    wrong = refusal(cast_numbers, pa.table({"a": ["x"]}), readings)
    assert wrong == f"Column 'a', row 1: 'x' is not a number, but the others are. {LEAVE}"


def test_the_columns_of_a_table_are_cast_by_their_readings():
    table = pa.table({"a": ["1", "2"], "b": ["yes", "no"], "c": ["1", "2"], "d": ["x", "y"]})
    readings = {"a": NUMERIC, "b": BOOLEAN, "c": CATEGORICAL}
    columns = cast_table(table, readings)
    assert columns.column_names == ["a", "b", "c", "d"]
    assert columns.to_pydict() == {**table.to_pydict(), "a": [1, 2], "b": [True, False]}
    assert columns["a"].type == pa.int64()
    wrong = refusal(cast_table, table, {"d": NUMERIC})
    assert wrong == f"Column 'd', row 1: 'x' is not a number, but the others are. {LEAVE}"


def test_numbers_of_all_types_become_floats():
    large = 2**53 + 1  # no float64
    np.testing.assert_array_equal(as_numbers(column(large, None), "a"), [2.0**53, np.nan])
    for kind in pa.int8(), pa.uint64(), pa.float32(), pa.decimal128(5, 2), pa.bool_():
        values = column(1, 0, None).cast(pa.int8()).cast(kind)
        np.testing.assert_array_equal(as_numbers(values, "a"), [1, 0, np.nan])
        numbers = as_numbers(values.drop_null(), "a")
        assert numbers.dtype == np.float64
    assert np.isnan(as_numbers(column(None, None), "a")).all()


def test_values_that_are_no_numbers_or_texts_are_refused():
    lists = column([1], [2])
    assert refusal(as_numbers, lists, "a") == (
        "Column 'a' holds values of type list<item: int64>, but must be numbers."
    )
    pairs = column({"x": 1}, {"x": 2})
    assert refusal(as_texts, pairs, "a") == (
        "Column 'a' holds values of type struct<x: int64>, but must be texts."
    )
    assert refusal(as_numbers, column(1.0, -np.inf, np.inf), "a") == (
        "Column 'a', row 2: a number is infinite. Correct it, or leave it empty."
    )
    assert refusal(read_number, " x1 ") == "'x1' is not a number such as 0.5 or 0,5."


def test_dates_with_and_without_a_time_zone_are_refused_with_two_rows():
    values = column(None, "2026-03-31 10:00", "2026-03-31 10:00+02:00", "2026-04-01 10:00Z")
    sentence = (
        "Column 'when': '2026-03-31 10:00+02:00' in row 3 has a time zone, but '2026-03-31 10:00' "
        "in row 2 does not. Write it in all rows, or in none."
    )
    assert refusal(seconds_to_sort, values, "when", ["year first"]) == sentence


def test_rows_whose_order_depends_on_the_reading_are_refused_with_both():
    values = column("01/02/2026", "02/01/2026", "05/05/2026")
    orders = ["day first", "month first"]
    sentence = (
        "Rows can't be ordered by 'when': '01/02/2026' may be (day first) or (month first). "
        "Write the year first, as in 2026-03-31."
    )
    assert refusal(seconds_to_sort, values, "when", orders) == sentence


@pytest.mark.parametrize(
    "texts",
    [
        ("01/02/2026", "01/02/2026"),  # the same date in any order
        ("01/01/2026", "02/02/2026", "03/03/2026"),
        ("01/02/2026", "02/03/2026", None, "03/04/2026"),
    ],
)
def test_rows_are_ordered_where_both_readings_give_the_same_order(texts):
    values, orders = column(*texts), ["day first", "month first"]
    seconds = seconds_to_sort(values, "when", orders)
    np.testing.assert_array_equal(seconds, as_seconds(values, "when", "day first"))


def test_rows_that_only_one_reading_separates_are_refused():
    values = column("01/01/2026", "01/01/2026", "02/01/2026", "01/02/2026")
    assert "may be (day first) or (month first)" in refusal(
        seconds_to_sort, values, "when", ["day first", "month first"]
    )


@pytest.mark.parametrize(
    ("values", "name", "sentences"),
    [
        (
            column("31.12.68", "30.12.69"),
            "when",
            [
                "Column 'when': '31.12.68' is read as 2068-12-31: years of two digits from "
                "69 on are 19.., and those before it 20..."
            ],
        ),
        (
            column(20260331, 20260401, 0),
            "date",
            [
                "Column 'date': the digits '20260331' are read as the date 2026-03-31, because of "
                "the name or the declared type of the column.",
                "Column 'date': 0, 99999999 mean that the date is missing (1 row).",
            ],
        ),
        (
            column("01/02/2026", "01/03/2026", "01/04/2026"),
            "when",
            [
                "Column 'when': '01/02/2026' is read as 2026-02-01 (day first), because all dates "
                "are first days of months then; it could also be 2026-01-02 (month first). Write "
                "the year first to be sure."
            ],
        ),
        (
            column("1:30", "2:40"),
            "start",
            [
                "Column 'start': '1:30' is read as 01:30:00 (time of day); it could also be "
                "5400 s (duration, hours first)."
            ],
        ),
    ],
)
def test_what_could_be_read_otherwise_is_noted(values, name, sentences):
    assert [str(note) for note in date_notes(name, values, orders_in(values, name))] == sentences


def test_texts_of_all_types_become_strings_of_one():
    words = ["a", "b", "a"]
    for kind in pa.string(), pa.large_string(), pa.string_view():
        assert plain(column(*words, kind=kind)).type == pa.string()
    assert plain(pa.chunked_array([pa.array(words).dictionary_encode()])).to_pylist() == words
    assert plain(column(1, 2)).type == pa.int64()


def test_whole_numbers_have_the_same_text_whatever_their_type():
    assert as_texts(column(1.0, None, -2.0), "a").to_pylist() == ["1", None, "-2"]
    assert as_texts(column(1.5, 2.0), "a").to_pylist() == ["1.5", "2"]
    assert as_texts(column(2.0**53 - 1, 1.0), "a").to_pylist() == ["9007199254740991", "1"]
    halves = pa.chunked_array([pa.array(np.array([1, 2], np.float16))])
    assert as_texts(halves, "a").to_pylist() == ["1", "2"]
    declared = Reading("categorical", declared=True)
    texts = column("1.0", "-2.00", "0.0", "01.0", "1.05", "x")
    assert cast(texts, declared, "a").to_pylist() == ["1", "-2", "0", "01.0", "1.05", "x"]
    assert cast(texts, CATEGORICAL, "a").to_pylist() == texts.to_pylist()


def test_floats_that_are_whole_numbers_become_integers():
    assert whole(column(1.0, None, 3.0)).type == pa.int64()
    for values in (1.0, 2.5), (1.0, np.inf), (1.0, 2.0**53), (None, None):
        floats = column(*values, kind=pa.float64())
        assert whole(floats) is floats
    assert whole(column("1")).type == pa.string()


def test_words_for_missing_values_are_missing():
    reading = numeric(missing=("none", "-"))
    assert cast(column("1", "none", "-", None), reading, "a").to_pylist() == [1, None, None, None]


def test_booleans_have_many_words():
    texts = column(" Yes", "NO", None, "true", "0")
    assert cast(texts, BOOLEAN, "a").to_pylist() == [True, False, None, True, False]
    assert cast(texts, DATE, "a").to_pylist() == texts.to_pylist()
