import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jubako.data.errors import TableError
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.csv import read_csv
from jubako.data.readers.csv_layout import find_layout
from jubako.data.readers.detect import find_source
from jubako.data.readers.frames import to_table
from jubako.data.readers.read import read_batches, read_table


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_tables_end_with_their_target(name):
    table = read_table(name).table
    assert table.num_rows > 100
    assert table.column_names[-1] == BUILT_IN[name]


def test_a_csv_file_keeps_rows_order_names_and_missing_values(tmp_path):
    path = tmp_path / "fruit.csv"
    path.write_text("名前,price,sold\nりんご,1.5,true\nみかん,,false\n", encoding="utf-8")
    assert read_table(str(path))[0].to_pydict() == {
        "名前": ["りんご", "みかん"],
        "price": ["1.5", None],
        "sold": ["true", "false"],
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no file"),
        ("", "is empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3\n", "row 2: 1 fields"),
        ("a,a\n1,2\n", "several columns called 'a'"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "data.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TableError, match=words) as caught:
        read_table(str(path))
    assert "\n" not in str(caught.value)
    assert "data.csv" in str(caught.value)


def test_a_misspelt_table_is_answered_with_the_nearest_name():
    with pytest.raises(TableError, match="did you mean 'iris'"):
        read_table("irsi")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(TableError, match="There is no file in"):
        read_table(str(tmp_path))


def test_blank_texts_are_missing_in_files_and_in_frames(tmp_path):
    path = tmp_path / "churn.csv"
    path.write_text('months,total,plan,day\n1,29.85, ,2026-01-01\n0, ,"  ",\n2,5.5,a, \n')
    expected = {
        "months": ["1", "0", "2"],
        "total": ["29.85", None, "5.5"],
        "plan": [None, None, "a"],
    }
    table = read_table(str(path))[0]
    assert table.drop_columns(["day"]).to_pydict() == expected
    assert [day is None for day in table["day"].to_pylist()] == [False, True, True]
    batch = next(iter(read_batches(str(path))))
    assert batch["total"].to_pylist() == ["29.85", None, "5.5"]
    assert batch["plan"].to_pylist() == [None, None, "a"]
    frame = pd.DataFrame({"total": ["29.85", " ", "5.5"], "plan": ["", "\u3000", "a"]})
    for one in (frame, frame.astype("category")):
        assert to_table(one).to_pydict() == {
            "total": ["29.85", None, "5.5"],
            "plan": [None, None, "a"],
        }


def test_columns_of_a_frame_may_be_called_by_numbers():
    frame = pd.DataFrame(np.arange(6).reshape(3, 2))
    assert to_table(frame).to_pydict() == {"0": [0, 2, 4], "1": [1, 3, 5]}


def texts_of(path, **given):
    """The columns of a file, as read at once and as read in pieces."""
    source = find_source(str(path))
    whole = read_csv(source, find_layout(source), **given)[0].to_pydict()
    pieces = pa.concat_tables(read_batches(str(path), **given)).to_pydict()
    return whole, pieces


def test_each_field_is_text_as_it_is_written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id;n;when\n001;1e5;2026-01-01\n020;16,957;03/04/2026\n"1";" 5 ";true\n')
    expected = {
        "id": ["001", "020", "1"],
        "n": ["1e5", "16,957", " 5 "],
        "when": ["2026-01-01", "03/04/2026", "true"],
    }
    for read in texts_of(path):
        assert read == expected
    assert read_table(str(path)).table.to_pydict() == expected


def test_words_for_missing_values_are_text_in_quotes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\nNA,"NA"\nx,null\n"None", ?\n-,y\n')
    for read in texts_of(path):
        assert read == {"a": [None, "x", "None", None], "b": ["NA", None, None, "y"]}


def test_words_that_are_kept_in_a_column_are_text_there(tmp_path, monkeypatch):
    monkeypatch.setattr("jubako.data.readers.csv.BLOCKS", (30, 30, 100))  # several pieces
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "NA,NA,-\n?,?,NA\nx,y,z\n" * 9)
    keep = {"b": ["NA", "y", "not there"], "c": {"-"}}
    for read in texts_of(path, keep=keep):
        assert read == {
            "a": [None, None, "x"] * 9,
            "b": ["NA", None, "y"] * 9,
            "c": ["-", None, "z"] * 9,
        }
    assert read_table(str(path), keep=keep).table["b"].to_pylist()[:2] == ["NA", None]


def test_only_the_columns_that_are_needed_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n")
    assert next(iter(read_batches(str(path), columns=["c", "a"]))).to_pydict() == {
        "a": ["1"],
        "c": ["3"],
    }
    assert next(iter(read_batches(str(path), columns=["c", "d"]))).column_names == ["a", "b", "c"]


def test_a_row_larger_than_the_pieces_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("jubako.data.readers.csv.BLOCKS", (50, 50, 1000))
    path = tmp_path / "a.csv"
    rows = [[str(i), "x" * (100 if i == 7 else 1)] for i in range(20)]
    path.write_text("a,b\n" + "".join(",".join(row) + "\n" for row in rows))
    for read in texts_of(path):
        assert [list(row) for row in zip(*read.values(), strict=True)] == rows


def test_the_first_ragged_row_is_named_by_its_number(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n\n"x\ny",3\n1,2,3\n4,5\n1\n')
    for read in (lambda: read_table(str(path)), lambda: list(read_batches(str(path)))):
        with pytest.raises(TableError, match="row 3: 3 fields, but the header has 2: '1,2,3'"):
            read()


def test_blank_texts_in_dictionaries_of_several_pieces_are_missing():
    first, second = (pa.array(["a", " ", None, word]).dictionary_encode() for word in ("", "b"))
    table = to_table(pa.table({"a": pa.chunked_array([first, second])}))
    assert table["a"].to_pylist() == ["a", None, None, None, "a", None, None, "b"]
    assert pa.types.is_dictionary(table["a"].type)


def test_words_that_are_read_as_missing_are_noted_with_their_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('country,x,y\nDE,1,NA\nNA,2,\n"NA",?,5\n NA,4,6\n')
    table, _, notes = read_table(str(path))
    assert table["country"].to_pylist() == ["DE", None, "NA", None]
    assert notes == (
        "'NA', '?' without quotes is read as missing in 'country', 'x', 'y': 4 values in all, the "
        "first in row 1. In quotes it would be text.",
    )


@pytest.mark.parametrize("text", ["a,b\n1,\n,2\n", 'a,b\n"NA",1\nNAN1,2\n', "a,b\nx,1\n-1,2\n"])
def test_without_such_words_there_is_no_note(text, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    assert read_table(str(tmp_path / "a.csv")).notes == ()


def test_bytes_where_a_text_is_missing_need_not_be_text():
    buffers = pa.array([b"\xe9", b"ab", b" "]).buffers()
    texts = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\6"), *buffers[1:]])
    texts.validate(full=True)
    table = to_table(pa.table({"a": texts}))
    assert table["a"].to_pylist() == [None, "ab", None]
    assert pa.compute.utf8_upper(table["a"]).to_pylist() == [None, "AB", None]
