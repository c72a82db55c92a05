"""The frame of a page: style, script, heading, and the parts that a reader turns to."""

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from jubako.explain.messages import Language, both, say

from .html_writer import Sheet


def pack(words: Mapping[str, Any]) -> str:
    """Return what the page's script unpacks: JSON, compressed, in letters."""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def scripts(packed: Mapping[int, str]) -> str:
    """Write parts that come into the page when they are chosen."""
    return "".join(
        f'<script type="text/plain" data-part="{part}">{text}</script>'
        for part, text in packed.items()
    )


def chooser(sheet: Sheet) -> str:
    """Write what the reader turns from part to part with, if there are several."""
    n, at = sheet.view.n_pages, sheet.view.page
    if n < 2:
        return ""
    options = "".join(
        f'<option value="{part}"{" selected" if part == at else ""}>{part + 1} / {n}</option>'
        for part in range(n)
    )
    back, on = (
        f'<button type="button" data-turn="{by}" aria-label="{say(key, sheet.language)}" '
        f'title="{say(key, sheet.language)}">{sign}</button>'
        for by, sign, key in ((-1, "◀", "part.back"), (1, "▶", "part.on"))
    )
    return (
        f'<div class="parts"><label>{both("part")} <select>{options}</select></label>{back}{on}'
        f"<small>{both('part.how')}</small></div>"
    )


def wrap(sheet: Sheet, content: str, title: str, before: str = "", after: str = "") -> str:
    """Put style, heading and script around what is written of a trace."""
    languages = "".join(
        f'<label><input type="radio" name="{sheet.name}-language" value="{value}"'
        f"{' checked' if value == sheet.language else ''}>{name}</label>"
        for value, name in (("en", "English"), ("ja", "日本語"))
    )
    return (
        f'<div class="jubako"><style>{asset("page.css")}</style><header><h1>{both(title)}</h1>'
        f'<fieldset class="tabs"><legend>{both("language")}</legend>{languages}</fieldset></header>'
        f'{before}<div class="content">{content}</div>{after}'
        f"<script>{asset('page.js')}</script></div>"
    )


def whole(content: str, language: Language, title: str) -> str:
    """Make a page of a piece."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(say(title, language))}: Jubako</title>"
        "<style>body{margin:0;background:#fffdf8}.jubako{max-width:1400px;margin:auto}"
        "@media(prefers-color-scheme:dark){body{background:#1a1716}}</style>"
        f"</head><body><main>{content}</main></body></html>\n"
    )


@cache
def asset(name: str) -> str:
    """Read a file that comes with this module."""
    return (files(__package__ or "") / name).read_text(encoding="utf-8")
