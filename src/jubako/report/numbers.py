"""Numbers as the texts of a report."""

from math import isfinite

from jubako.evaluation.metric_names import RATIOS, value_text
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


def metric_text(name: str, value: float | None) -> str:
    """Return the value of a metric as text.

    Parameters
    ----------
    name : str
    value : float or None

    Returns
    -------
    str
        "–" if there is no value.

    Examples
    --------
    >>> metric_text("accuracy", 0.5), metric_text("rmse", 25064.13)
    ('0.500', '25,064')
    """
    if name in RATIOS or value is None or abs(value) < 1e4:
        return value_text(name, value)
    return number_text(value)
