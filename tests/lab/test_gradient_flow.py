import re
from xml.etree import ElementTree

import numpy as np
import pytest

from jubako.i18n.language import Language
from jubako.lab import gradient_flow
from jubako.lab.configuration import Box, Setup
from jubako.lab.session import Session
from jubako.lab.translator import Translator

DEEP = Setup(data="iris", boxes=(Box(16, "logistic"),) * 5, init="glorot", batch=0)


def snapshot(setup, change=lambda theta: None):
    session = Session(setup)
    change(session.theta)
    return session.snapshot()


def test_sigmoids_let_no_more_than_a_quarter_through_in_each_layer():
    seen = snapshot(DEEP)
    measured = gradient_flow.measure(seen)
    _, deltas = seen.gradients()
    for i, layer in enumerate(seen.layers[1:]):
        arriving = deltas[i + 1] @ layer.w(seen.parts).T  # what comes back through the weights
        assert gradient_flow.size(deltas[i]) <= 0.25 * gradient_flow.size(arriving)
    assert np.allclose(np.diff(np.log(measured.bound)), np.log(4))
    assert measured.bound[-1] == measured.delta[-1]


def test_the_deltas_are_those_of_the_rows_and_the_gradients_their_means():
    seen = snapshot(Setup(data="iris", boxes=(Box(5, "tanh"),)))
    grads, deltas = seen.gradients()
    u = seen.train_problem.x
    for layer, delta in zip(seen.layers, deltas, strict=True):
        expected = sum(np.outer(u[r], delta[r]) for r in range(len(u))) / len(u)
        np.testing.assert_allclose(layer.w(grads), expected, rtol=1e-10, atol=1e-13)
        u = np.tanh(u @ layer.w(seen.parts) + layer.b(seen.parts))


def test_no_text_stands_on_a_bar_or_on_the_line():
    drawn = re.search(
        "<svg class=.flow.*?</svg>", gradient_flow.draw(snapshot(DEEP), Translator(Language.en))
    )[0]
    root = ElementTree.fromstring(drawn)
    bars = [r for r in root.iter("rect") if r.get("width") == "24"]
    assert len(bars) == 12
    assert max(float(r.get("y")) + float(r.get("height")) for r in bars) <= 181
    for text in root.iter("text"):
        assert float(text.get("x")) < 0 or float(text.get("y")) > 190
    sizes = [text.text for text in root.iter("text") if float(text.get("y")) > 220]
    measured = gradient_flow.measure(snapshot(DEEP))
    assert sizes[::2] == [f"{value:.2g}" for value in measured.delta]
    assert sizes[1::2] == [f"{value:.2g}" for value in measured.gradient]


@pytest.mark.parametrize(
    ("setup", "change", "verdict"),
    [
        (Setup(data="iris"), lambda theta: None, "healthy"),
        (DEEP, lambda theta: None, "vanishing"),
        (
            DEEP.but(boxes=(Box(16, "identity"),) * 5),
            lambda t: np.multiply(t, 9, out=t),
            "exploding",
        ),
        (Setup(data="iris", boxes=(Box(8, "relu"),)), lambda t: t.fill(0), "dead"),
        (Setup(data="iris"), lambda t: t.fill(np.inf), "diverged"),
    ],
    ids=["healthy", "vanishing", "exploding", "dead", "diverged"],
)
def test_the_verdict_says_what_is_the_matter(setup, change, verdict):
    seen = snapshot(setup, change)
    assert gradient_flow.measure(seen).verdict == verdict
    for language in Language:
        translate = Translator(language)
        share = f"{gradient_flow.measure(seen).share:.2g}"
        remedy = translate(f"remedy {verdict}", share=share)
        assert remedy in gradient_flow.draw(seen, translate).replace("&#x27;", "'")


def test_what_is_learned_leaves_no_error():
    session = Session(Setup(data="gaussians", noise=0.0, solver="adam", rate=0.1))
    for _ in range(200):
        session.step_epoch()
    assert gradient_flow.measure(session.snapshot()).verdict == "learned"
