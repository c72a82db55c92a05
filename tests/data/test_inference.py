import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.data.casting.reading import Reading, cast, cast_table
from jubako.data.column_encoding import Categorical, Numeric, Ordinal, encode, fit_columns
from jubako.data.errors import TableError
from jubako.data.inference import infer_reading, infer_table, read_numbers
from jubako.data.readers.frames import to_table

MANY = [f"{i / 7:.4f}" for i in range(1, 60)]


def texts(*values):
    return pa.chunked_array([pa.array(values, pa.string())])


def read(*values, declared=None, decimal=""):
    """Return what some texts become, how they are read, and the notes about it."""
    column = texts(*values)
    inferred = infer_reading("a", column, declared, decimal)
    return cast(column, inferred.reading, "a").to_pylist(), inferred.reading, inferred.notes


@pytest.mark.parametrize(
    ("values", "numbers", "noted"),
    [
        (["16,957", "879", "139"], [16957, 879, 139], True),
        (["16,957", "1,234,567"], [16957, 1234567], False),
        (["16,957", "1,5"], [16.957, 1.5], True),
        (["0,125", "16,957"], [0.125, 16.957], True),
        (["1.234,56", "7"], [1234.56, 7], True),
        (["1,234.56", "7,890"], [1234.56, 7890], False),
        (["1.234.567", "1.234"], [1234567, 1234], False),
        (["1 234,5", "2,5"], [1234.5, 2.5], True),
        (["1\u202f234", "12\u00a0345"], [1234, 12345], False),
        (["1'234.5", "1’000"], [1234.5, 1000], False),
        (["₹12,34,567", "₹5"], [1234567, 5], False),
        (["1.234", "2.567"], [1.234, 2.567], True),
        (["1.234", "0.567"], [1.234, 0.567], False),
        (["1.234", "5678"], [1.234, 5678], False),
        (["1234,567", "5,678"], [1234.567, 5.678], True),
    ],
)
def test_the_marks_of_a_column_are_told_by_all_of_its_values(values, numbers, noted):
    found, reading, notes = read(*values)
    assert found == numbers
    assert reading.kind == "numeric"
    assert bool(notes) == noted


def test_other_columns_decide_where_a_column_can_be_read_in_two_ways():
    for other, expected in (("0,5", 16.957), ("0.5", 16957)):
        table = pa.table({"a": ["16,957", "879"], "b": [other, "1"]})
        found = infer_table(table)
        assert cast(table["a"], found.readings["a"], "a").to_pylist() == [expected, 879]
    assert not found.notes  # decimal points elsewhere leave no doubt
    table = pa.table({"a": ["1.234", "8"], "b": ["1.234,5", "1"]})
    assert cast(table["a"], infer_table(table).readings["a"], "a").to_pylist() == [1234, 8]


def test_what_was_decided_holds_for_new_values():
    _, reading, _ = read("16,957", "879", "139")
    assert cast(texts("98,450", "98450"), reading, "a").to_pylist() == [98450, 98450]
    assert cast(texts("0,5"), reading, "a").to_pylist() == [0.5]  # there is no other way
    _, reading, _ = read("0,5", "1,25")
    assert cast(texts("0.5", "1,250", "7"), reading, "a").to_pylist() == [0.5, 1.25, 7]


@pytest.mark.parametrize(("learned", "new"), [("1.5", "2,113"), ("0,5", "6.025"), ("879", "2,113")])
def test_a_mark_that_nothing_explains_is_refused_with_its_row(learned, new):
    _, reading, _ = read(learned)
    with pytest.raises(
        TableError, match=rf"'a', row 2: '{re.escape(new)}' can be read in two ways"
    ):
        cast(texts("7", new), reading, "a")


def test_decimal_points_and_commas_in_one_column_are_refused():
    with pytest.raises(TableError, match=r"'0\.5' in row 1, '1,5' in row 2"):
        read("0.5", "1,5", "2")


@pytest.mark.parametrize(
    ("values", "numbers", "unit"),
    [
        (["12,50 €", "€ 3"], [12.5, 3], "€"),
        (["EUR 12", "7 EUR"], [12, 7], "€"),
        (["R$ 1.234,56", "R$ 5"], [1234.56, 5], "R$"),
        (["₹ 500", "Rs. 20"], [500, 20], "₹"),
        (["500円", "￥1,000.0"], [500, 1000], "¥"),
        (["12 kg", "3.5kg", "7 KG"], [12, 3.5, 7], "kg"),
        (["12 m²", "3 m²"], [12, 3], "m^2"),
        (["20 °C", "-5℃"], [20, -5], "°C"),
        (["1 year", "2 years"], [1, 2], "year"),
        (["3 rooms", "12 rooms"], [3, 12], "rooms"),
        (["50 %", "7.5%", "0"], [50, 7.5, 0], "%"),
        (["$5", "$12"], [5, 12], "$"),
    ],
)
def test_units_are_kept(values, numbers, unit):
    found, reading, _ = read(*values)
    assert found == numbers
    assert reading.unit == unit


