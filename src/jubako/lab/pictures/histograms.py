"""Histograms of weights and gradients, layer by layer."""

import numpy as np

from jubako.core.activations import Array
from jubako.explain.render.markup import Markup, element, fragment
from jubako.lab.snapshot import Snapshot
from jubako.lab.translator import Translator


def draw_histograms(snapshot: Snapshot, translate: Translator) -> Markup:
    """Draw the histograms of weights and gradients of each layer."""
    grads, _ = snapshot.gradients()
    parts = snapshot.parts
    drawn = [element("p", {}, translate("histograms", n=len(snapshot.train_problem.y)))]
    for i, layer in enumerate(snapshot.layers):
        figures = (
            element("figure", {}, element("figcaption", {}, translate(name)), bars(values.ravel()))
            for name, values in (("weights", layer.w(parts)), ("gradients", layer.w(grads)))
        )
        head = element("h3", {}, layer_name(i, snapshot, translate))
        drawn.append(element("section", {"class": "hist"}, head, *figures))
    return fragment(*drawn)


def layer_name(i: int, snapshot: Snapshot, translate: Translator) -> str:
    """Name a layer with its activation."""
    layer = snapshot.layers[i]
    if i == len(snapshot.layers) - 1:
        return translate("output layer")
    return f"{translate('hidden layer', i=i + 1)} ({translate.activation(layer.activation)})"


def bars(values: Array, n_bins: int = 25) -> Markup:
    """Draw a histogram around 0."""
    values = values[np.isfinite(values)]
    size = float(abs(values).max(initial=0)) or 1.0
    counts, _ = np.histogram(values, n_bins, (-size, size))
    tall, step = counts.max(initial=1), 200 / n_bins
    drawn = [
        element(
            "rect",
            {
                "class": "minus" if i < n_bins // 2 else "plus",
                "x": f"{i * step:.1f}",
                "y": f"{60 - 56 * n / tall:.1f}",
                "width": f"{step - 1:.1f}",
                "height": f"{56 * n / tall:.1f}",
            },
        )
        for i, n in enumerate(counts.tolist())
        if n
    ]
    return element(
        "svg",
        {"viewBox": "-4 0 208 78", "aria-hidden": "true"},
        *drawn,
        element("path", {"class": "frame", "d": "M0 60H200M100 0V60"}),
        element("text", {"x": 0, "y": 74}, f"{-size:.2g}"),
        element("text", {"x": 100, "y": 74, "text-anchor": "middle"}, 0),
        element("text", {"x": 200, "y": 74, "text-anchor": "end"}, f"{size:.2g}"),
    )
