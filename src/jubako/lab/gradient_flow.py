"""Gradient flow: the size of the error in each layer, and its diagnosis."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from jubako.core.activations import Array
from jubako.explain.render.markup import Markup, element, fragment

from .snapshot import Snapshot
from .translator import Translator

Verdict = Literal["healthy", "vanishing", "exploding", "dead", "learned", "diverged"]

VANISHING, EXPLODING = 0.01, 100.0  # of the error at the output that reaches the first layer
DEAD = 0.5  # fraction of a layer's units that are 0 for every row
LEARNED = 1e-3  # an error at the output below which there is nothing left to learn
MAX_DERIVATIVE = 0.25  # of the sigmoid
LOW, HIGH = -8, 2  # powers of ten between which sizes are drawn
STEP = 110  # pixels per layer


@dataclass(frozen=True, slots=True)
class Flow:
    """Root mean squares in each layer, from the first to the output.

    Parameters
    ----------
    delta : list of float
        Of delta = dL/da of each row.
    gradient : list of float
        Of dL/dw, the mean over the rows.
    bound : list of float
        Delta of the output times 0.25 for each sigmoid layer, ignoring weights and other
        activations.
    dead : list of float
        Fraction of the units of each hidden layer whose output is 0 for all training rows.
    """

    delta: list[float]
    gradient: list[float]
    bound: list[float]
    dead: list[float]

    @property
    def share(self) -> float:
        """The delta of the first layer relative to that of the output."""
        return self.delta[0] / self.delta[-1] if self.delta[-1] else float("nan")

    @property
    def verdict(self) -> Verdict:
        """The diagnosis: vanishing, exploding, dead units and so on."""
        if not np.isfinite([*self.delta, *self.gradient]).all():
            return "diverged"
        if any(share > DEAD for share in self.dead):
            return "dead"
        if self.delta[-1] < LEARNED:
            return "learned"
        if self.share < VANISHING:
            return "vanishing"
        return "exploding" if self.share > EXPLODING else "healthy"


def measure(snapshot: Snapshot) -> Flow:
    """Compute the flow over the training rows."""
    with np.errstate(over="ignore", invalid="ignore"):
        grads, deltas = snapshot.gradients()
        delta = [size(d) for d in deltas]
        gradient = [size(layer.w(grads)) for layer in snapshot.layers]
        hidden, _ = snapshot.outputs(snapshot.train_problem.x)
    bound = [delta[-1]]
    for layer in reversed(snapshot.layers[:-1]):
        bound.insert(0, bound[0] * (MAX_DERIVATIVE if layer.activation == "logistic" else 1.0))
    dead = [float((v == 0).all(0).mean()) for v in hidden]
    return Flow(delta, gradient, bound, dead)


def size(a: Array) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.square(a).mean()))


def draw(snapshot: Snapshot, translate: Translator) -> Markup:
    """Draw the sizes on a logarithmic scale, with the diagnosis and a remedy."""
    flow = measure(snapshot)
    verdict, n = flow.verdict, len(flow.delta)
    width = STEP * n
    drawn = [draw_power(p, width) for p in range(LOW, HIGH + 1, 2)]
    for i in range(n):
        activation = translate.activation(snapshot.layers[i].activation) if i < n - 1 else ""
        name = translate("output layer") if i == n - 1 else translate("hidden layer", i=i + 1)
        drawn += draw_layer(flow, i, name, activation)
    keys = [draw_key("delta", translate("delta of")), draw_key("grad", translate("gradient of"))]
    if any(layer.activation == "logistic" for layer in snapshot.layers):
        # through the middle of the bars that it is compared with
        path = "L".join(
            f"{STEP * i + STEP / 2 - 14} {y_of(b):.1f}" for i, b in enumerate(flow.bound)
        )
        drawn.append(element("path", {"class": "bound", "d": f"M{path}"}))
        line = element("path", {"class": "bound", "d": "M0 5H22"})
        keys.append(
            element(
                "span", {}, element("svg", {"width": 22, "height": 10}, line), translate("bound of")
            )
        )
    frame = {"class": "flow", "width": width + 60, "height": 274}
    frame |= {
        "viewBox": f"-50 -16 {width + 60} 274",
        "role": "img",
        "aria-label": translate("flow of"),
    }
    remedy = translate(f"remedy {verdict}", share=f"{flow.share:.2g}")
    return fragment(
        element(
            "p",
            {"class": f"verdict {verdict.replace(' ', '-')}"},
            element("b", {}, translate(f"verdict {verdict}")),
            f" {remedy}",
        ),
        element("div", {"class": "scroll", "tabindex": 0}, element("svg", frame, *drawn)),
        element("p", {"class": "scroll-hint"}, translate("scroll hint")),
        element("div", {"class": "legend"}, *keys),
        element("p", {"class": "note"}, translate("flow note", n=len(snapshot.train_problem.y))),
    )


def y_of(value: float) -> float:
    """Return the position of a size on the logarithmic scale."""
    power = np.clip(np.log10(value), LOW, HIGH) if value > 0 and np.isfinite(value) else LOW
    return float(180 * (HIGH - power) / (HIGH - LOW))


def draw_power(power: int, width: int) -> Markup:
    """Draw the line of a power of ten."""
    y = y_of(10.0**power)
    raised = element("tspan", {"dy": -5, "font-size": 8}, power)
    return fragment(
        element("path", {"class": "grid", "d": f"M0 {y:.1f}H{width}"}),
        element("text", {"x": -6, "y": f"{y + 4:.1f}", "text-anchor": "end"}, 10, raised),
    )


def draw_layer(flow: Flow, i: int, name: str, activation: str) -> list[Markup]:
    """Draw the two bars of a layer, with their numbers below."""
    x, drawn = STEP * i + STEP / 2, list[Markup]()
    for value, kind, left, below in (
        (flow.delta[i], "delta", -26, 232),
        (flow.gradient[i], "grad", 2, 248),
    ):
        y = y_of(value)
        bar = {"x": x + left, "y": f"{y:.1f}", "width": 24, "height": f"{max(180 - y, 1):.1f}"}
        key = {"x": x - 30, "y": below - 8, "width": 8, "height": 8}
        drawn += [
            element("rect", {"class": kind} | bar, element("title", {}, f"{value:.3g}")),
            element("rect", {"class": kind} | key),
            element("text", {"x": x - 17, "y": below}, f"{value:.2g}"),
        ]
    middle = {"text-anchor": "middle"}
    drawn.append(element("text", {"x": x, "y": 198} | middle, name))
    drawn.append(element("text", {"class": "small", "x": x, "y": 212} | middle, activation))
    return drawn


def draw_key(kind: str, name: str) -> Markup:
    """Draw one line of the legend."""
    size = {"width": 12, "height": 12}
    square = element("svg", size, element("rect", {"class": kind} | size))
    return element("span", {}, square, name)
