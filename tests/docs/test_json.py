"""The keys of `--json` are those of docs/reference/json.md."""

import json
import re
import shutil
from pathlib import Path

import pytest

from command import jubako

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
FRUIT = "docs/data/fruit.csv"
COMMANDS = {
    "train --hidden 8": f"train {FRUIT} --target price --hidden 8 --epochs 2 --out one.jubako",
    "train": f"train {FRUIT} --target price --preset fast --run run --out fruit.jubako",
    "runs": "runs run",
    "evaluate": f"evaluate one.jubako {FRUIT}",
    "explain": f"explain one.jubako {FRUIT} --rows 1",
    "check": f"check {FRUIT}",
    "inspect": "inspect one.jubako",
    "article": "article --splits 1",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("json")
    shutil.copytree(ROOT / "docs" / "data", folder / "docs" / "data")
    return folder


def documented(command):
    """Return the keys of a command, without those in brackets."""
    row = re.search(rf"(?m)^\| `{re.escape(command)}` \| (.*) \|$", PAGE)
    return re.findall("`([a-z_0-9]+)`", re.sub(r"\([^)]*\)", "", row[1]))


def test_each_command_prints_the_keys_on_the_page(folder):
    for command, words in COMMANDS.items():
        done = jubako(*words.split(), "--json", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert list(json.loads(done.stdout)) == ["schema_version", *documented(command)], command
