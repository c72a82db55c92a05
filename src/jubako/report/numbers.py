"""Numbers as the texts of a report."""

from math import isfinite

from jubako.i18n.numbers import NO_NUMBER, format_significant

DIGITS = 4  # significant ones of small numbers


def number_text(value: float) -> str:
    """Return a number with few significant digits, but all of a whole part up to 1e9.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> [number_text(x) for x in (0.123456, 180000.0, 2006.0, -0.5, 1e12, float("nan"))]
    ['0.1235', '180,000', '2006', '−0.5', '1e+12', '–']
    """
    if not isfinite(value):
        return NO_NUMBER
    if 1e3 <= abs(value) < 1e4:  # which may be a year
        return format_significant(value, DIGITS + 1)
    if 1e4 <= abs(value) < 1e9:
        return f"{value:,.0f}".replace("-", "−")
    return format_significant(value, DIGITS)
