"""Inference of numbers in a column of texts: decimal mark, thousands separator and unit."""

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.numbers import Numbers, is_known_unit, numbers_in
from .casting.reading import RATES, Reading, no_number, other_mark
from .casting.values import as_numbers, infinite
from .distinct_texts import DistinctTexts, Inferred, all_match, decide_missing, missing_notes
from .errors import TableError

POINT_OR_THOUSANDS = r"^-?[1-9]\d{0,2}\.\d{3}$"


def infer_plain(name: str, texts: pa.ChunkedArray, decimal: str) -> Inferred:
    """Decide how numbers in the format of programs are read.

    Parameters
    ----------
    name : str
        Column name.
    texts : pyarrow.ChunkedArray of strings
    decimal : {"", ".", ","}
        Decimal mark of other columns.

    Returns
    -------
    Inferred

    Raises
    ------
    TableError
        If a number is infinite.
    """
    if pc.any(pc.match_substring(texts, "e", ignore_case=True)).as_py():
        as_numbers(texts.cast(pa.float64()), name)  # 1e999 is infinite
    pointed = texts.filter(pc.match_substring(texts, "."))
    if not len(pointed):
        return Inferred(Reading(decimal=decimal or "."), depends=True)
    if not all_match(pointed, POINT_OR_THOUSANDS):
        return Inferred(Reading(), decimal=".")
    value = pointed[0].as_py()
    if decimal == ",":
        reading = Reading(decimal=",", grouping=".")
        return Inferred(reading, (decimal_note(name, value, reading),), depends=True)
    above = pc.any(pc.match_substring_regex(texts, r"^-?\d{4,}$")).as_py()
    notes = () if decimal or above else (decimal_note(name, value, Reading()),)
    return Inferred(Reading(), notes, depends=True)


def infer_numbers(
    name: str, distinct: DistinctTexts, forced: bool, decimal: str
) -> Inferred | None:
    """Decide how texts are read as numbers.

    Parameters
    ----------
    name : str
        Column name.
    distinct : DistinctTexts
    forced : bool
        Whether the column is declared as numeric.
    decimal : {"", ".", ","}
        Decimal mark of other columns.

    Returns
    -------
    Inferred or None
        None if they are not numbers.

    Raises
    ------
    TableError
        If a few texts are not numbers, or decimal marks or units differ.
    """
    digits = np.asarray(pc.match_substring_regex(distinct.texts, r"\p{Nd}"))
    if not forced and distinct.counts[digits].sum() < distinct.counts[~distinct.missing].sum() / 2:
        return None
    parsed = {mark: numbers_in(distinct.texts, mark) for mark in (".", ",")}
    good = {mark: ~np.isnan(numbers.values) for mark, numbers in parsed.items()}
    fitting = {mark: distinct.counts[good[mark]].sum() for mark in good}
    both = good["."] & good[","]
    differ = both & (parsed["."].values != parsed[","].values)
    proved = "." if fitting["."] > fitting[","] else "," if fitting["."] < fitting[","] else ""
    mark = proved or decimal or "."
    numbers, fits = parsed[mark], good[mark]
    mixed = ~fits & good[other_mark(mark)]
    if (
        mixed.any()
        and distinct.counts[fits | mixed | distinct.missing].sum() == distinct.counts.sum()
    ):
        only = fits & ~good[other_mark(mark)]
        if only.any() and (proved or not forced):
            raise mixed_marks(name, distinct, only, mixed)
    fits, unit = common_unit(name, distinct, numbers, fits, forced)
    missing = decide_missing(name, distinct, fits, forced, no_number)
    if missing is None:
        return None
    used = fits & ~np.isin(distinct.texts.to_pylist(), missing)
    if np.isinf(numbers.values[used]).any():
        raise infinite(name, distinct.first(used & np.isinf(numbers.values))[1])
    grouping = other_mark(mark) if (numbers.grouped & used).any() else ""
    reading = Reading("numeric", mark, grouping, unit, missing)
    notes = missing_notes(name, distinct, missing)
    bare = used & (numbers.units == "")
    if unit and (bare & (numbers.values != 0)).any():
        value, row = distinct.first(bare & (numbers.values != 0))
        notes += (
            Message(
                "Column {name!r} is in {unit}: numbers without a unit, such as {value!r} in row "
                "{row}, are read in {unit} too.",
                name=name,
                unit=unit,
                value=value,
                row=row + 1,
            ),
        )
    if (differ & used).any() and not proved:
        value, _ = distinct.first(differ & used)
        if not (decimal == "." and mark == "."):
            notes += (decimal_note(name, value, reading),)
        return Inferred(reading, notes, depends=True)
    if proved == ",":
        marked = np.asarray(pc.match_substring(distinct.texts, ",")) & used
        if marked.any():
            notes += (decimal_note(name, distinct.first(marked)[0], reading),)
    return Inferred(reading, notes, proved, depends=not proved)


