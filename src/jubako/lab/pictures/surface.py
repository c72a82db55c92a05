"""The surface: predictions over one or two columns, with the rows as points."""

import numpy as np

from jubako.core.activations import Array
from jubako.data.dataset import Dataset
from jubako.data.inference import read_numbers
from jubako.explain.render.markup import Markup, element, fragment
from jubako.lab.snapshot import Snapshot
from jubako.lab.translator import Translator

from . import Changes
from .canvas import FINE, Canvas
from .image import PALETTE, color, diverging, mixed, png

MAX_POINTS = 300
SIDE = 300  # of the square
CORNERS = {2: "0,-4 4,3 -4,3", 3: "0,-4.5 4,0 0,4.5 -4,0", 4: "0,4 4,-3 -4,-3"}


def draw_surface(snapshot: Snapshot, canvas: Canvas, translate: Translator) -> Markup:
    """Draw the frame, the axes and the points; `surface_changes` paints the prediction."""
    if canvas.axes is None:
        return element("p", {}, translate("no axes"))
    left, right, bottom, top = canvas.edges
    data, over_line = snapshot.data, is_line(snapshot, canvas)
    x, y = canvas.axes[0], canvas.axes[1] or data.target
    title = translate("surface of" if canvas.axes[1] else "line of", x=x, y=y)
    drawn = list[Markup]()
    square = {"x": 0, "y": 0, "width": SIDE, "height": SIDE}
    if not over_line:
        drawn.append(element("image", {"id": "surface", **square, "preserveAspectRatio": "none"}))
    drawn += draw_points(snapshot, canvas, data.test, "held")
    drawn += draw_points(snapshot, canvas, data.train, "seen")
    if over_line:
        drawn.append(element("path", {"id": "line", "class": "line"}))
    turned = {"transform": "translate(-32 150) rotate(-90)", "text-anchor": "middle"}
    drawn += [
        element("rect", {"class": "frame", **square}),
        element("text", {"x": 150, "y": 338, "text-anchor": "middle"}, x),
        element("text", turned, y),
        element("text", {"x": 0, "y": 316}, f"{left:.3g}"),
        element("text", {"x": SIDE, "y": 316, "text-anchor": "end"}, f"{right:.3g}"),
    ]
    if canvas.axes[1] or data.task == "regress":
        drawn += [
            element("text", {"x": -5, "y": SIDE, "text-anchor": "end"}, f"{bottom:.3g}"),
            element("text", {"x": -5, "y": 10, "text-anchor": "end"}, f"{top:.3g}"),
        ]
    frame = {"class": "surface", "role": "img", "aria-label": title, "viewBox": "-46 -6 352 352"}
    return fragment(
        element("svg", frame, *drawn), draw_legend(snapshot, translate, ramp=not over_line)
    )


def draw_points(snapshot: Snapshot, canvas: Canvas, rows: Dataset, kind: str) -> list[Markup]:
    """Draw the training or the held-out rows that lie within the picture."""
    assert canvas.axes
    left, right, bottom, top = canvas.edges
    codes, fills = point_colors(snapshot, rows.target)
    xs = read_numbers(rows.table[canvas.axes[0]], canvas.axes[0])
    if canvas.axes[1]:
        ys = read_numbers(rows.table[canvas.axes[1]], canvas.axes[1])
    elif is_line(snapshot, canvas):
        ys, fills = rows.target, [color(1)] * len(rows.target)  # the height shows the value already
    else:
        ys = lanes(codes)
    drawn = list[Markup]()
    for r in np.unique(np.linspace(0, len(rows.target) - 1, MAX_POINTS).astype(int)):
        px = SIDE * (float(xs[r]) - left) / (right - left)
        py = SIDE * (top - float(ys[r])) / (top - bottom)
        if 0 <= px <= SIDE and 0 <= py <= SIDE:  # held-out rows may lie outside
            drawn.append(draw_mark(px, py, int(codes[r]), fills[r], kind))
    return drawn


