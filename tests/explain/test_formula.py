import math
import re
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense, Dropout, Residual
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.core.page import Page
from jubako.explain.expression import show_symbol
from jubako.explain.formula import Reader, formula
from jubako.explain.trace_index import all_cells
from jubako.explain.tracer import trace
from jubako.training.optimizers import OPTIMIZERS, SGD, Update
from strategies import SEEDS, case, every_loss, network, networks

# Sums of a few products of numbers near one, added in another order than core's
TOLERANCE = {"rel": 1e-9, "abs": 1e-12}
GIVEN = {"yt", "s", "mask", "loss_after"}  # what no formula explains


def traced(rows, weigh=True, **options):
    return trace(rows.net, rows.theta, rows.x, rows.y, w=rows.s if weigh else None, **options)


def formulas(t):
    reader = Reader(t)
    return [reader.formula(cell) for cell in all_cells(t)]


@given(
    net=networks(),
    numbers=SEEDS,
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    alpha=st.sampled_from([0.0, 0.3]),
    longest=st.sampled_from([np.inf, 0.01]),
    seed=st.sampled_from([None, 1]),
)
def test_every_formula_has_the_value_of_its_cell(net, numbers, optimizer, alpha, longest, seed):
    update = Update(OPTIMIZERS[optimizer](), weight_decay=0.2, max_grad_norm=longest)
    t = traced(case(net, numbers), bool(alpha), alpha=alpha, update=update, seed=seed)
    for one in formulas(t):
        assert one.value == pytest.approx(one.number, **TOLERANCE), str(one)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layer", LAYERS)
def test_only_what_was_given_has_no_formula(layer, loss, optimizer):
    update = Update(OPTIMIZERS[optimizer]())
    t = traced(case(network(layer, "tanh", LOSSES[loss]()), 0), seed=1, update=update)
    for one in formulas(t):
        quantity = one.cell.quantity
        given = quantity in GIVEN or quantity.endswith(".before")
        given |= (one.cell.layer, quantity) in {("1", "u"), ("", "penalty")}  # there is no penalty
        assert (one.expression is None) == given