def common_unit(
    name: str, distinct: DistinctTexts, numbers: Numbers, fits: Array, forced: bool
) -> tuple[Array, str]:
    """Return which texts are numbers in the unit of the column, and that unit.

    Parameters
    ----------
    name : str
        Column name.
    distinct : DistinctTexts
    numbers : Numbers
        The n distinct texts as numbers.
    fits : array of bool, shape (n,)
        Which texts are numbers.
    forced : bool
        Whether the column is declared as numeric.

    Returns
    -------
    fits : array of bool, shape (n,)
    unit : str
        Empty for none.

    Raises
    ------
    TableError
        If there are several units.
    """
    units = numbers.units
    counts = {
        unit: int(distinct.counts[fits & (units == unit)].sum()) for unit in set(units[fits]) - {""}
    }
    if not counts:
        return fits, ""
    unit = max(sorted(counts), key=lambda unit: counts[unit])
    bare = fits & (units == "") & (numbers.values != 0)
    if len(counts) > 1 and (forced or all(map(is_known_unit, counts))):
        shown = sorted(
            (distinct.first(fits & (units == unit)) for unit in counts), key=lambda found: found[1]
        )
        raise several_units(name, shown[0], shown[1])
    if unit in RATES and bare.any():
        raise several_units(name, distinct.first(fits & (units == unit)), distinct.first(bare))
    if bare.any() and not is_known_unit(unit):
        return fits & (units == ""), ""
    return fits & np.isin(units, ["", unit]), unit


def decimal_note(name: str, value: str, reading: Reading) -> Message:
    """Return a note on how a number with a comma or a point is read.

    Parameters
    ----------
    name : str
        Column name.
    value : str
    reading : Reading

    Returns
    -------
    Message
    """
    number = numbers_in(pa.array([value]), reading.decimal).values[0]
    return Message(
        "Column {name!r}: {value!r} is read as {number:.15g}, with {mark!r} as the decimal mark.",
        name=name,
        value=value,
        number=number,
        mark=reading.decimal,
    )


def mixed_marks(name: str, distinct: DistinctTexts, some: Array, others: Array) -> TableError:
    """Return the error that a column has decimal points and decimal commas.

    Parameters
    ----------
    name : str
        Column name.
    distinct : DistinctTexts
    some, others : array of bool, shape (n,)
        Texts with one mark, and texts with the other.

    Returns
    -------
    TableError
    """
    (first, row), (second, other_row) = distinct.first(some), distinct.first(others)
    return TableError(
        Message(
            "Column {name!r} has decimal points and decimal commas: {first!r} in row {row}, "
            "{second!r} in row {other_row}. Write all numbers in one way.",
            name=name,
            first=first,
            row=row + 1,
            second=second,
            other_row=other_row + 1,
        )
    )


def several_units(name: str, first: tuple[str, int], second: tuple[str, int]) -> TableError:
    """Return the error that there are values in several units."""
    return TableError(
        Message(
            "Column {name!r} has several units: {first!r} in row {row}, {second!r} in row "
            "{other_row}. Convert them to one, or declare the column categorical.",
            name=name,
            first=first[0],
            row=first[1] + 1,
            second=second[0],
            other_row=second[1] + 1,
        )
    )
