"""Controls: the browser's own buttons, fields and lists, accessible by keyboard and screen reader.

Each has an id, so that the focus is restored when a part of the page is rebuilt.
"""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import ui
from nicegui.client import Client
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from jubako.data.casting.numbers import read_number

Notify = Callable[[Exception], None]
"""Shows what is wrong with what was typed."""

HANDLERS: WeakKeyDictionary[Client, dict[str, Callable[[object], object]]] = WeakKeyDictionary()
"""What handles a change of each field of each open page, by the field's id."""


def handle_change(event: GenericEventArguments) -> object:
    """Handle the change of a field, given its id and value."""
    handle = HANDLERS[ui.context.client].get(event.args["key"])
    return handle(event.args["value"]) if handle else None


def on_change(field: ui.element, key: str, handle: Callable[[object], object]) -> None:
    """Call `handle` with the new value of a field after each change.

    The change is sent with the id of the field, and so is handled even if the page is rebuilt
    meanwhile: NiceGUI drops the events of elements that have been replaced.
    """
    field.props["data-change"] = key
    HANDLERS.setdefault(ui.context.client, {})[key] = handle


def text(tag: str, content: str, classes: str = "", **attributes: str) -> TextElement:
    """Add an element with text."""
    element = TextElement(tag=tag, text=content)
    element.classes(classes)
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def block(tag: str, classes: str = "", **attributes: str) -> ui.element:
    """Add an element for other elements."""
    element = ui.element(tag).classes(classes)
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def button(
    key: str,
    label: str,
    press: Callable[[], object],
    classes: str = "",
    *,
    name: str = "",
    off: bool = False,
) -> TextElement:
    """Add a button; `name` is its accessible name if the label is a symbol."""
    made = text("button", label, f"button {classes}", id=key, type="button")
    if name:
        made.props["aria-label"] = name
        made.props["title"] = name
    if off:
        made.props["disabled"] = True
    made.on("click", lambda _: press())
    return made


def pressed(key: str, label: str, classes: str = "") -> None:
    """Add a button whose press is sent by name, so that it is handled even during a rebuild."""
    names = {"data_event": "press", "data_value": key}
    text("button", label, f"button {classes}", id=key, type="button", **names)


def choice(
    key: str,
    label: str,
    options: Mapping[str, str] | Mapping[str, Mapping[str, str]],
    value: str,
    choose: Callable[[str], object],
    *,
    bare: bool = False,
) -> None:
    """Add a select box, grouped if `options` has groups. `bare` hides the label visually."""
    with block("label", "field bare" if bare else "field"):
        text("span", label, "unseen" if bare else "")
        with block("select", id=key) as select:
            for name, words in options.items():
                if isinstance(words, str):
                    option(name, words, value)
                    continue
                with block("optgroup", label=name):
                    for inner, word in words.items():
                        option(inner, word, value)
        on_change(select, key, lambda name: choose(str(name)))


def option(name: str, words: str, value: str) -> None:
    """Add an option to a select box."""
    made = text("option", words, value=name)
    if name == value:
        made.props["selected"] = True


def number(
    key: str,
    label: str,
    value: float,
    set_to: Callable[[float], object],
    notify: Notify,
    *,
    bare: bool = False,
) -> None:
    """Add a field for a number, with a point or a comma, in any digits."""

    def changed(typed: object) -> Any:
        try:
            new = read_number(str(typed))
        except ValueError as error:
            notify(error)
            return None
        return set_to(new)

    with block("label", "field bare" if bare else "field"):
        text("span", label, "unseen" if bare else "")
        field = block(
            "input",
            id=key,
            type="text",
            inputmode="decimal",
            autocomplete="off",
            value=f"{value:.6g}",
        )
        on_change(field, key, changed)


def tick(key: str, label: str, value: bool, set_to: Callable[[bool], Any]) -> None:
    """Add a checkbox."""
    with block("label", "field tick"):
        box = block("input", id=key, type="checkbox")
        if value:
            box.props["checked"] = True
        on_change(box, key, lambda ticked: set_to(bool(ticked)))
        text("span", label)


def yes(true: bool) -> str:
    """Return a boolean as an HTML attribute."""
    return "true" if true else "false"
