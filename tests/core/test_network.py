from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from sklearn.datasets import load_iris

import textbook
from jubako.core.activations import ACTIVATIONS
from jubako.core.counter_rng import CounterRng
from jubako.core.initializers import INITIALIZERS
from jubako.core.layers import LAYERS, Dense, Dropout, Residual, forward
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network, loss_and_grad
from strategies import SEEDS, case, example, network, networks

STEP = 3


def run(case, theta=None, dropout=True):
    """Return the loss and the gradient of a case."""
    theta = case.theta if theta is None else theta
    grad = np.full_like(theta, np.nan)
    stream = CounterRng(case.seeds, STEP) if dropout else None
    net = case.net
    loss = loss_and_grad(net, net.views(theta), case.x, case.y, case.s, net.views(grad), stream)
    return loss, grad


def check_gradient(case):
    """Compare the gradient with differences of the loss along random directions."""
    _, grad = run(case)
    h = 1e-6
    for signs in np.random.default_rng(0).choice([-1.0, 1.0], (3, *case.theta.shape)):
        low, high = (run(case, case.theta + step * signs)[0] for step in (-h, h))
        # Every parameter takes part in every direction. The difference errs by h² L'''/6 and by
        # rounding, 1e-16 L / h, together some 1e-9 of the gradient's length; and with these seeds
        # no unit is within h of a kink, where it would err by far more than 1e-6.
        error = abs((high - low) / (2 * h) - grad @ signs)
        assert error <= 1e-6 * np.linalg.norm(grad)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_agrees_with_differences(activation, loss, layer):
    loss = LOSSES[loss]()
    for n_out, weighted in product([1, 2, 5], [False, True]):
        if loss.target == "class" and n_out == 1:
            continue  # one class leaves nothing to learn
        rows = case(network(layer, activation, loss, n_out=n_out), seed=n_out)
        check_gradient(rows if weighted else replace(rows, s=np.full(7, 1 / 7)))


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_agrees_with_differences_in_nested_residuals(loss):
    inner = Residual((Dense(4, 3, "tanh"), Dropout(3, 0.3), Dense(3, 4)))
    outer = Residual((inner, Dense(4, 4, "silu"), Dropout(4, 0.2)))
    layers = outer, Dropout(4, 0.2), Residual((Dense(4, 4, "gelu"),)), Dense(4, 2)
    check_gradient(case(Network(layers, LOSSES[loss]()), seed=0))


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_agrees_with_differences_without_hidden_layers(loss):
    check_gradient(case(Network((Dense(3, 2),), LOSSES[loss]()), seed=0))


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
@given(net=networks())
def test_views_are_the_buffer_itself(lead, net):
    buffer = np.zeros((*lead, net.n_params))
    views = [part for parts in net.views(buffer) for part in parts.values()]
    for i, part in enumerate(views):
        assert np.shares_memory(part, buffer)
        part += i + 1
    # every number of the buffer belongs to one part, and to one only
    sizes = [part.size // buffer[..., 0].size for part in views]
    expected = np.repeat(np.arange(1, len(views) + 1), sizes)
    np.testing.assert_array_equal(buffer, np.broadcast_to(expected, buffer.shape))


@given(net=networks())
def test_views_have_the_layers_names_and_shapes(net):
    for layer, parts in zip(net.layers, net.views(np.zeros((2, net.n_params))), strict=True):
        assert {name: part.shape[1:] for name, part in parts.items()} == layer.shapes()


@given(net=networks())
def test_weights_are_marked_and_biases_are_not(net):
    for parts in net.views(net.is_weight):
        for name, part in parts.items():
            assert (part == (name.split(".")[-1] == "w")).all()


@pytest.mark.parametrize("rule", INITIALIZERS)
@pytest.mark.parametrize("layer", LAYERS)
def test_init_follows_from_the_seed(rule, layer):
    net = network(layer, "relu", SquaredError())
    theta, again, other = (net.init(rule, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert theta.shape == (net.n_params,)
    np.testing.assert_array_equal(theta, again)
    # weights all differ; biases may be zero in both
    assert (theta != other)[net.is_weight == 1].all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shared", [True, False])
@given(net=networks(), seed=SEEDS)
def test_networks_side_by_side_are_networks_alone_bit_for_bit(dtype, shared, net, seed):
    check_side_by_side(case(net, seed, lead=(3,), shared=shared, dtype=dtype))


@pytest.mark.parametrize("m", [200, 5000, 9000])
@pytest.mark.parametrize("n_out", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shared", [True, False])
def test_many_rows_side_by_side_are_rows_alone_bit_for_bit(dtype, shared, n_out, m):
    net = network("dropout", "relu", SquaredError(), n_in=10, n=32, n_out=n_out)
    check_side_by_side(case(net, 0, m, lead=(3,), shared=shared, dtype=dtype))


def check_side_by_side(together):
    loss, grad = run(together)
    shared = together.x.ndim == 2
    assert loss.dtype == np.float64
    for k in range(3):
        rows = [a if shared else a[k] for a in (together.x, together.y, together.s)]
        alone = type(together)(together.net, together.theta[k], *rows, together.seeds[k])
        loss_alone, grad_alone = run(alone)
        assert loss[k] == loss_alone
        np.testing.assert_array_equal(grad[k], grad_alone)


@given(net=networks(), seed=SEEDS)
def test_order_of_rows_does_not_matter(net, seed):
    rows = case(net, seed, m=20)
    order = np.random.default_rng(seed).permutation(20)
    shuffled = replace(rows, x=rows.x[order], y=rows.y[order], s=rows.s[order])
    # Dropped units follow the place of a row, so nothing is dropped here. The sums of 20 terms
    # round differently in another order; Poisson's terms are the largest, up to exp(b).
    loss, grad = run(rows, dropout=False)
    loss_shuffled, grad_shuffled = run(shuffled, dropout=False)
    size = np.abs(grad).max()
    np.testing.assert_allclose(loss_shuffled, loss, rtol=1e-12, atol=1e-14 * size)
    np.testing.assert_allclose(grad_shuffled, grad, rtol=0, atol=1e-12 * (size + 1e-2))


@given(net=networks(), seed=SEEDS)
def test_backward_overwrites_the_gradient(net, seed):
    rows = case(net, seed)
    grad = np.full_like(rows.theta, 7.0)
    params, grads = net.views(rows.theta), net.views(grad)
    for _ in range(2):
        loss_and_grad(net, params, rows.x, rows.y, rows.s, grads, CounterRng(rows.seeds, STEP))
        np.testing.assert_array_equal(grad, run(rows)[1])


@given(net=networks(), seed=SEEDS)
def test_inputs_are_left_alone(net, seed):
    rows, untouched = case(net, seed), case(net, seed)
    run(rows)
    for name in "theta", "x", "y", "s":
        np.testing.assert_array_equal(getattr(rows, name), getattr(untouched, name))


@given(net=networks(), seed=SEEDS)
def test_loss_is_the_weighted_sum_of_the_rows(net, seed):
    rows = case(net, seed)
    b, _ = forward(net.layers, net.views(rows.theta), rows.x)
    value = net.loss.value(b, rows.y)
    # the sum of 7 terms in another order
    assert run(rows, dropout=False)[0] == pytest.approx(rows.s @ value, rel=1e-14, abs=1e-15)


@given(net=networks(), seed=SEEDS)
def test_a_row_of_weight_zero_is_no_row(net, seed):
    rows = case(net, seed)
    rows.s[-1] = 0
    less = replace(rows, x=rows.x[:-1], y=rows.y[:-1], s=rows.s[:-1])
    for whole, part in zip(run(rows), run(less), strict=True):
        # sums of 6 terms, in which a product may be formed in another order
        np.testing.assert_allclose(whole, part, rtol=0, atol=1e-13 * (1 + np.abs(part).max()))


@pytest.mark.parametrize("layer", LAYERS)
def test_steps_change_the_dropped_units_only(layer):
    net = network(layer, "tanh", SquaredError())
    rows = case(net, 0)
    params, grads = net.views(rows.theta), net.views(np.empty_like(rows.theta))
    losses = {
        float(
            loss_and_grad(net, params, rows.x, rows.y, rows.s, grads, CounterRng(rows.seeds, step))
        )
        for step in range(4)
    }
    drops = "Dropout" in repr(example(layer, 4))
    assert len(losses) == (4 if drops else 1)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_gradient_descent_on_iris_is_the_textbooks(task):
    rng = np.random.default_rng(0)
    x, species = load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    if task == "classification":
        loss, y, target = CrossEntropy(), species[:, None], np.eye(3)[species]
    else:
        loss, x, target = SquaredError(), x[:, :2], x[:, 2:]
        y = target
    n_in, n_out, n_hidden, l_rate, n_steps = x.shape[1], target.shape[1], 8, 0.3, 100
    v = rng.normal(size=(n_in + 1, n_hidden)) / 2
    w = rng.normal(size=(n_hidden + 1, n_out)) / 2

    net = Network((Dense(n_in, n_hidden, "relu"), Dense(n_hidden, n_out)), loss)
    theta = np.concatenate([v.ravel(), w.ravel()])  # the last row of each is the biases
    grad, s, losses = np.empty_like(theta), np.full(150, 1 / 150), []
    params, grads = net.views(theta), net.views(grad)
    for _ in range(n_steps):
        losses.append(loss_and_grad(net, params, x, y, s, grads))
        theta -= l_rate * grad

    v, w, expected = textbook.fit(x, target, v, w, l_rate, n_steps, task)
    # sums of 150 rows in another order, over 100 steps that bring the two closer, not apart
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(theta, np.concatenate([v.ravel(), w.ravel()]), rtol=0, atol=1e-12)
    assert losses[-1] < losses[0] / 2
