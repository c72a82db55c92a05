"""Regular expressions for texts that are all ASCII, which Arrow compiles in a tenth of the time.

Arrow compiles an expression at each call, and the letters of all scripts take most of that time.
"""

from typing import Any

from jubako.data.arrow_compute import pc

CLASSES = {r"\p{L}": "A-Za-z", r"\p{M}": "", r"\p{N}": "0-9", r"\p{Sc}": r"\$"}


def expression_for(texts: Any, expression: str) -> str:
    """Return an expression that matches these texts as the given one does.

    Parameters
    ----------
    texts : pyarrow.Array or pyarrow.ChunkedArray of N strings
    expression : str
        Its letters, marks and digits of all scripts stand within brackets.

    Returns
    -------
    str
    """
    if pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        for wide, narrow in CLASSES.items():
            expression = expression.replace(wide, narrow)
    return expression
