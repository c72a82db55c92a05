import json
import re

import numpy as np
import pytest

from jubako.core.layers import Dense
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.explain.render.html_writer import HtmlWriter, find_scales
from jubako.explain.render.page import body
from jubako.explain.render.recording import record, recording_page
from jubako.explain.selection import choose
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.optimizers import OPTIMIZERS, Update
from jubako.training.state import TrainState
from strategies import case, network


def recorded(net, **options):
    rows = case(net, 0)
    return record(rows.net, rows.theta, rows.x, rows.y, **options)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_losses_are_the_numpy_engine_s_to_the_last_bit(optimizer):
    net, update = (
        Network((Dense(3, 4, "tanh"), Dense(4, 2)), CrossEntropy()),
        Update(OPTIMIZERS[optimizer]()),
    )
    rows = case(net, 0)
    film = recorded(net, steps=12, update=update, lr=0.05, alpha=0.1)
    theta = rows.theta[None].copy()
    train_state = TrainState.start(theta, update.optimizer.init(theta), [0], 0.05)
    problem = Problem(net, rows.x, rows.y, np.ones(7), 0.1)
    for loss in film.losses:
        (found,), _ = NumpyEngine().run_epoch(
            problem, update, train_state, np.arange(7)[None], 7, np.full((1, 1), 0.05)
        )
        assert found == loss * 7 / 7  # the engine weighs each batch by its 7 rows


def test_the_kept_steps_are_spread_evenly_with_the_first_and_the_last():
    net = Network((Dense(2, 2),), SquaredError())
    assert [t.step for t in recorded(net, steps=10).traces] == list(range(11))
    assert [t.step for t in recorded(net, steps=10, kept=4).traces] == [0, 4, 8, 10]
    assert [t.step for t in recorded(net, steps=1).traces] == [0, 1]
    assert len(recorded(net, steps=1000).traces) <= 51


@pytest.mark.parametrize("loss", LOSSES)
def test_each_step_of_the_page_has_the_numbers_of_its_trace(loss):
    film = recorded(network("residual", "tanh", LOSSES[loss]()), steps=4, lr=0.01)
    view = choose(film.traces[0])
    text = recording_page(film, view, "ja")
    data = json.loads(re.search(r'class="recorded">(.*?)</script>', text)[1].replace("<\\/", "</"))
    assert [step["step"] for step in data["steps"]] == [0, 1, 2, 3, 4]
    written = set()
    scales = find_scales(film.traces)
    for t, numbers in zip(film.traces, data["numbers"], strict=True):
        writer = HtmlWriter(t, view, scales, "ja")
        writer.name = "same"
        html = re.sub(r">[^<]*</(b|text)>| style=\"[^\"]*\"| data-s=\"-\"", "", body(writer))
        written.add(html)
        assert writer.numbers == numbers
    assert len(written) == 1  # but for its numbers each step is the same piece of HTML


def test_classes_get_a_curve_of_accuracy_of_and_numbers_do_not():
    classes = recorded(Network((Dense(2, 3),), CrossEntropy()), steps=3)
    assert len(classes.right) == 4
    t = classes.traces[0]
    assert classes.right[0] == (t.y.argmax(1) == t.yt.argmax(1)).mean()
    numbers = recorded(Network((Dense(2, 3),), SquaredError()), steps=3)
    assert numbers.right == []
    assert "100 %" not in recording_page(numbers, choose(numbers.traces[0]))


def test_a_recording_that_blows_up_says_so():
    with pytest.raises(ValueError, match=r"no longer finite in step \d+: lower .* is 1e\+30"):
        recorded(Network((Dense(2, 2),), SquaredError()), steps=50, lr=1e30)


def test_fewer_steps_are_kept_where_layers_are_large():
    small, large = (Network((Dense(2, n), Dense(n, 2)), SquaredError()) for n in (10, 128))
    assert len(recorded(small, steps=100, lr=1e-3).traces) == 51
    assert len(recorded(large, steps=100, lr=1e-3).traces) == 11


def test_writing_a_page_says_how_far_it_is():
    film = recorded(Network((Dense(2, 12), Dense(12, 2)), SquaredError()), steps=3)
    said = []
    recording_page(film, choose(film.traces[-1]), "en", lambda *counts: said.append(counts))
    assert said == [(n, 8) for n in range(1, 9)]  # two parts of four steps
