import bz2
import errno
import gzip
import io
import os
import zipfile
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jubako.data.errors import TableError
from jubako.data.readers.csv_layout import find_layout
from jubako.data.readers.detect import find_source
from jubako.data.readers.read import read_batches, read_table
from refusals import told

JAPANESE = "名前,値段\nりんご,150\nみかん,80\nぶどう,300\n"
WESTERN = "name,price\nHélène,3\nJürgen Groß,4\nFrançois,5\n"
TABLE = {"a": [1, 2, 3], "b": ["x", None, "z"]}


def write(folder, data, name="data.csv"):
    path = folder / name
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (JAPANESE, "utf-8", "utf-8"),
        (JAPANESE, "utf-8-sig", "utf-8"),
        (JAPANESE, "utf-16", "utf-16"),
        (JAPANESE, "utf-16-le", "utf-16-le"),
        (JAPANESE, "utf-16-be", "utf-16-be"),
        (JAPANESE, "cp932", "cp932"),
        (JAPANESE, "euc_jp", "euc_jp"),
        ("品名,数\nﾘﾝｺﾞ,1\nﾐｶﾝ,2\n", "cp932", "cp932"),
        (WESTERN, "cp1252", "cp1252"),
        ("a,b\nx,2\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found_and_the_text_read_right(tmp_path, text, encoding, found):
    path = write(tmp_path, text.encode(encoding))
    assert find_source(path).encoding == found
    table, taken_for, _ = read_table(path)
    assert found.upper() in taken_for
    head, *lines = text.splitlines()
    assert table.column_names == head.split(",")
    assert table[0].to_pylist() == [line.split(",")[0] for line in lines]


@given(
    st.lists(st.text("あいうえおかきくけこアイウエオ日本語表計算学習千円", min_size=1), min_size=3),
    st.sampled_from(["utf-8", "utf-16", "cp932", "euc_jp"]),
)
def test_any_japanese_text_is_read_right(tmp_path_factory, words, encoding):
    path = write(tmp_path_factory.mktemp("t"), "\n".join(["見出し", *words]).encode(encoding))
    assert read_table(path)[0]["見出し"].to_pylist() == words


def test_an_encoding_that_was_said_is_believed_and_checked(tmp_path):
    path = write(tmp_path, JAPANESE.encode("cp932"))
    assert find_source(path, "Shift_JIS").encoding == "cp932"
    assert find_source(path, "latin-1").encoding == "iso8859-1"
    with pytest.raises(TableError, match="not UTF-8: line 1 holds the byte 0x96"):
        find_source(path, "utf-8")
    with pytest.raises(TableError, match="'klingon' is not a known encoding"):
        find_source(path, "klingon")
    with pytest.raises(TableError, match="'utf_7' is not a known encoding"):
        find_source(path, "utf_7")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_though_others_stand_in_quotes(tmp_path, delimiter):
    rows = [["name", "price", "note"], ["apple", "1", '"a, b; c"'], ["plum", "2", '"d | e"']]
    text = "\n".join(delimiter.join(row) for row in rows)
    path = write(tmp_path, text.encode())
    assert find_layout(find_source(path)).delimiter == delimiter
    table, *_ = read_table(path)
    assert table["note"].to_pylist() == ["a, b; c", "d | e"]


def pack_zip(data, **others):
    """Return a zip archive that holds a table, and other files by their paths."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in {"data.csv": data, **others}.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def test_files_that_systems_put_into_archives_are_not_counted(tmp_path):
    others = {"__MACOSX/._data.csv": "x", ".DS_Store": "x", "Thumbs.db": "x", "folder/": ""}
    assert read_table(write(tmp_path, pack_zip("a,b\n1,2\n", **others))).table.num_rows == 1
    with pytest.raises(TableError, match="an archive with 2 files"):
        find_source(write(tmp_path, pack_zip("a,b\n1,2\n", **others, **{"b.csv": "x"})))


def test_a_file_without_a_name_in_an_archive_is_read(tmp_path):
    data = pack_zip("a,b\n1,2\n")
    path = write(tmp_path, data.replace(b"data.csv", b"\0ata.csv"))  # zipfile ends names at NUL
    assert read_table(path).table.num_rows == 1


def test_a_locked_archive_is_refused(tmp_path):
    locked = bytearray(pack_zip("a,b\n1,2\n"))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(magic) + place] |= 1
    with pytest.raises(TableError, match="is locked with a password"):
        find_source(write(tmp_path, bytes(locked)))


def test_a_pipe_is_read_once(tmp_path):
    os.mkfifo(pipe := tmp_path / "pipe")
    data = gzip.compress(JAPANESE.encode("cp932"), mtime=0)
    writer = Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    assert read_table(str(pipe)).table.num_rows == 3
    writer.join()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/dev/null", "is empty"),
        ("/dev/zero", "is a device"),
        ("a\0b", "no file"),
        ("x" * 300, "can't be read: File name too long"),
    ],
)
def test_what_is_no_file_is_refused(name, words):
    with pytest.raises(TableError, match=words):
        find_source(name)


def test_a_file_that_may_not_be_read_is_refused_in_our_words(tmp_path, monkeypatch):
    path = write(tmp_path, b"a,b\n1,2\n")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "x")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TableError, match=r"data.csv' can't be read: Permission denied.$"):
        find_source(path)


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        bz2.compress,
        lambda data: pa.compress(data, "zstd", asbytes=True),
        pack_zip,
    ],
    ids=["gzip", "bz2", "zstd", "zip"],
)
def test_compressed_files_are_read_whatever_their_name(tmp_path, pack):
    path = write(tmp_path, pack(JAPANESE.encode("cp932")), "data.csv")
    assert read_table(path)[0].num_rows == 3


def test_parquet_arrow_and_json_are_told_by_their_bytes(tmp_path):
    table, path = pa.table(TABLE), str(tmp_path / "data.csv")
    pyarrow.parquet.write_table(table, path)
    assert read_table(path)[:2] == (table, "Parquet")
    (tmp_path / "data.csv").write_bytes(gzip.compress((tmp_path / "data.csv").read_bytes()))
    assert read_table(path)[:2] == (table, "Parquet")
    pyarrow.feather.write_feather(table, path)
    assert read_table(path)[:2] == (table, "Arrow")
    write(tmp_path, b'{"a": 1, "b": "x"}\n{"a": 2}\n{"a": 3, "b": "z"}\n')
    assert read_table(path)[:2] == (table, "JSON lines")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(JAPANESE.encode(), mtime=0)[:-10], "damaged"),
        (b"PAR1 and no more", "damaged: it begins as Parquet"),
        (b"ARROW1 and no more", "damaged: it begins as Arrow"),
        (b'{"a": 1}\n{"b', "line 2: a text is never closed"),
        (b'{"a": 1\n{"b": 2}', "line 1: .* is not a JSON object"),
        (b'[{"a": 1}]', "JSON list"),
        (b"SQLite format 3\0 ...", "not a text table"),
        (bytes(range(256)), "not text"),
        (b"", "is empty"),
    ],
)
def test_what_holds_no_table_is_refused_in_one_sentence(tmp_path, data, words):
    with pytest.raises(TableError, match=words) as caught:
        read_table(write(tmp_path, data))
    assert "\n" not in str(caught.value)


def made_by(write_to, **given):
    """Return the bytes of a file that a function writes."""
    buffer = io.BytesIO()
    write_to(pa.table(TABLE), buffer, **given)
    return buffer.getvalue()


FILES = [
    JAPANESE.encode(),
    WESTERN.encode("cp1252"),
    'a;b\n1,5;"x\ny"\n'.encode("utf-16"),
    b'{"a": 1, "b": "x"}\n{"a": {"c": [2]}}\n',
    gzip.compress(JAPANESE.encode("cp932"), mtime=0),
    pack_zip("a,b\n1,2\n"),
    made_by(pyarrow.parquet.write_table),
    made_by(pyarrow.feather.write_feather, compression="uncompressed"),
]


@st.composite
def damaged(draw):
    data = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(0, 3))):
        place, gone = draw(st.integers(0, len(data))), draw(st.integers(0, 4))
        new = draw(st.binary(max_size=3) | st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\0"]))
        data = data[:place] + new + data[place + gone :]
    return data


@settings(max_examples=300)
@given(damaged())
@example(pack_zip("a,b\n1,2\n").replace(b"1,2", b"1,"))
@example(made_by(pyarrow.parquet.write_table).replace(b"\1\0\0\0x\1", b"\1\0\0\0\xcd\1"))
def test_a_damaged_file_is_a_table_or_refused_in_one_sentence(tmp_path_factory, data):
    path = write(tmp_path_factory.getbasetemp(), data, "damaged")
    for read in (lambda: read_table(path)[0].num_rows, lambda: len(list(read_batches(path)))):
        found = told(read)
        assert "\n" not in found if isinstance(found, str) else found > 0


def test_pieces_add_up_to_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("jubako.data.readers.csv.BLOCKS", (200, 200, 1000))
    text = "a,b\n" + "".join(f"{i},{'é' * (i % 5)}\n" for i in range(200))
    path = write(tmp_path, text.encode("cp1252"))
    pieces = list(read_batches(path))
    assert len(pieces) > 3
    assert pa.concat_tables(pieces)["a"].to_pylist() == [str(i) for i in range(200)]
    whole = read_table(path).table
    assert pa.concat_tables(pieces)["b"].to_pylist() == whole["b"].to_pylist()
