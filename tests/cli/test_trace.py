"""`jubako trace` and `jubako export`, as a user runs them."""

import csv
import io
import json
import re
import shutil

import numpy as np
import pytest

import jubako as package
from command import jubako


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "iris.jubako"
    done = jubako("train", "iris", "--hidden", "5", "--epochs", "3", "--out", str(path))
    assert done.returncode == 0, done.stderr
    return str(path)


@pytest.fixture(scope="module")
def number_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "diabetes.jubako"
    done = jubako("train", "diabetes", "--hidden", "4", "--epochs", "3", "--out", str(path))
    assert done.returncode == 0, done.stderr
    return str(path)


def test_the_numbers_are_printed_as_tables(model):
    done = jubako("trace", model, "iris", "--rows", "2")
    assert done.returncode == 0, done.stderr
    assert "dL/dw" in done.stdout
    assert "setosa" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "--html trace.html" in done.stderr


def test_json_and_csv_hold_every_number_of_the_same_step(model):
    words = json.loads(jubako("trace", model, "iris", "--json").stdout)
    lines = list(csv.DictReader(io.StringIO(jubako("trace", model, "iris", "--csv").stdout)))
    assert words["features"] == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert len(words["losses"]) == 3
    layer = words["layers"][0]
    deltas = [float(x["value"]) for x in lines if (x["layer"], x["quantity"]) == ("1", "delta")]
    assert deltas == np.ravel(layer["delta"]).tolist()
    before, grad, after = (np.array(layer["parts"]["w"][k]) for k in ("before", "grad", "after"))
    assert (np.sign(before - after) == np.sign(grad)).all()  # Adam's first step is against it


def test_the_step_is_that_of_the_saved_model(model):
    words = json.loads(jubako("trace", model, "iris", "--rate", "0.5", "--json").stdout)
    loaded = package.load(model)
    before = words["layers"][0]["parts"]["w"]["before"]
    np.testing.assert_array_equal(before, loaded.mlp_.coefs_[0])  # to the last digit
    assert words["lr"] == 0.5


def test_a_page_is_written_whole_and_not_over_another_file(model, tmp_path):
    path = tmp_path / "step.html"
    done = jubako("trace", model, "iris", "--html", str(path), "--lang", "ja")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    text = path.read_text(encoding="utf-8")
    assert '<html lang="ja">' in text
    assert "petal_length" in text
    again = jubako("trace", model, "iris", "--html", str(path))
    assert again.returncode == 2
    assert "exists: choose another name, or --force" in again.stderr
    assert jubako("trace", model, "iris", "--html", str(path), "--force").returncode == 0


def test_other_units_are_on_other_parts(tmp_path):
    path = str(tmp_path / "wide.jubako")
    jubako("train", "wine", "--hidden", "40", "--epochs", "2", "--out", path)
    one, two = (jubako("trace", path, "wine", "--part", part).stdout for part in "12")
    units = [set(re.findall(r"\bh\d+\b", text)) for text in (one, two)]
    assert "/ 40)" in one
    assert units[0] & units[1] == set()


def test_a_number_to_predict_is_named_by_its_column(number_model):
    done = jubako("trace", number_model, "diabetes")
    assert done.returncode == 0, done.stderr
    assert "progression" in done.stdout


def test_a_recorded_training_becomes_one_page(model, tmp_path):
    path = tmp_path / "film.html"
    arguments = "--format", "recording", "--steps", "10", "-o", str(path)  # it was trained on iris
    done = jubako("export", model, *arguments)
    assert done.returncode == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    data = json.loads(re.search(r'class="recorded">(.*?)</script>', text)[1])
    assert [step["step"] for step in data["steps"]] == list(range(11))
    assert len({len(numbers) for numbers in data["numbers"]}) == 1
    assert "M = 150" in text
    assert not re.search(r"https?:", text)


def test_a_page_of_a_file_of_ones_own_wants_to_be_told_where_it_is(tmp_path):
    rows = "".join(f"{i},{i % 5},{'ab'[i % 2]}\n" for i in range(60))
    (tmp_path / "own.csv").write_text("x,z,y\n" + rows, encoding="utf-8")
    trained = jubako(
        "train", "own.csv", "--target", "y", "--hidden", "3", "--epochs", "2", cwd=tmp_path
    )
    assert trained.returncode == 0, trained.stderr
    wanted = "export", "own.jubako", "--format", "recording", "--steps", "2"
    done = jubako(*wanted, cwd=tmp_path)
    assert done.returncode == 2
    expected = "'own.jubako' holds no rows: give its table (own.csv) with --data FILE."
    assert expected in done.stderr
    assert not (tmp_path / "own.html").exists()
    assert jubako(*wanted, "--data", "own.csv", cwd=tmp_path).returncode == 0


def test_the_page_is_named_like_the_model(number_model, tmp_path):
    path = tmp_path / "d.jubako"
    shutil.copy(number_model, path)
    done = jubako("export", str(path), "--format", "recording", "--steps", "2")
    assert done.returncode == 0, done.stderr
    assert "200 of the 442 rows" in done.stderr
    assert (tmp_path / "d.html").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ("export", "none.jubako", "--format", "recording", "--data", "iris"),
            4,
            "no model file 'none.jubako'",
        ),
        (("export", "MODEL", "--format", "pdf"), 2, "onnx"),
        (("export", "MODEL", "--format", "recording", "--data", "wine"), 3, "no column"),
        (("trace", "MODEL", "iris", "--html", "page.txt"), 2, "must end with .html"),
        (("trace", "MODEL", "iris", "--html", "no/where.html"), 2, "no folder"),
        (("trace", "MODEL", "iris", "--json", "--csv"), 2, "choose one"),
        (("trace", "MODEL", "nowhere.csv"), 3, "no file"),
        (("trace", "MODEL", "iris", "--rate", "nan"), 2, "or a number in (0, inf)"),
        (("trace", "MODEL", "iris", "--rate", "-1"), 2, "or a number in (0, inf)"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(model, arguments, code, words, tmp_path):
    done = jubako(*(model if word == "MODEL" else word for word in arguments), cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
