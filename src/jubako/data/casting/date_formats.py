"""Formats of dates, times of day and durations, as regular expressions.

They are matched against texts normalized by `normalized`: half-width, lower case, without weekdays.
A text is read by the first expression that matches it.
"""

import pyarrow as pa

from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

SECOND = r"(?P<second>\d\d(?:[.,]\d+)?)"
HALF = r"\s*(?P<half>[ap])\.?m\.?"
HOUR = r"(?P<noon>午前|午後)?\s*(?P<hour>\d\d?)"
MINUTE = rf"[:時]\s*(?P<minute>\d\d)(?:(?::|分\s*){SECOND}秒?|分)?"
ZONE = r"\s*(?P<zone>z|utc|gmt|ut|jst|(?:utc|gmt)?[-+]\d\d?(?::?\d\d)?)?(?:\s*[\[(][a-z_/ ]+[\])])?"
TIME = (  # what may follow a date
    rf"(?:(?:t|,?\s+(?:at\s+)?)\s*{HOUR}(?:{MINUTE}|時)?(?:{HALF})?{ZONE}"
    r"|\s*(?P<date_zone>z|[-+]\d\d:?\d\d))?"
)
YEAR, MONTH, DAY = r"(?P<year>\d{4})", r"(?P<month>\d\d?)", r"(?P<day>\d\d?)"
RECENT_YEAR, SHORT_YEAR = r"(?P<year>(?:19|20)\d\d)", r"['’]?(?P<short_year>\d\d)"
NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
NTH = rf"{DAY}(?:st|nd|rd|th)?\.?"
ERA = r"(?P<era>明治|大正|昭和|平成|令和|[mtshr])\.?\s*(?P<era_year>\d\d?|元)\s*[-/.年]\s*"

CLEAR = (  # unambiguous, regardless of the other texts of the column
    rf"{YEAR}\s*[-/.年]\s*{MONTH}\s*[-/.月]\s*{DAY}日?{TIME}",
    rf"{YEAR}(?P<month>\d\d)(?P<day>\d\d)(?:\.0+)?{TIME}",
    rf"{YEAR}(?P<month>\d\d)(?P<day>\d\d)(?:t|\s+)?(?P<hour>\d\d)(?P<minute>\d\d){SECOND}?{ZONE}",
    rf"{ERA}{MONTH}\s*[-/.月]\s*{DAY}日?{TIME}",
    rf"{NTH}(?:\s+of)?[-/\s]*{NAME},?[-/\s]*{YEAR}{TIME}",
    rf"{DAY}/?{NAME}/?{YEAR}:{HOUR}{MINUTE}{ZONE}",  # of web servers and SAS
    rf"{NAME}[-\s]*{NTH}(?:,\s*|\s+|-){YEAR}{TIME}",
    rf"{NAME}\s+{DAY}\s+{HOUR}{MINUTE}{ZONE}\s+{YEAR}",
    rf"{YEAR}[-/\s]{NAME}[-/\s]{DAY}{TIME}",
    rf"{YEAR}-?w(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?",
)
CLOCK_SPAN = r"(?P<hour>\d{1,9}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d(?:[.,]\d+)?))?"
AMOUNT = r"\d{1,9}(?:\.\d+)?"
DURATION = (
    rf"(?P<minus>[-+])?{CLOCK_SPAN}",
    # of pandas, Python and SQL: the days have a separate sign
    rf"(?P<signed_days>[-+]?\d{{1,9}})\s*d(?:ays?)?(?:,?\s*(?P<minus>[-+])?{CLOCK_SPAN})?",
    rf"(?P<minus>[-+])?p(?:(?P<weeks>-?{AMOUNT})w)?(?:(?P<days>-?{AMOUNT})d)?"
    rf"(?:t(?:(?P<hour>-?{AMOUNT})h)?(?:(?P<minute>-?{AMOUNT})m)?(?:(?P<second>-?{AMOUNT})s)?)?",
    rf"(?P<minus>[-+])?(?:(?P<days>{AMOUNT})\s*(?:d|days?|日)[,\s]*)?"
    rf"(?:(?P<hour>{AMOUNT})\s*(?:h|hrs?|hours?|時間)[,\s]*)?"
    rf"(?:(?P<minute>{AMOUNT})\s*(?:m|mins?|minutes?|分)[,\s]*)?"
    rf"(?:(?P<second>{AMOUNT})\s*(?:s|secs?|seconds?|秒))?",
)
ORDERS: dict[str, tuple[str, ...]] = {
    "year first": CLEAR,
    "year and month": (
        rf"{RECENT_YEAR}[-/年]\s*{MONTH}月?",
        rf"{MONTH}/{RECENT_YEAR}",
        rf"{RECENT_YEAR}(?P<month>\d\d)(?:\.0+)?",
        rf"{NAME}[-/,\s]*{YEAR}",
        rf"{YEAR}[-/\s]{NAME}",
        rf"{ERA}{MONTH}月?",
        rf"{YEAR}[-\s]?q(?P<quarter>[1-4])",
        rf"q(?P<quarter>[1-4])[-/\s]{YEAR}",
    ),
    "month first": (
        rf"{MONTH}\s*[-/]\s*{DAY}\s*[-/]\s*{YEAR}{TIME}",
        rf"{MONTH}[-/]{DAY}[-/]{SHORT_YEAR}{TIME}",
        rf"{NAME}\s*{NTH},?\s+{SHORT_YEAR}{TIME}",
    ),
    "day first": (
        rf"{DAY}\s*[-/.]\s*{MONTH}\s*[-/.]\s*{YEAR}{TIME}",
        rf"{DAY}\s*[-/.]\s*{MONTH}\s*[-/.]\s*{SHORT_YEAR}{TIME}",
        rf"{NTH}[-/\s]*{NAME}[-/\s]*{SHORT_YEAR}{TIME}",
    ),
    "two-digit year first": (
        rf"{SHORT_YEAR}[-/年]{MONTH}[-/月]{DAY}日?{TIME}",
        # 10.12.6 is the version of a program
        rf"{SHORT_YEAR}\.(?P<month>\d\d)\.(?P<day>\d\d){TIME}",
        rf"{SHORT_YEAR}[-/\s]{NAME}[-/\s]{DAY}{TIME}",
    ),
    "time of day": (rf"{HOUR}{MINUTE}(?:{HALF})?", rf"{HOUR}時", rf"{HOUR}{HALF}"),
    "duration": DURATION,
    "duration, minutes first": (
        r"(?P<minus>[-+])?(?P<minute>\d{1,9}):(?P<second>[0-5]\d(?:[.,]\d+)?)",
        *DURATION,
    ),
}
"""Readings of a column of texts, and what is a date, a time or a duration in each of them.

In those of `MORE_THAN_CLEAR`, also all that is in "year first".
"""

