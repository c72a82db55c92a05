import pickle
from copy import deepcopy

from jubako.data.errors import TableError
from jubako.i18n.messages import Message


def test_a_sentence_reads_as_english_and_remembers_its_parts():
    hint = Message("is it {near!r}?", near="a{b}")
    said = Message("no {name!r}: {hint}", name="c", hint=hint)
    assert said == "no 'c': is it 'a{b}'?"
    for copy in (pickle.loads(pickle.dumps(said)), deepcopy(said)):
        assert copy == said
        assert copy.pattern == said.pattern
        assert copy.values["hint"].pattern == hint.pattern


def test_an_error_keeps_its_sentence_through_another_process():
    error = TableError(Message("row {row}", row=3))
    assert pickle.loads(pickle.dumps(error)).args[0].values == {"row": 3}


def test_a_value_of_megabytes_is_cut():
    made = Message("{name!r} is missing in {n} rows.", name="x" * 10**6, n=3)
    assert made == f"'{'x' * 199}…' is missing in 3 rows."
    assert len(made.values["name"]) == 200
