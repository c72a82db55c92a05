"""Embedding and Periodic against their formulas, one number at a time."""

import numpy as np
import pytest

from jubako.core.embeddings import Embedding, Periodic

RNG = np.random.default_rng(0)
CATEGORIES = Embedding(4, (3, 20), most=5)
WAVES = Periodic(4, 2, n_frequencies=5, n_sums=3, spread=0.5)
ROWS = np.column_stack(
    [RNG.normal(size=(6, 2)), [0, 1, 2, 3, 4, 1.2], [20, 21, -1, 1, 2.4, 19.7]]
).astype(np.float64)


def params(layer, lead=()):
    return {name: RNG.normal(size=(*lead, *shape)) for name, shape in layer.shapes().items()}


def embedded(p, row):
    """Return the outputs of `CATEGORIES` for one row."""
    found = list(row[:2])
    for j, (n, size) in enumerate([(3, 3), (20, 5)], 1):
        code = round(row[1 + j])
        found += list(p[f"E{j}"][code - 1]) if 1 <= code <= n else [0] * size
    return found


def waved(p, row):
    """Return the outputs of `WAVES` for one row."""
    found = list(row)
    for i in range(2):
        cosines = [
            np.cos(2 * np.pi * f * row[i] + c) for f, c in zip(p["f"][i], p["c"][i], strict=True)
        ]
        for j in range(3):
            mix = p["mix"][i, 5 * j : 5 * j + 5]
            found.append(
                sum(m * cosine for m, cosine in zip(mix, cosines, strict=True)) + p["b"][i, j]
            )
    return found


each = pytest.mark.parametrize(("layer", "formula"), [(CATEGORIES, embedded), (WAVES, waved)])


@each
@pytest.mark.parametrize("shared", [True, False])
def test_the_outputs_of_several_networks_are_those_of_the_formula(layer, formula, shared):
    p = params(layer, (2,))
    u = ROWS if shared else np.stack([ROWS, ROWS[::-1]])
    v, page = layer.forward(p, u, None)
    assert v.shape == (2, 6, layer.n_out)
    assert page.v is v
    for k in range(2):
        own = {name: array[k] for name, array in p.items()}
        rows = ROWS if shared else u[k]
        np.testing.assert_allclose(v[k], [formula(own, row) for row in rows], rtol=1e-12)


@each
@pytest.mark.parametrize("shared", [True, False])
def test_each_gradient_agrees_with_a_difference(layer, formula, shared):
    p, u = params(layer, (2,)), ROWS if shared else np.stack([ROWS, ROWS[::-1]])
    weights, g = RNG.normal(size=(2, 6, layer.n_out)), {k: np.full_like(a, 7) for k, a in p.items()}
    _, page = layer.forward(p, u, None)
    du = layer.backward(p, page, weights, g, True)
    assert page.delta is weights
    assert du.shape == (2, 6, 4)

    def loss(k):
        return (weights[k] * layer.forward(p, u, None)[0][k]).sum()

    for name, array in p.items():
        for index in np.ndindex(array.shape):
            kept, values = array[index], []
            for step in (1e-6, -1e-6):
                array[index] = kept + step
                values.append(loss(index[0]))
            array[index] = kept
            assert np.isclose(g[name][index], (values[0] - values[1]) / 2e-6, 1e-5, 1e-7)
    for place, step in enumerate(1e-6 * np.eye(4)[:2]):  # the codes have no derivative
        up, down = (layer.forward(p, u + s, None)[0] for s in (step, -step))
        slopes = (weights * (up - down)).sum(-1) / 2e-6
        np.testing.assert_allclose(du[..., place], slopes, rtol=1e-5, atol=1e-7)
    if layer is CATEGORIES:
        assert not du[..., 2:].any()
    else:
        np.testing.assert_array_equal(du[..., 2:], weights[..., 2:4])


def test_the_arrays_of_categories_are_tables():
    assert CATEGORIES.shapes() == {"E1": (3, 3), "E2": (20, 5)}
    assert (CATEGORIES.n_numbers, CATEGORIES.sizes, CATEGORIES.n_out) == (2, (3, 5), 10)
    assert CATEGORIES.lr_multipliers() == {"E1": (1, 1), "E2": (1, 1)}
    assert Embedding(1, (9,)).sizes == (8,)


def test_large_tables_begin_near_zero_and_small_ones_as_the_identity():
    layer = Embedding(2, (8, 5000))
    p = params(layer)
    layer.init(p, None, np.random.default_rng(0))
    np.testing.assert_array_equal(p["E1"], np.eye(8))
    assert abs(p["E2"].mean()) < 0.002
    assert abs(p["E2"].std() - 0.1) < 0.002


def test_the_arrays_of_cosines_have_a_row_for_each_number():
    assert WAVES.shapes() == {"f": (2, 5), "c": (2, 5), "mix": (2, 15), "b": (2, 3)}
    assert WAVES.n_out == 10
    assert WAVES.lr_multipliers() == dict.fromkeys(("f", "c", "mix", "b"), (0.1, 0))
    usual = Periodic(3, 2)
    assert (usual.n_frequencies, usual.n_sums, usual.spread) == (16, 3, 0.1)


def test_frequencies_begin_normal_and_the_others_uniform():
    layer = Periodic(2000, 2000, n_frequencies=4, spread=0.3)
    p = params(layer)
    layer.init(p, None, np.random.default_rng(0))
    assert abs(p["f"].mean()) < 0.02
    assert abs(p["f"].std() - 0.3) < 0.02
    for name, reach in (("c", np.pi), ("mix", 0.5), ("b", 0.5)):  # 1 / sqrt(4)
        assert np.abs(p[name]).max() <= reach
        np.testing.assert_allclose(
            np.quantile(p[name], [0.001, 0.25, 0.75, 0.999]) / reach,
            [-0.998, -0.5, 0.5, 0.998],
            atol=0.03,
        )


@each
def test_single_precision_stays_single(layer, formula):
    p = {name: array.astype(np.float32) for name, array in params(layer).items()}
    v, page = layer.forward(p, ROWS.astype(np.float32), None)
    g = {name: np.empty_like(array) for name, array in p.items()}
    assert v.dtype == layer.backward(p, page, np.ones_like(v), g, True).dtype == np.float32
