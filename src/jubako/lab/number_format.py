"""Numbers as people type and read them."""

import re
import unicodedata
from math import isfinite

from jubako.i18n.messages import Message

GROUPED = re.compile(r"[1-9]\d{0,2}([ _',.])\d{3}(?:\1\d{3})*")  # one mark, always three digits
POWER = re.compile(r"(?<=[\d.,])[eE][-+]?\d+$")


def read_number(text: str) -> float:
    """Read a number: 0.5, 0,5, ０．５, -1e-3, −2, 1 000, 1,000.

    The rules are those of tables: a comma before exactly three digits groups them, unless the
    number begins with 0; any other comma is a decimal mark. A point is a decimal mark, unless
    there are several.

    Raises
    ------
    ValueError
        If it is none, or can be read in two ways.

    >>> read_number("０，０１"), read_number("1,000"), read_number("1,234,567.5")
    (0.01, 1000.0, 1234567.5)
    """
    wrong = ValueError(Message("{text!r} is not a number such as 0.5 or 0,5.", text=text.strip()))
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("’", "'")
    plain = plain.replace("、", ",").replace("。", ".")
    sign, plain = ("-" if plain.startswith("-") else ""), re.sub("^[-+]", "", plain)
    power = match[0] if (match := POWER.search(plain)) else ""
    whole, mark, fraction = split_number(plain.removesuffix(power))
    if mark == "," and len(fraction) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
        whole, fraction = whole + fraction, ""
    elif grouped := GROUPED.fullmatch(whole):
        if grouped[1] == mark:
            raise wrong  # 1,234,56
        whole = whole.replace(grouped[1], "")
    digits = re.compile(r"\d*")
    if not (digits.fullmatch(whole) and digits.fullmatch(fraction) and whole + fraction):
        raise wrong
    number = float(f"{sign}{whole or 0}.{fraction or 0}{power}")
    if not isfinite(number):
        raise wrong
    return number


def split_number(text: str) -> tuple[str, str, str]:
    """Split digits at their decimal mark: the last point or comma, unless it occurs before too."""
    match = re.search(r"[.,](?=[^.,]*$)", text)
    if match is None or text.count(match[0]) > 1:
        return text, "", ""
    return text[: match.start()], match[0], text[match.end() :]


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
