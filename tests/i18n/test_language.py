from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jubako.cli.lesson_texts import ARTICLE, GRADCHECK
from jubako.i18n.language import Language, language_of, wrap

TEXTS = {
    f"{name} {key}": pair
    for name, texts in (("article", ARTICLE), ("gradcheck", GRADCHECK))
    for key, pair in texts.items()
}


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "jam_JM"}, "en"),  # Jamaican Creole
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ja_JP.UTF-8", "LANG": "en_US.UTF-8"}, "ja"),
        ({"LC_ALL": "C", "LC_MESSAGES": "ja_JP.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "ja"),  # empty counts as not set
    ],
)
def test_the_first_locale_variable_that_is_set_decides(environment, language):
    assert language_of(environment) is Language(language)


@given(st.text("ab 12`、。」「(ネットあ年つ", max_size=80), st.integers(8, 40))
def test_wrapping_moves_line_ends_only(text, width):
    text = text.replace("`", "")
    lines = wrap(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(line != line.rstrip() for line in lines)
    assert all(len(line) > 0 for line in lines[1:])


@pytest.mark.parametrize("width", [60, 80, 92])
@pytest.mark.parametrize("key", TEXTS)
def test_every_text_fits_and_no_line_begins_with_a_comma(key, width):
    for text in TEXTS[key]:
        for part in text.split("\n"):
            for line in wrap(part, width).split("\n"):
                assert cell_len(line) <= width
                assert not line.startswith(("、", "。", "」", ")", "ー"))


def test_a_formula_between_backquotes_stays_in_one_line():
    assert wrap("before `y = f(b)` after", 12) == "before\ny = f(b)\nafter"
    assert wrap("式は `y = f(b)` です", 12) == "式は\ny = f(b) で\nす"


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same_values(key):
    english, japanese = ({field for _, field, _, _ in Formatter().parse(t)} for t in TEXTS[key])
    assert english - {None} == japanese - {None}


@pytest.mark.parametrize("key", TEXTS)
def test_english_needs_no_special_encoding(key):
    assert TEXTS[key][0].isascii()


@pytest.mark.parametrize("key", TEXTS)
def test_what_stays_as_it_is_fits_into_80_columns(key):
    for text in TEXTS[key]:
        lines = [line for line in text.split("\n") if line.startswith(" ")]
        assert all(cell_len(line) <= 80 for line in lines)
