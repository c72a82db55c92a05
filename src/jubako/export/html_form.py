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
    columns: dict[str, Column] = {}
    for column in model.columns:
        columns.setdefault(column.name, column)
    return element(
        "section",
        {},
        element("h2", {}, both("predict.values")),
        element("p", {"class": "how"}, both("predict.values.how")),
        element(
            "form",
            {"autocomplete": "off"},
            *(field(i, column) for i, column in enumerate(columns.values())),
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
        return choice(["true", "false"], attributes, translated=True)
    if isinstance(column, Categorical | Ordinal):
        levels = column.levels if isinstance(column, Categorical) else column.reading.levels
        return choice(list(column.reading.levels or levels), attributes)
    limits: dict[str, Value] = {}
    kinds: dict[str, Value] = {"type": "number", "step": "any", "data-kind": "number"}
    value: Value = f"{getattr(column, 'center', 0.0):.6g}"
    if isinstance(column, Numeric) and column.knots:
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


def choice(levels: list[str], attributes: dict[str, Value], translated: bool = False) -> Markup:
    """Write a list to choose from, or a field whose text is completed.

    Parameters
    ----------
    levels : list of str
        Values to choose from.
    attributes : dict
        Attributes of the element.
    translated : bool
        Whether they are the two values of a boolean column.

    Returns
    -------
    Markup
    """
    if len(levels) > MOST_OPTIONS:
        name = f"{attributes['id']}-levels"
        options = (element("option", {"value": level}, "") for level in levels)
        return fragment(
            element("input", {**attributes, "type": "text", "list": name}),
            element("datalist", {"id": name}, *options),
        )
    words = {"true": ("yes", "はい"), "false": ("no", "いいえ")} if translated else {}
    missing: dict[str, Value] = {"value": "", "data-en": "(missing)", "data-ja": "(欠損)"}
    return element(
        "select",
        attributes,
        element("option", missing, "(missing)"),
        *(
            element("option", {"value": level, **option_texts(words.get(level))}, level)
            for level in levels
        ),
    )


def option_texts(words: tuple[str, str] | None) -> dict[str, Value]:
    """Return the texts of an option in both languages, if they differ."""
    return {} if words is None else {"data-en": words[0], "data-ja": words[1]}
