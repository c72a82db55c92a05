"""The code of the how-to pages runs and prints what the pages show, in both languages."""

import re
import shutil
import warnings
from pathlib import Path

import pytest

from pages import FENCE, Session, blocks

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "how-to"
PAGES = sorted(
    path.stem
    for path in FOLDER.glob("*.md")
    if path.stem != "index" and not path.stem.endswith(".ja")
)
LIBRARIES = {  # pages that need a library; most of them run with `make test-how-to` only
    "from-lightgbm": "lightgbm",
    "from-pytorch": "torch",
    "mlflow": "mlflow",
    "optuna": "optuna",
    "several-machines": "distributed",
    "shap-values": "shap",
}


def text_of(file):
    return (FOLDER / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_code_of_a_page_prints_what_the_page_shows(name, tmp_path, monkeypatch):
    if name in LIBRARIES:
        warnings.simplefilter("ignore")  # those of the library are its own
        pytest.importorskip(LIBRARIES[name])
    shutil.copytree(DOCS / "data", tmp_path / "docs" / "data")
    monkeypatch.chdir(tmp_path)
    session = Session(tmp_path)
    with session.services:
        for block in blocks(text_of(f"{name}.md")):
            session.check(block)


@pytest.mark.parametrize("name", PAGES)
def test_the_japanese_page_has_the_same_code_and_sections(name):
    english, japanese = text_of(f"{name}.md"), text_of(f"{name}.ja.md")
    assert blocks(japanese) == blocks(english)
    outlines = [re.findall(r"^#+ ", FENCE.sub("", text), re.M) for text in (english, japanese)]
    assert outlines[0] == outlines[1]
