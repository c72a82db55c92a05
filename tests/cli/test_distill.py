import json

import numpy as np
import pandas as pd
import pytest

from command import jubako
from jubako import MLPRegressor, TabularClassifier
from jubako.estimators import SingleNetworkClassifier
from jubako.search import distill

N = 60
FRAME = pd.DataFrame({"size": np.arange(N) % 17 / 2, "color": np.resize(["red", "blue", None], N)})
LABELS = np.where(FRAME["size"] > 4, "large", "small")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("distill")
    FRAME.to_csv(folder / "rows.csv", index=False)
    FRAME.assign(kind=LABELS).to_csv(folder / "labelled.csv", index=False)
    FRAME.head(9).to_csv(folder / "few.csv", index=False)
    FRAME[["color"]].to_csv(folder / "other.csv", index=False)
    model = TabularClassifier("fast", n_folds=2, random_state=0).fit(FRAME, LABELS)
    model.save(folder / "m.jubako", {"target": "kind"})
    SingleNetworkClassifier(4, max_iter=1, random_state=0).fit(FRAME, LABELS).save(
        folder / "single.jubako"
    )
    MLPRegressor(hidden_layer_sizes=4, max_iter=1, n_iter_no_change=np.inf).fit(
        FRAME[["size"]], FRAME["size"]
    ).save(folder / "array.jubako")
    return folder


def test_a_model_is_distilled_with_rows_that_have_no_target(folder):
    done = jubako("distill", "m.jubako", "rows.csv", "--out", "small.jubako", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "On 12 held-out rows, the student predicts the class" in " ".join(done.stdout.split())
    assert "Saved as small.jubako" in done.stderr
    predicted = jubako("predict", "small.jubako", "rows.csv", "--interval", "0.9", cwd=folder)
    assert predicted.stdout.splitlines()[0] == '"kind","set(0.9)"'
    shown = jubako("inspect", "small.jubako", cwd=folder).stdout
    assert "distilled from" in shown
    assert "for 1 row" in shown
    assert "added" in shown
    again = jubako("distill", "m.jubako", "rows.csv", "--out", "small.jubako", cwd=folder)
    assert again.returncode == 2
    assert "exists" in again.stderr


def test_what_was_lost_and_gained_is_also_json(folder):
    done = jubako("distill", "m.jubako", "labelled.csv", "-o", "s.jubako", "--json", cwd=folder)
    answer = json.loads(done.stdout)
    teacher, student = answer["teacher"], answer["student"]
    assert student["networks"] == 1 < teacher["networks"]
    assert student["bytes"] == (folder / "s.jubako").stat().st_size < teacher["bytes"]
    assert student["seconds"].keys() == {"1", "1000"}
    added = student["expected"]["log_loss"] - teacher["expected"]["log_loss"]
    assert added == pytest.approx(answer["added_loss"])
    inspected = json.loads(jubako("inspect", "s.jubako", "--json", cwd=folder).stdout)
    assert inspected["bytes"] == student["bytes"]


def test_without_rows_the_student_is_called_worse(folder):
    done = jubako(
        *("distill", "m.jubako", "-o", "drawn.jubako", "--lang", "en"),
        cwd=folder,
        before=f"import {distill.__name__} as d; d.MOST_ROWS = 1000; d.N_ROWS = 1000",
    )
    assert done.returncode == 0, done.stderr
    assert "With DATA, the student would be better" in done.stderr
    refused = jubako("predict", "drawn.jubako", "rows.csv", "--interval", "0.9", cwd=folder)
    assert "distill it with rows" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("single.jubako", "rows.csv", "-o", "x.jubako"), 4, "a single network already"),
        (("array.jubako", "-o", "x.jubako"), 4, "not an ensemble"),
        (("none.jubako", "-o", "x.jubako"), 4, "no model file"),
        (("m.jubako", "few.csv", "-o", "x.jubako"), 3, "'few.csv': There are 9 rows"),
        (("m.jubako", "other.csv", "-o", "x.jubako"), 3, "has no column 'size'"),
        (("m.jubako", "rows.csv", "-o", "x.onnx"), 2, "must end with .jubako"),
        (("m.jubako", "rows.csv", "-o", "m.jubako", "--force"), 2, "an input of the command"),
        (("m.jubako", "rows.csv"), 2, "--out"),
    ],
)
def test_a_refusal_is_one_sentence(folder, arguments, code, message):
    done = jubako("distill", *arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Distilling 1 networks" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "x.jubako").exists()
