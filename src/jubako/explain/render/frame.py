"""The frame of a page: style, script, heading, and the selection of parts."""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jubako.explain.messages import Language, both, translate

from .html_writer import HtmlWriter
from .markup import Markup, Value, element, fragment

NOTHING = Markup("")
STYLE = Markup(
    "body{margin:0;background:#fffdf8}.jubako{max-width:1400px;margin:auto}"
    "@media(prefers-color-scheme:dark){body{background:#1a1716}}"
)


def pack(words: Mapping[str, Any]) -> str:
    """Return a value as JSON, compressed and encoded as text, for the script of the page."""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def scripts(packed: Mapping[int, str]) -> Markup:
    """Return the parts that the page shows when they are selected."""
    return fragment(
        *(
            element("script", {"type": "text/plain", "data-part": part}, text)
            for part, text in packed.items()
        )
    )


def chooser(writer: HtmlWriter) -> Markup:
    """Return the controls for selecting a part, if there are several."""
    n, at = writer.view.n_pages, writer.view.page
    if n < 2:
        return NOTHING
    options = (
        element(
            "option", {"value": part, "selected": "" if part == at else None}, f"{part + 1} / {n}"
        )
        for part in range(n)
    )
    select = element("select", {}, *options)
    return element(
        "div",
        {"class": "parts"},
        element("label", {}, both("part"), " ", select),
        sign_button({"data-turn": -1}, "◀", "part.back", writer.language),
        sign_button({"data-turn": 1}, "▶", "part.on", writer.language),
        element("small", {}, both("part.how")),
    )


def sign_button(attributes: Mapping[str, Value], sign: str, key: str, language: Language) -> Markup:
    """Return a button with a symbol as label, and a text as its accessible name."""
    name = translate(key, language)
    return element(
        "button", {"type": "button", **attributes, "aria-label": name, "title": name}, sign
    )


def wrap(
    writer: HtmlWriter,
    content: Markup,
    title: str,
    before: Markup = NOTHING,
    after: Markup = NOTHING,
) -> Markup:
    """Add style, heading and script to the content of a trace."""
    languages = {"en": "English", "ja": "日本語"}
    group = radio_group(
        "language",
        (
            (
                {
                    "name": f"{writer.name}-language",
                    "value": value,
                    "checked": "" if value == writer.language else None,
                },
                name,
            )
            for value, name in languages.items()
        ),
    )
    return element(
        "div",
        {"class": "jubako"},
        element("style", {}, asset("page.css")),
        element("header", {}, element("h1", {}, both(title)), group),
        before,
        element("div", {"class": "content"}, content),
        after,
        element("script", {}, asset("page.js")),
    )


def radio_group(key: str, items: Iterable[tuple[Mapping[str, Value], str]]) -> Markup:
    """Return a group of radio buttons, each with its attributes and its label."""
    labels = (
        element("label", {}, element("input", {"type": "radio", **attributes}), label)
        for attributes, label in items
    )
    return element("fieldset", {"class": "tabs"}, element("legend", {}, both(key)), *labels)


def whole(content: Markup, language: Language, title: str) -> str:
    """Return a complete page with this content."""
    head = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("title", {}, f"{translate(title, language)}: Jubako"),
        element("style", {}, STYLE),
    )
    body = element("body", {}, element("main", {}, content))
    return f"<!doctype html>{element('html', {'lang': language}, head, body)}\n"


@cache
def asset(name: str) -> Markup:
    """Read a file in the folder of this module."""
    return Markup((files(__package__ or "") / name).read_text(encoding="utf-8"))