MORE_THAN_CLEAR = ("month first", "day first", "two-digit year first")

DURATIONS = ("duration", "duration, minutes first")
DATES = tuple(order for order in ORDERS if order not in (*DURATIONS, "time of day"))

NAMES = {
    "year first": Message("year first"),
    "year and month": Message("year and month"),
    "month first": Message("month first"),
    "day first": Message("day first"),
    "two-digit year first": Message("two-digit year first"),
    "time of day": Message("time of day"),
    "duration": Message("duration, hours first"),
    "duration, minutes first": Message("duration, minutes first"),
}

ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
ERAS.update(dict(zip("mtshr", ERAS.values(), strict=True)))
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PIVOT = 69  # two-digit years from here on are in the 20th century, as in POSIX and Python's %y

WEEKDAY = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
CLEANING = (  # patterns and replacements, applied in this order
    (rf"\s*\((?:[月火水木金土日]|{WEEKDAY})\)|\(?[月火水木金土日]曜日?\)?", " "),
    (rf"^\s*{WEEKDAY}\.?,?\s+|,?\s+{WEEKDAY}\.?\s*$", ""),
    (r"時\s*(\d分)", r"時0\1"),
    (r"分\s*(\d秒)", r"分0\1"),
    (r"日\s*(午|\d)", r"日 \1"),
    ("[−‐‑–]", "-"),
)


def normalized(texts: pa.Array) -> pa.Array:
    """Normalize texts for the expressions in `ORDERS`: half-width, lower case, without weekdays.

    Parameters
    ----------
    texts : pyarrow.Array of strings

    Returns
    -------
    pyarrow.Array of strings
    """
    texts = pc.utf8_lower(pc.utf8_normalize(texts, "NFKC"))
    for pattern, replacement in CLEANING:
        texts = pc.replace_substring_regex(texts, pattern, replacement)
    return pc.utf8_trim_whitespace(texts)
