"""Elements of SVG and HTML that escape whatever they hold, unless it is an element itself."""

from collections.abc import Mapping
from html import escape

Value = str | float | None


class Markup(str):
    """Text that is markup already: it is not escaped again."""

    __slots__ = ()


def element(name: str, attributes: Mapping[str, Value], *children: str | float) -> Markup:
    """Return an element.

    Parameters
    ----------
    name : str
    attributes : mapping of str to str, float or None
        Those that are None are left out.
    *children : str or float
        Elements are taken as they are; other text is escaped. Without any, the element closes
        itself, as all of SVG may. Those of HTML that may not need a child, if only "".
    """
    written = "".join(
        f' {key}="{escape(str(value))}"' for key, value in attributes.items() if value is not None
    )
    if not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{fragment(*children)}</{name}>")


def fragment(*children: str | float) -> Markup:
    """Return elements and text, which is escaped, one after the other."""
    parts = (child if isinstance(child, Markup) else escape(str(child)) for child in children)
    return Markup("".join(parts))
