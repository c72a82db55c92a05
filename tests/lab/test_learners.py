import pyarrow as pa
import pytest

from jubako.cli.language import Language
from jubako.lab.data import own_table
from jubako.lab.learners import MOST, MOST_DRAWN, Learner, Learners, accept, learn_from
from jubako.lab.session import Session
from jubako.lab.setup import Box, Setup
from jubako.lab.takeaway import lab_file
from jubako.table.errors import TableError


def learners():
    return Learners(Language.en, Setup(boxes=(Box(1),)))


def test_who_comes_back_finds_the_same_session():
    everybody = learners()
    ann, ben = everybody.get("ann"), everybody.get("ben")
    assert everybody.get("ann") is ann
    assert ann.session is not ben.session


def test_when_too_many_come_who_was_away_longest_makes_room():
    everybody = learners()
    first = everybody.get("0")
    first.session.run(1_000_000)
    for i in range(1, MOST):
        everybody.get(str(i))
    everybody.get("one more")
    assert len(everybody.by_cookie) == MOST
    assert not first.session.running
    assert everybody.get("0") is not first


def test_the_last_column_that_can_be_predicted_is_the_target():
    session = Session()
    table = pa.table(
        {
            "kind": ["a", "b"] * 9,
            "n": [i / 3 for i in range(18)],
            "row": range(18),
            "empty": pa.nulls(18),
        }
    )
    learn_from(session, own_table("t.csv", table, "CSV"))
    assert session.data.target == "n"


def test_a_table_with_nothing_to_predict_changes_nothing():
    session = Session()
    with pytest.raises(TableError):
        learn_from(session, own_table("t.csv", pa.table({"a": pa.nulls(9)}), "CSV"))
    assert session.own is None
    assert session.setup.data == "circle"
    session.step_epoch()


def test_a_file_is_a_table_or_a_lab_file():
    learner = learners().get("ann")
    rows = "".join(f"{i},{'uv'[i % 2]}\n" for i in range(0, 60, 3))
    assert "20 rows" in accept(learner, "t.csv", f"a,b\n{rows}".encode())
    assert learner.session.setup.data == "own"
    assert "saved" in accept(learner, "x.json", lab_file(Session()))
    assert learner.session.setup.data == "circle"


def test_what_all_tabs_show_is_drawn_once():
    learner, drawn = Learner(Session(), Language.en), []

    def draw():
        drawn.append(len(drawn))
        return drawn[-1]

    assert [learner.once("a", 1, draw), learner.once("a", 1, draw)] == [0, 0]
    assert learner.once("b", 1, draw) == 1
    assert learner.once("a", 2, draw) == 2
    for name in range(20):
        learner.once(name, 1, draw)
    assert len(learner.drawn) == MOST_DRAWN
