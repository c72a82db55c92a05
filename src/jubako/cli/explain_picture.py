"""The picture that `jubako explain --picture` draws: one SVG, with text as text."""

from collections.abc import Sequence
from html import escape

import numpy as np

from jubako.core.activations import Array
from jubako.evaluation.importance import Dependence, Importance
from jubako.i18n.escaping import escape_controls

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
# colours that differ in lightness too, and dashes, since not everybody sees colours
LINES = (("#3b6ea8", ""), ("#d9822b", "6 3"), ("#2e8b57", "2 3"), ("#a23b72", "8 3 2 3"))
MARKS = "m-5 -5h10v10h-10z", "m0 -7l7 7l-7 7l-7 -7z", "m-6 5h12l-6 -11z", "m-6 -5h12l-6 11z"


def picture(
    found: Sequence[Importance], curves: Sequence[Dependence], labels: Sequence[str], head: str
) -> str:
    """Draw the importances as bars with their errors, and each dependence as lines."""
    parts, y = list[str](), 26
    parts.append(text(12, y, f"{head} when a column is shuffled", "head"))
    y += 10
    most = max([one.mean for one in found] + [1e-12])
    room = WIDTH - LEFT - RIGHT
    for one in found:
        y += LINE
        length = room * max(one.mean, 0) / most
        parts.append(text(LEFT - 8, y, shorten(one.name), anchor="end"))
        parts.append(
            f'<rect class="bar" x="{LEFT}" y="{y - 12}" width="{length:.1f}" height="14"/>'
        )
        if np.isfinite(one.error):
            a, b = (LEFT + room * max(one.mean + s * one.error, 0) / most for s in (-1, 1))
            parts.append(f'<path class="error" d="M{a:.1f} {y - 5}H{b:.1f}"/>')
        parts.append(text(WIDTH - RIGHT + 30, y, f"{one.mean:.3f}", "small"))
    shown = labels[-1:] if len(labels) == 2 else labels[: len(LINES)]
    for curve in curves:
        y += 48
        parts.append(text(12, y, f"mean prediction if {curve.name} were ...", "head"))
        outputs, apart = [labels.index(label) for label in shown], is_apart(curve)
        parts += (dots if apart else lines)(curve, outputs, y + 14)
        y += 34 + (LINE * len(curve.values) if apart else PLOT)
        for i, label in enumerate(shown):
            x = LEFT + 110 * i
            parts.append(mark(i, x + 12, y + 10) if apart else line(i, f"M{x} {y + 10}h24"))
            parts.append(text(x + 30, y + 14, shorten(label), "small"))
        y += 10
    height = y + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>What the model goes by</title><style>{STYLE}</style>"
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>{"".join(parts)}</svg>\n'
    )


def is_apart(curve: Dependence) -> bool:
    """Tell whether there is nothing between two values of the column."""
    return isinstance(curve.values[0], bool | str)


def dots(curve: Dependence, outputs: Sequence[int], top: float) -> list[str]:
    """Draw a mark for each value of a column of categories, on a line of its own."""
    means, parts = curve.means[:, outputs], list[str]()
    shares, low, high = between(means)
    room, bottom = WIDTH - LEFT - RIGHT, top + LINE * len(curve.values)
    for k, value in enumerate(curve.values):
        y = top + LINE * (k + 0.5)
        parts.append(text(LEFT - 12, y + 4, shorten(str(value)), anchor="end"))
        parts.append(f'<path class="guide" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        for i in reversed(range(len(outputs))):
            parts.append(mark(i, LEFT + room * shares[k, i], y))
        if len(outputs) == 1:
            parts.append(text(WIDTH - RIGHT + 30, y + 4, f"{means[k, 0]:.3g}", "small"))
    parts.append(f'<path class="axis" d="M{LEFT} {bottom}H{WIDTH - RIGHT}"/>')
    for value, x in ((low, LEFT), (high, WIDTH - RIGHT)):
        parts.append(text(x, bottom + 16, f"{value:.3g}", "small", "middle"))
    return parts


def lines(curve: Dependence, outputs: Sequence[int], top: float) -> list[str]:
    """Draw the lines of one column."""
    shares, low, high = between(curve.means[:, outputs])
    room, stands = WIDTH - LEFT - RIGHT, along(curve.values)
    parts = [f'<path class="axis" fill="none" d="M{LEFT} {top}V{top + PLOT}H{WIDTH - RIGHT}"/>']
    for value, at in ((high, top + 4), (low, top + PLOT)):
        parts.append(text(LEFT - 8, at, f"{value:.4g}", "small", "end"))
    for i in range(len(outputs)):
        places = [
            (LEFT + room * at, top + PLOT * (1 - share))
            for at, share in zip(stands, shares[:, i], strict=True)
        ]
        parts.append(line(i, "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)))
    free = -np.inf  # where no label stands yet
    for at, value in zip(stands, curve.values, strict=True):
        x = LEFT + room * at
        parts.append(f'<path class="axis" d="M{x:.1f} {top + PLOT}v4"/>')
        if x >= free:
            said = f"{value:.4g}" if isinstance(value, float) else str(value)
            parts.append(text(x, top + PLOT + 16, shorten(said, 10), "small", "middle"))
            free = x + 7 * min(len(said), 10) + 8
    return parts


def between(means: Array) -> tuple[Array, float, float]:
    """Say where numbers lie between their lowest, 0, and highest, 1; and which those are."""
    low, high = float(means.min()), float(means.max())
    return (means - low) / (high - low) if high > low else 0 * means + 0.5, low, high


def line(i: int, path: str) -> str:
    """Draw the line of output i."""
    color, dash = LINES[i]
    return f'<path class="curve" stroke="{color}" stroke-dasharray="{dash}" d="{path}"/>'


def mark(i: int, x: float, y: float) -> str:
    """Draw the mark of output i at a place."""
    return f'<path class="mark" fill="{LINES[i][0]}" d="M{x:.1f} {y:.1f}{MARKS[i]}"/>'


def along(values: Sequence[object]) -> list[float]:
    """Say where values stand on an axis from 0 to 1: by their size, or in equal steps."""
    steps = np.arange(len(values)) / max(len(values) - 1, 1)
    sizes = np.array(values)
    sizes = sizes.astype("datetime64[us]") if sizes.dtype == object else sizes
    if sizes.dtype.kind not in "iufM" or not (sizes[-1] > sizes[0]):
        return steps.tolist()
    return ((sizes - sizes[0]) / (sizes[-1] - sizes[0])).astype(float).tolist()


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Return words at a place. XML has no control characters, so they are written out."""
    words = escape(escape_controls(words))
    return f'<text class="{kind}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{words}</text>'


def shorten(words: str, most: int = 22) -> str:
    """Cut words that would not fit."""
    return words if len(words) <= most else words[: most - 1] + "…"
