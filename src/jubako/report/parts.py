"""The parts of a report as HTML: texts in its language, tables, and figures with their table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jubako.explain.render.markup import Markup, Value, element, fragment
from jubako.i18n.escaping import escape_controls
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.i18n.numbers import NO_NUMBER

from .numbers import number_text

Cell = str | float | None
"""Of a table: a number, a text, or nothing. A `Message` is translated."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes HTML in one language.

    Parameters
    ----------
    language : Language
    """

    language: Language

    def text(self, message: str) -> str:
        """Return a `Message` in the language; other texts without control characters."""
        if self.language is Language.ja:
            from jubako.i18n.ja import in_japanese

            message = in_japanese(message)
        return escape_controls(message)

    def saved(self, text: str) -> str:
        """Translate a text that was saved as the English text of a `Message`."""
        if self.language is Language.ja and not isinstance(text, Message):
            from jubako.i18n.ja import JAPANESE

            return escape_controls(JAPANESE.get(text, text))
        return self.text(text)

    def paragraph(self, message: str, kind: str = "") -> Markup:
        """Write a paragraph."""
        return element("p", {"class": kind or None}, self.text(message))

    def bullets(self, messages: Iterable[str]) -> Markup:
        """Write a list; nothing without messages."""
        items = [element("li", {}, self.text(message)) for message in messages]
        return element("ul", {}, *items) if items else Markup("")

    def section(self, key: str, title: str, *content: Markup) -> Markup:
        """Write a section with its heading."""
        heading = element("h2", {}, self.text(title))
        return element("section", {"id": key}, heading, *content)

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        caption: str = "",
        marked: Iterable[int] = (),
    ) -> Markup:
        """Write a table; its first column heads the rows, numbers are aligned to the right.

        Parameters
        ----------
        heads : sequence of str
        rows : iterable of sequences of cells
        caption : str
        marked : iterable of int
            Numbers of the rows, from 0, that are emphasized.

        Returns
        -------
        Markup
        """
        lines, marked, rows = list[Markup](), set(marked), list(rows)
        words = [
            any(isinstance(row[k], str) and not is_number(str(row[k])) for row in rows)
            for k in range(len(heads))
        ]
        for i, (head, *cells) in enumerate(rows):
            first = element("th", {"scope": "row"}, self.cell(head))
            others = [
                element("td", {"class": "word" if word else None}, self.cell(cell))
                for cell, word in zip(cells, words[1:], strict=True)
            ]
            lines.append(
                element("tr", {"class": "marked" if i in marked else None}, first, *others)
            )
        top = [
            element("th", {"scope": "col", "class": "word" if word else None}, self.text(head))
            if head
            else element("td", {}, "")
            for head, word in zip(heads, words, strict=True)
        ]
        shown = [element("caption", {}, self.text(caption))] if caption else []
        body = element(
            "table",
            {"class": "facts"},
            *shown,
            element("thead", {}, element("tr", {}, *top)),
            element("tbody", {}, *lines),
        )
        scroll: dict[str, Value] = {
            "class": "scroll",
            "tabindex": "0",  # wide tables are scrolled by keys
            "role": "group",
            "aria-label": self.text(caption or Message("Table")),
        }
        return element("div", scroll, body)

    def cell(self, value: Cell) -> str:
        """Return the text of a cell."""
        if value is None:
            return NO_NUMBER
        if isinstance(value, bool):
            return self.text(Message("yes") if value else Message("no"))
        if isinstance(value, int):
            return f"{value:,}"
        return number_text(value) if isinstance(value, float) else self.text(value)

    def figure(
        self,
        title: str,
        picture: Markup,
        table: Markup,
        legend: Sequence[str] = (),
        *,
        n_dotted: int = 0,
        beside: bool = False,
    ) -> Markup:
        """Write a figure with its title, the names of its series, and its table below.

        Parameters
        ----------
        title : str
        picture : Markup
        table : Markup
        legend : sequence of str
            A name for each series.
        n_dotted : int
            The first series of this number are dots, the others lines.
        beside : bool
            Whether the table stands open beside the picture.

        Returns
        -------
        Markup
        """
        keys = [
            element("span", {"class": "key"}, sample(i, dotted=i < n_dotted), self.text(name))
            for i, name in enumerate(legend)
        ]
        names = element("p", {"class": "legend"}, *keys) if keys else Markup("")
        caption = element("figcaption", {}, self.text(title))
        if beside:
            shown = element("div", {}, picture, names)
            return element("figure", {"class": "beside"}, caption, shown, table)
        summary = element("summary", {}, self.text(Message("Table")))
        details = element("details", {}, summary, table)
        return element("figure", {}, caption, picture, names, details)


def figures(*parts: Markup) -> Markup:
    """Put figures side by side."""
    return element("div", {"class": "figures"}, *parts)


def sample(series: int, *, dotted: bool) -> Markup:
    """Draw a piece of a line or a dot, for the legend.

    Parameters
    ----------
    series : int
    dotted : bool

    Returns
    -------
    Markup
    """
    line = element("path", {"class": f"line s{series}", "d": "M1 5H27"})
    if dotted:
        line = element("circle", {"class": f"dot s{series}", "cx": 14, "cy": 5, "r": 4})
    return element("svg", {"width": 28, "height": 10, "aria-hidden": "true"}, line)


def is_number(text: str) -> bool:
    """Return whether a text is written with digits and signs only."""
    return bool(text) and not text.strip("0123456789.,+-−–%()e: ") and not isinstance(text, Message)


def join(*parts: Markup) -> Markup:
    """Put parts one after the other."""
    return fragment(*parts)
