"""Numbers as text for people: in tables, pictures and messages."""

from math import isfinite

NO_NUMBER = "–"


def format_decimal(value: float | None, decimals: int = 4) -> str:
    """Return a number with a fixed number of digits after the decimal point.

    Numbers too small for that, and those from 100 000 on, have an exponent; from 1000 on, one
    digit after the point is enough.

    Parameters
    ----------
    value : float or None
        None, NaN and the infinities give "–".
    decimals : int >= 1

    Examples
    --------
    >>> [format_decimal(x) for x in (0.25, 0.0000123, 1234.5678, -1234567.0, float("nan"))]
    ['0.2500', '1.23e-05', '1234.6', '-1.23e+06', '–']
    """
    if value is None or not isfinite(value):
        return NO_NUMBER
    if value and not 10.0 ** (1 - decimals) <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:.{decimals if abs(value) < 1000 else 1}f}"


def format_significant(value: float, digits: int = 3) -> str:
    """Return a number with at most `digits` significant digits, and a real minus sign.

    Parameters
    ----------
    value : float
        NaN and the infinities give "nan" and "inf".
    digits : int >= 1

    Examples
    --------
    >>> [format_significant(x) for x in (0.25, 1234567.0, -0.0, -1.5)]
    ['0.25', '1.23e+06', '0', '−1.5']
    """
    return f"{value + 0.0:.{digits}g}".replace("-", "−")  # + 0.0: zero has no sign
