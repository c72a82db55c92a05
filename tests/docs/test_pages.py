"""The code on the pages of the documentation runs and prints what the pages show."""

import re
import shutil
from pathlib import Path

import pytest

from pages import Session, blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    path.relative_to(DOCS) for path in sorted(DOCS.rglob("*.md")) if "how-to" not in path.parts
]
CODE = {page: blocks((DOCS / page).read_text(encoding="utf-8")) for page in PAGES}
LANGUAGES = "console", "python"


def runs(page):
    """Return the blocks of a page that are run."""
    skipped = "not run", "tested"
    return [b for b in CODE[page] if b.language in LANGUAGES and b.word not in skipped]


def code(page):
    """Return the code of a page without comments and the choice of the language."""
    found = [re.sub(r" --lang ja| *#.*", "", block.code) for block in CODE[page]]
    return [re.sub(r"\n(?!>>>|\.\.\.|\$).*", "", text) for text in found]


def repeats_english(page):
    """Return whether a Japanese page has the code of the English one, which is enough to run."""
    twin = page.with_name(page.name.replace(".ja.md", ".md"))
    return page != twin and code(page) == code(twin)


RUN = [page for page in PAGES if runs(page) and not repeats_english(page)]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_block_is_run_or_has_a_reason(page):
    for block in CODE[page]:
        assert block.language in (*LANGUAGES, "text"), (block.language, block.code)
        if block.word == "tested":
            assert (ROOT / block.note).is_file()


@pytest.mark.parametrize("page", RUN, ids=str)
def test_the_code_of_a_page_prints_what_the_page_shows(page, tmp_path, monkeypatch):
    shutil.copytree(DOCS / "data", tmp_path / "docs" / "data")
    monkeypatch.chdir(tmp_path)
    session = Session(tmp_path)
    with session.services:
        for block in runs(page):
            session.check(block)
