"""The form of the page that predicts: a field for each column, with a typical value."""

from collections.abc import Iterator

import numpy as np

from jubako.data.columns.base import Column
from jubako.data.columns.boolean import Boolean
from jubako.data.columns.categorical import Categorical, Ordinal
from jubako.data.columns.date import Date, TimeOfDay
from jubako.data.columns.duration import Duration
from jubako.data.columns.numeric import Numeric
from jubako.explain.messages import both
from jubako.explain.render.markup import Markup, Value, element, fragment
from jubako.i18n.ja import in_japanese
from jubako.model.model import Model

MOST_OPTIONS = 200  # levels that are listed to choose from; of more, names are completed


def form(model: Model) -> Markup:
    """Write the fields.

    Parameters
    ----------
    model : Model

    Returns
    -------
    Markup
    """
    return element(
        "section",
        {},
        element("h2", {}, both("predict.values")),
        element("p", {"class": "how"}, both("predict.values.how")),
        element(
            "form",
            {"autocomplete": "off"},
            *(field(i, column) for i, column in enumerate(model.columns_by_name.values())),
            element("button", {"type": "reset"}, both("predict.reset")),
        ),
    )


def field(i: int, column: Column) -> Markup:
    """Write the label and the field of a column.

    Parameters
    ----------
    i : int
        Number of the field.
    column : Column

    Returns
    -------
    Markup
    """
    name, hint = f"field-{i}", column.describe()
    warning: list[Markup] = []
    unit = fragment(" ", both("predict.seconds")) if isinstance(column, Duration) else Markup("")
    if isinstance(column, Numeric) and column.knots:
        warning.append(element("span", {"class": "warning"}, both("predict.far")))
    return element(
        "div",
        {"class": "field"},
        element("label", {"for": name}, column.name),
        control(column, {"id": name, "data-column": column.name, "aria-describedby": f"{name}-h"}),
        element("small", {"id": f"{name}-h"}, *in_both(hint), unit),
        *warning,
    )


def in_both(message: str) -> Iterator[Markup]:
    """Write a message in both languages.

    Parameters
    ----------
    message : str

    Yields
    ------
    Markup
    """
    yield element("span", {"lang": "en"}, str(message))
    yield element("span", {"lang": "ja"}, str(in_japanese(message)))


def control(column: Column, attributes: dict[str, Value]) -> Markup:
    """Write the element in which a value is typed or chosen, with a typical value.

    Parameters
    ----------
    column : Column
    attributes : dict
        Attributes of the element.

    Returns
    -------
    Markup
    """
    if isinstance(column, Boolean):
        return choice([("true", "yes", "はい"), ("false", "no", "いいえ")], attributes)
    if isinstance(column, Categorical | Ordinal):
        levels = column.levels if isinstance(column, Categorical) else column.reading.levels
        options = [(level, level, level) for level in column.reading.levels or levels]
        if isinstance(column, Categorical) and column.rare:
            options.append((unlike(levels), "(other)", "(その他)"))
        return choice(options, attributes)
    limits: dict[str, Value] = {}
    kinds: dict[str, Value] = {"type": "number", "step": "any", "data-kind": "number"}
    value: Value = ""
    if isinstance(column, Numeric):
        value = f"{column.median:.6g}"
        if column.knots:
            limits = {"data-low": column.knots[0], "data-high": column.knots[-1]}
    if isinstance(column, Date):
        text = str(np.datetime64(round(column.center), "s"))
        kinds = {"type": "datetime-local", "step": "1", "data-kind": "date"}
        value = text
        if not column.times:
            kinds, value = {"type": "date", "data-kind": "date"}, text[:10]
    elif isinstance(column, TimeOfDay):
        kinds = {"type": "time", "step": "1", "data-kind": "time"}
        value = str(np.datetime64(round(column.center), "s"))[11:]
    return element("input", {**attributes, **kinds, **limits, "value": value})


def choice(options: list[tuple[str, str, str]], attributes: dict[str, Value]) -> Markup:
    """Write a list to choose from, or a field whose text is completed.

    Parameters
    ----------
    options : list of (str, str, str)
        Each value, and its text in English and Japanese.
    attributes : dict
        Attributes of the element.

    Returns
    -------
    Markup
    """
    if len(options) > MOST_OPTIONS:
        name = f"{attributes['id']}-levels"
        levels = (
            element("option", {"value": value}, "") for value, text, _ in options if value == text
        )
        return fragment(
            element("input", {**attributes, "type": "text", "list": name}),
            element("datalist", {"id": name}, *levels),
        )
    options = [("", "(missing)", "(欠損)"), *options]
    return element("select", attributes, *(option(*words) for words in options))


def option(value: str, english: str, japanese: str) -> Markup:
    """Write an option; the script sets its text in the language of the page.

    Parameters
    ----------
    value : str
    english, japanese : str
        Its text.

    Returns
    -------
    Markup
    """
    texts: dict[str, Value] = {"data-en": english, "data-ja": japanese}
    return element("option", {"value": value, **(texts if english != japanese else {})}, english)


def unlike(levels: tuple[str, ...]) -> str:
    """Return a text that is none of the levels."""
    return max(levels, key=len) + "…"
