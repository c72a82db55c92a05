import os
import subprocess
import sys

import pytest
from rich.cells import cell_len

from command import jubako


def gradcheck(*arguments, lang="en_US.UTF-8"):
    return jubako("gradcheck", *arguments, env=os.environ | {"LC_ALL": lang, "COLUMNS": "80"})


def test_every_layer_is_shown_with_its_numbers_and_agrees():
    done = gradcheck()
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("│")]
    parts = ["w", "b", "0.w", "0.b", "2.w", "2.b", "s", "w", "b", "w", "b"]
    assert [row[-12 if row[-12] != "│" else -10] for row in rows] == parts
    assert all("yes" in row for row in rows)
    assert "All 160 derivatives agree" in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= 80


def test_the_formula_is_filled_in_with_numbers_that_give_the_quotient():
    lines = gradcheck().stdout.splitlines()
    formulas = [i for i, line in enumerate(lines) if line.startswith("   (")]
    assert len(formulas) == 5  # one for each layer that has parameters
    for i in formulas:
        left, quotient = lines[i].split(" = ")
        # the losses are shown to 1e-12, so their difference over 2h = 2e-5 is good to 1e-7; and h
        # is shown with 6 digits
        assert eval(left) == pytest.approx(float(quotient), rel=1e-5, abs=1e-7)
        assert float(lines[i + 1].split(" = ")[1]) == pytest.approx(float(quotient), rel=1e-5)


@pytest.mark.parametrize("arguments", [(), ("--lang", "ja")])
def test_it_speaks_japanese_where_the_locale_or_the_option_says_so(arguments):
    done = gradcheck(*arguments, lang="C.UTF-8" if arguments else "ja_JP.UTF-8")
    assert done.returncode == 0
    assert "誤差逆伝播は、損失の勾配を正しく計算しています" in done.stdout.replace("\n", "")
    assert "損失関数: 交差エントロピー" in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(("lang", "word"), [("en", "disagree"), ("ja", "一致しません")])
def test_a_wrong_derivative_ends_with_1_and_names_the_place(lang, word):
    broken = (
        "from dataclasses import replace\n"
        "from jubako.core.activations import ACTIVATIONS\n"
        "wrong = replace(ACTIVATIONS['tanh'], slope=lambda a, v: 1 - v)\n"
        "ACTIVATIONS['tanh'] = wrong\n"
        "from jubako.cli import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken, "gradcheck", "--lang", lang],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "80"},
    )
    assert done.returncode == 1
    assert word in done.stdout.replace("\n", "")
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("│")]
    no = {"en": "NO", "ja": "いいえ"}[lang]
    assert [no in row for row in rows] == [True, True] + [False] * 9  # the tanh layer alone
    assert done.stderr == ""


@pytest.mark.parametrize("data", ["wine", "diabetes"])
def test_other_tables_agree_too(data):
    done = gradcheck("--data", data, "--seed", "3")
    assert done.returncode == 0, done.stdout
    assert f"rows of {data}" in done.stdout


def test_a_csv_file_with_gaps_agrees(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n1,5,yes\n2,,no\n,7,yes\n4,9,no\n")
    done = gradcheck("--data", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dense 4 -> 6" in done.stdout  # two numbers, and two marks of what is missing


def test_data_that_do_not_serve_are_answered_in_one_sentence(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("a,b\nx,y\nx,z\n")
    for source, words in ((str(path), "no usable column"), ("nowhere.csv", "no file")):
        done = gradcheck("--data", source)
        assert done.returncode == 3
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert done.stdout == ""


def test_a_saved_model_is_checked(tmp_path):
    jubako("train", "iris", "--epochs", "3", "--out", tmp_path / "m.jubako")
    done = gradcheck(str(tmp_path / "m.jubako"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dense 64 -> 64 relu" in done.stdout
    assert "All 431 derivatives agree" in done.stdout
