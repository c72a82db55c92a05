from itertools import pairwise

import numpy as np
import pytest

from jubako.core.activations import ACTIVATIONS
from jubako.core.counter_rng import CounterRng
from jubako.core.embeddings import Embedding
from jubako.core.initializers import INITIALIZERS
from jubako.core.layers import LAYERS, Dense, Dropout, Residual, backward, forward
from jubako.core.losses import SquaredError
from jubako.core.network import Network
from strategies import example, network

each = pytest.mark.parametrize("name", LAYERS)
leads = pytest.mark.parametrize("lead", [(), (3,)])


def open_up(layer, lead=(), dtype=np.float64):
    """Return parameters of one layer, and a buffer for their gradients."""
    net = Network((layer,), SquaredError())
    rng = np.random.default_rng(0)
    theta = rng.normal(size=(*lead, net.n_params)).astype(dtype)
    return net.views(theta), net.views(np.full_like(theta, np.nan))


def stream(lead=()):
    return CounterRng(np.arange(np.prod(lead, dtype=int), dtype=np.uint32).reshape(lead), 0)


@each
@leads
def test_output_and_page_have_the_layers_sizes(name, lead):
    layer = example(name, 4)
    [p], _ = open_up(layer, lead)
    assert layer.n_in == 4
    u = np.random.default_rng(0).normal(size=(*lead, 6, 4))
    v, page = layer.forward(p, u, stream(lead))
    assert v.shape == page.v.shape == page.a.shape == (*lead, 6, layer.n_out)
    assert page.u.shape == (*lead, 6, 4)
    np.testing.assert_array_equal(page.u, u)
    np.testing.assert_array_equal(page.v, v)


@each
@leads
def test_gradient_of_the_input_agrees_with_differences(name, lead):
    layers = (example(name, 4),)
    params, grads = open_up(layers[0], lead)
    rng, h = np.random.default_rng(1), 1e-6
    u, direction = rng.normal(size=(2, *lead, 6, 4))
    dv = rng.normal(size=(*lead, 6, layers[0].n_out))

    def total(u):
        return (dv * forward(layers, params, u, stream(lead))[0]).sum()

    _, pages = forward(layers, params, u, stream(lead))
    du = backward(layers, params, pages, dv, grads, need_du=True)
    slope = (total(u + h * direction) - total(u - h * direction)) / (2 * h)
    # the difference errs by rounding of numbers near 10: 1e-15 / h
    assert (du * direction).sum() == pytest.approx(slope, rel=1e-6, abs=1e-8)


@each
def test_a_stack_hands_delta_from_layer_to_layer(name):
    net = network(name, "tanh", SquaredError())
    params = net.views(net.init("glorot", np.random.default_rng(0)))
    grads = net.views(np.empty(net.n_params))
    x = np.random.default_rng(1).normal(size=(6, 3))
    v, pages = forward(net.layers, params, x, stream())
    backward(net.layers, params, pages, v, grads)
    for page, following in pairwise(pages):
        np.testing.assert_array_equal(page.v, following.u)
    assert all(page.delta is not None and page.delta.shape == page.a.shape for page in pages)


@each
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_single_precision_stays(name, activation):
    layer = example(name, 4, activation)
    [p], [g] = open_up(layer, dtype=np.float32)
    u = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    v, page = layer.forward(p, u, stream())
    du = layer.backward(p, page, v, g, need_du=True)
    assert v.dtype == du.dtype == page.delta.dtype == np.float32


@each
def test_backward_fills_the_whole_gradient(name):
    layer = example(name, 4)
    [p], [g] = open_up(layer)
    v, page = layer.forward(p, np.ones((6, 4)), stream())
    layer.backward(p, page, v, g, need_du=False)
    assert g.keys() == p.keys() == layer.shapes().keys()
    assert all(np.isfinite(part).all() for part in g.values())


@each
@pytest.mark.parametrize("rule", INITIALIZERS)
def test_init_writes_every_parameter(name, rule):
    layer = example(name, 4)
    _, [p] = open_up(layer)  # NaN everywhere
    layer.init(p, INITIALIZERS[rule], np.random.default_rng(0))
    for key, part in p.items():
        assert np.isfinite(part).all()
        assert part.any() or not key.endswith("w")


def test_dense_is_the_formula():
    rng = np.random.default_rng(0)
    w, b, u = rng.normal(size=(3, 2)), rng.normal(size=(1, 2)), rng.normal(size=(5, 3))
    v, page = Dense(3, 2, "tanh").forward({"w": w, "b": b}, u, None)
    a = np.einsum("mi,io->mo", u, w) + b
    # the sum of three products in another order
    np.testing.assert_allclose(page.a, a, rtol=0, atol=1e-14)
    np.testing.assert_allclose(v, np.tanh(a), rtol=0, atol=1e-14)


