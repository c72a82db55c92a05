"""Tables in several files: folders and globs."""

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from jubako.data.errors import TableError
from jubako.data.readers.read import read_batches, read_table


def whole(name):
    return read_table(str(name)).table


def in_pieces(name):
    return pa.concat_tables(list(read_batches(str(name))), promote_options="permissive")


both = pytest.mark.parametrize("read", [whole, in_pieces])


@pytest.fixture
def folder(tmp_path):
    """Return a folder with two CSV files, one of them deeper, and files that are no tables."""
    (tmp_path / "deeper").mkdir()
    (tmp_path / "a.csv").write_text("n,word\n1,x\n2,y\n")
    (tmp_path / "deeper" / "b.csv").write_text("word,n\nz,3\n")
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden").write_text("no table")
    return tmp_path


@both
@pytest.mark.parametrize("glob", ["", "**/*.csv"])
def test_all_files_are_read_in_the_order_of_their_names(folder, read, glob):
    found = read(folder / glob)
    assert found.to_pydict() == {"n": ["1", "2", "3"], "word": ["x", "y", "z"]}


def test_files_are_counted_in_the_description(folder):
    for read in (read_table, read_batches):
        assert str(read(str(folder)).read_as) == "2 files: CSV, UTF-8"


def test_notes_name_their_file(folder):
    (folder / "c.csv").write_text("n,word\nNA,x\n5,y\n")
    (note,) = read_table(str(folder)).notes
    assert note.startswith(f"{folder / 'c.csv'}: ")


@both
def test_a_file_with_other_columns_is_refused(folder, read):
    (folder / "c.csv").write_text("n\n1\n")
    with pytest.raises(TableError, match=r"c\.csv' has no column 'word', which '.*a\.csv' has"):
        read(folder)
    (folder / "c.csv").write_text("n,word,more\n1,x,2\n")
    with pytest.raises(TableError, match=r"a\.csv' has no column 'more', which '.*c\.csv' has"):
        read(folder)


@both
def test_numbers_of_several_types_and_packed_texts_go_together(tmp_path, read):
    pq.write_table(pa.table({"n": [1, 2], "word": ["x", "y"]}), tmp_path / "a.parquet")
    packed = pa.array(["z"]).dictionary_encode()
    pyarrow.feather.write_feather(
        pa.table({"n": [0.5], "word": packed}), str(tmp_path / "b.arrow"), compression="lz4"
    )
    pq.write_table(pa.table({"n": pa.nulls(1), "word": ["x"]}), tmp_path / "c.parquet")
    if read is in_pieces:
        tables = list(read_batches(str(tmp_path)))
        assert [table["n"].to_pylist() for table in tables] == [[1, 2], [0.5], [None]]
    else:
        found = read(tmp_path)
        assert found.to_pydict() == {"n": [1, 2, 0.5, None], "word": ["x", "y", "z", "x"]}


@both
def test_texts_and_numbers_do_not_go_together(tmp_path, read):
    pq.write_table(pa.table({"n": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"n": ["1"]}), tmp_path / "b.parquet")
    words = r"'n' holds values of type string in '.*b\.parquet', but of type int64 in '.*a\."
    with pytest.raises(TableError, match=words):
        read(tmp_path)


@both
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_file_without_columns_or_rows_is_refused(tmp_path, read, ending):
    write = pq.write_table if ending == "parquet" else pyarrow.feather.write_feather
    path = tmp_path / f"table.{ending}"
    write(pa.table({"n": pa.array([], pa.int64())}), str(path))
    with pytest.raises(TableError, match="has a header but no rows"):
        read(path)


def test_a_built_in_table_is_read_in_pieces_too():
    found = read_batches("iris")
    assert found.read_as == "built-in table"
    assert sum(table.num_rows for table in found) == 150


def test_the_delimiter_is_described(tmp_path):
    for mark, words in ((";", "CSV with ';', UTF-8"), ("\t", "TSV, UTF-8"), (",", "CSV, UTF-8")):
        path = tmp_path / "table.csv"
        path.write_text(f"a{mark}b\n1{mark}2\n")
        assert read_table(str(path)).read_as == words
