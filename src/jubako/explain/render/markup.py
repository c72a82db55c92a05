"""Elements of SVG and HTML: every text and attribute is escaped, unless it is `Markup`."""

from collections.abc import Mapping
from html import escape

Value = str | float | None


class Markup(str):
    """Text that is already SVG or HTML, and is not escaped again."""

    __slots__ = ()


def element(name: str, attributes: Mapping[str, Value], *children: str | float) -> Markup:
    """Return an element.

    Parameters
    ----------
    name : str
    attributes : mapping of str to str, float or None
        Those that are None are left out.
    *children : str or float
        `Markup` stays as it is; other text is escaped. Without children the element closes itself,
        which in HTML only void elements may: give others "".
    """
    written = "".join(
        [f' {key}="{escaped(value)}"' for key, value in attributes.items() if value is not None]
    )
    if not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{fragment(*children)}</{name}>")


def fragment(*children: str | float) -> Markup:
    """Return elements and text one after the other; text is escaped."""
    return Markup("".join([escaped(child) for child in children]))


def escaped(value: str | float) -> str:
    """Return a value as text in which nothing is markup, unless it is `Markup`."""
    if isinstance(value, Markup):
        return value
    return escape(value) if isinstance(value, str) else str(value)