def test_dropout_drops_or_grows():
    u = np.full((1000, 50), 3.0)
    v, page = Dropout(50, 0.25).forward({}, u, stream())
    assert set(np.unique(v)) == {0.0, 4.0}
    np.testing.assert_array_equal(v, u * page.mask)
    # the mean stays: 5 standard deviations, each 3 * sqrt(rate / (1 - rate) / n)
    assert v.mean() == pytest.approx(3, abs=5 * 3 * np.sqrt(1 / 3 / u.size))


def test_dropout_does_nothing_outside_training():
    u = np.random.default_rng(0).normal(size=(6, 4))
    v, page = Dropout(4, 0.5).forward({}, u, None)
    np.testing.assert_array_equal(v, u)
    np.testing.assert_array_equal(Dropout(4, 0.5).backward({}, page, u, {}, True), u)


def test_dropout_of_nothing_changes_nothing():
    u = np.random.default_rng(0).normal(size=(6, 4))
    np.testing.assert_array_equal(Dropout(4, 0.0).forward({}, u, stream())[0], u)


def test_two_dropouts_drop_differently():
    layers = Dropout(20, 0.5), Dropout(20, 0.5)
    _, (one, two) = forward(layers, [{}, {}], np.ones((50, 20)), stream())
    # where two fair coins agree: 5 standard deviations
    assert np.mean(one.mask == two.mask) == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(1000))


def test_residual_adds_its_input():
    inside = Dense(4, 4, "tanh")
    [p], _ = open_up(inside)
    u = np.random.default_rng(0).normal(size=(6, 4))
    v, page = Residual((inside,)).forward({"0.w": p["w"], "0.b": p["b"]}, u, None)
    np.testing.assert_array_equal(v, u + inside.forward(p, u, None)[0])
    np.testing.assert_array_equal(page.a, page.inside[0].v)


def test_residual_names_parts_by_position():
    layer = Residual((Dense(4, 2), Dropout(2, 0.5), Dense(2, 4)))
    assert layer.shapes() == {"0.w": (4, 2), "0.b": (1, 2), "2.w": (2, 4), "2.b": (1, 4)}


def test_embedding_is_one_hot_at_first_where_there_are_few_levels():
    layer = Embedding(3, (2, 3))
    p = {name: np.empty(shape) for name, shape in layer.shapes().items()}
    layer.init(p, INITIALIZERS["he"], np.random.default_rng(0))
    u = np.array([[0.5, 1, 3], [0.7, 2, 1], [0.9, 0, 4]])
    v, _ = layer.forward(p, u, None)
    assert v.tolist() == [[0.5, 1, 0, 0, 0, 1], [0.7, 0, 1, 1, 0, 0], [0.9, 0, 0, 0, 0, 0]]
    # and then it is what one-hot columns are before a dense layer, with the same gradient
    w, one_hot = np.random.default_rng(1).normal(size=(6, 2)), v.copy()
    g = {name: np.empty_like(part) for name, part in p.items()}
    v, page = layer.forward(p, u, None)
    layer.backward(p, page, (v @ w) @ w.T, g, need_du=False)
    expected = one_hot.T @ (one_hot @ w @ w.T)
    np.testing.assert_allclose(g["E1"], expected[1:3, 1:3], rtol=1e-12)
    np.testing.assert_allclose(g["E2"], expected[3:, 3:], rtol=1e-12)


@leads
def test_embedding_of_many_levels_gives_rows_and_scatters_back(lead):
    layer, rng = Embedding(2, (1000,), most=3), np.random.default_rng(0)
    [p], [g] = open_up(layer, lead)
    codes = rng.integers(0, 1003, (*lead, 5000))  # also such as choose no row
    u = np.stack([rng.normal(size=codes.shape), codes], axis=-1)
    v, page = layer.forward(p, u, None)
    dv = rng.normal(size=v.shape)
    layer.backward(p, page, dv, g, need_du=False)
    for k in np.ndindex(*lead):
        expected = np.zeros((1000, 3))
        for i in range(5000):
            known = 1 <= codes[k][i] <= 1000
            row = p["E1"][k][codes[k][i] - 1] if known else np.zeros(3)
            np.testing.assert_array_equal(v[k][i], [u[k][i, 0], *row])
            if known:
                expected[codes[k][i] - 1] += dv[k][i, 1:]
        np.testing.assert_allclose(g["E1"][k], expected, rtol=1e-12, atol=1e-12)
