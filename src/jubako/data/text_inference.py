"""Inference of the type of a text column: numbers, categories, booleans or dates."""

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.date_order import is_named_like_dates
from .casting.missing import means_missing
from .casting.numbers import PLAIN
from .casting.reading import FALSE, TRUE, Reading, cast
from .date_inference import infer_dates
from .distinct_texts import SAMPLE, DistinctTexts, Inferred, all_match, chosen_texts, missing_notes
from .number_inference import infer_numbers, infer_plain

CODE = r"^\s*0\d+\s*$"


def infer_texts(name: str, texts: pa.ChunkedArray, declared: str | None, decimal: str) -> Inferred:
    """Decide how a column of texts is read.

    Parameters
    ----------
    name : str
        Column name.
    texts : pyarrow.ChunkedArray of strings
    declared : str or None
        Declared type of the column.
    decimal : {"", ".", ","}
        Decimal mark of other columns.

    Returns
    -------
    Inferred

    Raises
    ------
    TableError
        If a few texts do not fit the type.
    """
    present = texts.drop_null()
    if not len(present):
        return Inferred(Reading(declared or "numeric"))
    named = declared is None and is_named_like_dates(name)
    if declared in (None, "numeric") and all_match(present, PLAIN) and not named:
        return infer_plain(name, texts, decimal)
    counted = present.value_counts()
    counts = np.asarray(counted.field(1).to_numpy())
    distinct = DistinctTexts(counted.field(0), counts, means_missing(counted.field(0)), texts)
    if named:
        inferred = infer_dates(name, distinct, False)
        if inferred is not None:
            return inferred
        if all_match(present, PLAIN):
            return infer_plain(name, texts, decimal)
    if declared == "boolean" or (declared is None and is_boolean(distinct)):
        missing = chosen_texts(distinct, distinct.missing & ~are_booleans(distinct))
        cast(texts, Reading("boolean", missing=missing), name)
        return Inferred(Reading("boolean", missing=missing), missing_notes(name, distinct, missing))
    if declared is None and have_leading_zeros(distinct):
        value = distinct.texts.filter(pc.match_substring_regex(distinct.texts, CODE))[0].as_py()
        return Inferred(
            Reading("categorical"),
            (
                Message(
                    "Column {name!r} holds codes such as {value!r}, whose leading zeros would be "
                    "lost in numbers: it is read as categorical.",
                    name=name,
                    value=value,
                ),
            ),
        )
    inferred = None
    if declared in (None, "date"):
        inferred = infer_dates(name, distinct, declared == "date")
    if inferred is None and declared in (None, "numeric"):
        inferred = infer_numbers(name, distinct, declared == "numeric", decimal)
    return inferred or Inferred(Reading("categorical"))


def are_booleans(distinct: DistinctTexts) -> Array:
    """Return which texts are booleans.

    Parameters
    ----------
    distinct : DistinctTexts
        Of n texts.

    Returns
    -------
    array of bool, shape (n,)
    """
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(distinct.texts))
    return np.asarray(pc.is_in(lower, value_set=pa.array([*TRUE, *FALSE])))


def is_boolean(distinct: DistinctTexts) -> bool:
    """Return whether the texts are booleans with true or false; yes and no alone are levels.

    Parameters
    ----------
    distinct : DistinctTexts
    """
    if len(distinct.texts) > SAMPLE or not (are_booleans(distinct) | distinct.missing).all():
        return False
    return bool(set(map(str.lower, distinct.texts.to_pylist())) & {"true", "false"})


def have_leading_zeros(distinct: DistinctTexts) -> bool:
    """Return whether all texts are digits, some with a leading zero, as in codes.

    Parameters
    ----------
    distinct : DistinctTexts
    """
    texts = distinct.texts.filter(pa.array(~distinct.missing))
    return bool(
        len(texts)
        and pc.all(pc.match_substring_regex(texts, r"^\s*\d+\s*$")).as_py()
        and pc.any(pc.match_substring_regex(texts, CODE)).as_py()
    )
