import json
import re

import pytest

from command import jubako
from house_prices import label_of, make_frame, price_of
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor

SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")  # three words in a row


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Small models, and tables of rows that they have not seen."""
    folder = tmp_path_factory.mktemp("report")
    frame, new = make_frame(0), make_frame(1)
    note = {"target": "price", "data": "old.csv", "rows": len(frame), "seed": 3}
    regressor = SingleNetworkRegressor(8, max_iter=9, random_state=3)
    regressor.fit(frame, price_of(frame)).save(folder / "price.jubako", note)
    classifier = SingleNetworkClassifier(8, max_iter=9, random_state=0)
    note = {"target": "level", "data": "new.csv", "rows": 5}
    classifier.fit(frame, label_of(frame)).save(folder / "level.jubako", note)
    labels = label_of(new)
    labels[3], labels[7] = "other", ""
    new.assign(price=price_of(new), level=labels).to_csv(folder / "new.csv", index=False)
    return folder


def report(folder, *arguments, **options):
    done = jubako("report", *arguments, "--force", cwd=folder, **options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done


def test_the_metrics_are_those_of_jubako_evaluate(folder):
    report(folder, "level.jubako", "new.csv", "-o", "r.json")
    facts = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    done = jubako("evaluate", "level.jubako", "new.csv", "--json", cwd=folder)
    answer = json.loads(done.stdout)
    assert facts["scores"]["metrics"] == answer["metrics"]
    assert facts["n_rows"] == answer["rows"]
    assert facts["source"]["n_without_target"] == answer["rows_without_target"]
    assert facts["source"]["notes"] == answer["notes"]


def test_the_report_can_be_repeated(folder):
    report(folder, "price.jubako", "new.csv", "-o", "r.json", "--rows", "2")
    facts = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    source = facts["source"]
    assert source["command"] == "jubako report price.jubako new.csv -o r.json --rows 2"
    assert source["estimator"] == (
        "SingleNetworkRegressor(dropout=0.2, hidden_layer_sizes=8, max_iter=9, random_state=3)"
    )
    assert (source["seed"], source["training"]) == (3, {"data": "old.csv", "rows": 240})
    assert len(source["file_sha256"]) == 64
    assert (facts["environment"]["seed"], len(facts["worst_rows"])) == (0, 2)
    assert facts["warnings"] == []


def test_a_page_is_named_like_the_model_and_warns_of_the_training_table(folder):
    done = report(folder, "level.jubako", "new.csv")
    assert "Written to level-report.html" in done.stderr
    page = (folder / "level-report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Report: prediction of level" in page
    assert "trained on 5 rows of a table named" in page
    assert "does not know these classes" in page


def test_a_japanese_page_has_no_english_sentence(folder):
    for name in ("price", "level"):
        arguments = f"{name}.jubako", "new.csv", "-o", "r.html", "--rows", "2", "--lang", "ja"
        report(folder, *arguments)
        page = (folder / "r.html").read_text(encoding="utf-8")
        assert '<html lang="ja">' in page
        texts = re.sub(r"(?s)<style>.*?</style>|<[^>]*>", "\n", page)
        texts += "\n".join(re.findall('aria-label="([^"]*)"', page))
        ours = [line for line in texts.splitlines() if "jubako report" not in line]
        assert not [line for line in ours if SENTENCE.search(line)]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("price.jubako", "blind.csv"), 3, ["blind.csv", "'price'"]),
        (("price.jubako", "new.csv", "-o", "r.pdf"), 2, ["must end with .html / .json"]),
        (("none.jubako", "new.csv"), 4, ["There is no model file"]),
        (
            ("level.jubako", "strange.csv", "-o", "s.html"),
            3,
            ["No row of 'strange.csv' has a class"],
        ),
        (("price.jubako", "new.csv", "-o", "old.html"), 2, ["exists: choose another name"]),
        (("price.jubako", "new.csv", "--rows", "-1"), 2, ["--rows"]),
    ],
)
def test_a_refusal_is_one_sentence(folder, arguments, code, words):
    frame = make_frame(2)
    frame.to_csv(folder / "blind.csv", index=False)
    frame.assign(level="strange").to_csv(folder / "strange.csv", index=False)
    (folder / "old.html").touch()
    done = jubako("report", *arguments, cwd=folder)
    assert done.returncode == code
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr
