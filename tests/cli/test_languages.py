"""Every command in Japanese: no sentence stays in English, and JSON does not change."""

import json
import os
import re

import pytest
from rich.cells import cell_len

from command import jubako

JAPANESE = os.environ | {"LC_ALL": "ja_JP.UTF-8", "COLUMNS": "100"}
ENGLISH = os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "100"}
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")  # three words in a row
# commands, options, reasons of others, and cells
NAMES = re.compile(r"jubako [a-z]+ .*|--[a-z-]+ [A-Z]+|\([^)]*\)|[│┃]")


def table(n=60):
    days = [f"2026-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(n)]
    rows = [
        f"{i},{i % 7}.5,{'abc'[i % 3]},{days[i]},{'yes' if i % 3 else 'no'},{i % 7 + i % 3}.25"
        for i in range(n)
    ]
    return "\n".join(["number,size,kind,day,ok,amount", *rows, "99,1,a,2026-01-01,,3"]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("languages")
    (folder / "t.csv").write_text(table())
    (folder / "new.csv").write_text("size,kind,day,ok,amount\n1,d,2026-01-01,Yes,1\n1,a,,yes,2\n")
    (folder / "text.csv").write_text("size,kind,day,ok\ntall,a,2026-01-01,yes\n")
    (folder / "wrong.jubako").write_text("no model")
    for options in ("--target ok --preset fast --out many", "--target amount --hidden 4 --out one"):
        command = ["train", "t.csv", *options.split(), "--json"]
        assert jubako(*command, cwd=folder, env=ENGLISH).returncode == 0
    return folder


def english_sentences(text):
    return [line for line in text.splitlines() if SENTENCE.search(NAMES.sub("|", line))]


COMMANDS = {
    "train": "train t.csv --target ok --preset fast --out a",
    "train one": "train t.csv --target amount --epochs 30 --val 0.2 --out b",
    "train and stop": "train digits --epochs 10000 --time 1s --out c",
    "evaluate": "evaluate many t.csv",
    "evaluate other classes": "evaluate many new.csv",
    "evaluate a regressor": "evaluate one t.csv --fail-under r2=1.1",
    "predict": "predict many t.csv --out p.csv --force",
    "predict other levels": "predict many new.csv",
    "explain": "explain many t.csv --rows 1 --picture p.svg --force",
    "explain a regressor": "explain one t.csv --rows 1",
    "check": "check t.csv --target ok",
    "check a regression": "check t.csv --target amount",
    "inspect": "inspect many",
    "inspect one": "inspect one",
    "trace": "trace one t.csv",
    "gradcheck": "gradcheck one",
    "distill": "distill many t.csv --out small.jubako --force",
    "distill one": "distill one t.csv --out small.jubako --force",
    "export": "export one --format recording --data t.csv --steps 2 --out p.html --force",
    "no file": "train nowhere.csv --target a",
    "no target": "train t.csv",
    "another target": "train t.csv --target okay",
    "another column": "predict many t.csv --keep sise",
    "another group": "train t.csv --target ok --groups kinds",
    "one and many": "train t.csv --target ok --plain --preset best",
    "hidden": "train t.csv --target ok --hidden many",
    "fraction": "train t.csv --target ok --test 2",
    "time": "train t.csv --target ok --time soon",
    "type": "train t.csv --target ok --as size=huge",
    "resume": "train t.csv --target ok --resume --out nowhere",
    "resume many": "train t.csv --target ok --resume --out many",
    "another model": "train t.csv --target kind --out many",
    "no model": "train t.csv --target ok --out wrong.jubako",
    "proba": "predict one t.csv --proba",
    "output": "predict many t.csv --out t.csv --force",
    "output folder": "predict many t.csv --out nowhere/p.csv",
    "output ending": "predict many t.csv --out p.xlsx",
    "bad value": "predict many text.csv",
    "missing model": "predict nowhere t.csv",
    "wrong model": "predict wrong.jubako t.csv",
    "two forms": "trace one t.csv --json --csv",
    "no data": "export one --format recording",
    "fail under": "evaluate many t.csv --fail-under accuracy",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_sentence_stays_in_english(folder, name):
    done = jubako(*COMMANDS[name].split(), cwd=folder, env=JAPANESE)
    assert english_sentences(done.stdout + done.stderr) == []
    assert "Traceback" not in done.stderr
    if not name.startswith("predict other"):
        assert re.search("[ぁ-んァ-ヶ一-龠]", done.stdout + done.stderr)


def without_times(text):
    """Return a text without durations that were measured, and without runs of spaces."""
    return re.sub(r" +", " ", re.sub(r"[\d.e+]+ ミリ秒", "", text))


@pytest.mark.parametrize("command", ["trace one t.csv", "trace one t.csv --html t.html --force"])
def test_the_inputs_of_a_date_are_named_in_japanese(folder, command):
    done = jubako(*command.split(), cwd=folder, env=JAPANESE)
    assert done.returncode == 0, done.stderr
    page = folder / "t.html"
    shown = page.read_text(encoding="utf-8") if "--html" in command else done.stdout
    assert "cos (年)" in shown
    assert not re.search("(sin|cos) (year|week|day)", shown)


def test_a_damaged_model_file_is_refused_in_japanese(folder):
    data = (folder / "one").read_bytes()
    damaged = {
        data[:300]: "ヘッダーを読めません",
        data[:8] + b"x" + data[9:]: "ヘッダーを読めません",
        data[:-20]: "途中で切れているか、余分なバイトがあります",
        data + b"more": "途中で切れているか、余分なバイトがあります",
    }
    for content, reason in damaged.items():
        (folder / "damaged.jubako").write_bytes(content)
        done = jubako("inspect", "damaged.jubako", cwd=folder, env=JAPANESE)
        assert done.returncode == 4
        assert f"モデルファイルではありません ({reason})。" in done.stderr


@pytest.mark.parametrize("name", ["evaluate", "explain", "check", "inspect"])
def test_the_option_decides_before_the_locale(folder, name):
    words = COMMANDS[name].split()
    english = jubako(*words, "--lang", "en", cwd=folder, env=JAPANESE)
    assert not re.search("[ぁ-んァ-ヶ一-龠]", english.stdout + english.stderr)
    japanese = jubako(*words, "--lang", "ja", cwd=folder, env=ENGLISH)
    again = jubako(*words, cwd=folder, env=JAPANESE)
    assert without_times(japanese.stdout) == without_times(again.stdout)


@pytest.mark.parametrize("name", ["evaluate", "evaluate other classes", "check", "inspect"])
def test_json_is_in_english(folder, name):
    words = [*COMMANDS[name].split(), "--json"]
    english, japanese = (jubako(*words, cwd=folder, env=env) for env in (ENGLISH, JAPANESE))
    assert json.loads(japanese.stdout)["schema_version"] == 2
    answers = [json.loads(done.stdout) for done in (english, japanese)]
    for answer in answers:
        answer.pop("seconds", None)  # measured
    assert answers[0] == answers[1]


def test_tables_fit_into_80_columns(folder):
    for name in ("evaluate", "explain a regressor", "check", "inspect"):
        env = JAPANESE | {"COLUMNS": "80"}
        done = jubako(*COMMANDS[name].split(), cwd=folder, env=env)
        lines = [line for line in done.stdout.splitlines() if line[:1] in "┃│┏└┡"]
        assert lines
        assert max(map(cell_len, lines)) <= 80
