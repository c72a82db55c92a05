"""The curves of loss and score over the epochs."""

import numpy as np

from jubako.explain.render.markup import Markup, element, fragment
from jubako.lab.snapshot import Snapshot
from jubako.lab.translator import Translator

from . import Changes

MAX_DRAWN = 240  # points of a curve; of more, about 200 are drawn


def draw_curves(snapshot: Snapshot, translate: Translator) -> Markup:
    """Draw the frames of the curves of loss and score; `curve_changes` draws the curves."""
    score = "accuracy" if snapshot.data.task == "classify" else "r2"
    keys = [draw_key("train", translate("seen")), draw_key("test", translate("held"))]
    return fragment(
        draw_frame("loss", translate("loss")),
        draw_frame("score", translate(score)),
        element("div", {"class": "legend"}, *keys),
    )


def draw_frame(key: str, title: str) -> Markup:
    """Draw the frame of one curve."""

    def end(name: str, x: int, y: int) -> Markup:
        return element("text", {"id": f"{key}-{name}", "x": x, "y": y, "text-anchor": "end"}, "")

    drawn = element(
        "svg",
        {"viewBox": "-38 -6 300 112", "role": "img", "aria-label": title},
        element("path", {"class": "frame", "d": "M0 0V90H260"}),
        element("path", {"id": f"{key}-train", "class": "train"}),
        element("path", {"id": f"{key}-test", "class": "test"}),
        end("top", -4, 8),
        end("bottom", -4, 90),
        end("right", 260, 103),
        element("text", {"x": 0, "y": 103}, 0),
    )
    return element("figure", {"class": "curve"}, element("figcaption", {}, title), drawn)


def draw_key(kind: str, name: str) -> Markup:
    """Draw one line of the legend."""
    line = element("path", {"class": kind, "d": "M0 5H22"})
    return element("span", {}, element("svg", {"width": 22, "height": 10}, line), name)


def curve_changes(snapshot: Snapshot) -> Changes:
    """Draw both curves."""
    points = snapshot.points
    few = len(points) <= MAX_DRAWN
    kept = points if few else [*points[:: len(points) // 200], points[-1]]
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
