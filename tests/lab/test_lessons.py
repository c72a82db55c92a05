from dataclasses import fields

import pytest

from jubako.i18n.language import Language
from jubako.lab.clients import Client
from jubako.lab.lesson_text import FOLDER, LessonText, as_html
from jubako.lab.lessons import LESSONS, begin, finish, following, is_near
from jubako.lab.session import Session
from walk import do

each_lesson = pytest.mark.parametrize("key", LESSONS)


def client():
    return Client(Session(), Language.en)


@each_lesson
def test_the_way_of_a_lesson_leads_to_its_end(key):
    who = client()
    begin(who, key)
    for action in LESSONS[key].solution:
        assert not finish(who)
        do(who, action)
    assert finish(who)
    assert who.done == {key}
    assert not finish(who)  # only once


@each_lesson
def test_every_text_is_there_in_both_languages(key):
    lesson = LESSONS[key]
    english, japanese = (lesson.text(language) for language in Language)
    for field in fields(LessonText):
        one, two = getattr(english, field.name), getattr(japanese, field.name)
        if field.name == "question" and lesson.answer is None:
            assert one == two == ""
            continue
        assert one.strip()
        assert one.isascii() or not any("\u3040" <= c <= "\u30ff" for c in one)
        assert any("\u3040" <= c <= "\u9fff" for c in two)
        assert one.count("\n\n") == two.count("\n\n")  # the same paragraphs
    assert english.body.count("\n ") == japanese.body.count("\n ")  # the same formulas


def test_every_text_is_that_of_a_lesson():
    names = {path.name for path in FOLDER.iterdir()}
    assert names == {f"{key}.{language}.md" for key in LESSONS for language in Language}


@each_lesson
def test_a_lesson_begins_undone_and_healthy(key):
    who = client()
    begin(who, key)
    assert who.session.setup == LESSONS[key].setup
    assert not LESSONS[key].check(who)
    assert not who.session.message


def test_the_lessons_follow_each_other():
    keys = [next(iter(LESSONS))]
    while after := following(keys[-1]):
        keys.append(after)
    assert keys == list(LESSONS)


def test_an_answer_may_be_rounded_but_not_wrong():
    assert is_near(0.12, 0.1234)
    assert is_near(-12.3, -12.34)
    assert not is_near(None, 0.0)
    assert not is_near(-0.12, 0.12)
    assert not is_near(0.15, 0.12)


def test_texts_are_escaped():
    assert as_html("a <b> `x<y`\n\n f < g") == (
        '<p>a &lt;b&gt; <code>x&lt;y</code></p><pre class="formula"> f &lt; g</pre>'
    )
