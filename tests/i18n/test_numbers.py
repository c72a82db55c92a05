from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.i18n.numbers import format_decimal, format_significant

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.000"),
        (0.5, "0.500"),
        (-0.01, "-0.010"),
        (0.004, "4.00e-03"),
        (999.9, "999.900"),
        (12345.67, "12345.7"),
        (1e5, "1.00e+05"),
        (None, "–"),
        (nan, "–"),
        (-inf, "–"),
    ],
)
def test_a_decimal_has_as_many_digits_as_it_needs(value, text):
    assert format_decimal(value, 3) == text


@given(FINITE, st.integers(1, 6))
def test_a_decimal_is_about_the_number(value, decimals):
    assert float(format_decimal(value, decimals)) == pytest.approx(value, rel=0.06, abs=1e-300)


@given(
    FINITE.filter(lambda value: abs(value) < 1e308), st.integers(2, 12)
)  # else rounded up to inf
def test_significant_digits_are_the_number_with_a_real_minus_sign(value, digits):
    text = format_significant(value, digits)
    assert "-" not in text.partition("e")[0]
    assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.5 * 10.0 ** (1 - digits))


def test_zero_has_no_sign():
    assert format_significant(-0.0) == "0"
