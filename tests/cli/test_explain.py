import json
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import numpy as np
import pytest

from command import jubako
from jubako.cli.explain_picture import along, dots
from jubako.cli.explain_tables import curve_table
from jubako.evaluation.dependence import Dependence

ROWS = [f"{i % 10},{'long' if i % 3 else 'short'},{(i * 7) % 13},{i % 3 > 0}" for i in range(90)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    (folder / "d.csv").write_text("\n".join(["number,stem,noise,tall", *ROWS]))
    done = jubako("train", "d.csv", "--target", "tall", "--preset", "fast", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_column_that_decides_is_found(folder):
    done = jubako("explain", "d.jubako", "d.csv", "--json", "--rows", "2", cwd=folder)
    answer = json.loads(done.stdout)
    assert list(answer) == [
        *("schema_version", "model", "metric", "metric_value"),
        *("feature_importance", "partial_dependence", "shapley_values", "notes"),
    ]
    assert list(answer["feature_importance"][0]) == ["column", "mean", "standard_error", "repeats"]
    assert list(answer["partial_dependence"][0]) == ["column", "values", "mean_prediction"]
    assert list(answer["shapley_values"][0]) == ["row", "mean_prediction", "columns"]
    assert answer["feature_importance"][0]["column"] == "stem"
    assert answer["feature_importance"][0]["mean"] > 0.2
    assert answer["partial_dependence"][0]["values"] == ["long", "short"]
    for row in answer["shapley_values"]:
        total = sum(values["p(True)"] for values in row["columns"].values())
        assert -1 <= total <= 1
    assert [row["row"] for row in answer["shapley_values"]] == [1, 2]


def test_tables_and_a_picture_are_drawn(folder):
    done = jubako("explain", "d.jubako", "d.csv", "--rows", "1", "--picture", "p.svg", cwd=folder)
    assert done.returncode == 0, done.stderr
    for words in (
        "log loss increase",
        "mean prediction by stem",
        "Shapley values of row 1: p(False)",
    ):
        assert words in done.stdout
    root = ET.parse(folder / "p.svg").getroot()
    assert "stem" in "".join(root.itertext())


def test_categories_stand_apart_at_what_is_predicted_for_them():
    curve = Dependence("stem", ["long", "short", "none"], np.array([[0.5], [0.25], [0.3]]))
    marks = [part for part in dots(curve, [0], 0) if 'class="mark"' in part]
    x, y = np.array([re.search(r"M([\d.]+) ([\d.]+)", part).groups() for part in marks], float).T
    np.testing.assert_allclose((x - x[1]) / (x[0] - x[1]), [1, 0, 0.2], atol=1e-3)
    assert np.all(np.diff(y) > 0)
    assert [line[-1] for line in scales(curve_table(curve, ["y"]))] == ["●", "┈", "┈"]
    assert [line[0] for line in scales(curve_table(curve, ["y"]))] == ["┈", "●", "┈"]


def scales(table):
    return list(table.columns[-1].cells)


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([1, 2, 5], [0, 0.25, 1]),
        ([0.5, 1.0], [0, 1]),
        ([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 11)], [0, 0.1, 1]),
        ([date(2026, 1, 1), date(2026, 1, 1)], [0, 1]),
        ([3], [0]),
    ],
)
def test_values_stand_in_a_picture_where_their_size_says(values, places):
    assert along(values) == pytest.approx(places)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("none.jubako", "d.csv"), 4, "none.jubako"),
        (("d.jubako", "none.csv"), 3, "none.csv"),
        (("d.jubako", "d.csv", "--target", "size"), 3, "no column 'size'"),
        (("d.jubako", "d.csv", "--time", "soon"), 2, "'soon'"),
        (("d.jubako", "d.csv", "--picture", "nowhere/p.svg"), 2, "nowhere"),
        (("d.jubako", "d.csv", "--picture", "p.png"), 2, "must end with .svg"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(arguments, code, words, folder):
    done = jubako("explain", *arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_dates_and_numbers_that_are_texts_stand_in_their_order(tmp_path):
    days = [date(2025, 1, 1) + timedelta(i) for i in range(90)]
    lines = [f'{day:%d/%m/%Y},"¥{i * 100 - 2000:,}",{i}' for i, day in enumerate(days)]
    lines[3] = "04/01/2025,,3"
    (tmp_path / "d.csv").write_text("\n".join(["day,sum,y", *lines]) + "\n")
    jubako("train", "d.csv", "--target", "y", "--preset", "fast", cwd=tmp_path)
    done = jubako("explain", "d.jubako", "d.csv", "--json", cwd=tmp_path)
    curves = {
        curve["column"]: curve["values"] for curve in json.loads(done.stdout)["partial_dependence"]
    }
    assert curves["day"] == sorted(curves["day"])
    assert curves["day"][0].startswith("2025-01-")
    assert curves["sum"] == sorted(curves["sum"], key=float)


def test_a_model_that_knows_nothing_is_said_to(tmp_path):
    noise = np.random.default_rng(0).normal(size=(80, 2)).round(3).tolist()
    lines = ["a,y", *(f"{a},{y}" for a, y in noise)]
    (tmp_path / "n.csv").write_text("\n".join(lines) + "\n")
    done = jubako("train", "n.csv", "--target", "y", "--preset", "fast", cwd=tmp_path)
    assert re.search(r"The mean baseline is (better than|as good as) this model: R² ", done.stderr)


def test_one_network_is_compared_as_it_is_after_training(tmp_path):
    lines = ["a,y", *(f"{i / 7:.3f},{3 * i + 1}" for i in range(200))]
    (tmp_path / "n.csv").write_text("\n".join(lines) + "\n")
    done = jubako("train", "n.csv", "--target", "y", "--plain", cwd=tmp_path)
    assert "model before training" in done.stdout
    assert "before training" not in done.stderr
    assert "The mean baseline" not in done.stderr


def test_many_networks_and_one_can_not_both_be_asked_for(folder):
    arguments = "--preset", "fast", "--hidden", "8"
    done = jubako("train", "d.csv", "--target", "tall", *arguments, cwd=folder)
    assert done.returncode == 2
    assert "leave one of the two out" in done.stderr


def test_many_networks_are_listed_and_do_not_resume(folder):
    arguments = "train", "d.csv", "--target", "tall"
    done = jubako(*arguments, "--preset", "fast", cwd=folder)
    assert "3 x 128 mish" in done.stdout
    done = jubako("inspect", "d.jubako", cwd=folder)
    assert "ensemble weight" in done.stdout
    done = jubako(*arguments, "--resume", cwd=folder)
    assert done.returncode == 2
    assert "holds an ensemble" in done.stderr
    assert jubako("gradcheck", "d.jubako", cwd=folder).returncode == 0


def test_units_and_columns_without_values_are_explained_too(tmp_path):
    rows = [f"{i % 12}%,${i % 5}.50,{i % 7},{i % 12 * 3.5 + i % 5}" for i in range(90)]
    (tmp_path / "d.csv").write_text("\n".join(["share,price,gone,y", *rows]) + "\n")
    command = "train", "d.csv", "--target", "y", "--preset", "fast"
    assert jubako(*command, cwd=tmp_path).returncode == 0
    done = jubako("explain", "d.jubako", "d.csv", "--json", "--curves", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    curves = {
        curve["column"]: curve["values"] for curve in json.loads(done.stdout)["partial_dependence"]
    }
    assert [float(value) for value in curves["share"]] == sorted(map(float, curves["share"]))
    without = [",".join([*row.split(",")[:2], "", row.split(",")[3]]) for row in rows]
    (tmp_path / "new.csv").write_text("\n".join(["share,price,gone,y", *without]) + "\n")
    done = jubako("explain", "d.jubako", "new.csv", "--json", "--curves", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["partial_dependence"]) == 2


def test_a_wide_table_is_explained_in_the_time_that_there_is(tmp_path):
    names = [f"c{j}" for j in range(300)]
    rows = [",".join(str(i * (j + 1) % 7) for j in range(300)) + f",{i % 2}" for i in range(40)]
    (tmp_path / "w.csv").write_text("\n".join([",".join([*names, "y"]), *rows]) + "\n")
    command = "train", "w.csv", "--target", "y", "--epochs", "1", "--hidden", "2"
    assert jubako(*command, cwd=tmp_path).returncode == 0
    done = jubako("explain", "w.jubako", "w.csv", "--json", "--time", "0.1s", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 0 < len(json.loads(done.stdout)["feature_importance"]) < 300
    assert "columns were shuffled in time" in done.stderr


@pytest.mark.parametrize(
    ("head", "row", "code", "words"),
    [
        ("y", "{0}", 3, "no column but the target 'y'"),
        ("x,y", "{0},{0}e305", 3, "too large"),
        ("x,y", "{0},{0}e-310", 0, ""),
        ("x,z,y", "{0}e-320,{0},{0}", 0, ""),
        ("x,z,y", "{0}e300,{0},{0}", 0, ""),
    ],
)
def test_extreme_numbers_lose_no_model(tmp_path, head, row, code, words):
    lines = [row.format(i * 7 % 11 + i / 10) for i in range(60)]
    (tmp_path / "e.csv").write_text("\n".join([head, *lines]) + "\n")
    done = jubako("train", "e.csv", "--target", "y", "--epochs", "1", cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert (tmp_path / "e.jubako").exists() == (code == 0)
    if code == 0:
        assert jubako("predict", "e.jubako", "e.csv", cwd=tmp_path).returncode == 0
