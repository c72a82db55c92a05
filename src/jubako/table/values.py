"""Values of a column: what kind they are of, and the same as numbers, texts or seconds."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types

from jubako.core.activations import Array

from .dates import orders_of, seconds_in
from .errors import TableError
from .sentence import Sentence

SIGN, MONEY = "[-+－＋−△▲]", "[¥￥$＄€£￡]"  # △ and ▲ are minus in Japanese accounts
DIGIT, POINT = "[0-9０-９]", "[.．]"
WHOLE = f"({DIGIT}{{1,3}}([,，]{DIGIT}{{3}})+|{DIGIT}+)"
AMOUNT = rf"({WHOLE}({POINT}{DIGIT}*)?|{POINT}{DIGIT}+)([eE][-+]?{DIGIT}+)?"
NUMBER = rf"^\s*({SIGN}?\s*{MONEY}?|{MONEY}\s*{SIGN}?)\s*{AMOUNT}\s*[%％円]?\s*$"
DECORATION = r"[¥$€£,%円\s]"  # what a number may have about it
MINUS = "[−△▲]"
EXACT = 2.0**53  # whole numbers below it are themselves as float64

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers


def plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Undo the packing of dictionary-encoded values."""
    if types.is_dictionary(values.type):
        return plain(values.cast(values.type.value_type))
    return values.cast(pa.string()) if types.is_string_view(values.type) else values


def is_number(kind: pa.DataType) -> bool:
    """Tell whether values of this type are numbers."""
    return types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether values of this type are texts."""
    return types.is_string(kind) or types.is_large_string(kind)


def looks_like_numbers(values: pa.ChunkedArray) -> bool:
    """Tell whether all texts are numbers, such as 1,234 or ¥500."""
    return is_text(values.type) and bool(pc.all(are_numbers(values), min_count=0).as_py())


def are_numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tell of each text whether it is a number; null where it is missing."""
    return pc.match_substring_regex(texts, NUMBER)


def narrow(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write numbers in the digits and signs that all programs know: １２ as 12, △5 as -5."""
    return pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKC"), MINUS, "-")


def as_numbers(values: pa.ChunkedArray, name: str) -> Array:
    """Return float64, NaN where missing.

    Raises
    ------
    TableError
        If a value is no number, or infinite.
    """
    if is_text(values.type):
        row = pc.index(are_numbers(values), False).as_py()
        if row >= 0:
            raise TableError(
                Sentence(
                    "Column {name!r}, row {row}: {value!r} is not a number, but the others are. "
                    "Correct it, or leave it empty.",
                    name=name, row=row + 1, value=values[row].as_py(),
                )
            )  # fmt: skip
        values = pc.replace_substring_regex(narrow(values), DECORATION, "")
    elif not (
        is_number(values.type) or types.is_boolean(values.type) or types.is_null(values.type)
    ):
        raise TableError(
            Sentence(
                "Column {name!r} holds values of type {kind}, but must be numbers.",
                name=name, kind=str(values.type),
            )
        )  # fmt: skip
    missing = np.asarray(pc.is_null(values).to_numpy(), bool)
    numbers = np.array(values.cast(pa.float64(), safe=False).to_numpy(), float)
    wrong = np.isinf(numbers) & ~missing
    if wrong.any():
        row = int(wrong.argmax())
        raise TableError(
            Sentence(
                "Column {name!r}, row {row}: a number is infinite. Correct it, or leave it empty.",
                name=name, row=row + 1,
            )
        )  # fmt: skip
    return numbers


def as_texts(values: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return strings; a whole number reads the same whether it came as 1, 1.0 or "1".

    Raises
    ------
    TableError
        If values of this type, such as lists, can't be said in a word.
    """
    if types.is_floating(values.type):
        values = values.cast(pa.float32()) if types.is_float16(values.type) else values
        exact = pc.less(pc.abs(values), EXACT)
        whole = pc.all(pc.and_(exact, pc.equal(pc.floor(values), values))).as_py()
        values = values.cast(pa.int64()) if whole else values
    if is_text(values.type):
        return values
    try:
        return values.cast(pa.string())
    except pa.ArrowException as error:
        raise TableError(
            Sentence(
                "Column {name!r} holds values of type {kind}, but must be texts.",
                name=name, kind=str(values.type),
            )
        ) from error  # fmt: skip


def as_order(values: pa.ChunkedArray, name: str) -> Array:
    """Return numbers that say which of some texts comes before which, shape (N,), none missing.

    Raises
    ------
    TableError
        If they are no numbers and no dates.
    """
    if looks_like_numbers(values):
        return as_numbers(values, name)
    orders = orders_of(values)
    if not orders:
        raise TableError(
            Sentence(
                "Rows can't be put in the order of {order!r}, which holds texts such as "
                "{example!r}: dates and numbers have one.",
                order=name, example=values[0].as_py(),
            )
        )  # fmt: skip
    return seconds_in(values, orders[0])
