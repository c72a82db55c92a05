import numpy as np
import pandas as pd
import pytest

from jubako.table.errors import TableError
from jubako.table.read import BUILT_IN, read_batches, read_table, to_table


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
        "price": [1.5, None],
        "sold": [True, False],
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no file"),
        ("", "is empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3\n", "row 3: 1 fields"),
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


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(TableError, match="is a folder"):
        read_table(str(tmp_path))


def test_blank_texts_are_missing_in_files_and_in_frames(tmp_path):
    path = tmp_path / "churn.csv"
    path.write_text('months,total,plan,day\n1,29.85, ,2026-01-01\n0, ,"  ",\n2,5.5,a, \n')
    expected = {"months": [1, 0, 2], "total": [29.85, None, 5.5], "plan": [None, None, "a"]}
    table = read_table(str(path))[0]
    assert table.drop_columns(["day"]).to_pydict() == expected
    assert [day is None for day in table["day"].to_pylist()] == [False, True, True]
    assert next(read_batches(str(path))).drop_columns(["day"]).to_pydict() == expected
    frame = pd.DataFrame({"total": ["29.85", " ", "5.5"], "plan": ["", "\u3000", "a"]})
    for one in (frame, frame.astype("category")):
        assert to_table(one).to_pydict() == {
            "total": ["29.85", None, "5.5"],
            "plan": [None, None, "a"],
        }


def test_columns_of_a_frame_may_be_called_by_numbers():
    frame = pd.DataFrame(np.arange(6).reshape(3, 2))
    assert to_table(frame).to_pydict() == {"0": [0, 2, 4], "1": [1, 3, 5]}
