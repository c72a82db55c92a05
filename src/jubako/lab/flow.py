"""The flow of gradients: how much of the error reaches each layer, and what that means."""

from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np

from jubako.core.activations import Array

from .session import Look
from .texts import Say

Verdict = Literal["healthy", "vanishing", "exploding", "dead", "learned", "blown up"]

VANISHING, EXPLODING = 0.01, 100.0  # of the error at the output that reaches the first layer
DEAD = 0.5  # share of a layer's units that are 0 for every row
LEARNED = 1e-3  # an error at the output below which there is nothing left to learn
STEEPEST = 0.25  # slope of the sigmoid
LOW, HIGH = -8, 2  # powers of ten between which sizes are drawn


@dataclass(frozen=True, slots=True)
class Flow:
    """Sizes in each layer, from the first to the output. Each is a root mean square.

    Parameters
    ----------
    delta : list of float
        Of each row's delta = dL/da.
    gradient : list of float
        Of dL/dw, the mean over the rows.
    bound : list of float
        What 0.25 for each sigmoid layer would leave of the output's delta, if weights and other
        activations neither added to it nor took from it.
    dead : list of float
        Share of the hidden layer's units that put out 0 for all rows to learn from.
    """

    delta: list[float]
    gradient: list[float]
    bound: list[float]
    dead: list[float]

    @property
    def share(self) -> float:
        """How large delta is in the first layer, relative to the output's."""
        return self.delta[0] / self.delta[-1] if self.delta[-1] else float("nan")

    @property
    def verdict(self) -> Verdict:
        """Say in a word how the error gets through."""
        if not np.isfinite([*self.delta, *self.gradient]).all():
            return "blown up"
        if any(share > DEAD for share in self.dead):
            return "dead"
        if self.delta[-1] < LEARNED:
            return "learned"
        if self.share < VANISHING:
            return "vanishing"
        return "exploding" if self.share > EXPLODING else "healthy"


def measure(look: Look) -> Flow:
    """Measure the flow over the rows to learn from."""
    with np.errstate(over="ignore", invalid="ignore"):
        grads, deltas = look.gradients()
        delta = [size(d) for d in deltas]
        gradient = [size(layer.w(grads)) for layer in look.layers]
        hidden, _ = look.outputs(look.seen.x)
    bound = [delta[-1]]
    for layer in reversed(look.layers[:-1]):
        bound.insert(0, bound[0] * (STEEPEST if layer.activation == "logistic" else 1.0))
    dead = [float((v == 0).all(0).mean()) for v in hidden]
    return Flow(delta, gradient, bound, dead)


def size(a: Array) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.square(a).mean()))


def draw(look: Look, say: Say) -> str:
    """Draw the sizes on a logarithmic scale, with the verdict and what helps."""
    flow = measure(look)
    verdict = flow.verdict
    n, step = len(flow.delta), 110
    width = step * n
    sigmoids = any(layer.activation == "logistic" for layer in look.layers)

    def y_of(value: float) -> float:
        power = np.clip(np.log10(value), LOW, HIGH) if value > 0 and np.isfinite(value) else LOW
        return float(180 * (HIGH - power) / (HIGH - LOW))

    lines = "".join(
        f'<path class="grid" d="M0 {y_of(10.0**p):.1f}H{width}"/><text x="-6" '
        f'y="{y_of(10.0**p) + 4:.1f}" text-anchor="end">10<tspan dy="-5" font-size="8">{p}</tspan>'
        "</text>"
        for p in range(LOW, HIGH + 1, 2)
    )
    drawn = list[str]()
    for i in range(n):
        x = step * i + step / 2
        name = say("output layer") if i == n - 1 else say("hidden layer", i=i + 1)
        for value, kind, left, below in (
            (flow.delta[i], "delta", -26, 232), (flow.gradient[i], "grad", 2, 248),
        ):  # fmt: skip
            y = y_of(value)
            drawn.append(
                f'<rect class="{kind}" x="{x + left}" y="{y:.1f}" width="24" '
                f'height="{max(180 - y, 1):.1f}"><title>{value:.3g}</title></rect>'
                f'<rect class="{kind}" x="{x - 30}" y="{below - 8}" width="8" height="8"/>'
                f'<text x="{x - 17}" y="{below}">{value:.2g}</text>'
            )
        drawn.append(
            f'<text x="{x}" y="198" text-anchor="middle">{escape(name)}</text>'
            f'<text class="small" x="{x}" y="212" text-anchor="middle">'
            f"{escape(say.activation(look.layers[i].activation) if i < n - 1 else '')}</text>"
        )
    if sigmoids:
        # through the middle of the bars that it is compared with
        path = "L".join(
            f"{step * i + step / 2 - 14} {y_of(b):.1f}" for i, b in enumerate(flow.bound)
        )
        drawn.append(f'<path class="bound" d="M{path}"/>')
    keys = [("delta", "delta of"), ("grad", "gradient of")]
    legend = "".join(
        f'<span><svg width="12" height="12"><rect class="{kind}" width="12" height="12"/></svg>'
        f"{escape(say(key))}</span>"
        for kind, key in keys
    )
    if sigmoids:
        legend += (
            '<span><svg width="22" height="10"><path class="bound" d="M0 5H22"/></svg>'
            f"{escape(say('bound of'))}</span>"
        )
    return (
        f'<p class="verdict {verdict.replace(" ", "-")}"><b>{escape(say(f"verdict {verdict}"))}</b>'
        f" {escape(say(f'remedy {verdict}', share=f'{flow.share:.2g}'))}</p>"
        f'<div class="scroll" tabindex="0"><svg class="flow" width="{width + 60}" height="274" '
        f'viewBox="-50 -16 {width + 60} 274" role="img" aria-label="{escape(say("flow of"))}">'
        f"{lines}{''.join(drawn)}</svg></div>"
        f'<p class="scroll-hint">{escape(say("scroll hint"))}</p>'
        f'<div class="legend">{legend}</div>'
        f"<p class='note'>{escape(say('flow note', n=len(look.seen.y)))}</p>"
    )
