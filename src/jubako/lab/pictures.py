"""Pictures: arrays as SVG and HTML. Each is drawn once; then only what has changed is sent.

What is sent is a dictionary from the id of an element to its new attributes; "text" and "html"
stand for what is inside it.
"""

import base64
import struct
import zlib
from html import escape
from itertools import pairwise

import numpy as np
from rich.cells import cell_len

from jubako.core.activations import Array
from jubako.table.inference import read_numbers

from .data import grid
from .figures import figure
from .session import Look, classes
from .texts import Say

Changes = dict[str, dict[str, str]]
FINE, COARSE = 48, 20  # pixels along the side of the large picture, and of a unit's
MOST_SHOWN = 8  # units of a layer
MOST_INPUTS = 10
MOST_POINTS = 300
OUTER, TILE, GAP, TOP = 136, 34, 7, 30  # pixels in the picture of the network
WIDE, NARROW = 114, 88  # of a hidden layer, as page.css has it: five narrow ones fit a usual screen
MOST_WIDE = 3  # hidden layers
SHIFT = 36  # by which inputs and outputs stand nearer, for room for their names

# after Okabe & Ito 2008: these can be told apart with any kind of colour vision
PALETTE = np.array(
    [
        (230, 159, 0), (0, 114, 178), (0, 158, 115), (204, 121, 167), (86, 180, 233),
        (213, 94, 0), (240, 228, 66), (130, 130, 130), (120, 60, 0), (60, 60, 160),
    ],
    float,
)  # fmt: skip


# Colours


def diverging(values: Array) -> Array:
    """From -1 over 0 to 1: orange over white to blue, (..., 3) of uint8."""
    z = np.clip(np.nan_to_num(values), -1, 1)[..., None]
    end = np.where(z < 0, PALETTE[0], PALETTE[1])
    return (255 + (end - 255) * abs(z)).astype(np.uint8)


def mixed(p: Array) -> Array:
    """Colours of the classes, mixed by their probabilities (..., C), (..., 3) of uint8."""
    p = np.nan_to_num(p)
    colors = PALETTE[np.arange(p.shape[-1]) % len(PALETTE)]
    return (
        (255 + 0.75 * (p @ colors - 255 * p.sum(-1, keepdims=True))).clip(0, 255).astype(np.uint8)
    )


def color(i: int) -> str:
    """Return the colour of a class, as CSS wants it."""
    r, g, b = PALETTE[i % len(PALETTE)].astype(int)
    return f"rgb({r},{g},{b})"


