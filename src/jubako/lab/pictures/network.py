"""The network as boxes, with a picture for each unit and a line for each weight."""

from itertools import pairwise

import numpy as np
from rich.cells import cell_len

from jubako.core.activations import Array
from jubako.explain.render.markup import Markup, element, fragment
from jubako.lab.snapshot import Snapshot
from jubako.lab.translator import Translator

from . import Changes
from .canvas import Canvas
from .image import painted

MAX_SHOWN = 8  # units of a layer
MAX_INPUTS = 10
OUTER, TILE, GAP, TOP = 136, 34, 7, 30  # pixels in the picture of the network
WIDE, NARROW = 114, 88  # of a hidden layer, as in page.css: five narrow ones fit in 1400 px
MAX_WIDE = 3  # hidden layers
SHIFT = 36  # by which inputs and outputs stand nearer, for room for their names


def draw_unit(image: str, name: str) -> Markup:
    """Show the image of one unit, large."""
    size = {"width": 150, "height": 150}
    shown = {"id": "unit-picture", **size, "href": image, "preserveAspectRatio": "none"}
    return element(
        "svg",
        {"class": "large", **size, "role": "img", "aria-label": name},
        element("image", shown),
    )


def unit_image(snapshot: Snapshot, canvas: Canvas, place: tuple[int, int]) -> str:
    """Return the image of one unit, (layer, unit), as a data URL."""
    i, k = place
    hidden, prediction = snapshot.outputs(canvas.fine)
    return painted([*hidden, output_sign(snapshot, prediction)][i][:, k])


def y_of(k: int, n: int, tallest: int) -> float:
    """Return the center of tile k of n, so that columns are centered."""
    return TOP + (tallest - n) * (TILE + GAP) / 2 + k * (TILE + GAP) + TILE / 2 + GAP


def columns_of(snapshot: Snapshot) -> list[int]:
    """Return the number of tiles of each column: inputs, hidden layers, outputs."""
    *hidden, output = (layer.n_out for layer in snapshot.layers)
    inputs = min(len(snapshot.data.inputs), MAX_INPUTS)
    return [inputs, *(min(n, MAX_SHOWN) for n in hidden), min(output, MAX_INPUTS)]


def cut(name: str, most: int = 12) -> str:
    """Shorten a name to a number of columns; Japanese characters take two."""
    if cell_len(name) <= most:
        return name
    while cell_len(name) >= most:
        name = name[:-1]
    return name + "…"


def input_names(snapshot: Snapshot, translate: Translator) -> list[str]:
    """Return the names of the inputs."""
    return [translate.message(name) for name in snapshot.data.inputs]


def output_names(snapshot: Snapshot) -> list[str]:
    """Return the names of the output units: with two classes there is one, for the second."""
    names = snapshot.data.outputs
    return names[-1:] if snapshot.layers[-1].n_out == 1 else names


def is_narrow(n_hidden: int) -> bool:
    """Return whether this number of hidden layers is drawn narrower."""
    return n_hidden > MAX_WIDE


def draw_network(snapshot: Snapshot, translate: Translator) -> Markup:
    """Draw boxes, tiles and edges; `network_changes` fills them."""
    columns = columns_of(snapshot)
    tallest = max(columns)
    column = NARROW if is_narrow(len(columns) - 2) else WIDE
    width = 2 * OUTER + column * (len(columns) - 2)
    height = f"{TOP + tallest * (TILE + GAP) + 2 * GAP + 18:.0f}"
    x_of = [OUTER + column * (i - 0.5) for i in range(len(columns))]
    x_of[0], x_of[-1] = OUTER / 2 + SHIFT, width - OUTER / 2 - SHIFT
    sizes = [len(snapshot.data.inputs), *(layer.n_out for layer in snapshot.layers)]
    attributes = {
        "id": "network",
        "role": "group",
        "aria-label": translate("network of", sizes=" – ".join(map(str, sizes))),
        "width": width,
        "height": height,
        "viewBox": f"0 0 {width} {height}",
    }
    drawn = [draw_edges(columns, x_of)]
    for i, n in enumerate(columns):
        top = y_of(0, n, tallest) - TILE / 2 - GAP
        if 0 < i < len(columns) - 1:
            drawn.append(draw_box(x_of[i], top, n))
            if snapshot.layers[i - 1].residual:
                drawn.append(draw_residual(x_of[i - 1], x_of[i], top))
        drawn.append(draw_tiles(snapshot, translate, i, x_of[i]))
        if sizes[i] > n:
            y = y_of(n - 1, n, tallest) + TILE / 2 + GAP + 14
            place = {"x": x_of[i], "y": f"{y:.1f}", "text-anchor": "middle"}
            drawn.append(element("text", place, translate("more", n=sizes[i] - n)))
    return element("svg", attributes, *drawn)


