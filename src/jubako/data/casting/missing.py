"""Words that stand for a missing value in columns of numbers and dates."""

import numpy as np

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.ascii import expression_for

NO_LETTER_OR_DIGIT = r"[^\p{L}\p{N}]+"  # -, --, ., ?, ***
EXCEL = r"#[\p{L}¡¿/0-9._]+[!?]?"  # #DIV/0!, #REF!, #NAME?, #N/A, and in other languages
WORDS = (
    r"n\.?[/ ]?a\.?|n\.?[/ ]?d\.?|n\.?[/ ]?v\.?|k\.?\s?a\.?|s\.?/d\.?|<na>|[-+]?nan|nat|none|null|"
    r"nil|missing|unknown|unk|undefined|undef|void|empty|blank|tbd|tba|pending|error|"
    r"not (?:available|applicable|known|specified|given|measured|recorded|reported)|"
    r"no (?:data|value)|"
    r"unbekannt|fehlt|keine angabe|inconnue?|desconocid[oa]|sin datos?|manquante?|\\n|"
    r"不明|未定|未記入|未回答|該当なし|該当無し|なし|無し|無|欠損|欠測|空|无|未知|缺失|없음"
)
MISSING = rf"(?i)^\s*(?:{NO_LETTER_OR_DIGIT}|{EXCEL}|[(<\[]?(?:{WORDS})[)>\]]?)\s*$"


def means_missing(texts: object) -> Array:
    """Return which texts stand for a missing value among numbers or dates.

    Parameters
    ----------
    texts : pyarrow.Array or pyarrow.ChunkedArray of N strings

    Returns
    -------
    array of bool, shape (N,)
    """
    found = pc.match_substring_regex(texts, expression_for(texts, MISSING))
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)
