"""A model as a page that predicts in the browser: a form of the columns, and what comes out."""

import json
from base64 import b64encode
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.columns.base import Column
from jubako.data.columns.boolean import Boolean
from jubako.data.columns.categorical import Categorical, Ordinal
from jubako.data.columns.date import Date, TimeOfDay
from jubako.data.columns.duration import Duration
from jubako.data.columns.numeric import Numeric
from jubako.explain.messages import Language, both
from jubako.explain.render.frame import asset, radio_group, whole
from jubako.explain.render.markup import Markup, Value, element, fragment
from jubako.i18n.ja import in_japanese
from jubako.i18n.messages import Message
from jubako.model.conformal import SHARE
from jubako.model.errors import ModelFileError
from jubako.model.model import Model

from .description import describe, describe_network, parameters
from .python import check

COVERAGE = 0.9  # of the interval or the set that the page shows
MOST_OPTIONS = 200  # levels that are listed to choose from; of more, names are completed


def html_page(model: Model, target: str = "", language: Language = "en") -> str:
    """Return the page.

    Parameters
    ----------
    model : Model
        Of a table.
    target : str
        The name of the target.
    language : {"en", "ja"}
        That the page begins with.

    Raises
    ------
    ModelFileError
        If the model is for arrays, or something in it can't be exported.
    """
    if model.schema is None:
        raise ModelFileError(
            Message(
                "A page with a form needs a model for tables, but this one is for arrays: train it "
                "with TabularClassifier or TabularRegressor."
            )
        )
    check(model)
    words, numbers = packed(model)
    content = element(
        "div",
        {"class": "jubako"},
        element("style", {}, asset("page.css"), own("form.css")),
        heading(target, language),
        element("div", {"class": "work"}, form(model), answer(model)),
        element("script", {"type": "application/json", "id": "model"}, script_text(words)),
        element("script", {"type": "text/plain", "id": "weights"}, Markup(numbers)),
        element("script", {}, own("predict.js"), own("form.js")),
    )
    return whole(content, language, "predict.title")


def own(name: str) -> Markup:
    """Read a file beside this module."""
    return Markup((files(__package__ or "") / name).read_text(encoding="utf-8"))


def script_text(words: dict[str, Any]) -> Markup:
    """Write JSON in which nothing can end the script."""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def packed(model: Model) -> tuple[dict[str, Any], str]:
    """Return the description of a model, and its parameters as float32 in base64.

    Each network has the places of its parameters among all, and the sizes of each of K networks.
    """
    words, _ = describe(model)
    words["interval"] = describe_interval(model)
    networks = list(zip(words["networks"], model.networks, strict=True))
    if words["interval"] and "network" in words["interval"]:
        assert model.conformal is not None
        assert model.conformal.spread is not None
        networks.append((words["interval"]["network"], model.conformal.spread.network))
    parts, start = list[Array](), 0
    for described, fitted in networks:
        described["n_networks"], described["places"] = len(fitted.theta), []
        for layer in parameters(fitted):
            places = {}
            for name, array in layer.items():
                places[name] = [start, array[0].size]
                parts.append(array.ravel())
                start += array.size
            described["places"].append(places)
    return words, b64encode(np.concatenate(parts).astype("<f4").tobytes()).decode()


def describe_interval(model: Model) -> dict[str, Any] | None:
    """Describe the interval or set of the prediction; None if the model has none."""
    if model.conformal is None:
        return None
    try:
        words: dict[str, Any] = {"score": model.conformal.scores.quantile(COVERAGE)}
    except ParameterError:  # there were too few rows
        return None
    spread = model.conformal.spread
    if spread is not None:
        words |= {"low": spread.low, "high": spread.high, "least": SHARE * spread.median}
        words["network"] = describe_network(spread.network)
    return words


# What is written


def heading(target: str, language: Language) -> Markup:
    """Write the title and the choice of the language."""
    names = {"en": "English", "ja": "日本語"}
    group = radio_group(
        "language",
        (
            ({"name": "language", "value": v, "checked": "" if v == language else None}, name)
            for v, name in names.items()
        ),
    )
    title = both("predict.of", target=target) if target else both("predict.title")
    return element("header", {}, element("h1", {}, title), group)


def form(model: Model) -> Markup:
    """Write the fields."""
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
    """Write the label and the field of a column."""
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
    """Write a message in both languages."""
    yield element("span", {"lang": "en"}, str(message))
    yield element("span", {"lang": "ja"}, str(in_japanese(message)))


def control(column: Column, attributes: dict[str, Value]) -> Markup:
    """Write the element in which a value is typed or chosen, with a typical value."""
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
    """Write a list to choose from, or a field whose text is completed."""
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


def answer(model: Model) -> Markup:
    """Write where the prediction, the interval and the contributions are shown."""
    is_class, has_interval = model.task == "classify", describe_interval(model) is not None
    parts = [
        element("h2", {}, both("predict.prediction")),
        element("p", {"class": "wrong", "role": "alert"}, both("predict.wrong")),
        element("div", {"class": "numbers big", "id": "prediction", "aria-live": "polite"}, ""),
    ]
    if has_interval:
        key = "predict.set" if is_class else "predict.interval"
        shown = element("span", {"id": "interval"}, "")
        parts.append(
            element("p", {"class": "numbers"}, both(key, percent=f"{COVERAGE:.0%}"), " ", shown)
        )
    below = []
    if is_class:
        below.append(element("h2", {}, both("predict.probabilities")))
        below.append(element("ol", {"class": "bars numbers", "id": "probabilities"}, ""))
    below += [
        element("h2", {}, both("predict.contributions")),
        element("p", {"class": "how"}, both("predict.contributions.how")),
        element("ol", {"class": "bars numbers", "id": "contributions"}, ""),
    ]
    return element(
        "section",
        {"class": "answer"},
        element("div", {"class": "top"}, *parts),
        element("div", {"class": "below"}, *below),
    )
