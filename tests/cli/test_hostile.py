"""Texts of users are never markup, emoji, controls of a terminal, HTML, a command or a formula."""

import csv
import io
import json
import os
import shlex
import subprocess
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from command import jubako

NAMES = {
    "closing tag": "[/x]",
    "style": "[red]",
    "link": "[link=file:///etc/passwd]here[/link]",
    "emoji": ":smile:",
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "controls": "a\x08\x9b31m\x7f\x0bz",
    "right to left": "abc\u202egpj.exe",
    "shell": "x; touch PWNED #",
    "expansions": "$(touch PWNED) `touch PWNED`",
    "quotes": 'it\'s "so"',
    "option": "--force",
    "html": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "formula": "=1+1",
    "braces": "{name!r} %s {0}",
    "backslash": "\\[bold] \\n",
}


TARGETS = {  # the names of the target and of the file
    "markup": ("[/x] [red] :smile:", "a b'[x].csv"),
    "controls": ("=\x1b[31mred\u202e", "<b>\x1b[31m.csv"),
    "shell": ("--x; touch PWNED #", "-$(touch PWNED) `touch PWNED` \"';.csv"),
}
WIDE = os.environ | {"COLUMNS": "400"}  # so that no name is broken into lines


@pytest.fixture(params=TARGETS, scope="module")
def trained(request, tmp_path_factory):
    """Train a model whose columns, target, levels, classes and file have hostile names."""
    folder, (target, table) = tmp_path_factory.mktemp("hostile"), TARGETS[request.param]
    names = list(NAMES.values())
    with (folder / table).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_ALL)
        rows.writerow([*names, target])
        for i in range(64):
            numbers = (i * (j + 3) % 11 for j in range(len(names) - 2))
            levels = names[i % len(names)], names[i * 7 % 5]
            rows.writerow([*numbers, *levels, names[i // 2 % 3 * 4]])
    arguments = f"./{table}", f"--target={target}", "--hidden", "2", "--out", "m.jubako"
    done = jubako("train", *arguments, "--epochs", "1", cwd=folder, env=WIDE)
    return folder, target, f"./{table}", done


def shown(name):
    """Return a name as a terminal is given it."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in name
    )


def is_harmless(done, code=0):
    assert done.returncode == code, done.stderr
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    assert "Internal error" not in text
    assert all(c.isprintable() or c in "\n\t" for c in text)
    return text


def test_every_command_shows_names_as_they_are(trained):
    folder, target, table, done = trained
    text = is_harmless(done)
    assert [name for name in NAMES.values() if shown(name) not in text] == []
    assert shown(target) in done.stdout
    assert shown(NAMES["closing tag"]) in done.stdout  # a class
    many = "train", table, f"--target={target}", "--preset", "fast", "--out", "many.jubako"
    for command in (
        ("evaluate", "m.jubako", table),
        ("check", table, f"--target={target}"),
        ("explain", "m.jubako", table, "--rows", "1", "--time", "1s"),
        ("inspect", "m.jubako"),
        ("trace", "m.jubako", table, "--rows", "1"),
        many,
        ("inspect", "many.jubako"),
    ):
        assert "[/x]" in is_harmless(jubako(*command, cwd=folder, env=WIDE)), command
    is_harmless(jubako("gradcheck", "m.jubako", cwd=folder))
    is_harmless(jubako("gradcheck", "--data", table, cwd=folder))
    is_harmless(jubako("train", table, f"--target={target}?", cwd=folder), 3)
    is_harmless(jubako("predict", "m.jubako", table, "--keep", target + "?", cwd=folder), 3)
    is_harmless(jubako("inspect", table, cwd=folder), 4)


def test_the_commands_to_try_next_do_no_harm(trained):
    folder, target, table, done = trained
    lines = done.stderr.partition("Try next:\n")[2].splitlines()
    assert len(lines) == 4
    if shown(target) != target:
        return  # what can't be shown as it is can't be pasted either
    for line in lines:
        quoted = line.replace("jubako", "printf '%s\\n'", 1)
        printed = subprocess.run(["sh", "-c", quoted], cwd=folder, capture_output=True, check=True)
        words = printed.stdout.decode().splitlines()
        assert words == shlex.split(line, comments=True)[1:]
        assert words[0] != "train" or {target, f"--target={target}"} & {*words}
        assert words[0] == "inspect" or table in words
    assert not (folder / "PWNED").exists()


class Tags(HTMLParser):
    """The tags of a page, and those of its attributes that run something."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.handlers = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_pages_and_pictures_hold_names_as_text(trained):
    folder, _, table, _ = trained
    page = "--format", "recording", "--data", table, "--out", "steps.html", "--steps", "2"
    commands = {
        "trace.html": ("trace", "m.jubako", table, "--html", "trace.html"),
        "steps.html": ("export", "m.jubako", *page),
        "p.svg": ("explain", "m.jubako", table, "--picture", "p.svg", "--time", "1s"),
    }
    for file, command in commands.items():
        is_harmless(jubako(*command, cwd=folder))
        text = (folder / file).read_text(encoding="utf-8")
        tags = Tags(text)
        assert "img" not in tags.tags
        assert tags.handlers == []
        assert "<script>alert(1)" not in text
        assert file != "p.svg" or ElementTree.fromstring(text) is not None


def test_predictions_for_a_spreadsheet_hold_no_formulas(trained):
    folder, _, table, _ = trained
    names = NAMES["formula"], NAMES["option"], NAMES["html"]
    command = "predict", "m.jubako", table, "--proba", "--keep", ",".join(names)
    done = jubako(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    plain = list(csv.reader(io.StringIO(done.stdout)))
    done = jubako(*command, "--escape-formulas", cwd=folder)
    safe = list(csv.reader(io.StringIO(done.stdout)))
    assert plain != safe
    for before, after in zip(plain, safe, strict=True):
        for old, new in zip(before, after, strict=True):
            assert new == ("'" + old if old[:1] and old[:1] in "=+-@\t\r\n" else old)
    done = jubako(*command, "--escape-formulas", "-o", "p.parquet", cwd=folder)
    assert done.returncode == 2
    assert "for CSV" in done.stderr


def test_a_file_name_that_is_no_text_is_shown(tmp_path):
    name = os.fsdecode(b"caf\xe9.csv")
    (tmp_path / name).write_text("a,b\n1,2\n")
    done = jubako("train", name, "--target", "c", cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    done = jubako("check", name, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 1
