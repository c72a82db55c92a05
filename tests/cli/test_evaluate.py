import json

import numpy as np
import pandas as pd
import pytest

from command import jubako
from jubako import TabularRegressor


def write(path, labels, head="size,ok"):
    """Write a table in which the label follows from the size."""
    lines = [f"{0 if i % 3 else 5},{label}" for i, label in enumerate(labels)]
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    write(folder / "t.csv", ["yes" if i % 3 else "no" for i in range(90)])
    command = "train", "t.csv", "--target", "ok", "--epochs", "60", "--hidden", "8"
    assert jubako(*command, cwd=folder).returncode == 0
    return folder


def evaluate(folder, labels, *options):
    write(folder / "new.csv", labels)
    return jubako("evaluate", "t.jubako", "new.csv", "--json", *options, cwd=folder)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (
            ["No", "Yes", "Yes"],
            ["'Yes' (2 rows, did you mean 'yes'?)", "'No' (1 row, did you mean 'no'?)"],
        ),
        (["0", "1", "1"], ["'1' (2 rows)", "'0' (1 row)", "it knows 'no', 'yes'"]),
        (["nope", "yes.", "yes."], ["'yes.' (2 rows, did you mean 'yes'?)"]),
        (["n", "ｙｅｓ", "ja"], ["'ja' (1 row"]),
    ],
)
def test_classes_that_the_model_lacks_are_no_accuracy_of_zero(folder, labels, words):
    done = evaluate(folder, labels)
    assert done.returncode == 3
    assert done.stdout == ""
    for word in ["new.csv", "'ok'", *words]:
        assert word in done.stderr


def test_a_class_that_is_new_counts_as_wrong_and_is_named(folder):
    done = evaluate(folder, ["no", "yes", "Yes", "no", "yes", "maybe"])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["metrics"]["accuracy"] == pytest.approx(4 / 6)
    (note,) = answer["notes"]
    assert "'Yes' (1 row, did you mean 'yes'?)" in note
    assert "'maybe' (1 row" in note
    assert "count as wrong" in note
    assert f"Note: {note}" in done.stderr


def test_rows_without_a_truth_are_counted(folder):
    done = evaluate(folder, ["no", "yes", "", "no", "", "yes"])
    answer = json.loads(done.stdout)
    keys = "schema_version", "model", "rows", "rows_without_target", "notes", "metrics"
    assert tuple(answer) == keys
    assert (answer["rows"], answer["rows_without_target"]) == (4, 2)
    assert "Note: 2 of 6 rows are dropped: the target 'ok' is missing." in done.stderr
    assert answer["metrics"]["accuracy"] == 1


def test_many_new_classes_are_not_all_named(folder):
    done = evaluate(folder, [f"class {i}" for i in range(50)])
    assert done.returncode == 3
    assert "and 45 more" in done.stderr
    assert len(done.stderr) < 600


@pytest.mark.parametrize("command", ["explain", "trace", "export"])
def test_rows_of_new_classes_are_left_out_where_only_their_truth_matters(folder, command):
    write(folder / "new.csv", ["no", "yes", "maybe", "no", "yes", "Yes"])
    options = {"export": ["--format", "recording", "--data", "new.csv", "--steps", "1", "--force"]}
    words = [command, "t.jubako", *options.get(command, ["new.csv"])]
    done = jubako(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "'maybe' (1 row" in done.stderr
    assert "These rows are left out." in done.stderr


def test_importance_is_found_where_one_class_prevails(tmp_path):
    """Accuracy is the same whatever column is shuffled: the rarer class is never the likeliest."""
    rows = [
        f"{i % 10},{i % 7},{'rare' if i % 10 > 7 and i % 3 == 0 else 'usual'}" for i in range(300)
    ]
    (tmp_path / "d.csv").write_text("\n".join(["cause,noise,y", *rows]) + "\n")
    assert (
        jubako("train", "d.csv", "--target", "y", "--preset", "fast", cwd=tmp_path).returncode == 0
    )
    measured = json.loads(jubako("evaluate", "d.jubako", "d.csv", "--json", cwd=tmp_path).stdout)
    done = jubako("explain", "d.jubako", "d.csv", "--json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    first, second = answer["feature_importance"]
    assert first["column"] == "cause"
    assert first["mean"] > 0.02 > abs(second["mean"])
    assert answer["metric"] == "log_loss"
    assert answer["metric_value"] == pytest.approx(measured["metrics"]["log_loss"], rel=1e-5)


def test_a_target_that_is_always_the_same_explains_nothing(tmp_path):
    rows = [f"{i % 10},{i % 10 / 4}" for i in range(60)]
    (tmp_path / "d.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    assert (
        jubako("train", "d.csv", "--target", "y", "--preset", "fast", cwd=tmp_path).returncode == 0
    )
    (tmp_path / "same.csv").write_text("x,y\n1,2\n2,2\n")
    done = jubako("explain", "d.jubako", "same.csv", cwd=tmp_path)
    assert done.returncode == 3
    assert "'y' is 2 in all rows of 'same.csv'" in done.stderr


def test_a_column_to_keep_is_named_truly(folder):
    done = jubako("predict", "t.jubako", "t.csv", "--keep", "sise", cwd=folder)
    assert done.returncode == 3
    assert "'t.csv' has no column 'sise' for --keep: did you mean 'size'?" in done.stderr
    assert "trained with it" not in done.stderr


def test_what_head_does_not_read_is_no_failure(folder):
    with (folder / "many.csv").open("w") as file:
        file.write("size\n" + "5\n" * 200_000)
    done = jubako("predict", "t.jubako", "many.csv", cwd=folder, before=CLOSED_PIPE)
    assert (done.returncode, done.stderr) == (141, "")
    done = jubako("inspect", "t.jubako", cwd=folder, before=CLOSED_PIPE)
    assert (done.returncode, done.stderr) == (141, "")


CLOSED_PIPE = """
import os, sys
reader, writer = os.pipe()
os.dup2(writer, 1)
os.close(reader)
sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
"""


WARNING_FIT = """
import warnings
from jubako.i18n.messages import Message
from jubako.estimators.single_network import SingleNetworkClassifier
def fit(self, *arguments, original=SingleNetworkClassifier.fit, **options):
    for _ in range(2):
        warnings.warn(Message("One candidate has diverged: it is left out."), stacklevel=2)
    warnings.warn("for developers", DeprecationWarning, stacklevel=2)
    warnings.warn("of another library", stacklevel=2)
    return original(self, *arguments, **options)
SingleNetworkClassifier.fit = fit
"""


def test_warnings_of_a_fit_are_notes(folder):
    command = "train", "t.csv", "--target", "ok", "--epochs", "1", "--out", "w.jubako"
    done = jubako(*command, cwd=folder, before=WARNING_FIT)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Note: One candidate has diverged: it is left out.\n") == 1
    assert "for developers" not in done.stderr
    assert "of another library" not in done.stderr
    assert ".py" not in done.stderr


def test_a_target_of_texts_is_read_as_in_python_when_the_model_was_trained(tmp_path):
    y = np.array([f"{i % 7 + 1}.000,5" for i in range(60)])
    X = pd.DataFrame({"size": np.arange(60) % 7})
    TabularRegressor("fast", n_folds=2, random_state=0).fit(X, y).save(tmp_path / "m.jubako")
    lines = ["size,price", *(f"{i % 7},{i % 7 + 1}.000" for i in range(30))]
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")
    done = jubako("evaluate", "m.jubako", "new.csv", "--target", "price", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["metrics"]["r2"] > 0.5, done.stdout + done.stderr
