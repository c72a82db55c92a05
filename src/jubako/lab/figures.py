"""Numbers as people type and read them."""

import re
import unicodedata
from math import isfinite

from jubako.table.sentence import Sentence


def read_number(text: str) -> float:
    """Read a number: 0.5, 0,5, ０．５, -1e-3, −2, 1 000.

    Raises
    ------
    ValueError
        If it is none.

    >>> read_number("０，０１")
    0.01
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("、", ",")
    plain = re.sub(r"(?<=\d)[ _'](?=\d{3}\b)", "", plain).replace("。", ".").replace(",", ".")
    wrong = ValueError(Sentence("{text!r} is not a number such as 0.5 or 0,5.", text=text.strip()))
    try:
        number = float(plain)
    except ValueError:
        raise wrong from None
    if not isfinite(number):
        raise wrong
    return number


def figure(value: float, digits: int = 4) -> str:
    """Return a number with so many digits after the point, or with an exponent where it is small.

    >>> figure(0.25), figure(0.0000123), figure(-1234567.0), figure(float("nan"))
    ('0.2500', '1.23e-05', '-1.23e+06', '–')
    """
    if not isfinite(value):
        return "–"
    if value and not 10.0 ** (1 - digits) <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:.{digits}f}"
