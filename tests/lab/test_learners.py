import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from types import SimpleNamespace

import pyarrow as pa
import pytest

from jubako.cli.language import Language
from jubako.lab import reader
from jubako.lab.data import own_table
from jubako.lab.japanese import in_japanese
from jubako.lab.learners import MOST, MOST_DRAWN, Learner, Learners, accept, learn_from
from jubako.lab.reader import UPLOAD, read_upload
from jubako.lab.session import Session
from jubako.lab.setup import Box, Setup
from jubako.lab.takeaway import lab_file
from jubako.table.errors import TableError
from jubako.table.read import TableFile
from jubako.table.sentence import Sentence


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


def close_last_page(learner, then=lambda: None):
    """Close the only page of a learner, and wait until that has had its effect."""

    async def scene():
        learner.come("page")
        closing = asyncio.create_task(learner.go("page"))
        await asyncio.sleep(0)
        then()
        await closing

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, scene()).result()


def test_training_pauses_when_nobody_has_a_page_open(monkeypatch):
    monkeypatch.setattr("jubako.lab.learners.AWAY", 0.05)
    learner = learners().get("ann")
    learner.session.run(1_000_000)
    close_last_page(learner, lambda: learner.come("the same, loaded anew"))
    assert learner.session.running
    learner.pages.clear()
    close_last_page(learner)
    assert not learner.session.running
    assert learner.paused_alone


def test_a_file_may_have_any_name():
    rows = "".join(f"{i},{'uv'[i % 2]}\n" for i in range(0, 60, 3))
    names = [
        "iris",
        "-",
        "wine",
        "漢" * 95 + ".csv",
        "",
        "../../a.csv",
        "a\0b\nc",
        "<b>x</b>",
        "upload.bin",
    ]
    for name in names:
        own = read_upload(name, f"a,b\n{rows}".encode())
        assert own.table.column_names == ["a", "b"]
        assert own.table.num_rows == 20
        assert own.name.isprintable()
        assert "/" not in own.name.replace("</b>", "")
    with pytest.raises(TableError, match=r"^'-' has several columns called 'a'"):
        read_upload("-", b"a,a\n1,2\n")


def test_how_a_file_was_read_comes_with_it(monkeypatch):
    note = Sentence("{name!r} is empty: a table needs a header and rows.", name=UPLOAD)
    table = pa.table({"a": [1.0, 2.0] * 20, "b": ["u", "v"] * 20})

    def in_this_process(command, cwd, **_):
        monkeypatch.chdir(cwd)
        with redirect_stdout(io.StringIO()) as out:
            code = reader.main(*command[3:])
        return SimpleNamespace(returncode=code, stdout=out.getvalue().encode())

    monkeypatch.setattr(reader, "read_table", lambda name: TableFile(table, "CSV", (note,)))
    monkeypatch.setattr(reader, "limit_memory", lambda: None)
    monkeypatch.setattr(reader.subprocess, "run", in_this_process)
    learner = learners().get("ann")
    accept(learner, "a.csv", b"")
    own = learner.session.own
    assert own.notes == ("'a.csv' is empty: a table needs a header and rows.",)
    assert in_japanese(own.notes[0]).startswith("「a.csv」は空です")
    saved = lab_file(learner.session)
    monkeypatch.setattr(reader, "read_table", lambda name: TableFile(table, "Parquet"))
    accept(learner, "b.json", saved)
    assert learner.session.own.notes == own.notes
    assert in_japanese(learner.session.own.notes[0]).startswith("「a.csv」は空です")


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
