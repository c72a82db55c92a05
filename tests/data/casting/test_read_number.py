from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.data.casting.numbers import read_number


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1,000", 1000),
        ("12,500", 12500),
        ("1,234,567", 1234567),
        ("12,34,567", 1234567),
        ("1,23,456", 123456),
        ("-1,500", -1500),
        ("１，２３４", 1234),
        ("1,234.5", 1234.5),
        ("1,000e3", 1e6),
        ("0,5", 0.5),
        ("0,125", 0.125),
        (",5", 0.5),
        ("1,5e-3", 0.0015),
        ("1,2345", 1.2345),
        ("1.234", 1.234),
        ("1.234,5", 1234.5),
        ("1.234.567", 1234567),
        ("1 000,5", 1000.5),
        ("1'000", 1000),
        ("1’000.25", 1000.25),
        ("−2", -2),
        ("+3", 3),
        ("1.", 1),
        (".5", 0.5),
        ("０．２５", 0.25),
        ("２、５", 2.5),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, value):
    assert read_number(typed) == value


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        ",",
        "fast",
        "1,234,56",
        "1.234.56",
        "1,234.567,8",
        "1 00",
        "1,000,",
        "0x10",
        "1_0",
        "inf",
        "nan",
        "1e999",
        "--5",
        "5%",
        "e5",
        "1 2",
        "1,234.567.890",
    ],
)
def test_what_is_no_number_or_two_is_refused(typed):
    with pytest.raises(ValueError, match="is not a number such as"):
        read_number(typed)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_grouped_numbers_are_those_of_tables(whole, more):
    for text in (f"{whole:,}", f"{whole:,}.{more}", f"{whole}.{more}"):
        assert read_number(text) == float(text.replace(",", ""))


@given(st.text("0123456789.,- e_'", max_size=8))
def test_whatever_is_typed_is_a_finite_number_or_refused(text):
    try:
        number = read_number(text)
    except ValueError:
        return
    assert isfinite(number)
    assert any(c.isdigit() for c in text)
