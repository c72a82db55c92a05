"""The picture of `jubako explain --picture`: an SVG."""

from collections.abc import Sequence

import numpy as np

from jubako.core.activations import Array
from jubako.evaluation.dependence import Dependence
from jubako.evaluation.importance import Importance
from jubako.explain.render.markup import Markup, Value, element
from jubako.i18n.escaping import escape_controls
from jubako.i18n.messages import Message
from jubako.i18n.numbers import format_significant

from .localization import localization

WIDTH, LINE, LEFT, RIGHT = 640, 22, 170, 90
PLOT = 150  # height of a curve
STYLE = """
text { font: 13px system-ui, "Hiragino Sans", "Noto Sans CJK JP", sans-serif; fill: #222 }
.head { font-weight: 600 } .small { font-size: 11px } .axis { stroke: #888 }
.bar { fill: #3b6ea8 } .error { stroke: #222 } .curve { fill: none; stroke-width: 2 }
.guide { stroke: #888; stroke-opacity: 0.3 }
rect.ground { fill: #fff }
@media (prefers-color-scheme: dark) {
  text { fill: #eee } rect.ground { fill: #1c1c1c } .bar { fill: #7fb0e6 } .error { stroke: #eee }
}
"""
# colors of different lightness, and dashes, for color-blind readers
LINES = (("#3b6ea8", ""), ("#d9822b", "6 3"), ("#2e8b57", "2 3"), ("#a23b72", "8 3 2 3"))
MARKS = "m-5 -5h10v10h-10z", "m0 -7l7 7l-7 7l-7 -7z", "m-6 5h12l-6 -11z", "m-6 -5h12l-6 11z"


def picture(
    found: Sequence[Importance], curves: Sequence[Dependence], labels: Sequence[str], head: str
) -> str:
    """Return an SVG of the importances as bars with their errors, and of each dependence."""
    title = localization.text(Message("Permutation importance: {head}", head=head))
    parts = [text(12, 26, title, "head")]
    parts += bars(found, 36)
    y = 36 + LINE * len(found)
    shown = labels[-1:] if len(labels) == 2 else labels[: len(LINES)]
    for curve in curves:
        y += 48
        title = Message("Partial dependence: mean prediction by {name}", name=curve.name)
        parts.append(text(12, y, localization.text(title), "head"))
        outputs, apart = [labels.index(label) for label in shown], is_apart(curve)
        parts += (dots if apart else lines)(curve, outputs, y + 14)
        y += 34 + (LINE * len(curve.values) if apart else PLOT)
        parts += legend(shown, y, with_marks=apart)
        y += 10
    height = y + 24
    frame = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {WIDTH} {height}",
        "role": "img",
    }
    what = localization.text(Message("Permutation importance and partial dependence"))
    title = element("title", {}, what)
    ground = element("rect", {"class": "ground", "width": WIDTH, "height": height})
    return element("svg", frame, title, element("style", {}, Markup(STYLE)), ground, *parts) + "\n"


def bars(found: Sequence[Importance], y: int) -> list[Markup]:
    """Draw each importance as a bar with its standard error."""
    largest = max([one.mean for one in found] + [1e-12])
    room, parts = WIDTH - LEFT - RIGHT, list[Markup]()
    for one in found:
        y += LINE
        length = room * max(one.mean, 0) / largest
        size = {"width": f"{length:.1f}", "height": 14}
        parts.append(text(LEFT - 8, y, shorten(one.name), anchor="end"))
        parts.append(element("rect", {"class": "bar", "x": LEFT, "y": y - 12, **size}))
        if np.isfinite(one.error):
            a, b = (LEFT + room * max(one.mean + s * one.error, 0) / largest for s in (-1, 1))
            parts.append(path("error", f"M{a:.1f} {y - 5}H{b:.1f}"))
        parts.append(text(WIDTH - RIGHT + 30, y, f"{one.mean:.3f}", "small"))
    return parts


def legend(shown: Sequence[str], y: int, *, with_marks: bool) -> list[Markup]:
    """Draw the mark or the line of each output, with its name."""
    parts = list[Markup]()
    for i, label in enumerate(shown):
        x = LEFT + 110 * i
        parts.append(mark(i, x + 12, y + 10) if with_marks else line(i, f"M{x} {y + 10}h24"))
        parts.append(text(x + 30, y + 14, shorten(label), "small"))
    return parts


