from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from jubako.explain.render.markup import Markup, element, fragment

# what XML can hold at all
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(TEXTS, TEXTS)
def test_any_text_and_attribute_comes_back_as_it_was(text, value):
    root = ElementTree.fromstring(element("text", {"aria-label": value}, text))
    assert root.attrib == {"aria-label": value}
    assert (root.text or "") == text


@given(TEXTS)
def test_elements_are_not_escaped_again_but_the_text_beside_them_is(text):
    inner = element("title", {}, text)
    root = ElementTree.fromstring(element("g", {}, text, inner, text))
    assert (root.text or "") == (root[0].text or "") == (root[0].tail or "") == text


def test_attributes_that_are_none_are_left_out():
    assert element("path", {"id": None, "d": "M0 0"}) == '<path d="M0 0"/>'


def test_an_element_closes_itself_only_without_children():
    assert element("rect", {"x": 1, "y": 0.5}) == '<rect x="1" y="0.5"/>'
    assert element("i", {"class": "ramp"}, "") == '<i class="ramp"></i>'


def test_a_fragment_escapes_text_and_is_markup():
    made = fragment("1 < 2 ", element("b", {}, "&"), 3)
    assert made == "1 &lt; 2 <b>&amp;</b>3"
    assert isinstance(made, Markup)
    assert fragment(made) == made
