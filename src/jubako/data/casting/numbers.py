"""Parsing of numbers: decimal marks, thousands separators, signs and units."""

import re
from functools import cache
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.ascii import expression_for
from jubako.i18n.messages import Message

MINUS = "[−‐‑‒–△▲]"  # △ and ▲ are minus signs in Japanese accounting
CODES = "EUR|USD|GBP|JPY|CNY|INR|BRL|CHF|CAD|AUD|NZD|HKD|SGD|KRW|SEK|NOK|DKK|PLN|CZK|HUF|RUB|TRY"
CURRENCIES = r"(?:R|US|C|CA|A|AU|NZ|HK|NT|S|MX)\$|\p{Sc}|Rs\.?|kr\.?|Fr\.|zł|Kč|Ft|元|円|" + CODES
PER = r"(?:%|‰|°)"
WORD = r"[\p{L}][\p{L}\p{M}]*\.?(?:\^?[23])?(?:[/·*][\p{L}][\p{L}\p{M}0-9^]*)?"
AFTER = rf"(?:{CURRENCIES}|(?:{PER}\s?)?{WORD}|{PER}\s?)"
ALIASES = {
    "円": "¥",
    "JPY": "¥",
    "EUR": "€",
    "USD": "$",
    "US$": "$",
    "GBP": "£",
    "INR": "₹",
    "Rs": "₹",
    "Rs.": "₹",
    "BRL": "R$",
    "percent": "%",
    "pct": "%",
    "sec": "s",
    "hr": "h",
    "KRW": "₩",
}
MEASURES = frozenset(
    re.findall(
        r"\S+",
        """
        % ‰ ° °C °F k K M mn bn kg g mg µg t lb oz km m cm mm µm nm mi ft in yd ha l ml dl cl gal
        s ms µs min h day week month year W kW MW GW Wh kWh MWh Hz kHz MHz GHz B kB KB MB GB TB
        kB/s MB/s km/h m/s mph Pa hPa kPa bar psi kcal cal kJ m^2 m^3 cm^2 cm^3 km^2 sqft sqm px ppm
        mg/l mg/dl g/l g/dl bpm 歳 年 月 日 人 個 件 台 本 枚 回 分 秒 時間 万円 千円
        """,
    )
)
"""Units besides currencies: values in several of these are the same kind of number, but differ."""

PLAIN = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$"  # numbers in the format of programs


class Numbers(NamedTuple):
    """Texts read as numbers.

    Parameters
    ----------
    values : array of float64, shape (N,)
        May be infinite; NaN where a text is not a number.
    units : array of str, shape (N,)
        Empty without a unit.
    grouped : array of bool, shape (N,)
        Whether "," or "." is a thousands separator.
    doubtful : array of bool, shape (N,)
        Whether that separator may also be the decimal mark.
    """

    values: Array
    units: Array
    grouped: Array
    doubtful: Array


def narrow(texts: object) -> Any:
    """Convert numbers to ASCII: １２ to 12, △5 to -5, ="7" to 7.

    Parameters
    ----------
    texts : pyarrow.Array of N strings

    Returns
    -------
    pyarrow.Array of N strings
    """
    if pc.any(pc.match_substring_regex(texts, r"\p{No}")).as_py():
        texts = pc.replace_substring_regex(texts, r"(\p{L})²", r"\1^2")
        texts = pc.replace_substring_regex(texts, r"(\p{L})³", r"\1^3")
        odd = pc.match_substring_regex(texts, r"\p{No}")  # 5² is not 52
        texts = pc.if_else(odd, texts, pc.utf8_normalize(texts, "NFKC"))
    else:
        texts = pc.utf8_normalize(texts, "NFKC")
    texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), MINUS, "-")
    return pc.replace_substring_regex(texts, r'^="(.*)"$', r"\1")