def test_a_number_without_unit_is_in_that_of_the_others_and_this_is_said():
    found, reading, notes = read("12 kg", "13", "0")
    assert (found, reading.unit) == ([12, 13, 0], "kg")
    assert "'13' in row 2" in notes[0]


@pytest.mark.parametrize(
    "values", [("$5", "¥7"), ("50%", "0.5"), ("12 kg", "500 g"), ("1 km", "30 m"), ("2 €", "$3")]
)
def test_several_units_are_named_and_not_mixed(values):
    with pytest.raises(TableError, match=r"'a' has several units: .* in row 1, .* in row 2"):
        read(*values)


def test_another_unit_later_is_refused():
    for learned, new in [("12 kg", "5 g"), ("12", "5 kg"), ("50%", "0.5"), ("50%", "$5")]:
        _, reading, _ = read(learned)
        with pytest.raises(TableError, match="'a', row 1"):
            cast(texts(new), reading, "a")
    _, reading, _ = read("50%")
    with pytest.raises(TableError, match=r"row 2: 0\.5 lacks the sign %"):
        cast(pa.chunked_array([[None, 0.5]]), reading, "a")


@pytest.mark.parametrize("values", [("12A", "13C", "14F"), ("1st", "2nd", "3rd"), ("A1", "B2")])
def test_words_with_digits_are_no_numbers(values):
    assert read(*values * 4)[1].kind == "categorical"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(12.50)", -12.5),
        ("12.50-", -12.5),
        ('="12"', 12),
        ("△5", -5),
        ("１２．５", 12.5),
        ("−7", -7),
        ("($5.00)", -5),
        ("+3", 3),
        (".5", 0.5),
        ("-€5", -5),
    ],
)
def test_signs_and_wrappings_of_numbers(text, number):
    assert read(text)[0] == [number]


@pytest.mark.parametrize(
    "word",
    [
        ".",
        "--",
        "N.A.",
        "NaT",
        "#DIV/0!",
        "#REF!",
        "#WERT!",
        "#N/A",
        "unknown",
        "n/d",
        "null",
        "不明",
        "closed",
        "(blank)",
        "<NA>",
    ],
)
def test_a_repeated_word_among_numbers_or_dates_is_missing_and_said_to_be(word):
    days = [f"2026-{month:02}-{day:02}" for month in (1, 5) for day in range(1, 20)]
    for values, kind in ((MANY, "numeric"), (days, "date")):
        found, reading, notes = read(*values, word, word)
        assert (reading.kind, reading.missing) == (kind, (word,))
        assert found[-2:] == [None, None]
        assert None not in found[:-2]
        where = (
            f"{word!r} in 2 rows, first in row {len(values) + 1}, means that the value is missing"
        )
        assert where in notes[0]


def test_a_single_word_for_missing_is_said_to_be_with_its_row():
    _, reading, notes = read(*MANY[:7], "unknown", *MANY[7:])
    assert reading.missing == ("unknown",)
    assert notes == ("Column 'a': 'unknown' in row 8 means that the value is missing.",)


def test_several_words_for_missing_may_stand_in_a_column():
    _, reading, _ = read(*MANY, "#DIV/0!", "#REF!", "-", "n/a")
    assert reading.missing == ("#DIV/0!", "#REF!", "-", "n/a")


def test_a_level_among_few_numbers_is_a_level():
    _, reading, _ = read(*["1", "2", "3", "G", "G"] * 4)
    assert reading.kind == "categorical"


@pytest.mark.parametrize("text", ["abc", "1.2.3", "12..5"])
def test_a_single_odd_cell_is_refused_with_its_row(text):
    with pytest.raises(TableError, match=rf"'a', row 8: {text!r} is not a number"):
        read(*MANY[:7], text, *MANY[7:])
    days = [f"2026-01-{day:02}" for day in range(1, 30)]
    with pytest.raises(TableError, match=rf"'a', row 8: {text!r} is not a date"):
        read(*days[:7], text, *days[7:])


def test_an_infinite_number_is_refused_with_its_row():
    for text in ("inf", "-Infinity", "1e999"):
        with pytest.raises(TableError, match="'a', row 3: a number is infinite"):
            read(None, "1", text)


def test_leading_zeros_are_codes():
    _, reading, notes = read("01067", "80331", "01069")
    assert reading.kind == "categorical"
    assert "codes such as '01067'" in notes[0]
    assert read("0.5", "0", "10")[1].kind == "numeric"
    found, reading, _ = read("01067", "80331", declared="numeric")
    assert found == [1067, 80331]


def test_true_and_false_may_be_written_in_several_ways():
    found, reading, _ = read("True", "FALSE", "yes", None, "n/a")
    assert reading.kind == "boolean"
    assert found == [True, False, True, None, None]
    assert cast(texts("no", "Y", "0"), reading, "a").to_pylist() == [False, True, False]
    with pytest.raises(TableError, match="row 1: 'perhaps' is neither true nor false"):
        cast(texts("perhaps"), reading, "a")
    assert read("yes", "no")[1].kind == "categorical"