def png(pixels: Array) -> str:
    """Write pixels (height, width, 3) of uint8 as an image that an href can hold."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(data).decode()


# The network


class Canvas:
    """The points over which a network is looked at: they stay as long as data and axes do."""

    def __init__(self, look: Look) -> None:
        self.data = look.data
        names = look.data.axes
        chosen = [name for name in look.setup.axes if name in names]
        chosen += [name for name in names if name not in chosen]
        # "" is no column: with one of numbers, the picture is over that alone
        self.axes = (chosen[0], chosen[1] if len(chosen) > 1 else "") if chosen else None
        if self.axes:
            self.fine, self.edges = grid(look.data, self.axes, FINE)
            self.coarse, _ = grid(look.data, self.axes, COARSE)
        else:  # no column of numbers: a pixel is a row
            n = COARSE * COARSE
            self.coarse = self.fine = look.data.x[np.arange(n) % len(look.data.x)]


def painted(values: Array) -> str:
    """Paint what a unit puts out at the points of a square: white is 0."""
    side = round(len(values) ** 0.5)
    size = float(abs(values).max()) if np.isfinite(values).all() else 0.0
    return png(diverging(values.reshape(side, side) / (size or 1.0)))


def unit(picture: str, name: str) -> str:
    """Show the picture of one unit, large."""
    return (
        f'<svg class="large" width="150" height="150" role="img" aria-label="{escape(name)}">'
        f'<image id="unit-picture" width="150" height="150" href="{picture}" '
        'preserveAspectRatio="none"/></svg>'
    )


def shown(n: int, most: int = MOST_SHOWN) -> int:
    """Return how many of n units are drawn."""
    return min(n, most)


def y_of(k: int, n: int, tallest: int) -> float:
    """Return the middle of tile k of n, so that columns stand in the middle."""
    return TOP + (tallest - n) * (TILE + GAP) / 2 + k * (TILE + GAP) + TILE / 2 + GAP


def columns_of(look: Look) -> list[int]:
    """Return how many tiles each column of the picture has: inputs, hidden layers, outputs."""
    inputs = shown(len(look.data.inputs), MOST_INPUTS)
    return [inputs, *(shown(layer.n_out, MOST_INPUTS if i == len(look.layers) - 1 else MOST_SHOWN)
                      for i, layer in enumerate(look.layers))]  # fmt: skip


def cut(name: str, most: int = 12) -> str:
    """Shorten a name to so many columns; Japanese characters take two."""
    if cell_len(name) <= most:
        return name
    while cell_len(name) >= most:
        name = name[:-1]
    return name + "…"


def input_names(look: Look, say: Say) -> list[str]:
    """Name the numbers that come in."""
    return [say.said(name) for name in look.data.inputs]


def output_names(look: Look) -> list[str]:
    """Name the units of the output layer: with two classes there is one, for the second."""
    names = look.data.outputs
    return names[-1:] if look.layers[-1].n_out == 1 else names


def is_narrow(n_hidden: int) -> bool:
    """Tell whether so many hidden layers stand closer together."""
    return n_hidden > MOST_WIDE


def network(look: Look, say: Say) -> str:
    """Draw boxes, tiles and edges; `network_changes` fills them."""
    columns = columns_of(look)
    tallest = max(columns)
    column = NARROW if is_narrow(len(columns) - 2) else WIDE
    width = 2 * OUTER + column * (len(columns) - 2)
    height = TOP + tallest * (TILE + GAP) + 2 * GAP + 18
    parts = list[str]()
    x_of = [OUTER + column * (i - 0.5) for i in range(len(columns))]
    x_of[0], x_of[-1] = OUTER / 2 + SHIFT, width - OUTER / 2 - SHIFT
    for i, (n_in, n_out) in enumerate(pairwise(columns)):
        left, right = x_of[i] + TILE / 2, x_of[i + 1] - TILE / 2
        middle = (left + right) / 2
        for j in range(n_in):
            for k in range(n_out):
                y0, y1 = y_of(j, n_in, tallest), y_of(k, n_out, tallest)
                d = f"M{left} {y0:.1f}C{middle} {y0:.1f} {middle} {y1:.1f} {right} {y1:.1f}"
                parts.append(f'<path id="e{i}-{j}-{k}" d="{d}"/>')
    edges = f'<g class="edges">{"".join(parts)}</g>'
    parts = []
    for i, n in enumerate(columns):
        y0, x0 = y_of(0, n, tallest) - TILE / 2 - GAP, x_of[i] - TILE / 2 - GAP
        h = n * (TILE + GAP) + GAP
        if 0 < i < len(columns) - 1:
            parts.append(
                f'<rect class="box" x="{x0}" y="{y0:.1f}" width="{TILE + 2 * GAP}" '
                f'height="{h:.1f}" rx="7"/>'
            )
            if look.layers[i - 1].bridged:
                parts.append(bridge(x_of[i - 1], x_of[i], y0))
        names = input_names(look, say) if i == 0 else output_names(look)
        for k in range(n):
            y = y_of(k, n, tallest)
            name = names[k] if i in (0, len(columns) - 1) else say("unit", i=i, k=k + 1)
            parts.append(tile(i, k, x_of[i], y, name))
            if i == 0:
                x_text, anchor = x_of[i] - TILE / 2 - 5, "end"
            else:
                x_text, anchor = x_of[i] + TILE / 2 + 5, "start"
            if i in (0, len(columns) - 1):
                parts.append(
                    f'<text x="{x_text}" y="{y + 4:.1f}" text-anchor="{anchor}">'
                    f"{escape(cut(name))}<title>{escape(name)}</title></text>"
                )
        hidden = len(look.data.inputs) if i == 0 else look.layers[i - 1].n_out
        if hidden > n:
            y = y_of(n - 1, n, tallest) + TILE / 2 + GAP + 14
            parts.append(
                f'<text x="{x_of[i]}" y="{y:.1f}" text-anchor="middle">'
                f"{escape(say('more', n=hidden - n))}</text>"
            )
    title = say("network of", sizes=" – ".join(sizes_of(look)))
    return (
        f'<svg id="network" role="group" aria-label="{escape(title)}" width="{width}" '
        f'height="{height:.0f}" viewBox="0 0 {width} {height:.0f}">{edges}{"".join(parts)}</svg>'
    )


def sizes_of(look: Look) -> list[str]:
    """Return the width of each column, as text."""
    return [str(len(look.data.inputs)), *(str(layer.n_out) for layer in look.layers)]


def tile(i: int, k: int, x: float, y: float, name: str) -> str:
    """Draw the compartment of one unit."""
    place = f'x="{x - TILE / 2}" y="{y - TILE / 2:.1f}" width="{TILE}" height="{TILE}"'
    image = f'<image id="u{i}-{k}" {place} preserveAspectRatio="none"/>'
    if i == 0:
        return f"{image}<rect class='rim' {place} rx='3'/>"
    return (
        f'<g class="unit" role="button" tabindex="0" data-event="unit" data-value="{i - 1},{k}" '
        f'id="t{i}-{k}" aria-label="{escape(name)}"><title>{escape(name)}</title>{image}'
        f"<rect class='rim' {place} rx='3'/></g>"
    )


def bridge(x0: float, x1: float, y: float) -> str:
    """Draw a residual connection: an arc from box to box."""
    top = max(y - 22, 4)
    d = f"M{x0} {y:.1f}C{x0} {top:.1f} {x1} {top:.1f} {x1} {y:.1f}"
    return (
        f'<path class="bridge" d="{d}"/><text x="{(x0 + x1) / 2}" y="{y - 8:.1f}" '
        'text-anchor="middle">+</text>'
    )


def network_changes(look: Look, canvas: Canvas) -> Changes:
    """Paint the tiles and set the edges."""
    changes: Changes = {}
    columns = columns_of(look)
    hidden, prediction = look.outputs(canvas.coarse)
    for i, values in enumerate([canvas.coarse, *hidden]):
        for k in range(columns[i]):
            changes[f"u{i}-{k}"] = {"href": painted(values[:, k])}
    last = len(columns) - 1
    for k in range(columns[last]):
        changes[f"u{last}-{k}"] = {"href": painted(output_sign(look, prediction)[:, k])}
    parts = look.parts
    for i, layer in enumerate(look.layers):
        w = layer.w(parts)
        scale = float(abs(w).max()) or 1.0
        for j in range(columns[i]):
            for k in range(columns[i + 1]):
                changes[f"e{i}-{j}-{k}"] = edge(float(w[j, k]), scale)
    return changes


def edge(w: float, scale: float) -> dict[str, str]:
    """Draw a weight: thick where it is large, dashed where it is negative."""
    share = abs(w) / scale if np.isfinite(w) else 0.0
    return {
        "class": "minus" if w < 0 else "plus",
        "stroke-width": f"{0.4 + 3.6 * share:.2f}",
        "opacity": f"{0.25 + 0.6 * share:.2f}",
    }


def output_sign(look: Look, prediction: Array) -> Array:
    """Return what is predicted as numbers from -1 to 1 for classes; 0 is undecided."""
    if look.data.task == "classify":
        even = 1 / len(look.data.outputs)
        return np.where(
            prediction > even, (prediction - even) / (1 - even), (prediction - even) / even
        )
    return prediction


# The surface


def surface(look: Look, canvas: Canvas, say: Say) -> str:
    """Draw the frame, the axes and the points; `surface_changes` paints the prediction."""
    if canvas.axes is None:
        return f"<p>{escape(say('no axes'))}</p>"
    left, right, bottom, top = canvas.edges
    points = list[str]()
    for part, kind in ((look.data.test, "held"), (look.data.train, "seen")):
        codes, fills = point_colors(look, part.target)
        xs = read_numbers(part.table[canvas.axes[0]], canvas.axes[0])
        if canvas.axes[1]:
            ys = read_numbers(part.table[canvas.axes[1]], canvas.axes[1])
        elif is_line(look, canvas):
            ys = part.target
            fills = [color(1)] * len(ys)  # the height says the number already
        else:
            ys = lanes(codes, len(look.data.outputs))
        for r in np.unique(np.linspace(0, len(part.target) - 1, MOST_POINTS).astype(int)):
            px = 300 * (float(xs[r]) - left) / (right - left)
            py = 300 * (top - float(ys[r])) / (top - bottom)
            if 0 <= px <= 300 and 0 <= py <= 300:  # rows held out may lie outside
                points.append(mark(px, py, int(codes[r]), fills[r], kind))
    x, y = canvas.axes[0], canvas.axes[1] or look.data.target
    title = say("surface of", x=x, y=y) if canvas.axes[1] else say("line of", x=x, y=y)
    numbered = canvas.axes[1] or look.data.task == "regress"
    y_ends = (
        f'<text x="-5" y="300" text-anchor="end">{bottom:.3g}</text>'
        f'<text x="-5" y="10" text-anchor="end">{top:.3g}</text>'
    )
    painted_on = '<path id="line" class="line"/>' if is_line(look, canvas) else ""
    under = "" if painted_on else (
        '<image id="surface" x="0" y="0" width="300" height="300" preserveAspectRatio="none"/>'
    )  # fmt: skip
    return (
        f'<svg class="surface" role="img" aria-label="{escape(title)}" viewBox="-46 -6 352 352">'
        f"{under}{''.join(points)}{painted_on}"
        '<rect class="frame" x="0" y="0" width="300" height="300"/>'
        f'<text x="150" y="338" text-anchor="middle">{escape(x)}</text>'
        f'<text transform="translate(-32 150) rotate(-90)" text-anchor="middle">{escape(y)}</text>'
        f'<text x="0" y="316">{left:.3g}</text><text x="300" y="316" text-anchor="end">{right:.3g}'
        f"</text>{y_ends if numbered else ''}</svg>" + legend(look, say, ramp=not painted_on)
    )


def is_line(look: Look, canvas: Canvas) -> bool:
    """Tell whether what is predicted is drawn as a line: a number over one column."""
    return canvas.axes is not None and not canvas.axes[1] and look.data.task == "regress"


def lanes(codes: Array, n: int) -> Array:
    """Return a height for each row, so that classes lie over each other, in (0, n)."""
    spread = (np.arange(len(codes)) * 0.618) % 1  # no two neighbours at one height
    return codes + 0.15 + 0.7 * spread


def point_colors(look: Look, y: Array) -> tuple[Array, list[str]]:
    """Return the class of each row, 0 for numbers, and its colour."""
    if look.data.task == "classify":
        codes = np.searchsorted(np.unique(look.data.train.target), y)
        return codes, [color(int(code)) for code in codes]
    size = float(abs(look.data.y).max()) or 1.0
    shades = diverging((y - look.data.center) / look.data.scale / size)
    return np.zeros(len(y), int), [f"rgb({r},{g},{b})" for r, g, b in shades]


def mark(x: float, y: float, code: int, fill: str, kind: str) -> str:
    """Draw a point: its shape says its class, hollow says that it is held out."""
    paint = f'fill="{fill}"' if kind == "seen" else f'stroke="{fill}"'
    shape = code % 5
    if shape == 0:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.4" {paint}/>'
    if shape == 1:
        return (
            f'<rect class="{kind}" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" {paint}/>'
        )
    corners = {2: "0,-4 4,3 -4,3", 3: "0,-4.5 4,0 0,4.5 -4,0", 4: "0,4 4,-3 -4,-3"}[shape]
    return (
        f'<polygon class="{kind}" points="{corners}" transform="translate({x:.1f} {y:.1f})" '
        f"{paint}/>"
    )


def legend(look: Look, say: Say, *, ramp: bool) -> str:
    """Say which mark is which, and with a ramp which colour is which number."""
    items = list[str]()
    if look.data.task == "classify":
        for i, name in enumerate(look.data.outputs[: len(PALETTE)]):
            drawn = mark(6, 6, i, color(i), "seen")
            items.append(f'<span><svg width="12" height="12">{drawn}</svg>{escape(name)}</span>')
    elif ramp:
        ends = f"{look.data.train.target.min():.4g} – {look.data.train.target.max():.4g}"
        items.append(f'<span><i class="ramp"></i>{escape(look.data.target)}: {ends}</span>')
    for kind in ("seen", "held"):
        paint = 'fill="currentColor"' if kind == "seen" else 'stroke="currentColor"'
        drawn = f'<circle class="{kind}" cx="6" cy="6" r="3.4" {paint}/>'
        items.append(f'<span><svg width="12" height="12">{drawn}</svg>{escape(say(kind))}</span>')
    return f'<div class="legend">{"".join(items)}</div>'


def surface_changes(look: Look, canvas: Canvas) -> Changes:
    """Paint what is predicted over the two columns."""
    if canvas.axes is None:
        return {}
    _, prediction = look.outputs(canvas.fine)
    if is_line(look, canvas):
        bottom, top = canvas.edges[2:]
        heights = prediction[:FINE, 0] * look.data.scale + look.data.center
        ys = np.clip(300 * (top - heights) / (top - bottom), 0, 300)
        xs = 300 * (np.arange(FINE) + 0.5) / FINE
        steps = [f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True) if np.isfinite(y)]
        return {"line": {"d": f"M{'L'.join(steps)}" if steps else ""}}
    if look.data.task == "classify":
        p = np.clip(prediction, 0, 1)
        pixels = mixed(np.hstack([1 - p, p]) if p.shape[1] == 1 else p)
    else:
        pixels = diverging(prediction[:, 0] / (float(abs(look.data.y).max()) or 1.0))
    return {"surface": {"href": png(pixels.reshape(FINE, FINE, 3))}}


# Curves


def curves(look: Look, say: Say) -> str:
    """Draw the frames of two curves: loss, and accuracy or R²."""
    name = "accuracy" if look.data.task == "classify" else "r2"
    return "".join(
        f'<figure class="curve"><figcaption>{escape(say(title))}</figcaption>'
        f'<svg viewBox="-38 -6 300 112" role="img" aria-label="{escape(say(title))}">'
        '<path class="frame" d="M0 0V90H260"/>'
        f'<path id="{key}-train" class="train"/><path id="{key}-test" class="test"/>'
        f'<text id="{key}-top" x="-4" y="8" text-anchor="end"></text>'
        f'<text id="{key}-bottom" x="-4" y="90" text-anchor="end"></text>'
        f'<text id="{key}-right" x="260" y="103" text-anchor="end"></text>'
        '<text x="0" y="103">0</text></svg></figure>'
        for key, title in (("loss", "loss"), ("score", name))
    ) + (
        f'<div class="legend"><span><svg width="22" height="10"><path class="train" d="M0 5H22"/>'
        f'</svg>{escape(say("seen"))}</span><span><svg width="22" height="10"><path class="test" '
        f'd="M0 5H22"/></svg>{escape(say("held"))}</span></div>'
    )


def curve_changes(look: Look) -> Changes:
    """Trace both curves."""
    points = look.points
    kept = points if len(points) <= 240 else [*points[:: len(points) // 200], points[-1]]
    end = kept[-1].epoch or 1.0
    changes: Changes = {}
    pairs = {
        "loss": ([p.loss for p in kept], [p.test_loss for p in kept]),
        "score": ([p.score for p in kept], [p.test_score for p in kept]),
    }
    for key, both in pairs.items():
        values = np.array(both)
        finite = values[np.isfinite(values)]
        top = 1.0 if key == "score" else float(finite.max(initial=1e-9))
        bottom = min(0.0, max(-1.0, float(finite.min(initial=0)))) if key == "score" else 0.0
        for name, row in zip(("train", "test"), values, strict=True):
            ys = 90 * (top - np.clip(row, bottom, top)) / (top - bottom)
            steps = [
                f"{260 * p.epoch / end:.1f} {y:.1f}"
                for p, y in zip(kept, ys, strict=True)
                if np.isfinite(y)
            ]
            changes[f"{key}-{name}"] = {"d": f"M{'L'.join(steps)}" if steps else ""}
        changes[f"{key}-top"] = {"text": f"{top:.3g}"}
        changes[f"{key}-bottom"] = {"text": f"{bottom:.3g}"}
        changes[f"{key}-right"] = {"text": f"{points[-1].epoch:.4g}"}
    return changes


# Tables and bars below


def confusion(look: Look, say: Say) -> str:
    """Tell which class is taken for which, on the rows held out; or how far numbers are off."""
    _, prediction = look.outputs(look.data.x_test)
    if look.data.task == "regress":
        return errors(look, prediction, say)
    names = look.data.outputs
    truth = np.searchsorted(np.unique(look.data.train.target), look.data.y_test)
    said = classes(look.net, prediction - 0.5 if prediction.shape[1] == 1 else prediction)
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (truth, said), 1)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = list[str]()
    for i, name in enumerate(names):
        total = int(counts[i].sum())
        cells = "".join(
            f'<td class="{"right" if i == j else "wrong" if n else "none"}" '
            f'style="--share:{n / (total or 1):.3f}">{n}</td>'
            for j, n in enumerate(counts[i].tolist())
        )
        found = f"{counts[i, i] / total:.0%}" if total else "–"
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}<td>{found}</td></tr>')
    right, n = int(np.trace(counts)), int(counts.sum())
    corner = escape(say("truth"))
    return (
        f"<p>{escape(say('confusion', right=right, n=n, share=f'{right / (n or 1):.1%}'))}</p>"
        f'<div class="scroll" tabindex="0"><table class="confusion"><thead><tr><th>{corner}</th>'
        f'{head}<th scope="col">{escape(say("found"))}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def errors(look: Look, prediction: Array, say: Say) -> str:
    """Draw each prediction against the truth, in the units of the table."""
    data = look.data
    truth = data.test.target
    guess = prediction[:, 0] * data.scale + data.center
    finite = np.isfinite(guess)
    low, high = (
        float(min(truth.min(), data.train.target.min())),
        float(max(truth.max(), data.train.target.max())),
    )
    span = (high - low) or 1.0
    points = "".join(
        f'<circle class="seen" fill="{color(1)}" cx="{220 * (t - low) / span:.1f}" '
        f'cy="{np.clip(220 * (high - g) / span, 0, 220):.1f}" r="3"/>'
        for t, g in zip(truth[finite][:MOST_POINTS], guess[finite][:MOST_POINTS], strict=True)
    )
    off = abs(guess - truth)[finite]
    middle = figure(float(np.median(off)), 3) if len(off) else "–"
    return (
        f"<p>{escape(say('errors', middle=middle, n=len(truth)))}</p>"
        '<svg class="errors" viewBox="-50 -6 280 262" role="img" '
        f'aria-label="{escape(say("errors of"))}"><path class="diagonal" d="M0 220L220 0"/>'
        f'{points}<rect class="frame" x="0" y="0" width="220" height="220"/>'
        f'<text x="110" y="250" text-anchor="middle">{escape(say("truth"))}</text>'
        f'<text transform="translate(-38 110) rotate(-90)" text-anchor="middle">'
        f"{escape(say('predicted'))}</text>"
        f'<text x="0" y="234">{low:.4g}</text><text x="220" y="234" text-anchor="end">{high:.4g}'
        "</text></svg>"
    )


def histograms(look: Look, say: Say) -> str:
    """Show how weights, and their gradients, are spread in each layer."""
    grads, _ = look.gradients()
    parts = look.parts
    rows = list[str]()
    for i, layer in enumerate(look.layers):
        cells = "".join(
            f"<figure><figcaption>{escape(say(name))}</figcaption>{bars(values.ravel())}</figure>"
            for name, values in (("weights", layer.w(parts)), ("gradients", layer.w(grads)))
        )
        rows.append(
            f"<section class='hist'><h3>{escape(layer_name(i, look, say))}</h3>{cells}</section>"
        )
    return f"<p>{escape(say('histograms', n=len(look.seen.y)))}</p>" + "".join(rows)


def layer_name(i: int, look: Look, say: Say) -> str:
    """Name a layer with its activation."""
    layer = look.layers[i]
    if i == len(look.layers) - 1:
        return say("output layer")
    return f"{say('hidden layer', i=i + 1)} ({say.activation(layer.activation)})"


def bars(values: Array, n_bins: int = 25) -> str:
    """Draw a histogram around 0."""
    values = values[np.isfinite(values)]
    size = float(abs(values).max(initial=0)) or 1.0
    counts, _ = np.histogram(values, n_bins, (-size, size))
    tall = counts.max(initial=1)
    step = 200 / n_bins
    drawn = "".join(
        f'<rect class="{"minus" if i < n_bins // 2 else "plus"}" x="{i * step:.1f}" '
        f'y="{60 - 56 * n / tall:.1f}" width="{step - 1:.1f}" height="{56 * n / tall:.1f}"/>'
        for i, n in enumerate(counts.tolist())
        if n
    )
    return (
        f'<svg viewBox="-4 0 208 78" aria-hidden="true">{drawn}<path class="frame" '
        f'd="M0 60H200M100 0V60"/><text x="0" y="74">{-size:.2g}</text>'
        f'<text x="100" y="74" text-anchor="middle">0</text>'
        f'<text x="200" y="74" text-anchor="end">{size:.2g}</text></svg>'
    )
