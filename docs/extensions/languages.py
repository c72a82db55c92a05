"""Sphinx extension: pages in two languages beside each other, `X.md` and `X.ja.md`.

Each language is a site of its own, so that navigation and search are in one language. Links in the
sources are those between files, as they work in a repository; here they become links between pages.
"""

import os
import re
from pathlib import Path
from typing import Any

from sphinx.search import SearchLanguage, languages

LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?P<file>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")
TWIN_LINE = re.compile(r"^(日本語|English): \[[^\]]+\]\([^)]+\)[.。]?\n\n?", re.M)
TWINS = {"auto_gallery/index": "gallery/index", "gallery/index": "auto_gallery/index"}
MOVED = {
    "../README": "index",
    "../CHANGELOG": "changelog",
    "../CONTRIBUTING": "contributing",
    "../SECURITY": "security",
}

INCLUDE = re.compile(r"```\{include\} (?P<file>\S+)\n```")


def read_source(app: Any, docname: str, source: list[str]) -> None:
    """Rewrite the links of a page, and drop the link to its other language."""
    docs, japanese = Path(app.srcdir), is_japanese(app)
    base = folder = os.path.dirname(docname)
    if included := INCLUDE.match(source[0]):
        source[0] = (docs / folder / included["file"]).read_text(encoding="utf-8")
        base = os.path.dirname(os.path.join(folder, included["file"]))

    def link(match: re.Match[str]) -> str:
        path = os.path.relpath(docs / base / match["file"], docs)
        name, language = without_language(path)
        name = MOVED.get(name, name)
        if (docs / name).is_dir():
            name = f"{name}/index"
        elif not path.endswith(".md"):
            return match[0]
        text, anchor = match["text"], match["anchor"] or ""
        if text.endswith(".md"):  # a page is named by its title, not by its file
            text = title(docs / path) if (docs / path).is_file() else text
        if japanese and not (docs / f"{name}.ja.md").exists():
            page = os.path.relpath(name, os.path.join("ja", folder))
            return f"[{text}](site:{page}.html{anchor})"
        if not japanese and language == "ja":
            page = os.path.relpath(os.path.join("ja", name), folder or ".")
            return f"[{text}](site:{page}.html{anchor})"
        page = os.path.relpath(name, folder or ".")
        return f"[{text}]({page}{'.ja' if japanese else ''}.md{anchor})"

    source[0] = LINK.sub(link, TWIN_LINE.sub("", source[0]))


def title(page: Path) -> str:
    """Return the title of a page, up to a colon."""
    match = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.M)
    return match[1].partition(": ")[0] if match else page.stem


def without_language(path: str) -> tuple[str, str]:
    """Return the name of a page without its suffix, and its language.

    >>> without_language("how-to/time.ja.md")
    ('how-to/time', 'ja')
    """
    name = path.removesuffix(".md")
    return (name.removesuffix(".ja"), "ja") if name.endswith(".ja") else (name, "en")


def is_japanese(app: Any) -> bool:
    """Return whether the Japanese site is built."""
    return app.config.language == "ja"


def add_twin(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Give templates the address of the page in the other language, and whether there is one."""
    docs, depth = Path(app.srcdir), page.count("/")
    page = TWINS.get(page, page)
    if is_japanese(app):
        exists = page in (*TWINS, "search") or (docs / f"{page}.md").exists()
        context["twin"] = "../" * (depth + 1) + (page if exists else "index") + ".html"
    else:
        exists = page == "search" or (docs / f"{page}.ja.md").exists()
        context["twin"] = "../" * depth + "ja/" + (page if exists else "index") + ".html"
    context["twin_exists"] = exists


class SearchJapanese(SearchLanguage):
    """Search in Japanese by pairs of characters, the same in Python and in the browser."""

    lang = "ja"
    language_name = "Japanese"
    js_splitter_code = r"""
function splitQuery(query) {
  const found = [];
  for (const [word] of query.matchAll(/[A-Za-z0-9_]+|[\u3040-\u30ff\u3400-\u9fff々ー]+/g)) {
    if (/^[A-Za-z0-9_]/.test(word)) found.push(word);
    else for (let i = 0; i + 1 < word.length; i++) found.push(word.slice(i, i + 2));
  }
  return found;
}
"""

    def split(self, input: str) -> list[str]:
        """Return words of letters, and of Japanese all pairs of neighbouring characters."""
        found: list[str] = []
        for word in re.findall(r"[A-Za-z0-9_]+|[\u3040-\u30ff\u3400-\u9fff々ー]+", input):
            if word[0].isascii():
                found.append(word.lower())
            else:
                found += [word[i : i + 2] for i in range(len(word) - 1)]
        return found

    def stem(self, word: str) -> str:
        """Return the word: Japanese is not stemmed."""
        return word


def setup(app: Any) -> dict[str, bool]:
    """Connect the extension."""
    languages["ja"] = SearchJapanese
    app.connect("source-read", read_source)
    app.connect("html-page-context", add_twin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
