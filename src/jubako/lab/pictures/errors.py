"""Errors on the held-out rows: a confusion matrix, or predicted against true values."""

import numpy as np

from jubako.core.activations import Array
from jubako.explain.render.markup import Markup, element, fragment
from jubako.i18n.numbers import format_decimal
from jubako.lab.measurements import classes
from jubako.lab.snapshot import Snapshot
from jubako.lab.translator import Translator

from .image import color

MAX_POINTS = 300
SIDE = 220  # of the square


def draw_prediction_errors(snapshot: Snapshot, translate: Translator) -> Markup:
    """Draw the confusion matrix, or predicted against true values."""
    _, prediction = snapshot.outputs(snapshot.data.x_test)
    if snapshot.data.task == "regress":
        return draw_errors(snapshot, prediction, translate)
    return draw_confusion(snapshot, prediction, translate)


def draw_confusion(snapshot: Snapshot, prediction: Array, translate: Translator) -> Markup:
    """Draw the confusion matrix, with the recall of each class."""
    names = snapshot.data.outputs
    truth = np.searchsorted(np.unique(snapshot.data.train.target), snapshot.data.y_test)
    predicted = classes(snapshot.net, prediction - 0.5 if prediction.shape[1] == 1 else prediction)
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (truth, predicted), 1)
    heads = [element("th", {"scope": "col"}, name) for name in [*names, translate("recall")]]
    rows = list[Markup]()
    for i, name in enumerate(names):
        total = int(counts[i].sum())
        cells = [
            element(
                "td",
                {
                    "class": "right" if i == j else "wrong" if n else "none",
                    "style": f"--share:{n / (total or 1):.3f}",
                },
                n,
            )
            for j, n in enumerate(counts[i].tolist())
        ]
        recall = element("td", {}, f"{counts[i, i] / total:.0%}" if total else "–")
        rows.append(element("tr", {}, element("th", {"scope": "row"}, name), *cells, recall))
    right, n = int(np.trace(counts)), int(counts.sum())
    head = element("tr", {}, element("th", {}, translate("truth")), *heads)
    table = element(
        "table", {"class": "confusion"}, element("thead", {}, head), element("tbody", {}, *rows)
    )
    return fragment(
        element("p", {}, translate("confusion", right=right, n=n, share=f"{right / (n or 1):.1%}")),
        element("div", {"class": "scroll", "tabindex": 0}, table),
    )


def draw_errors(snapshot: Snapshot, prediction: Array, translate: Translator) -> Markup:
    """Draw each prediction against the truth, in the units of the table."""
    data = snapshot.data
    truth = data.test.target
    predicted = prediction[:, 0] * data.scale + data.center
    finite = np.isfinite(predicted)
    low = float(min(truth.min(), data.train.target.min()))
    high = float(max(truth.max(), data.train.target.max()))
    span = (high - low) or 1.0
    pairs = zip(truth[finite][:MAX_POINTS], predicted[finite][:MAX_POINTS], strict=True)
    points = [
        element(
            "circle",
            {
                "class": "seen",
                "fill": color(1),
                "cx": f"{SIDE * (t - low) / span:.1f}",
                "cy": f"{np.clip(SIDE * (high - p) / span, 0, SIDE):.1f}",
                "r": 3,
            },
        )
        for t, p in pairs
    ]
    off = abs(predicted - truth)[finite]
    middle = format_decimal(float(np.median(off)), 3) if len(off) else "–"
    turned = {"transform": "translate(-38 110) rotate(-90)", "text-anchor": "middle"}
    name = translate("errors of")
    drawn = element(
        "svg",
        {"class": "errors", "viewBox": "-50 -6 280 262", "role": "img", "aria-label": name},
        element("path", {"class": "diagonal", "d": "M0 220L220 0"}),
        *points,
        element("rect", {"class": "frame", "x": 0, "y": 0, "width": SIDE, "height": SIDE}),
        element("text", {"x": 110, "y": 250, "text-anchor": "middle"}, translate("truth")),
        element("text", turned, translate("predicted")),
        element("text", {"x": 0, "y": 234}, f"{low:.4g}"),
        element("text", {"x": SIDE, "y": 234, "text-anchor": "end"}, f"{high:.4g}"),
    )
    return fragment(element("p", {}, translate("errors", middle=middle, n=len(truth))), drawn)