@pytest.mark.parametrize("declared", ["numeric", "categorical", "date", "drop"])
def test_what_is_declared_is_not_guessed(declared):
    _, reading, _ = (
        read("20260101", "20260202", declared=declared)
        if declared != "date"
        else (read("2026-01-01", "2026-02-02", declared=declared))
    )
    assert reading.kind == declared
    assert reading.declared


def test_a_value_that_is_not_as_declared_is_refused_with_its_row():
    for declared, words in (("numeric", "is not a number"), ("date", "is not a date")):
        with pytest.raises(TableError, match=f"'a', row 1: 'x' {words}"):
            read("x", "y", declared=declared)


def test_a_type_for_no_column_or_no_type_is_refused():
    table = pa.table({"size": [1, 2]})
    with pytest.raises(TableError, match=r"no column 'sise' .* Did you mean 'size'"):
        infer_table(table, {"sise": "numeric"})
    with pytest.raises(TableError, match="'size' can't be 'number': choose one of numeric, cat"):
        infer_table(table, {"size": "number"})


CODES = [3, 1, 2] * 10


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(CODES, dtype="category"),
        pd.Series(CODES).astype(str).astype("category"),
        pl.Series(map(str, CODES), dtype=pl.Categorical),
        pa.array(CODES).dictionary_encode(),
        pa.array(map(str, CODES)).dictionary_encode(),
    ],
)
def test_a_declared_categorical_is_categorical(column):
    table = to_table(
        pa.table({"a": column})
        if isinstance(column, pa.Array)
        else (
            pd.DataFrame({"a": column})
            if isinstance(column, pd.Series)
            else pl.DataFrame({"a": column})
        )
    )
    (fitted,), _ = fit_columns(table)
    assert isinstance(fitted, Categorical)
    assert fitted.levels == ("1", "2", "3")
    x = encode([fitted], table)
    for same in (CODES, list(map(str, CODES)), list(map(float, CODES)), [f"{c}.0" for c in CODES]):
        np.testing.assert_array_equal(encode([fitted], pa.table({"a": same})), x)


def test_a_category_with_a_blank_level_stays_a_category():
    column = pd.Series(["1", "2", " ", "1"] * 5, dtype="category")
    (fitted,), _ = fit_columns(to_table(pd.DataFrame({"a": column})))
    assert fitted == Categorical("a", ("1", "2"), missing=True, reading=fitted.reading)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.Categorical(["mid", "low", "high"] * 9, ["low", "mid", "high"], ordered=True)),
        pl.Series(["mid", "low", "high"] * 9, dtype=pl.Enum(["low", "mid", "high"])),
    ],
)
def test_an_ordered_category_keeps_its_order(column):
    frame = (pd if isinstance(column, pd.Series) else pl).DataFrame({"a": column})
    (category, rank), _ = fit_columns(to_table(frame))
    assert isinstance(category, Categorical)
    assert isinstance(rank, Ordinal)
    assert rank.reading.levels == ("low", "mid", "high")
    assert rank.describe() == "ordinal, 3 levels: low < ... < high"
    new = pa.table({"a": ["low", "mid", "high", "other", None]})
    assert encode([rank], new)[:, 0].tolist() == [-1.5, 0, 1.5, 0, 0]


def test_a_counter_is_kept_if_there_is_nothing_else():
    table = pa.table({"n": np.arange(50), "same": ["x"] * 50})
    (column,), (dropped,) = fit_columns(table)
    assert isinstance(column, Numeric)
    assert dropped.name == "same"
    table = table.append_column("a", pa.array(np.arange(50) % 7))
    assert [column.name for column in fit_columns(table)[0]] == ["a"]
    readings = infer_table(table, {"n": "numeric"}).readings
    assert [column.name for column in fit_columns(table, readings=readings)[0]] == ["n", "a"]


def test_notes_about_many_columns_are_few():
    table = pa.table({f"c{i}": ["0,5", "1,5"] for i in range(50)})
    *first, last = infer_table(table).notes
    assert len(first) == 3
    assert last.startswith("The same holds for 47 more: 'c3', 'c4'")


def test_a_table_can_be_cast_as_a_whole():
    table = pa.table({"a": ["1,5", "2"], "b": ["true", None], "c": ["x", "y"]})
    typed = cast_table(table, infer_table(table).readings)
    assert typed.to_pydict() == {"a": [1.5, 2], "b": [True, None], "c": ["x", "y"]}


@given(st.lists(st.floats(-1e9, 1e9) | st.none(), min_size=1, max_size=20), st.sampled_from(".,"))
def test_numbers_are_read_as_they_were_written(values, decimal):
    written = [None if v is None else f"{v:.2f}".replace(".", decimal) for v in values]
    expected = [np.nan if v is None else round(v, 2) for v in values]
    found = read_numbers(texts(*written), "a")
    np.testing.assert_array_equal(found, np.array(expected) if any(written) else np.nan)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.sampled_from(",. '"))
def test_thousands_are_read_as_they_were_written(values, separator):
    values = [*values, 1234567]
    written = [f"{v:,}".replace(",", separator) for v in values]
    assert read(*written)[0] == values


def test_a_reading_is_checked():
    with pytest.raises(ValueError, match="no type of column"):
        Reading("number")
