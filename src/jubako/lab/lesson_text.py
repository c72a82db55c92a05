"""The texts of lessons: Markdown files in `lesson_texts`, NAME.en.md and NAME.ja.md.

A file begins with its title (`# `); the sections `## Task` and `## Question` end it. A blank line
ends a paragraph, a line that begins with a space is a formula, and `x` is code.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jubako.explain.render.markup import Markup, element, fragment
from jubako.i18n.language import Language

FOLDER = Path(__file__).parent / "lesson_texts"


@dataclass(frozen=True, slots=True)
class LessonText:
    """The text of a lesson in one language.

    Parameters
    ----------
    title, body, task : str
    question : str
        The number to enter; "" if the lesson has no question.
    """

    title: str
    body: str
    task: str
    question: str = ""


@cache
def read_text(name: str, language: Language) -> LessonText:
    """Read the text of a lesson."""
    text = (FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8")
    body, *sections = re.split(r"\n## \w+\n", text)
    title, _, body = body.removeprefix("# ").partition("\n")
    return LessonText(title, body.strip("\n"), *(section.strip() for section in sections))


def as_html(text: str) -> Markup:
    """Return a text with its paragraphs and formulas."""
    parts = list[Markup]()
    for part in text.split("\n\n"):
        if part.startswith(" "):
            parts.append(element("pre", {"class": "formula"}, part))
        else:
            pieces = part.split("`")
            marked = (element("code", {}, p) if i % 2 else p for i, p in enumerate(pieces))
            parts.append(element("p", {}, *marked))
    return fragment(*parts)