@cache
def pattern(decimal: str) -> str:
    """Return the regular expression for numbers with this decimal mark.

    Parameters
    ----------
    decimal : {".", ","}

    Returns
    -------
    str
    """
    mark, other = re.escape(decimal), re.escape("," if decimal == "." else ".")
    groups = [rf"[1-9]\d{{0,2}}(?:{separator}\d{{3}})+" for separator in (other, " ", "['’]")]
    groups.append(rf"[1-9]\d?(?:{other}\d{{2}})+{other}\d{{3}}")  # as in India: 12,34,567
    whole = "|".join([*groups, r"\d+"])
    amount = rf"(?:(?:{whole})(?:{mark}\d*)?|{mark}\d+)(?:[eE][-+]?\d+)?|(?i:inf(?:inity)?)"
    return (
        rf"^(?P<open>\(?)\s*(?P<sign>[-+]?)\s*(?P<before>(?:{CURRENCIES})?)\s*(?P<inner>[-+]?)\s*"
        rf"(?P<number>{amount})\s*(?P<after>{AFTER}?)\s*(?P<last>-?)\s*(?P<close>\)?)$"
    )


def numbers_in(texts: Any, decimal: str) -> Numbers:
    """Read texts as numbers with this decimal mark.

    Parameters
    ----------
    texts : pyarrow.Array of N strings
        Without nulls.
    decimal : {".", ","}

    Returns
    -------
    Numbers
    """
    texts = narrow(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts)
    found = pc.extract_regex(texts, expression_for(texts, pattern(decimal)))
    part = {
        name: pc.fill_null(pc.struct_field(found, name), "")
        for name in ("open", "sign", "before", "inner", "number", "after", "last", "close")
    }
    has = {name: np.asarray(pc.not_equal(words, "")) for name, words in part.items()}
    signs = np.sum([has[name] for name in ("open", "sign", "inner", "last")], 0)
    good = has["number"] & (signs <= 1) & (has["open"] == has["close"])
    good &= ~(has["before"] & has["after"])
    minus = has["open"] | has["last"]
    minus |= np.asarray(pc.or_(pc.equal(part["sign"], "-"), pc.equal(part["inner"], "-")))
    other = "," if decimal == "." else "."
    grouped = np.asarray(pc.match_substring(part["number"], other))
    doubtful = np.asarray(pc.match_substring_regex(part["number"], rf"^\d+{re.escape(other)}\d+$"))
    bare = pc.replace_substring_regex(part["number"], rf"[{re.escape(other)} '’]", "")
    bare = pc.replace_substring(bare, decimal, ".")
    amounts = pc.if_else(good, bare, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
    values = np.where(minus, -amounts, amounts)
    units = pc.if_else(good, pc.binary_join_element_wise(part["before"], part["after"], ""), "")
    packed = units.dictionary_encode()
    names = np.array([canonical_unit(unit) for unit in packed.dictionary.to_pylist()], object)
    return Numbers(values, names[packed.indices.to_numpy()], grouped & good, doubtful & good)


def read_number(text: str) -> float:
    """Read one number without a unit, by the rules for tables: a decimal point is tried first.

    So a comma before exactly three digits is a thousands separator, and any other comma is a
    decimal mark.

    Parameters
    ----------
    text : str

    Returns
    -------
    float
        Finite.

    Raises
    ------
    ValueError
        If the text is not a finite number.

    Examples
    --------
    >>> read_number("０，０１"), read_number("1,000"), read_number("1.234,5")
    (0.01, 1000.0, 1234.5)
    """
    typed = pa.array([text.replace("、", ",").replace("。", ".")])
    for decimal in ".,":
        read = numbers_in(typed, decimal)
        if isfinite(read.values[0]) and not read.units[0]:
            return float(read.values[0])
    raise ValueError(Message("{text!r} is not a number such as 0.5 or 0,5.", text=text.strip()))


def canonical_unit(unit: str) -> str:
    """Return the canonical form of a unit: ¥ for 円, kg for Kg, year for years.

    Parameters
    ----------
    unit : str

    Returns
    -------
    str
    """
    unit = unit.replace(" ", "")
    unit = unit.rstrip(".") if unit not in ALIASES else unit
    if unit not in MEASURES and unit.lower() in MEASURES | ALIASES.keys():
        unit = unit.lower()
    single = unit.removesuffix("s")
    if len(single) > 1 and (single in MEASURES or single in ALIASES):
        unit = single
    return ALIASES.get(unit, unit)


def is_known_unit(unit: str) -> bool:
    """Return whether a text is a unit in any column."""
    return (
        unit in MEASURES or re.fullmatch(CURRENCIES.replace(r"\p{Sc}", SYMBOLS), unit) is not None
    )


SYMBOLS = "[$¢£¤¥₠-⃀฿৳₨﷼]"
