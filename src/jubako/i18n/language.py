"""English and Japanese: which one is asked for, texts in both, and where lines may break."""

import re
from collections.abc import Mapping
from enum import StrEnum

Texts = dict[str, tuple[str, str]]
"""From a key to a text in English and in Japanese."""


class Language(StrEnum):
    """Names as in ISO 639-1."""

    en = "en"
    ja = "ja"


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the language of the locale: that of the first of POSIX's variables that is set."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(name):
            return Language.ja if re.match(r"ja(?![a-z])", locale) else Language.en
    return Language.en


def translate(texts: Texts, key: str, language: Language, **values: object) -> str:
    """Return a text with its values filled in."""
    return texts[key][list(Language).index(language)].strip("\n").format(**values)


# A piece that stays together: a formula between `, a word, a number with its counter, or one
# Japanese character. Opening brackets stay with what follows, and what can't begin a line (a
# comma, a small kana) with what comes before.
PIECE = re.compile(
    r"[「『(]*"
    r"(?:`[^`]*`|[!-~]*[0-9] [一-龠つか]|[!-_a-~]+|\S)"
    r"[、。」』):ーっゃゅょッャュョァィゥェォ々]* *"
)


def wrap(text: str, width: int) -> str:
    """Break a paragraph into lines of at most `width` columns; Japanese characters take two."""
    from rich.cells import cell_len  # late: `jubako --version` loads this module

    lines = [""]
    for piece in PIECE.findall(text):
        part = piece.replace("`", "")
        if lines[-1] and cell_len(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)
