"""Real commands in real processes, as a user runs them."""

import datetime
import json
import subprocess
import sys

import pytest

from command import jubako


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    rows = [
        f"{i % 7},{'long' if i % 3 else 'short'},{'rose' if i % 3 else 'lily'}" for i in range(60)
    ]
    path.write_text("\n".join(["petals,stem,flower", *rows, "3,long,"]))
    return str(path)


def test_iris_is_learned_and_the_next_commands_are_named(tmp_path):
    done = jubako("train", "iris", "--epochs", "60", cwd=tmp_path)
    assert done.returncode == 0
    after, before = (line.split("│") for line in done.stdout.splitlines() if "│ model" in line)
    assert float(before[2]) < 0.9 < float(after[2])
    assert "jubako train" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr  # no colours or animation off a terminal


def test_a_csv_file_is_learned(flowers, tmp_path):
    done = jubako(
        "train", flowers, "--target", "flower", "--epochs", "60", "--hidden", "8", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "test set, 15 rows" in done.stdout
    assert (
        "60 rows (1 more without a target)" in done.stderr
    )  # the row without a target is left out


def test_no_hidden_layer_and_a_number_as_target(tmp_path):
    done = jubako("train", "diabetes", "--hidden", "", "--epochs", "20", cwd=tmp_path)
    assert done.returncode == 0
    assert "R²" in done.stdout


def test_the_same_seed_prints_the_same(flowers, tmp_path):
    arguments = "train", flowers, "--target", "flower", "--epochs", "3", "--seed"
    one, two = (jubako(*arguments, "1", cwd=tmp_path) for _ in range(2))
    assert one.returncode == 0
    assert one.stdout == two.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("train", "nowhere.csv", "--target", "a"), 3, "no file 'nowhere.csv'"),
        (("train", "FLOWERS"), 3, "--target"),
        (("train", "FLOWERS", "--target", "flour"), 3, "did you mean 'flower'"),
        (("train", "iris", "--hidden", "many"), 2, "'many'"),
        (
            ("train", "iris", "--activation", "rellu"),
            2,
            "'rellu': did you mean 'relu'?",
        ),
        (("train", "iris", "--activation", "wave"), 2, "there are identity, relu, "),
        (("train", "iris", "--activation", "relu,tanh,relu"), 2, "there are 2 hidden layers"),
        (("train", "iris", "--hidden", "8,0"), 2, "'8,0'"),
        (("train", "iris", "--epochs", "-1"), 2, "--epochs"),
        (("train", "iris", "--sed", "1"), 2, "--seed"),
        (("trian", "iris"), 2, "train"),
    ],
)
def test_mistakes_are_answered_without_traceback(flowers, arguments, code, words, tmp_path):
    words_said = (flowers if argument == "FLOWERS" else argument for argument in arguments)
    done = jubako(*words_said, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


NO_LIBRARIES = """
from pathlib import Path
from jubako.training.engines.native import library
library.library_path = lambda name: Path("/nowhere") / name
"""


@pytest.mark.parametrize("options", [("--plain",), ("--hidden", "8"), ("--time", "2")])
def test_why_the_numpy_engine_computes_is_stated_once(flowers, tmp_path, options):
    command = "train", flowers, "--target", "flower", "--epochs", "3", *options
    done = jubako(*command, cwd=tmp_path, before=NO_LIBRARIES)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("since the native engine was not compiled") == 1


def test_version_is_said_without_importing_anything_heavy():
    probe = "import sys, runpy; sys.argv = ['jubako', '--version']\n"
    probe += "try: runpy.run_module('jubako', run_name='__main__')\n"
    probe += (
        "except SystemExit: print([m for m in ('numpy', 'sklearn', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    version, heavy = done.stdout.splitlines()
    assert version.startswith("jubako ")
    assert "engine: " in version
    assert heavy == "[]"


def test_import_jubako_does_not_import_scikit_learn():
    probe = "import sys, jubako; print('sklearn' in sys.modules, jubako.MLPClassifier.__name__)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "False MLPClassifier\n"


# How rows are split


@pytest.fixture
def visits(tmp_path):
    """Twelve visits of each of 10 persons, whose name says what comes out; one a day."""
    path = tmp_path / "visits.csv"
    first = datetime.date(2026, 1, 1)
    rows = [
        f"p{i % 10},{first + datetime.timedelta(i)},{i % 7},{i % 10 * 7 % 10 + i / 1000:.4f}"
        for i in range(120)
    ]
    path.write_text("\n".join(["person,day,size,result", *rows]))
    return str(path)


def r2_of(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["metrics"]["model"]["r2"]


def test_persons_are_never_on_both_sides_of_a_split(visits, tmp_path):
    command = "train", visits, "--target", "result", "--preset", "fast", "--json", "--force"
    mixed = r2_of(jubako(*command, cwd=tmp_path))
    done = jubako(*command, "--groups", "person", cwd=tmp_path)
    assert r2_of(done) < 0.3 < 0.8 < mixed
    assert "person" not in jubako("inspect", "visits.jubako", cwd=tmp_path).stdout


def test_networks_are_measured_on_later_rows(visits, tmp_path):
    done = jubako(
        *("train", visits, "--target", "result", "--preset", "fast", "--json", "--refit"),
        *("--order-by", "day", "--test", "0.25"),
        cwd=tmp_path,
    )
    assert r2_of(done) > 0.8
    assert json.loads(done.stdout)["test_rows"] == 30


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--groups", "persn"], 3, "did you mean 'person'?"),
        (["--order-by", "person"], 3, "choose a column of dates or numbers"),
        (["--groups", "person", "--order-by", "day"], 2, "leave one of them out"),
        (["--refit", "--hidden", "8"], 2, "--refit is for a search over candidates"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(visits, tmp_path, options, code, words):
    done = jubako("train", visits, "--target", "result", *options, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_board_says_what_each_depth_reached(tmp_path):
    done = jubako("train", "iris", "--preset", "fast", cwd=tmp_path)
    lines = done.stdout.splitlines()
    together = next(line.split() for line in lines if line.startswith("ensemble"))
    tried = [line.split() for line in lines if line.startswith(("3 x 128 mish", "linear"))]
    assert float(together[1]) <= min(float(line[-4 if "%" in line[-3] else -3]) for line in tried)
    depths = next(line.split()[2:] for line in lines if line.startswith("hidden layers"))
    lowest = next(line.split()[3:] for line in lines if line.startswith("lowest OOF loss"))
    assert depths == ["0", "3"]
    assert len(lowest) == 2
    again = jubako("inspect", "iris.jubako", cwd=tmp_path).stdout
    assert any(line.split() == together for line in again.splitlines())
