"""A model as a page that predicts in the browser: a form of the columns, and what comes out."""

import json
from base64 import b64encode
from importlib.resources import files
from typing import Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.explain.messages import Language, both
from jubako.explain.render.frame import asset, radio_group, whole
from jubako.explain.render.markup import Markup, element
from jubako.i18n.messages import Message
from jubako.model.conformal import SHARE
from jubako.model.errors import ModelFileError
from jubako.model.model import Model

from .description import describe, describe_network, parameters
from .html_form import form
from .python import check

COVERAGE = 0.9  # of the interval or the set that the page shows


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

    Returns
    -------
    str
        HTML.

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
    """Write JSON in which nothing can end the script.

    Parameters
    ----------
    words : dict
        What is written: dicts, lists, strings, numbers, booleans and None.

    Returns
    -------
    Markup
    """
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def packed(model: Model) -> tuple[dict[str, Any], str]:
    """Return the description of a model, and its parameters as float32 in base64.

    Each network has the places of its parameters among all, and the sizes of each of K networks.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict
        See `describe`; with "interval", and in each network "n_networks" and "places".
    str
        The parameters.
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
    """Describe the interval or set of the prediction; None if the model has none.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict or None
    """
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
    """Write the title and the choice of the language.

    Parameters
    ----------
    target : str
        Name of the target; empty if unknown.
    language : {"en", "ja"}

    Returns
    -------
    Markup
    """
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


def answer(model: Model) -> Markup:
    """Write where the prediction, the interval and the contributions are shown.

    Parameters
    ----------
    model : Model

    Returns
    -------
    Markup
    """
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
