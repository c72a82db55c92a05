import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from jubako.data.errors import TableError
from jubako.data.readers.read import read_batches, read_table

TABLE = pa.table({"n": [1, 2, 3, 4], "s": ["ab", None, "cd", "ef"]})


def refusal(path, **given):
    """What is said, alike, when a file is read at once and in pieces."""
    said = set()
    for read in (lambda: read_table(str(path)), lambda: list(read_batches(str(path), **given))):
        with pytest.raises(TableError) as caught:
            read()
        said.add(str(caught.value))
    (sentence,) = said
    return sentence


def arrow_bytes(table):
    buffer = io.BytesIO()
    pyarrow.feather.write_feather(table, buffer, compression="uncompressed")
    return buffer.getvalue()


def test_an_offset_outside_of_its_buffer_is_refused_before_it_is_used(tmp_path):
    data = arrow_bytes(TABLE)
    offsets = np.array([0, 2, 2, 4, 6], np.int32).tobytes()
    assert data.count(offsets) == 1
    (tmp_path / "a").write_bytes(data.replace(offsets, offsets[:8] + b"\xff\xff\xff\x7f" * 3))
    assert "is damaged in the column 's'" in refusal(tmp_path / "a")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), "dictionary"])
@pytest.mark.parametrize("write", [pyarrow.parquet.write_table, pyarrow.feather.write_feather])
def test_text_that_is_not_utf_8_is_named_by_column_and_row(tmp_path, kind, write):
    raw = pa.array([b"abc", b"", b"caf\xe9", b"x"], pa.large_binary())
    as_text = pa.large_string() if kind == "dictionary" else kind
    raw = raw.cast(pa.binary()) if as_text == pa.string() else raw
    texts = pa.Array.from_buffers(as_text, 4, raw.buffers())
    if kind == "dictionary":
        texts = pa.DictionaryArray.from_arrays(pa.array([1, 0, 2, 2]), texts)
    write(pa.table({"n": [1, 2, 3, 4], "word": texts}), str(tmp_path / "a"))
    said = refusal(tmp_path / "a")
    if kind == "dictionary" and write is pyarrow.parquet.write_table:
        assert "is damaged in the column 'word'" in said  # pyarrow reads no row of it
    else:
        assert "column 'word', row 3: the text 'caf\\xe9' is not UTF-8" in said
    assert next(iter(read_batches(str(tmp_path / "a"), columns=["n"]))).num_rows == 4


def test_a_row_of_a_later_piece_is_counted_from_the_beginning(tmp_path):
    good = pa.array(["a"] * 5)
    bad = pa.Array.from_buffers(pa.string(), 2, pa.array([b"a", b"\xe9"]).buffers())
    with (
        pa.OSFile(str(tmp_path / "a"), "wb") as file,
        pa.ipc.new_file(file, pa.schema({"s": pa.string()})) as writer,
    ):
        for values in (good, bad):
            writer.write_batch(pa.record_batch({"s": values}))
    assert "column 's', row 7: the text" in refusal(tmp_path / "a")


@pytest.mark.parametrize("n", [60, 20_000, 300_000])
@pytest.mark.parametrize("form", ['{"a": %s}', '{"b": "[[", "a": %s}', '{"b": "\\"", "a": %s}'])
def test_json_that_is_too_deep_is_refused_before_it_is_parsed(tmp_path, n, form):
    path = tmp_path / "a"
    path.write_text('{"a": 1}\n' + form.replace("%s", "[" * n + "]" * n) + "\n")
    assert "line 2: lists or objects lie more than 50 deep" in refusal(path)
    objects = '{"a":' * n + "1" + "}" * n
    path.write_text('{"a": 1}\n' + form.replace("%s", objects) + "\n")
    assert "line 2: lists or objects lie more than 50 deep" in refusal(path)


def test_brackets_in_texts_are_not_counted(tmp_path):
    rows = [{"a": "[{" * 100 + chr(34) + chr(92), "b": [[1]]}] * 3
    (tmp_path / "a").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_table(str(tmp_path / "a")).table.to_pylist() == rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1}\n{"a": "x"}\n', "line 2, column 'a': 'x' is not of the kind"),
        ('{"a": 1}\n\n{"a": true}\n', "line 3, column 'a': 'True' is not of the kind"),
        ('{"a": 1}\n5\n', "line 2: '5' is not a JSON object"),
        ('{"a": 1}\n{"a": 2\n', "is not a JSON object"),
        ('{"a": 1, "a": 2}\n', "each name once"),
        ('{"a": "x\ny"}\n', "line 1: a text is never closed"),
        ('{"a": "x}\n', "line 1: a text is never closed"),
    ],
)
def test_json_that_is_no_table_is_refused_in_our_words(tmp_path, text, words):
    (tmp_path / "a").write_text(text)
    assert words in refusal(tmp_path / "a")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932"])
def test_json_is_read_in_any_encoding(tmp_path, encoding):
    (tmp_path / "a").write_text('{"名前": "りんご"}\n{"名前": "みかん"}\n', encoding=encoding)
    assert read_table(str(tmp_path / "a")).table["名前"].to_pylist() == ["りんご", "みかん"]


def test_a_json_row_of_megabytes_is_read(tmp_path):
    rows = [{"a": "x" * 3_000_000}, {"a": "y"}]
    (tmp_path / "a").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_table(str(tmp_path / "a")).table.to_pylist() == rows


def test_a_file_of_rows_without_columns_is_refused_whole_and_in_pieces(tmp_path):
    path = tmp_path / "a.arrow"
    batch = pa.RecordBatch.from_struct_array(pa.array([{}] * 3, pa.struct([])))
    with pa.ipc.new_file(path, batch.schema) as file:
        file.write(batch)
    assert refusal(path) == f"{str(path)!r} has no columns."


def test_a_parquet_file_with_a_nested_name_that_is_no_text_is_refused_alike(tmp_path):
    table, path = pa.table({"a": [[1, 2]] * 3}), tmp_path / "a.parquet"
    pyarrow.parquet.write_table(table, path, store_schema=False)
    data = path.read_bytes()
    assert data.count(b"element") >= 1
    path.write_bytes(data.replace(b"element", b"ele\x8eent"))
    assert "is damaged" in refusal(path)


def test_two_columns_of_one_name_are_refused_in_pieces_too(tmp_path):
    table = pa.table([[1], [2]], names=["n", "n"])
    with pa.ipc.new_file(str(tmp_path / "a"), table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(TableError, match="several columns called 'n'"):
        list(read_batches(str(tmp_path / "a"), columns=["n"]))
