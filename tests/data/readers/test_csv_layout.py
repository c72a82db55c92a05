import pytest

from jubako.core.errors import ParameterError
from jubako.data.errors import TableError
from jubako.data.readers.csv_layout import find_layout
from jubako.data.readers.detect import find_source
from jubako.data.readers.read import read_batches, read_table


def layout(folder, text, *given):
    path = folder / "data.csv"
    path.write_text(text, newline="")
    return find_layout(find_source(str(path)), *given)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nname;n\r\nä;1\r\nö;2\r\n",
        '"sep=,"\nname,n\nä,1\nö,2\n',
        "SEP=\t\nname\tn\nä\t1\nö\t2\n",
        "\n\nname,n\nä,1\n\nö,2\n",
        "name,n,\nä,1,\nö,2,\n",
        "name;n\nä;1;\nö;2;\n",
        "name,n,\nä,1\nö,2\n",
        "name,n\rä,1\rö,2\r",
    ],
    ids=["sep", "quoted sep", "tab", "blank lines", "trailing", "in rows", "in header", "cr"],
)
def test_a_table_is_read_without_a_note(tmp_path, text):
    (tmp_path / "data.csv").write_text(text, newline="")
    found = read_table(str(tmp_path / "data.csv"))
    assert found.table.to_pydict() == {"name": ["ä", "ö"], "n": ["1", "2"]}
    assert not found.notes


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("Sales report\n", 2),
        ("Sales, Tokyo\nQuarter 1\n\n", 4),
        ("Sales report,,\n,,\n", 3),
        ("# made by hand\n# in 2026, by us\n", 3),
        ("# one, two, three\n", 2),
        ('"two\nlines"\n', 3),
    ],
)
def test_titles_and_comments_before_the_header_are_left_out_with_a_note(tmp_path, before, line):
    path = tmp_path / "data.csv"
    path.write_text(before + "name,n,price\nä,1,2.5\nö,2,3.5\n")
    found = read_table(str(path))
    assert found.table.to_pydict() == {"name": ["ä", "ö"], "n": ["1", "2"], "price": ["2.5", "3.5"]}
    (note,) = found.notes
    assert f"line {line} is read as the header," in note
    assert before.strip('#\n, "')[:3] in note
    batches = read_batches(str(path))
    assert batches.notes == found.notes
    assert sum(batch.num_rows for batch in batches) == 2


def test_a_comment_before_a_single_column_is_left_out(tmp_path):
    assert layout(tmp_path, "# made by hand\nvalue\n1\n2\n").names == ("value",)
    assert layout(tmp_path, "#\n1\n2\n").names == ("#",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#id,name\n1,a\n2,b\n", ("#id", "name")),
        (",a\n0,5\n1,6\n", ("column 1", "a")),
        ("a,,c\n1,2,3\n", ("a", "column 2", "c")),
        ("id,,,\nx,1,2,3\ny,1,2,3\n", ("id", "column 2", "column 3", "column 4")),
        ("country,2025,2026\na,1,2\n", ("country", "2025", "2026")),
        ("name;Ort, Land\nA;B, C\nD;E, F\n", ("name", "Ort, Land")),
    ],
)
def test_the_first_row_is_the_header_where_it_may_be(tmp_path, text, names):
    found = layout(tmp_path, text)
    assert found.names == names
    assert found.n_lines == 1
    assert not found.notes


@pytest.mark.parametrize("text", ["a,b\nr1,1,2\nr2,3,4\n", "a,b\nr1,x,y\nr2,z,w\n"])
def test_a_header_that_lacks_one_name_is_no_title(tmp_path, text):
    (tmp_path / "data.csv").write_text(text)
    with pytest.raises(TableError, match="row 1: 3 fields, but the header has 2"):
        read_table(str(tmp_path / "data.csv"))


def test_a_header_of_values_is_noted_or_refused(tmp_path):
    (note,) = layout(tmp_path, "5.1,3.5,x\n4.9,3.0,y\n").notes
    assert "though it holds numbers such as '5.1'" in note
    (note,) = layout(tmp_path, "2025,2026\n1,2\n").notes
    assert "though it holds numbers such as '2025'" in note
    with pytest.raises(TableError, match=r"no header: its first row holds '0\.2'"):
        layout(tmp_path, "5.1,0.2,0.2,x\n4.9,3.0,1,y\n")


def test_what_the_user_says_of_the_layout_counts(tmp_path):
    text = "1:x:2\na;b:c;d\n5;6:7;8\n"
    assert layout(tmp_path, text, ":", 1).names == ("a;b", "c;d")
    assert layout(tmp_path, text, ";", 1).names == ("a", "b:c", "d")
    assert layout(tmp_path, "Report\nname,n\na,1\n", None, 0).names == ("Report",)
    assert layout(tmp_path, "a\tb\n1\t2\n", "tab").delimiter == "\t"
    assert layout(tmp_path, "a b\n1 2\n", " ").names == ("a", "b")
    with pytest.raises(TableError, match="has no rows"):
        layout(tmp_path, "a,b\n1,2\n", None, 5)


def test_a_delimiter_that_excel_names_but_that_can_not_be_is_no_delimiter(tmp_path):
    assert layout(tmp_path, "sep=é\nb\n").names == ("sep=é",)


@pytest.mark.parametrize("delimiter", ["", "ab", "；", '"', "\n"])
def test_a_delimiter_that_can_not_be_is_refused(tmp_path, delimiter):
    with pytest.raises(ParameterError, match="delimiter must be one ASCII character"):
        layout(tmp_path, "a,b\n1,2\n", delimiter)


def test_a_negative_number_of_lines_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="skip_rows must be 0 or more, got -1"):
        layout(tmp_path, "a,b\n1,2\n", None, -1)


@pytest.mark.parametrize("text", ["a,b\n", "a,b", "a,b\n\n\n", "sep=;\na;b\n"])
def test_a_header_without_rows_is_refused(tmp_path, text):
    with pytest.raises(TableError, match="has a header but no rows"):
        layout(tmp_path, text)


def test_a_header_may_be_longer_than_what_is_looked_at_first(tmp_path, monkeypatch):
    monkeypatch.setattr("jubako.data.readers.csv_layout.START", 10)
    names = tuple(f"name {i}" for i in range(30))
    text = ",".join(names) + "\n" + ",".join("1" * 30) + "\n"
    assert layout(tmp_path, text).names == names


def test_fields_of_megabytes_are_read(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,b\n" + "x" * 3_000_000 + ",1\ny,2\n")
    assert read_table(str(path)).table["b"].to_pylist() == ["1", "2"]
    assert [len(text) for text in read_table(str(path)).table["a"].to_pylist()] == [3_000_000, 1]
