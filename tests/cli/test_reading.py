"""Options that say how tables are read, and what is said of how they were."""

import json
import subprocess
import sys

import pytest

from command import jubako

ROWS = [f"{i * 7 % 11}|0{i % 3}|{'yes' if i % 3 else 'no'}" for i in range(60)]
TITLED = "\n".join(["a report; of, all|things", "printed today", "size|code|ok", *ROWS]) + "\n"
FORMAT = "--delimiter", "|", "--skip-rows", "2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading")
    (folder / "t.csv").write_text(TITLED)
    (folder / "plain.csv").write_text(TITLED.partition("today\n")[2].replace("|", ","))
    command = "train", "t.csv", *FORMAT, "--target", "ok", "--hidden", "4", "--epochs", "1"
    done = jubako(*command, "--test", "t.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "CSV with '|'" in done.stderr
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "t.jubako", "t.csv"],
        ["predict", "t.jubako", "t.csv"],
        ["explain", "t.jubako", "t.csv", "--time", "1s"],
        ["trace", "t.jubako", "t.csv"],
        ["check", "t.csv", "--target", "ok"],
        [
            "export",
            "t.jubako",
            "--format",
            "recording",
            "--data",
            "t.csv",
            "--steps",
            "1",
            "--force",
        ],
        ["gradcheck", "--data", "t.csv"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_reads_a_table_is_told_how(folder, command):
    done = jubako(*command, *FORMAT, cwd=folder)
    assert done.returncode == 0, done.stderr


def test_a_file_is_predicted_the_same_in_every_format(folder):
    told = jubako("predict", "t.jubako", "t.csv", *FORMAT, cwd=folder)
    found = jubako("predict", "t.jubako", "plain.csv", cwd=folder)
    assert told.stdout == found.stdout != ""


TAKEN_FOR = {
    "size=categorical": ("size", "categorical"),
    "code=numeric": ("code", "numeric"),
    "size=drop": ("size", "dropped"),
    "code=categorical": ("code", "categorical"),
}


@pytest.mark.parametrize("declared", TAKEN_FOR)
def test_a_declared_type_is_against_any_guess(folder, declared):
    name, words = TAKEN_FOR[declared]
    done = jubako("check", "plain.csv", "--as", declared, "--json", cwd=folder)
    columns = {column["name"]: column for column in json.loads(done.stdout)["columns"]}
    assert columns[name]["use"].startswith(words)
    command = "train", "plain.csv", "--target", "ok", "--epochs", "1", "--out", "as.jubako"
    done = jubako(*command, "--force", "--as", declared, "--as", "ok=categorical", cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = [line.split(maxsplit=1) for line in done.stderr.splitlines()]
    assert any(line[:1] == [name] and line[1].startswith(words) for line in lines)


def test_a_declared_target_decides_the_task(folder):
    command = "train", "plain.csv", "--target", "size", "--epochs", "1", "--out", "as.jubako"
    command = *command, "--force", "--json"
    done = jubako(*command, "--as", "size=categorical", cwd=folder)
    assert json.loads(done.stdout)["task"] == "classify"
    assert "accuracy" in json.loads(done.stdout)["metrics"]["model"]
    done = jubako(*command, "--as", "size=drop", cwd=folder)
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--as", "size"], 2, "must read COLUMN=TYPE"),
        (["--as", "size=number"], 2, "numeric, categorical, boolean, date, drop"),
        (["--as", "=numeric"], 2, "must read COLUMN=TYPE"),
        (["--as", "size=drop", "--as", "size=numeric"], 2, "declares 'size' twice"),
        (["--as", "sise=numeric"], 3, "Did you mean 'size'?"),
        (["--as", "color=numeric", "--as", "ok=date"], 3, "no column 'color'"),
        (["--delimiter", "::"], 2, "one ASCII character"),
        (["--delimiter", ""], 2, "one ASCII character"),
        (["--skip-rows", "-1"], 2, "--skip-rows"),
        (["--skip-rows", "1000"], 3, "no rows"),
        (["--encoding", "klingon"], 3, "not a known encoding"),
    ],
)
def test_options_that_make_no_sense_are_refused(folder, options, code, words):
    for command in (["check", "plain.csv"], ["train", "plain.csv", "--target", "ok"]):
        done = jubako(*command, *options, cwd=folder)
        assert done.returncode == code, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_how_a_file_was_read_is_noted(tmp_path):
    """Here by its words for missing values; what else is noted is tested with the reader."""
    rows = [
        f"{'unknown' if i == 7 else i * 7 % 13 + 0.5},{'yes' if i % 3 else 'no'}" for i in range(60)
    ]
    (tmp_path / "n.csv").write_text("\n".join(["size,ok", *rows, "1,"]) + "\n")
    (tmp_path / "test.csv").write_text("\n".join(["size,ok", *rows, "1,", "2,"]) + "\n")
    command = "train", "n.csv", "--target", "ok", "--epochs", "1", "--test", "test.csv", "--json"
    done = jubako(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    notes = json.loads(done.stdout)["notes"]
    assert any("unknown" in note for note in notes)
    assert any(note.startswith("'test.csv': 2 of 62 rows are dropped") for note in notes)
    for note in notes:
        assert f"Note: {note}\n" in done.stderr
    done = jubako("check", "n.csv", "--target", "ok", "--json", cwd=tmp_path)
    assert any("unknown" in note for note in json.loads(done.stdout)["notes"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_pipes_are_tables_too(folder):
    command = f"{sys.executable} -m jubako predict t.jubako"
    script = f"mkfifo f; cat plain.csv > f & {command} f; cat plain.csv | {command} /dev/stdin"
    script += f"; {command} <(cat plain.csv)"
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3 * 61
    assert lines[:61] == lines[61:122] == lines[122:]
