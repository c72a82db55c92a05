"""A recorded training: a page that replays it, for classrooms without Python."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from jubako.core.errors import ParameterError
from jubako.core.network import Network
from jubako.explain.messages import Language, both, translate
from jubako.explain.selection import MAX_UNITS, View, parts
from jubako.explain.trace import Trace
from jubako.explain.tracer import trace
from jubako.i18n.messages import Message
from jubako.training.optimizers import OptimizerState

from .frame import chooser, pack, scripts, sign_button, whole, wrap
from .html_writer import HtmlWriter, find_scales
from .markup import Markup, element, fragment
from .page import body

STEPS, KEPT = 100, 51  # steps of a recording, and about how many of them are kept
LEAST_KEPT = 11  # where there are many units, since each step is written for each of their parts
CHART = 640, 160, 48, 24  # width, height, and the margins at the sides and at the bottom


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded training, with all values of some steps.

    Parameters
    ----------
    traces : list of Trace
        The steps that were kept, including the first and the last.
    losses : list of float
        The loss L before each step, from step 0 on.
    right : list of float
        The accuracy before each step; empty for regression.
    """

    traces: list[Trace]
    losses: list[float]
    right: list[float]


def record(
    net: Network,
    theta: Any,
    x: Any,
    y: Any,
    *,
    steps: int = STEPS,
    kept: int | None = None,
    state: OptimizerState | None = None,
    **options: Any,
) -> Recording:
    """Train with full batches, and keep all values of some steps.

    Parameters
    ----------
    net, theta, x, y, state, **options
        What `trace` takes, for the first step.
    steps : int >= 1
        The number of the last step; the first is 0.
    kept : int >= 2, optional
        The approximate number of steps kept, evenly spaced; by default `default_kept`.

    Returns
    -------
    Recording

    Raises
    ------
    ParameterError
        If the loss overflows, or as `trace` does.
    """
    every = -(-steps // ((kept or default_kept(net)) - 1))
    traces, losses, right = list[Trace](), list[float](), list[float]()
    for step in range(steps + 1):
        t = trace(net, theta, x, y, state=state, step=step, **options)
        if not isfinite(t.loss_after):
            raise ParameterError(
                Message(
                    "The loss is no longer finite in step {step}: lower the learning rate, "
                    "which is {lr:g}.",
                    step=step,
                    lr=t.lr,
                )
            )
        losses.append(t.loss)
        right += accuracy_of(t)
        if step % every == 0 or step == steps:
            traces.append(t)
        theta, state = t.theta_after, t.state_after
    return Recording(traces, losses, right)


def accuracy_of(t: Trace) -> list[float]:
    """Return the accuracy of a step, as a list of one; an empty list for regression."""
    target = t.problem.net.loss.target
    if target == "class":
        return [float((t.y.argmax(1) == t.yt.argmax(1)).mean())]
    if target == "binary":
        return [float(((t.y > 0.5) == (t.yt > 0.5)).all(1).mean())]
    return []


def default_kept(net: Network) -> int:
    """Return the number of steps to keep: fewer if large layers have several parts."""
    widest = max(net.layers[0].n_in, *(layer.n_out for layer in net.layers))
    return max(LEAST_KEPT, KEPT // -(-widest // MAX_UNITS))


def recording_page(
    recording: Recording,
    view: View,
    language: Language = "en",
    done: Callable[[int, int], None] = lambda done, n: None,
) -> str:
    """Return a page that steps through a recorded training.

    Parameters
    ----------
    recording : Recording
    view : View
        What is shown of each step: see `choose`.
    language : {"en", "ja"}
        The language that it begins with; the reader can change it.
    done : callable, optional
        Called with the number of pieces written and of all pieces.
    """
    traces, scales = recording.traces, find_scales(recording.traces)
    first, n_done = HtmlWriter(traces[0], view, scales, language), 0
    views = parts(traces[-1], view)
    contents, packed = dict[int, Markup](), dict[int, str]()
    numbers = list[list[str]]()
    for part in views:
        name = HtmlWriter(traces[0], part, scales, language).name
        numbers_of_part = list[list[str]]()
        for t in traces:
            writer = HtmlWriter(t, part, scales, language)
            writer.name = name
            content = body(writer)
            contents.setdefault(part.page, content)
            numbers_of_part.append(writer.numbers)
            n_done += 1
            done(n_done, len(views) * len(traces))
        if part is view:
            numbers = numbers_of_part
        else:
            html = contents.pop(part.page)
            packed[part.page] = pack({"html": html, "numbers": numbers_of_part})
    figure, dots = chart(recording.losses, recording.right)
    steps = [{"step": t.step, "dots": dots[t.step]} for t in recording.traces]
    data = json.dumps({"steps": steps, "numbers": numbers}, ensure_ascii=False)
    data = Markup(data.replace("</", "<\\/"))  # nothing in it may end the script
    script = element("script", {"type": "application/json", "class": "recorded"}, data)
    before = fragment(figure, controls(len(steps), language), chooser(first))
    after = fragment(script, scripts(packed))
    content = wrap(first, contents[view.page], "recording", before, after)
    return whole(content, language, "recording")


def controls(n: int, language: Language) -> Markup:
    """Return the controls for stepping through n steps."""
    buttons = ("play", "", "play"), ("back", "←", "step.back"), ("on", "→", "step.on")
    slider = {"type": "range", "min": 0, "max": n - 1, "value": 0}
    return element(
        "div",
        {"class": "steps"},
        *(sign_button({"data-do": do}, sign, key, language) for do, sign, key in buttons),
        element("input", slider | {"aria-label": translate("step", language)}),
        element("span", {}, both("step"), " ", element("output", {}, 0)),
        element("small", {}, both("keys")),
    )


def spot(curve: Sequence[float], highest: float, step: int) -> tuple[float, float]:
    """Return the position of a step of a curve in the chart; its lower end is 0 or the minimum."""
    width, height, side, bottom = CHART
    low = min(0.0, *curve)
    x = side + (width - 2 * side) * step / max(len(curve) - 1, 1)
    y = height - bottom - (height - bottom - 14) * (curve[step] - low) / ((highest - low) or 1.0)
    return round(x, 1), round(y, 1)


def chart(losses: Sequence[float], right: Sequence[float]) -> tuple[Markup, list[list[Any]]]:
    """Draw the loss by step, and the accuracy on a separate axis.

    Returns
    -------
    Markup
        A `figure` element, with a dot on each curve.
    list
        For each step, the place of the dot on each curve.
    """
    width, height, side, bottom = CHART
    floor, end = height - bottom, width - side
    curves = [("first", "curve", losses, max(losses))]
    if right:
        curves.append(("second", "accuracy", right, 1.0))
    texts = [
        (side - 6, 18, "end", f"{max(losses):.3g}"),
        (side - 6, floor, "end", f"{min(0.0, *losses):.3g}"),
        (side, height - 6, "middle", "0"),
        (end, height - 6, "middle", f"{len(losses) - 1}"),
        *([(end + 6, 18, "start", "100 %"), (end + 6, floor, "start", "0 %")] if right else []),
    ]
    drawn = [element("path", {"class": "axis", "d": f"M{side} 8V{floor}H{end}V8"})]
    drawn += [
        element("text", {"x": x, "y": y, "text-anchor": anchor}, text)
        for x, y, anchor, text in texts
    ]
    dots = [[spot(c, top, k) for _, _, c, top in curves] for k in range(len(losses))]
    for i, (style, _, _, _) in enumerate(curves):
        points = " ".join(f"{dots[k][i][0]:g},{dots[k][i][1]:g}" for k in range(len(losses)))
        x, y = dots[0][i]
        drawn.append(element("path", {"class": style, "d": f"M{points}"}))
        drawn.append(element("circle", {"r": 5, "cx": f"{x:g}", "cy": f"{y:g}"}))
    frame = {
        "viewBox": f"0 0 {width} {height}",
        "width": width,
        "role": "img",
        "aria-label": f"{translate('curve', 'en')} / {translate('curve', 'ja')}",
    }
    legend = Markup(" ".join(legend_entry(style, key) for style, key, _, _ in curves))
    scroll = element("div", {"class": "scroll"}, element("svg", frame, *drawn))
    caption = element("figcaption", {}, legend)
    return element("figure", {"class": "curve"}, caption, scroll), dots


def legend_entry(style: str, key: str) -> Markup:
    """Draw the line of a curve, with its name."""
    frame = {"width": 34, "height": 10, "style": "display:inline-block", "aria-hidden": "true"}
    line = element("path", {"class": style, "d": "M0 5H34"})
    return element("span", {}, element("svg", frame, line), " ", both(key))