def typed(text):
    """Return a formula as it would be typed into Python."""
    text = re.sub(r"(\w+)'\(", r"slope_\1(", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    for ours, python in (("·", "*"), ("²", "**2"), ("^", "**"), ("±threshold", "threshold")):
        text = text.replace(ours, python)
    return text


def table_of_functions(loss):
    """Return what the words of formulas mean, written here once more."""
    known = {"exp": math.exp, "sqrt": math.sqrt, "cosh": math.cosh}
    known["log"] = lambda x: math.log(x) if x else 0.0  # 0 · log(0) is 0
    known |= {name: lambda a, f=f: f.value(np.array(a)) for name, f in ACTIVATIONS.items()}
    for name, f in ACTIVATIONS.items():
        known[f"slope_{name}"] = lambda a, f=f: f.slope(np.array(a), f.value(np.array(a)))
    known |= {"sign": np.sign, "tanh": math.tanh, "clip": lambda r, t: max(-t, min(t, r))}
    q, t = getattr(loss, "q", 0.5), getattr(loss, "threshold", 1.0)
    known |= {"q": q, "threshold": t, "step": lambda r: np.heaviside(r, q)}
    known["huber"] = lambda r: r * r / 2 if abs(r) <= t else t * (abs(r) - t / 2)
    return known


@pytest.mark.parametrize(
    ("activation", "loss", "optimizer"),
    list(zip(cycle(ACTIVATIONS), every_loss(), cycle(OPTIMIZERS), strict=False)),
    ids=str,
)
def test_a_formula_typed_into_python_gives_its_cell(activation, loss, optimizer):
    t = traced(
        case(network("residual", activation, loss), 0),
        weigh=False,
        update=Update(OPTIMIZERS[optimizer]()),
    )
    known = table_of_functions(loss)
    for one in formulas(t):
        if one.expression is not None:
            text = typed(one.expression.text(lambda leaf, tight: f"({leaf.value!r})"))
            assert eval(text, known) == pytest.approx(one.number, **TOLERANCE), text


def test_the_steps_are_the_terms_their_sum_and_what_becomes_of_it():
    rows = case(Network((Dense(3, 4, "tanh"), Dense(4, 3)), CrossEntropy()), 0)
    t = traced(rows, weigh=False)
    one = formula(t, 1, "delta", 0, 2)
    *terms, total, last = one.steps()
    assert len(terms) == 3
    assert total.is_sum
    assert total.expression.value == pytest.approx(sum(term.expression.value for term in terms))
    slope = 1 - t.box(1).v[0, 2] ** 2
    assert last.expression.value == pytest.approx(slope * total.expression.value)


def test_nothing_that_enters_a_sum_is_left_out():
    rows = case(Network((Dense(3, 4, "relu"), Dense(4, 2)), SquaredError()), 0)
    t = traced(rows, weigh=False, features=["a", "b", "c"], outputs=["k", "l"])
    assert str(formula(t, 1, "a", 0, "h2")).count("\n") == 3 + 1 + 1  # products, bias, sum
    grad = formula(t, 2, "w.grad", "h3", "l")
    assert [step.expression.text(show_symbol) for step in grad.steps()[:7]] == [
        f"u[{row}, h3] · yd[{row}, l]" for row in t.rows
    ]


def test_the_letters_of_one_hidden_layer_are_the_article_s():
    rows = case(Network((Dense(3, 4, "relu"), Dense(4, 2)), SquaredError()), 0)
    t = traced(rows, weigh=False)
    rules = {
        "a": (1, "a", 0, 0),
        "u": (1, "v", 0, 0),
        "b": (2, "a", 0, 0),
        "ud": (1, "delta", 0, 0),
        "yd": (2, "delta", 0, 0),
        "dL/dw": (2, "w.grad", 0, 0),
        "dL/dv": (1, "w.grad", 0, 0),
        "w_new": (2, "w.after", 0, 0),
        "y": ("", "y", 0, 0),
    }
    found = {}
    for letter, place in rules.items():
        one = formula(t, *place)
        assert one.symbol.partition("[")[0] == letter
        found[letter] = one.rule
    assert found == {
        "a": "x @ v + c",
        "u": "relu(a), a = x @ v + c",
        "b": "u @ w + d",
        "ud": "relu'(a) * (yd @ w.T)",
        "yd": "y - yt",
        "dL/dw": "u.T @ yd / M",
        "dL/dv": "x.T @ ud / M",
        "w_new": "w - lr * dL/dw",
        "y": "b",
    }


def test_the_layers_of_deeper_networks_have_numbers():
    t = traced(case(network("residual", "tanh", CrossEntropy()), 0), weigh=False)
    assert formula(t, 1, "a", 0, 0).rule == "x @ w₁ + b₁"
    assert formula(t, "2.1", "a", 0, 0).rule == "v₁ @ w₂.₁ + b₂.₁"
    assert formula(t, 2, "v", 0, 0).rule == "v₁ + a₂"
    assert formula(t, 1, "delta", 0, 0).rule == "tanh'(a₁) * (δ₂ + (δ₂.₁ @ w₂.₁.T))"
    assert formula(t, 3, "delta", 0, 0).rule == "y - yt"


def test_a_layer_that_nobody_has_written_words_for_shows_its_numbers(monkeypatch):
    @dataclass(frozen=True)
    class Double:
        n: int
        n_in = property(lambda self: self.n)
        n_out = property(lambda self: self.n)

        def shapes(self):
            return {"k": (1, self.n)}

        def forward(self, p, u, rng):
            v = 2 * u * p["k"]
            return v, Page(u, v, v)

        def backward(self, p, page, dv, g, need_du):
            page.delta = dv
            (2 * page.u * dv).sum(-2, keepdims=True, out=g["k"])
            return 2 * dv * p["k"]

    monkeypatch.setitem(LAYERS, "double", Double)
    rows = case(Network((Dense(3, 4), Double(4), Dense(4, 2)), SquaredError()), 0)
    t = traced(rows, weigh=False)
    assert t.box(2).kind == "double"
    assert str(formula(t, 2, "v", 0, 0)) == f"v₂[h1] (row 1) = {t.box(2).v[0, 0]:.6g}"
    assert formula(t, 2, "k.after", 0, 1).value == t.box(2).parts["k"].after[0, 1]
    assert t.check(2, "k", 0, 1).agrees
    assert len(formulas(t)) > 100


def test_an_optimizer_that_nobody_has_written_words_for_shows_the_step(monkeypatch):
    @dataclass(frozen=True)
    class Signs:
        def init(self, theta):
            return {}

        def step(self, theta, grad, state, lr):
            theta -= lr * np.sign(grad)

    t = traced(case(Network((Dense(3, 2),), SquaredError()), 0), update=Update(Signs()))
    one = formula(t, 1, "w.after", 0, 0)
    assert one.rule == "w + step"
    assert one.value == pytest.approx(one.number)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((1, "c", 0, 0), "Layer '1' has no 'c': choose one of u, a, v, delta, w.before"),
        ((1, "a", 0, 9), r"has the shape \(7, 2\): no \(0, 9\)"),
        ((1, "a", 0, "h9"), "no .*h9"),
        ((1, "a", 0), r"no \(0,\)"),
        ((4, "a", 0, 0), "no layer '4'"),
    ],
)
def test_a_cell_that_is_not_there_is_refused_in_one_sentence(place, words):
    t = traced(case(Network((Dense(3, 2),), SquaredError()), 0))
    with pytest.raises(ValueError, match=words):
        formula(t, *place)


def test_plain_descent_has_the_article_s_step():
    t = traced(case(Network((Dense(3, 2),), SquaredError()), 0), update=Update(SGD(0.0, False)))
    one = formula(t, 1, "w.after", 1, 1)
    assert one.rule == "w - lr * dL/dw"
    assert t.outputs == ("y1", "y2")


def test_a_probability_too_small_for_its_logarithm_still_has_a_loss():
    net = Network((Dense(1, 2),), CrossEntropy())
    t = trace(net, [800.0, 0.0, 0.0, 0.0], [[1.0]], [[1.0]])
    assert t.y[0, 1] == 0
    assert formula(t, "", "losses", 0).value == 800


def test_a_bridge_over_nothing_doubles_its_input():
    net = Network((Dense(3, 4), Residual((Dropout(4, 0.3),)), Dense(4, 2)), SquaredError())
    t = traced(case(net, 0))
    np.testing.assert_array_equal(t.box(2).v, 2 * t.box(1).v)
    for one in formulas(t):
        assert one.value == pytest.approx(one.number, **TOLERANCE), str(one)
