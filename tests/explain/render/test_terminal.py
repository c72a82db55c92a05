import numpy as np
import pytest
from rich.cells import cell_len

from jubako.core.embeddings import Embedding
from jubako.core.layers import Dense, Dropout, Residual, Scale
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.explain.render.page import fragment
from jubako.explain.render.terminal import as_text
from jubako.explain.tracer import trace
from jubako.i18n.numbers import format_significant
from strategies import case

STACK = (
    Dense(3, 4, "tanh"),
    Residual((Dense(4, 5, "silu"), Dropout(5, 0.4), Dense(5, 4))),
    Scale(4),
    Dense(4, 2),
)


def traced(net, **options):
    rows = case(net, 0, m=3)
    return trace(rows.net, rows.theta, rows.x, rows.y, **options)


def test_every_number_of_a_small_network_is_printed():
    t = traced(Network(STACK, CrossEntropy()), seed=1)
    words = set(as_text(t).split())
    for number in t.cells():
        if number.quantity not in ("u", "s", "penalty", "loss", "loss_after"):
            assert format_significant(number.value) in words, number


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_tables_are_not_wider_than_the_terminal(width):
    net = Network((Dense(40, 30, "relu"), Dense(30, 20)), SquaredError())
    text = as_text(traced(net, features=[f"とても長い名前の列 {i}" for i in range(40)]), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "/ 30)" in text


def test_brackets_in_names_are_names():
    t = traced(
        Network((Dense(2, 2),), SquaredError()), features=["[bold]", "a[/]"], outputs=["[red]", "b"]
    )
    assert "[bold]" in as_text(t)
    assert "[red]" in as_text(t)


def test_of_a_large_table_only_the_rows_in_use_are_shown():
    net = Network((Embedding(2, (5000,)), Dense(9, 1)), SquaredError())
    theta = net.init("he", np.random.default_rng(0))
    t = trace(net, theta, [[0.5, 4321], [0.1, 7], [0.2, 0]], [[1.0], [2.0], [3.0]])
    text = as_text(t)
    assert "4321" in text
    assert len(text.splitlines()) < 100
    assert len(fragment(t)) < 500_000


def test_numbers_that_are_not_of_units_stand_under_names_of_their_own():
    net = Network((Embedding(2, (3,)), Dense(4, 1)), SquaredError())
    theta = net.init("he", np.random.default_rng(0))
    t = trace(net, theta, [[0.5, 2]], [[1.0]])
    lines = [line.replace("│", " ").split() for line in as_text(t).splitlines()]
    assert ["E1₁", *t.layers[0].parts["E1"].targets] in lines
