import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.data.arrow_compute import pc
from jubako.data.casting.ascii import expression_for
from jubako.data.casting.missing import MISSING
from jubako.data.casting.numbers import pattern

PIECES = (
    *("1", "23", "456", ",", ".", ",000", "-", "+", "(", ")", " ", "$", "US$", "EUR", "Rs.", "kr."),
    *("%", "kg", "m", "^2", "3", "/", "*", "h", "e5", "inf", "'", "N/A", "#", "NaN", "?", "<", ">"),
)


@pytest.mark.parametrize("expression", [pattern("."), pattern(","), MISSING])
@given(texts=st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), min_size=1))
def test_ascii_texts_match_as_with_the_letters_of_all_scripts(expression, texts):
    texts = pa.array(texts)
    quick = expression_for(texts, expression)
    assert quick != expression
    match = pc.extract_regex if "?P<" in expression else pc.match_substring_regex
    assert match(texts, quick).equals(match(texts, expression))


def test_one_text_in_another_script_needs_the_letters_of_all():
    assert expression_for(pa.array(["5 kg", "5 歳"]), MISSING) == MISSING