def is_apart(curve: Dependence) -> bool:
    """Return whether there is nothing between two values of the column."""
    return isinstance(curve.values[0], bool | str)


def dots(curve: Dependence, outputs: Sequence[int], top: float) -> list[Markup]:
    """Draw the dependence on a categorical column as marks, a line for each value."""
    means, parts = curve.means[:, outputs], list[Markup]()
    shares, low, high = between(means)
    room, bottom = WIDTH - LEFT - RIGHT, top + LINE * len(curve.values)
    for k, value in enumerate(curve.values):
        y = top + LINE * (k + 0.5)
        parts.append(text(LEFT - 12, y + 4, shorten(str(value)), anchor="end"))
        parts.append(path("guide", f"M{LEFT} {y}H{WIDTH - RIGHT}"))
        for i in reversed(range(len(outputs))):
            parts.append(mark(i, LEFT + room * shares[k, i], y))
        if len(outputs) == 1:
            parts.append(
                text(WIDTH - RIGHT + 30, y + 4, format_significant(float(means[k, 0])), "small")
            )
    parts.append(path("axis", f"M{LEFT} {bottom}H{WIDTH - RIGHT}"))
    for value, x in ((low, LEFT), (high, WIDTH - RIGHT)):
        parts.append(text(x, bottom + 16, format_significant(value), "small", "middle"))
    return parts


def lines(curve: Dependence, outputs: Sequence[int], top: float) -> list[Markup]:
    """Draw the dependence on a column as a line for each output."""
    shares, low, high = between(curve.means[:, outputs])
    room, stands = WIDTH - LEFT - RIGHT, along(curve.values)
    parts = [path("axis", f"M{LEFT} {top}V{top + PLOT}H{WIDTH - RIGHT}", fill="none")]
    for value, at in ((high, top + 4), (low, top + PLOT)):
        parts.append(text(LEFT - 8, at, format_significant(value, 4), "small", "end"))
    for i in range(len(outputs)):
        places = [
            (LEFT + room * at, top + PLOT * (1 - share))
            for at, share in zip(stands, shares[:, i], strict=True)
        ]
        parts.append(line(i, "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)))
    free = -np.inf  # where no label stands yet
    for at, value in zip(stands, curve.values, strict=True):
        x = LEFT + room * at
        parts.append(path("axis", f"M{x:.1f} {top + PLOT}v4"))
        if x >= free:
            label = format_significant(value, 4) if isinstance(value, float) else str(value)
            parts.append(text(x, top + PLOT + 16, shorten(label, 10), "small", "middle"))
            free = x + 7 * min(len(label), 10) + 8
    return parts


def between(means: Array) -> tuple[Array, float, float]:
    """Scale numbers to [0, 1]; return them, their lowest and their highest."""
    low, high = float(means.min()), float(means.max())
    return (means - low) / (high - low) if high > low else 0 * means + 0.5, low, high


def path(kind: str, d: str, **attributes: Value) -> Markup:
    """Draw a path of one kind."""
    return element("path", {"class": kind, **attributes, "d": d})


def line(i: int, d: str) -> Markup:
    """Draw the line of output i."""
    color, dash = LINES[i]
    return path("curve", d, **{"stroke": color, "stroke-dasharray": dash})


def mark(i: int, x: float, y: float) -> Markup:
    """Draw the mark of output i at a position."""
    return path("mark", f"M{x:.1f} {y:.1f}{MARKS[i]}", fill=LINES[i][0])


def along(values: Sequence[object]) -> list[float]:
    """Return positions of values on an axis from 0 to 1: by size, or in equal steps."""
    steps = np.arange(len(values)) / max(len(values) - 1, 1)
    sizes = np.array(values)
    sizes = sizes.astype("datetime64[us]") if sizes.dtype == object else sizes
    if sizes.dtype.kind not in "iufM" or not (sizes[-1] > sizes[0]):
        return steps.tolist()
    return ((sizes - sizes[0]) / (sizes[-1] - sizes[0])).astype(float).tolist()


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> Markup:
    """Draw a text at a position. Control characters, which XML does not allow, are escaped."""
    place = {"class": kind, "x": f"{x:.1f}", "y": y, "text-anchor": anchor}
    return element("text", place, escape_controls(content))


def shorten(name: str, length: int = 22) -> str:
    """Cut a name to a length."""
    return name if len(name) <= length else name[: length - 1] + "…"
