import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from types import SimpleNamespace

import pyarrow as pa
import pytest
from nicegui import Client as Connection
from nicegui.page import page

from jubako.data.errors import TableError
from jubako.data.readers.read import TableFile
from jubako.i18n.ja import in_japanese
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.lab import uploads
from jubako.lab.clients import MAX_CACHED, MAX_CLIENTS, Client, Clients, accept, learn_from
from jubako.lab.configuration import Box, Setup
from jubako.lab.exports import lab_file
from jubako.lab.page import Page
from jubako.lab.session import Session
from jubako.lab.uploaded_table import prepare_upload
from jubako.lab.uploads import UPLOAD, read_upload


def clients():
    return Clients(Language.en, Setup(boxes=(Box(1),)))


def test_who_comes_back_finds_the_same_session():
    everybody = clients()
    ann, ben = everybody.get("ann"), everybody.get("ben")
    assert everybody.get("ann") is ann
    assert ann.session is not ben.session


def test_when_too_many_come_who_was_away_longest_makes_room():
    everybody = clients()
    first = everybody.get("0")
    first.session.run(1_000_000)
    for i in range(1, MAX_CLIENTS):
        everybody.get(str(i))
    everybody.get("one more")
    assert len(everybody.by_cookie) == MAX_CLIENTS
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
    learn_from(session, prepare_upload("t.csv", table, "CSV"))
    assert session.data.target == "n"


def test_a_table_with_nothing_to_predict_changes_nothing():
    session = Session()
    with pytest.raises(TableError):
        learn_from(session, prepare_upload("t.csv", pa.table({"a": pa.nulls(9)}), "CSV"))
    assert session.uploaded is None
    assert session.setup.data == "circle"
    session.step_epoch()


def test_a_file_is_a_table_or_a_lab_file():
    client = clients().get("ann")
    rows = "".join(f"{i},{'uv'[i % 2]}\n" for i in range(0, 60, 3))
    assert "20 rows" in accept(client, "t.csv", f"a,b\n{rows}".encode())
    assert client.session.setup.data == "uploaded"
    assert "saved" in accept(client, "x.json", lab_file(Session()))
    assert client.session.setup.data == "circle"


def close_last_page(client, then=lambda: None):
    """Close the only page of a learner, and wait until that has had its effect."""

    async def scene():
        client.open_page("page")
        closing = asyncio.create_task(client.close_page("page"))
        await asyncio.sleep(0)
        then()
        await closing

    in_event_loop(scene())


def in_event_loop(scene):
    """Run a coroutine in a thread: the browser's tests keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, scene).result()


def test_training_pauses_when_nobody_has_a_page_open(monkeypatch):
    monkeypatch.setattr("jubako.lab.clients.PAUSE_AFTER", 0.05)
    client = clients().get("ann")
    client.session.run(1_000_000)
    close_last_page(client, lambda: client.open_page("the same, loaded anew"))
    assert client.session.running
    client.pages.clear()
    close_last_page(client)
    assert not client.session.running
    assert client.paused_without_pages


@pytest.mark.parametrize("connected_anew", [True, False])
def test_a_page_stays_open_when_an_old_connection_of_it_ends_late(monkeypatch, connected_anew):
    monkeypatch.setattr("jubako.lab.clients.PAUSE_AFTER", 0.0)
    client = clients().get("ann")
    with Connection(page("/")):
        shown = Page(client)
    shown.connection = SimpleNamespace(id="page", has_socket_connection=connected_anew)
    client.open_page("page")
    in_event_loop(shown.disconnected())
    assert client.pages == ({"page"} if connected_anew else set())


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
        uploaded = read_upload(name, f"a,b\n{rows}".encode())
        assert uploaded.table.column_names == ["a", "b"]
        assert uploaded.table.num_rows == 20
        assert uploaded.name.isprintable()
        assert "/" not in uploaded.name.replace("</b>", "")
    with pytest.raises(TableError, match=r"^'-' has several columns called 'a'"):
        read_upload("-", b"a,a\n1,2\n")


def test_how_a_file_was_read_comes_with_it(monkeypatch):
    note = Message("{name!r} is empty: a table needs a header and rows.", name=UPLOAD)
    table = pa.table({"a": [1.0, 2.0] * 20, "b": ["u", "v"] * 20})

    def in_this_process(command, cwd, **_):
        monkeypatch.chdir(cwd)
        with redirect_stdout(io.StringIO()) as out:
            code = uploads.main(*command[3:])
        return SimpleNamespace(returncode=code, stdout=out.getvalue().encode())

    monkeypatch.setattr(uploads, "read_table", lambda name: TableFile(table, "CSV", (note,)))
    monkeypatch.setattr(uploads, "limit_memory", lambda: None)
    monkeypatch.setattr(uploads.subprocess, "run", in_this_process)
    client = clients().get("ann")
    accept(client, "a.csv", b"")
    uploaded = client.session.uploaded
    assert uploaded.notes == ("'a.csv' is empty: a table needs a header and rows.",)
    assert in_japanese(uploaded.notes[0]).startswith("「a.csv」は空です")
    saved = lab_file(client.session)
    monkeypatch.setattr(uploads, "read_table", lambda name: TableFile(table, "Parquet"))
    accept(client, "b.json", saved)
    assert client.session.uploaded.notes == uploaded.notes
    assert in_japanese(client.session.uploaded.notes[0]).startswith("「a.csv」は空です")


def test_what_all_tabs_show_is_drawn_once():
    client, drawn = Client(Session(), Language.en), []

    def draw():
        drawn.append(len(drawn))
        return drawn[-1]

    assert [client.cached("a", 1, draw), client.cached("a", 1, draw)] == [0, 0]
    assert client.cached("b", 1, draw) == 1
    assert client.cached("a", 2, draw) == 2
    for name in range(20):
        client.cached(name, 1, draw)
    assert len(client.drawn) == MAX_CACHED