def is_line(snapshot: Snapshot, canvas: Canvas) -> bool:
    """Return whether the prediction is drawn as a line: a number over one column."""
    return canvas.axes is not None and not canvas.axes[1] and snapshot.data.task == "regress"


def lanes(codes: Array) -> Array:
    """Return a height in [code, code + 1] for each row, so that classes do not overlap."""
    spread = (np.arange(len(codes)) * 0.618) % 1  # no two neighbours at one height
    return codes + 0.15 + 0.7 * spread


def point_colors(snapshot: Snapshot, y: Array) -> tuple[Array, list[str]]:
    """Return the class of each row, 0 for numbers, and its colour."""
    data = snapshot.data
    if data.task == "classify":
        codes = np.searchsorted(np.unique(data.train.target), y)
        return codes, [color(int(code)) for code in codes]
    size = float(abs(data.y).max()) or 1.0
    shades = diverging((y - data.center) / data.scale / size)
    return np.zeros(len(y), int), [f"rgb({r},{g},{b})" for r, g, b in shades]


def draw_mark(x: float, y: float, code: int, fill: str, kind: str) -> Markup:
    """Draw a point: its shape shows the class; hollow points are held-out rows."""
    paint = {"fill" if kind == "seen" else "stroke": fill}
    shape = code % 5
    if shape == 0:
        place = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": 3.4}
        return element("circle", {"class": kind, **place, **paint})
    if shape == 1:
        place = {"x": f"{x - 3:.1f}", "y": f"{y - 3:.1f}", "width": 6, "height": 6}
        return element("rect", {"class": kind, **place, **paint})
    place = {"points": CORNERS[shape], "transform": f"translate({x:.1f} {y:.1f})"}
    return element("polygon", {"class": kind, **place, **paint})


def draw_legend(snapshot: Snapshot, translate: Translator, *, ramp: bool) -> Markup:
    """Draw the legend of the marks, and with `ramp` that of the colors."""
    items, data, small = list[Markup](), snapshot.data, {"width": 12, "height": 12}
    if data.task == "classify":
        for i, name in enumerate(data.outputs[: len(PALETTE)]):
            drawn = draw_mark(6, 6, i, color(i), "seen")
            items.append(element("span", {}, element("svg", small, drawn), name))
    elif ramp:
        ends = f"{data.train.target.min():.4g} – {data.train.target.max():.4g}"
        bar = element("i", {"class": "ramp"}, "")
        items.append(element("span", {}, bar, f"{data.target}: {ends}"))
    for kind in ("seen", "held"):
        paint = {"fill" if kind == "seen" else "stroke": "currentColor"}
        drawn = element("circle", {"class": kind, "cx": 6, "cy": 6, "r": 3.4, **paint})
        items.append(element("span", {}, element("svg", small, drawn), translate(kind)))
    return element("div", {"class": "legend"}, *items)


def surface_changes(snapshot: Snapshot, canvas: Canvas) -> Changes:
    """Paint the prediction over the two columns."""
    if canvas.axes is None:
        return {}
    data = snapshot.data
    _, prediction = snapshot.outputs(canvas.fine)
    if is_line(snapshot, canvas):
        bottom, top = canvas.edges[2:]
        heights = prediction[:FINE, 0] * data.scale + data.center
        ys = np.clip(SIDE * (top - heights) / (top - bottom), 0, SIDE)
        xs = SIDE * (np.arange(FINE) + 0.5) / FINE
        steps = [f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True) if np.isfinite(y)]
        return {"line": {"d": f"M{'L'.join(steps)}" if steps else ""}}
    if data.task == "classify":
        p = np.clip(prediction, 0, 1)
        pixels = mixed(np.hstack([1 - p, p]) if p.shape[1] == 1 else p)
    else:
        pixels = diverging(prediction[:, 0] / (float(abs(data.y).max()) or 1.0))
    return {"surface": {"href": png(pixels.reshape(FINE, FINE, 3))}}
