"""docs/architecture.md names files that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PATH = re.compile(r"\b((?:[a-z0-9_]+/)+(?:[a-z0-9_]+\.[a-z]+)?)")


def named():
    """Return the paths on the page, as they may be meant: from the root, or below the package."""
    return sorted(set(PATH.findall(PAGE)))


def test_the_page_names_files():
    assert len(named()) > 30


def test_every_path_on_the_page_exists():
    package = ROOT / "src" / "jubako"
    places = ROOT, ROOT / "docs", package, package / "training" / "engines"
    missing = [path for path in named() if not any((place / path).exists() for place in places)]
    assert missing == []