def draw_edges(columns: list[int], x_of: list[float]) -> Markup:
    """Draw a line for each weight between two tiles."""
    drawn, tallest = list[Markup](), max(columns)
    for i, (n_in, n_out) in enumerate(pairwise(columns)):
        left, right = x_of[i] + TILE / 2, x_of[i + 1] - TILE / 2
        middle = (left + right) / 2
        for j in range(n_in):
            for k in range(n_out):
                y0, y1 = y_of(j, n_in, tallest), y_of(k, n_out, tallest)
                d = f"M{left} {y0:.1f}C{middle} {y0:.1f} {middle} {y1:.1f} {right} {y1:.1f}"
                drawn.append(element("path", {"id": f"e{i}-{j}-{k}", "d": d}))
    return element("g", {"class": "edges"}, *drawn)


def draw_box(x: float, top: float, n: int) -> Markup:
    """Draw the box of a hidden layer of n tiles."""
    height = n * (TILE + GAP) + GAP
    place = {"x": x - TILE / 2 - GAP, "y": f"{top:.1f}", "width": TILE + 2 * GAP}
    return element("rect", {"class": "box", **place, "height": f"{height:.1f}", "rx": 7})


def draw_residual(x0: float, x1: float, y: float) -> Markup:
    """Draw a residual connection: an arc from box to box."""
    top = max(y - 22, 4)
    d = f"M{x0} {y:.1f}C{x0} {top:.1f} {x1} {top:.1f} {x1} {y:.1f}"
    place = {"x": (x0 + x1) / 2, "y": f"{y - 8:.1f}", "text-anchor": "middle"}
    return fragment(element("path", {"class": "residual", "d": d}), element("text", place, "+"))


def draw_tiles(snapshot: Snapshot, translate: Translator, i: int, x: float) -> Markup:
    """Draw the tiles of one column, with the names of inputs and outputs."""
    columns = columns_of(snapshot)
    n, outer = columns[i], i in (0, len(columns) - 1)
    names = input_names(snapshot, translate) if i == 0 else output_names(snapshot)
    drawn = list[Markup]()
    for k in range(n):
        y = y_of(k, n, max(columns))
        name = names[k] if outer else translate("unit", i=i, k=k + 1)
        drawn.append(draw_tile(i, k, x, y, name))
        if outer:
            left = {"x": x - TILE / 2 - 5, "y": f"{y + 4:.1f}", "text-anchor": "end"}
            right = {"x": x + TILE / 2 + 5, "y": f"{y + 4:.1f}", "text-anchor": "start"}
            title = element("title", {}, name)
            drawn.append(element("text", left if i == 0 else right, cut(name), title))
    return fragment(*drawn)


def draw_tile(i: int, k: int, x: float, y: float, name: str) -> Markup:
    """Draw the tile of one unit."""
    place = {"x": x - TILE / 2, "y": f"{y - TILE / 2:.1f}", "width": TILE, "height": TILE}
    image = element("image", {"id": f"u{i}-{k}", **place, "preserveAspectRatio": "none"})
    rim = element("rect", {"class": "rim", **place, "rx": 3})
    if i == 0:
        return fragment(image, rim)
    event = {"data-event": "unit", "data-value": f"{i - 1},{k}"}
    unit = {"class": "unit", "role": "button", "tabindex": 0, **event, "id": f"t{i}-{k}"}
    return element("g", unit | {"aria-label": name}, element("title", {}, name), image, rim)


def network_changes(snapshot: Snapshot, canvas: Canvas) -> Changes:
    """Paint the tiles and set the edges."""
    changes: Changes = {}
    columns = columns_of(snapshot)
    hidden, prediction = snapshot.outputs(canvas.coarse)
    for i, values in enumerate([canvas.coarse, *hidden, output_sign(snapshot, prediction)]):
        for k in range(columns[i]):
            changes[f"u{i}-{k}"] = {"href": painted(values[:, k])}
    parts = snapshot.parts
    for i, layer in enumerate(snapshot.layers):
        w = layer.w(parts)
        scale = float(abs(w).max()) or 1.0
        for j in range(columns[i]):
            for k in range(columns[i + 1]):
                changes[f"e{i}-{j}-{k}"] = edge(float(w[j, k]), scale)
    return changes


def edge(w: float, scale: float) -> dict[str, str]:
    """Draw a weight: thick if it is large, dashed if it is negative."""
    share = abs(w) / scale if np.isfinite(w) else 0.0
    return {
        "class": "minus" if w < 0 else "plus",
        "stroke-width": f"{0.4 + 3.6 * share:.2f}",
        "opacity": f"{0.25 + 0.6 * share:.2f}",
    }


def output_sign(snapshot: Snapshot, prediction: Array) -> Array:
    """Return predictions as numbers from -1 to 1 for classes; 0 is undecided."""
    if snapshot.data.task == "classify":
        even = 1 / len(snapshot.data.outputs)
        return np.where(
            prediction > even, (prediction - even) / (1 - even), (prediction - even) / even
        )
    return prediction
