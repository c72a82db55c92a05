"""Texts that are numbers: signs, units and marks in thousands."""

import numpy as np
import pyarrow as pa
import pytest

from jubako.data.casting.numbers import is_known_unit, numbers_in


def read(*texts, decimal="."):
    return numbers_in(pa.array(texts), decimal)


@pytest.mark.parametrize(
    "text", ["-5", "(5)", "5-", "−5", "△5", "▲ 5", "- 5", "-$5", "$-5", "($5)", "(5%)", "5 kg-"]
)
def test_a_number_has_its_minus_before_or_after_it_or_is_in_parentheses(text):
    assert read(text).values == [-5]


@pytest.mark.parametrize("text", ["5", "+5", "$+5", ' ="5" ', "５", "5."])
def test_a_number_without_a_minus_is_positive(text):
    assert read(text).values == [5]


@pytest.mark.parametrize(
    "text", ["(-5)", "-5-", "--5", "-$-5", "(5", "5)", "$5 kg", "", "kg", "5²", "5 kg 5", "1,23"]
)
def test_texts_with_two_signs_two_units_or_half_a_parenthesis_are_no_numbers(text):
    found = read(text)
    assert np.isnan(found.values).all()
    assert found.units == [""]
    assert not found.grouped.any()
    assert not found.doubtful.any()


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5", ""),
        ("5円", "¥"),
        ("JPY 5", "¥"),
        ("US$5", "$"),
        ("5 EUR", "€"),
        ("Rs. 5", "₹"),
        ("Rs 5", "₹"),
        ("5 kg.", "kg"),
        ("5 Kg", "kg"),
        ("5 kgs", "kg"),
        ("5 years", "year"),
        ("5 secs", "s"),
        ("5 hrs.", "h"),
        ("5 s", "s"),
        ("5 K", "K"),
        ("5 k", "k"),
        ("5 pct", "%"),
        ("5 % vol", "%vol"),
        ("5 m²", "m^2"),
        ("5 cm³", "cm^3"),
        ("5 km/h", "km/h"),
        ("5 Apples", "Apples"),
    ],
)
def test_the_spellings_of_a_unit_are_one_unit(text, unit):
    found = read(text)
    assert found.values == [5]
    assert found.units == [unit]


def test_a_unit_is_known_if_it_is_a_measure_or_a_currency():
    assert all(map(is_known_unit, ["kg", "%", "$", "€", "¥", "R$", "EUR", "zł", "歳"]))
    assert not any(map(is_known_unit, ["", "apples", "EUR/t", "$$"]))


@pytest.mark.parametrize(
    ("text", "decimal", "value", "grouped", "doubtful"),
    [
        ("1234.5", ".", 1234.5, False, False),
        ("1,234", ".", 1234, True, True),
        ("-1,234 kg", ".", -1234, True, True),
        ("1,234.5", ".", 1234.5, True, False),
        ("1,234,567", ".", 1234567, True, False),
        ("12,34,567", ".", 1234567, True, False),
        ("1 234.5", ".", 1234.5, False, False),
        ("1'234.5", ".", 1234.5, False, False),
        ("1,234", ",", 1.234, False, False),
        ("1.234", ",", 1234, True, True),
        ("1.234,5", ",", 1234.5, True, False),
        ("1.5e3", ".", 1500, False, False),
        (",5", ",", 0.5, False, False),
    ],
)
def test_one_mark_before_three_digits_may_be_decimal(text, decimal, value, grouped, doubtful):
    found = read(text, decimal=decimal)
    assert (found.values, found.grouped, found.doubtful) == ([value], [grouped], [doubtful])
