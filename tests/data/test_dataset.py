import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from command import jubako
from jubako.data.column_encoding import Categorical
from jubako.data.dataset import Dataset, prepare, with_target
from jubako.data.errors import TableError
from jubako.data.target_column import known_words, labels_like, missing_target_note

N = 60
NUMBERS = [f"{i * 7 % 53 / 10:.2f}" for i in range(N)]


def table_of(y, **columns):
    return pa.table({"a": NUMBERS[: len(y)], **columns, "y": pa.array(y)})


def prepared(y, wanted="auto", **options):
    return prepare(table_of(y), "y", wanted, **options)


@pytest.mark.parametrize(
    "labels",
    [
        ["-", "+"],
        ["?", "ok"],
        ["001", "020"],
        ["1e5", "2e3"],
        ["TRUE", "FALSE"],
        ["1.50", "2.5"],
        ["+1", "-1"],
        ["NA", "None"],
        ["1,5", "x"],
    ],
)
def test_labels_stay_as_they_are_written(labels):
    wanted = "classify" if labels[0] == "1.50" else "auto"
    found = prepared(labels * 30, wanted)
    assert found.task == "classify"
    assert found.dataset.target.tolist() == labels * 30
    assert found.n_dropped == 0


@pytest.mark.parametrize("labels", [["1", "2"], ["1.0", "2.0"], [1, 2], [1.0, 2.0]])
def test_whole_numbers_are_labels_of_that_type(labels):
    found = prepared(labels * 30)
    assert found.task == "classify"
    assert found.dataset.target.tolist() == [1, 2] * 30


def test_a_sign_that_is_a_class_is_said_to_be():
    assert prepared(["?", "ok"] * 30).notes == [
        "'y': '?' is a class. Leave the target empty where it is missing."
    ]


@pytest.mark.parametrize("word", ["unknown", "#DIV/0!", "--", "closed"])
def test_words_in_a_numeric_target_are_left_out_with_row_and_count(word):
    y = [word, *NUMBERS[1:7], word, *NUMBERS[8:]]
    found = prepared(y)
    assert (found.task, found.n_dropped) == ("regress", 2)
    assert found.dataset.target.tolist() == [float(v) for v in y if v != word]
    assert f"Column 'y': {word!r} in 2 rows, first in row 1, means" in found.notes[0]
    assert found.notes[1] == f"2 of 60 rows are dropped: the target 'y' is missing or {word!r}."


def test_an_odd_text_in_a_numeric_target_is_refused_with_its_row():
    with pytest.raises(TableError, match="'y', row 8: 'abc' is not a number"):
        prepared([*NUMBERS[:7], "abc", *NUMBERS[8:]])
    with pytest.raises(TableError, match="'y', row 2: 'abc' is not a number, nor are 1 more"):
        prepared([NUMBERS[0], "abc", *NUMBERS[2:8], "def", *NUMBERS[9:]])


def test_a_target_is_read_with_the_marks_of_the_other_columns():
    y = [f"{i + 1},{i * 37 % 900 + 100}" for i in range(N)]
    assert prepared(y).dataset.target[0] == 1100  # since there are decimal points
    commas = pa.table({"a": ["0,5"] * N, "y": y})
    assert prepare(commas, "y", "auto").dataset.target[0] == 1.1


def test_truth_is_read_as_the_target_was_in_training():
    found = prepared(["1.234,56", *(f"{i},5" for i in range(N - 1))])
    assert found.task == "regress"
    new = table_of(["1.234", "7", "n/a", None])
    rows, n = with_target(new, "y", "regress", reading=found.target_reading)
    assert (rows.target.tolist(), n) == ([1234, 7], 2)
    assert missing_target_note(new, "y", found.target_reading) == (
        "2 of 4 rows are dropped: the target 'y' is missing or 'n/a'."
    )


