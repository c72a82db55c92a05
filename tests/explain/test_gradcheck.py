from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from sklearn.datasets import load_breast_cancer

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense, Dropout, Residual, Scale, forward
from jubako.core.losses import LOSSES, AbsoluteError, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.explain.gradcheck import BOUND, check_gradient
from strategies import SEEDS, case, network, networks


def check(case, most=100):
    return check_gradient(case.net, case.theta, case.x, case.y, np.random.default_rng(0), most)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backpropagation_agrees_for_every_activation_loss_and_layer(activation, loss, layer):
    parts = check(case(network(layer, activation, LOSSES[loss]()), seed=0))
    assert all(part.agrees and part.compared for part in parts)
    assert max(part.furthest.error for part in parts) <= BOUND


@given(net=networks(), seed=SEEDS)
def test_backpropagation_agrees_for_random_networks(net, seed):
    assert all(part.agrees for part in check(case(net, seed), most=5))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_slope_that_is_wrong_by_a_thousandth_is_found(monkeypatch, activation):
    right = ACTIVATIONS[activation]
    wrong = replace(right, slope=lambda a, v: 1.001 * right.slope(a, v))
    output = "tanh" if activation == "identity" else "identity"
    rows = case(Network((Dense(3, 4, activation), Dense(4, 2, output)), SquaredError()), seed=0)
    monkeypatch.setitem(ACTIVATIONS, activation, wrong)
    before, after = check(rows)[:2], check(rows)[2:]
    assert not any(part.agrees for part in before)  # the error of the hidden layer is wrong
    assert all(part.agrees for part in after)  # that of the output layer is not
    assert before[0].furthest.error == pytest.approx(1e-3, rel=0.01)  # and by how much, is said


def test_a_delta_with_the_wrong_sign_is_found_in_every_layer():
    @dataclass(frozen=True)
    class Wrong(SquaredError):
        def delta(self, b, y):
            return y - b

    net = Network((Dense(3, 4, "tanh"), Scale(4), Dense(4, 2)), Wrong())
    assert not any(part.agrees for part in check(case(net, seed=0)))


def test_the_article_s_output_layer_is_found_out():
    @dataclass(frozen=True)
    class ReluAndSquares(SquaredError):  # yd = yp - yt, the slope of the relu left out
        def value(self, b, y):
            return SquaredError.value(self, np.maximum(b, 0), y)

        def delta(self, b, y):
            return np.maximum(b, 0) - y

    net = Network((Dense(3, 4, "relu"), Dense(4, 2)), ReluAndSquares())
    rows = case(net, seed=1)
    b, _ = forward(net.layers, net.views(rows.theta), rows.x)
    assert (b < 0).any()  # only there is it wrong
    assert not any(part.agrees for part in check(rows))


def test_the_parts_are_named_and_measured_layer_by_layer():
    inside = Dense(4, 5, "silu"), Dropout(5, 0.5), Dense(5, 4)
    net = Network((Dense(3, 4), Dropout(4, 0.5), Residual(inside), Scale(4)), SquaredError())
    rows = case(net, seed=0)
    parts = check(rows)
    names = [(part.layer, part.name) for part in parts]
    assert names == [(0, "w"), (0, "b"), (2, "0.w"), (2, "0.b"), (2, "2.w"), (2, "2.b"), (3, "s")]
    views = net.views(rows.theta)
    for part in parts:
        assert part.shape == views[part.layer][part.name].shape
        assert len(part.probes) == np.prod(part.shape)
        for probe in part.probes:
            assert probe.value == views[part.layer][part.name][probe.index]
        # every number was tried, so the quotients are as long as the gradient
        quotients = [probe.quotient for probe in part.probes]
        assert np.linalg.norm(quotients) == pytest.approx(part.grad_norm, rel=1e-6)


def test_large_parts_are_sampled_and_theta_is_left_as_it_was():
    rows = case(Network((Dense(30, 20, "tanh"), Dense(20, 2)), SquaredError()), seed=0)
    theta = rows.theta.copy()
    parts = check(rows, most=7)
    assert [len(part.probes) for part in parts] == [7, 7, 7, 2]
    assert len({probe.index for probe in parts[0].probes}) == 7
    np.testing.assert_array_equal(rows.theta, theta)


def test_raw_columns_with_numbers_in_the_thousands_agree():
    x, y = load_breast_cancer(return_X_y=True)
    net = Network((Dense(30, 8, "tanh"), Dense(8, 8, "relu"), Dense(8, 2)), CrossEntropy())
    theta = net.init("he", np.random.default_rng(0))
    parts = check_gradient(net, theta, x[:40], y[:40, None], np.random.default_rng(0))
    assert all(part.agrees for part in parts)


def test_targets_in_the_millions_agree():
    rows = case(Network((Dense(3, 4, "silu"), Dense(4, 1)), SquaredError()), seed=0)
    assert all(part.agrees for part in check(replace(rows, y=1e6 * rows.y)))


def test_a_kink_near_a_parameter_is_stepped_over():
    net = Network((Dense(1, 1, "relu"), Dense(1, 1)), SquaredError())
    theta = np.array([1.0, 3e-7, 1.0, 0.0])  # a = 3e-7, so the first h of the bias crosses zero
    parts = check_gradient(net, theta, [[0.0]], [[1.0]], np.random.default_rng(0))
    bias = parts[1].probes[0]
    assert bias.agrees
    assert bias.h < 3e-7
    assert bias.grad == pytest.approx(-1)


def test_a_parameter_that_stands_on_a_kink_is_not_judged():
    net = Network((Dense(1, 1, "relu"), Dense(1, 1)), AbsoluteError())
    theta = np.array([1.0, 0.0, 1.0, 0.0])
    for y, sides in ((1.0, (0, -1)), (0.0, (0, 1))):  # a = 0; and for y = 0 so is the error
        parts = check_gradient(net, theta, [[0.0]], [[y]], np.random.default_rng(0))
        bias = parts[1].probes[0]
        assert (bias.middle - bias.low) / bias.h == pytest.approx(sides[0], abs=1e-6)
        assert (bias.high - bias.middle) / bias.h == pytest.approx(sides[1], abs=1e-6)
        assert bias.on_kink
        assert parts[1].compared == []
        assert parts[1].agrees


@pytest.mark.parametrize(
    ("theta", "x", "y", "words"),
    [
        (np.zeros(3), np.zeros((2, 1)), np.zeros((2, 1)), "has 2 parameters"),
        (np.zeros(2), np.zeros((0, 1)), np.zeros((0, 1)), "no rows"),
        (np.zeros(2), np.full((2, 1), np.nan), np.zeros((2, 1)), "loss is nan"),
    ],
)
def test_what_has_no_slope_is_refused_in_one_sentence(theta, x, y, words):
    net = Network((Dense(1, 1),), SquaredError())
    with pytest.raises(ValueError, match=words):
        check_gradient(net, theta, x, y, np.random.default_rng(0))