def test_labels_get_the_type_of_the_classes():
    def like(classes, values):
        return labels_like(np.array(classes), pa.chunked_array([values]), "y").tolist()

    assert like([1, 2], ["1", "2.0", None]) == [1, 2, 0]
    assert like(["FALSE", "TRUE"], [True, False]) == ["TRUE", "FALSE"]
    assert like([False, True], ["yes", "False"]) == [True, False]
    with pytest.raises(TableError, match=r"'y', row 2: 1\.5 is not one of the classes"):
        like([1, 2], [1.0, 1.5])


def test_declared_types_hold_for_the_target_too():
    assert prepared(NUMBERS, column_types={"y": "categorical"}).task == "classify"
    assert prepared(["01", "02", "10"] * 20, column_types={"y": "numeric"}).dataset.target[2] == 10
    found = prepared(["a", "b"] * 30, column_types={"a": "drop"})
    assert found.readings["a"].kind == "drop"
    with pytest.raises(TableError, match="no column 'b' that could be numeric"):
        prepared(["a", "b"] * 30, column_types={"b": "numeric"})


def test_words_that_the_model_knows_are_kept():
    columns = [Categorical("country", ("DE", "NA"))]
    assert known_words(columns, "y", ["None", "Olive"]) == {"country": ["NA"], "y": ["None"]}


@pytest.fixture
def bar(tmp_path):
    """Give a folder with the same rows as CSV and as Parquet, with levels like missing words."""
    frame = pd.DataFrame({"country": ["NA", "DE", "null"] * 20, "y": ["None", "n/a", "Olive"] * 20})
    frame.to_csv(tmp_path / "bar.csv", index=False, quoting=2)
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "bar.parquet")
    frame.to_csv(tmp_path / "unquoted.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("name", ["bar.csv", "bar.parquet"])
def test_levels_and_classes_like_words_for_missing_are_kept_in_every_format(bar, name):
    done = jubako("train", name, "--target", "y", "--epochs", "60", "--out", "m.jubako", cwd=bar)
    assert done.returncode == 0, done.stderr
    answers = {
        jubako("predict", "m.jubako", data, cwd=bar).stdout
        for data in ("bar.csv", "bar.parquet", "unquoted.csv")
    }
    assert len(answers) == 1
    assert answers.pop().splitlines()[1:4] == ['"None"', '"n/a"', '"Olive"']
    for data in ("bar.csv", "bar.parquet", "unquoted.csv"):
        answer = json.loads(jubako("evaluate", "m.jubako", data, "--json", cwd=bar).stdout)
        assert (answer["rows"], answer["metrics"]["accuracy"]) == (60, 1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_row_in_an_error_is_that_of_the_file_for_every_seed(tmp_path, seed):
    rows = [f"{a},{i % 5}.5" for i, a in enumerate(NUMBERS)]
    rows[7] = "abc,1.5"
    (tmp_path / "a.csv").write_text("a,y\n" + "\n".join(rows) + "\n")
    done = jubako("train", "a.csv", "--target", "y", "--seed", seed, "--epochs", "1", cwd=tmp_path)
    assert done.returncode == 3
    assert "'a', row 8: 'abc' is not a number" in done.stderr


def test_taking_rows_takes_all_that_belongs_to_them():
    whole = Dataset(
        pa.table({"a": [1, 2, 3]}),
        np.array(["x", "y", "z"]),
        weights=np.array([0.5, 1.0, 2.0]),
        groups=np.array([0, 0, 1]),
        time=np.array([2, 1, 0]),
    )
    part = whole.take(np.array([2, 0]))
    assert part.table["a"].to_pylist() == [3, 1]
    assert part.target.tolist() == ["z", "x"]
    assert part.weights.tolist() == [2.0, 0.5]
    assert part.groups.tolist() == [1, 0]
    assert part.time.tolist() == [0, 2]
    assert Dataset(whole.table, whole.target).take(np.array([1])).weights is None
