import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.layers import LAYERS, Dense, Dropout, Residual, Scale
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.explain.gradcheck import BOUND
from jubako.explain.tracer import trace
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.optimizers import OPTIMIZERS, SGD, Adam, Update
from jubako.training.state import TrainState
from strategies import SEEDS, case, network, networks

STACK = (
    Dense(3, 4, "tanh"),
    Residual((Dense(4, 5, "silu"), Dropout(5, 0.4), Dense(5, 4))),
    Dropout(4, 0.4),
    Scale(4),
    Dense(4, 2),
)


def traced(rows, **options):
    return trace(rows.net, rows.theta, rows.x, rows.y, w=rows.s, **options)


@given(
    net=networks(),
    numbers=SEEDS,
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    alpha=st.sampled_from([0.0, 0.3]),
    longest=st.sampled_from([np.inf, 0.01]),
)
def test_the_step_is_the_numpy_engine_s_to_the_last_bit(net, numbers, optimizer, alpha, longest):
    rows, lr, order = case(net, numbers), 0.05, np.arange(7)[None]
    update = Update(OPTIMIZERS[optimizer](), weight_decay=0.1, max_grad_norm=longest)
    theta = rows.theta[None].copy()
    train_state = TrainState.start(theta, update.optimizer.init(theta), [5], lr)
    train_state.epoch = 3  # with one step in an epoch this is step 3
    problem = Problem(net, rows.x, rows.y, rows.s, alpha)
    state = {name: array[0].copy() for name, array in train_state.optimizer_state.items()}
    t = traced(rows, alpha=alpha, update=update, lr=lr, state=state, seed=5, step=3)
    for array, before in zip(state.values(), train_state.optimizer_state.values(), strict=True):
        np.testing.assert_array_equal(array, before[0])  # nothing that was passed has changed
    losses, grad = NumpyEngine().run_epoch(
        problem, update, train_state, order, 7, np.full((1, 1), lr)
    )
    assert t.loss * 7 / 7 == losses[0]  # the engine weighs each batch by its 7 rows
    for box in t.boxes:
        for part in box.parts.values():
            np.testing.assert_array_equal(part.before, rows.theta[part.where])
            np.testing.assert_array_equal(part.after, train_state.theta[0][part.where])
            for name, (_, after) in part.memory.items():
                np.testing.assert_array_equal(
                    after, train_state.optimizer_state[name][0][part.where]
                )
            # the engine's gradient is shortened in place; a product of rounded numbers is rounded
            np.testing.assert_allclose(t.clip * part.grad, grad[0][part.where], rtol=1e-14)


@given(net=networks(), numbers=SEEDS)
def test_all_parameters_are_in_one_box_each(net, numbers):
    t = traced(case(net, numbers))
    places = [part.where.ravel() for box in t.boxes for part in box.parts.values()]
    assert sorted(np.concatenate(places)) == list(range(net.n_params))


@given(net=networks(), numbers=SEEDS)
def test_what_goes_out_of_a_box_comes_into_the_next(net, numbers):
    t = traced(case(net, numbers), seed=1)
    assert t.layers[0].inputs == t.features
    for one, two in zip(t.layers, t.layers[1:], strict=False):
        np.testing.assert_array_equal(one.v, two.u)
        assert one.outputs == two.inputs
    np.testing.assert_array_equal(t.layers[-1].v, t.b)
    assert t.layers[-1].outputs == t.outputs


@given(net=networks(), numbers=SEEDS)
def test_the_gradient_is_the_rows_mean_of_input_times_delta(net, numbers):
    t = traced(case(net, numbers), seed=2)
    for box in t.boxes:
        if isinstance(box.layer, Dense):
            w, b = box.parts["w"], box.parts["b"]
            # sums of a few products, in another order than core's
            tolerance = {"rtol": 1e-10, "atol": 1e-13}
            mean = np.einsum("m,mi,mj->ij", t.s, box.u, box.delta)
            np.testing.assert_allclose(w.grad, mean, **tolerance)
            np.testing.assert_allclose(b.grad[0], t.s @ box.delta, **tolerance)


def test_the_article_s_loop_gives_the_same_numbers():
    rng = np.random.default_rng(0)
    x, yt = rng.normal(size=(5, 4)), np.eye(3)[[0, 2, 1, 1, 0]]
    net = Network((Dense(4, 6, "relu"), Dense(6, 3)), SquaredError())
    theta = net.init("he", rng)
    hidden, output = net.views(theta)
    v, w = hidden["w"].copy(), output["w"].copy()
    t = trace(net, theta, x, yt, lr=0.01)
    a = x @ v
    u = a * (a > 0)
    b = u @ w
    yd = b - yt
    ud = (a > 0) * (yd @ w.T)
    one, two = t.layers
    for found, wanted in (
        (one.u, x),
        (one.a, a),
        (one.v, u),
        (two.u, u),
        (two.a, b),
        (t.y, b),
        (t.yt, yt),
        (t.yd, yd),
        (two.delta, yd),
        (one.delta, ud),
        (two.parts["w"].grad, u.T @ yd / 5),
        (one.parts["w"].grad, x.T @ ud / 5),
        (two.parts["w"].after, w - 0.01 * u.T @ yd / 5),
        (one.parts["w"].after, v - 0.01 * x.T @ ud / 5),
        (t.losses, ((b - yt) ** 2).sum(1) / 2),
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layer", LAYERS)
def test_each_gradient_is_the_finite_difference_of_the_loss(layer, loss):
    t = traced(case(network(layer, "tanh", LOSSES[loss]()), seed=0), alpha=0.2, seed=3)
    for box in t.boxes:
        for part in box.parts.values():
            for index in np.ndindex(part.where.shape):
                found = t.check(box.name, part.name, *index)
                assert found.value == part.before[index]
                assert found.grad == part.grad[index]
                assert found.error <= BOUND or found.on_kink


def test_boxes_inside_others_are_named_by_their_place():
    net = Network(STACK, SquaredError())
    t = traced(case(net, seed=0), seed=0)
    kinds = [(box.name, box.kind) for box in t.boxes]
    assert kinds == [
        ("1", "dense"),
        ("2", "residual"),
        ("2.1", "dense"),
        ("2.2", "dropout"),
        ("2.3", "dense"),
        ("3", "dropout"),
        ("4", "scale"),
        ("5", "dense"),
    ]
    assert list(t.box("2.3").parts) == ["w", "b"]
    assert t.box("2").parts == {}
    assert t.box(1).inputs == ("x1", "x2", "x3")
    assert t.box("2.1").outputs == ("h1", "h2", "h3", "h4", "h5")
    with pytest.raises(ValueError, match=r"no layer '7': choose one of 1, 2, 2\.1"):
        t.box(7)
    with pytest.raises(ValueError, match="has no parameters 'c', but w, b"):
        t.check(1, "c", 0, 0)
    with pytest.raises(ValueError, match=r"shape \(3, 4\)"):
        t.check(1, "w", 3, 0)


def test_dropout_that_is_off_is_left_out():
    net = Network(STACK, SquaredError())
    t = traced(case(net, seed=0))
    assert [box.kind for box in t.boxes] == [
        "dense",
        "residual",
        "dense",
        "dense",
        "scale",
        "dense",
    ]
    assert all(box.mask is None for box in t.boxes)
    on = traced(case(net, seed=0), seed=0)
    assert set(np.unique(on.box(3).mask)) == {0, 1 / 0.6}


def test_a_step_too_far_is_shown_and_json_holds_it():
    rows = case(Network((Dense(3, 2, "identity"), Dense(2, 2)), SquaredError()), seed=0)
    t = traced(rows, lr=1e200)
    assert not np.isfinite(t.loss_after)
    assert json.loads(t.to_json())["loss_after"] is None


def test_nothing_in_a_trace_can_be_changed():
    t = traced(case(Network(STACK, CrossEntropy()), seed=0), seed=0, update=Update(Adam()))
    for array in (t.b, t.layers[0].u, t.layers[0].parts["w"].grad, t.layers[0].delta):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_the_forms_to_take_away_hold_the_same_numbers():
    net = Network(STACK, CrossEntropy(smoothing=0.1))
    t = traced(case(net, seed=0), seed=0, features=["長さ", "b", "c"], outputs=["犬", "猫"])
    table = t.to_arrow().to_pylist()
    lines = list(csv.DictReader(io.StringIO(t.to_csv())))
    assert [{**line, "value": float(line["value"])} for line in lines] == table
    words = json.loads(t.to_json())
    assert words["features"] == ["長さ", "b", "c"]
    inner = words["layers"][1]["inside"][0]
    grads = [row["value"] for row in table if (row["layer"], row["quantity"]) == ("2.1", "w.grad")]
    assert np.ravel(inner["parts"]["w"]["grad"]).tolist() == grads
    assert grads == t.box("2.1").parts["w"].grad.ravel().tolist()
    deltas = [row for row in table if (row["layer"], row["quantity"]) == ("5", "delta")]
    assert [row["value"] for row in deltas] == t.box(5).delta.ravel().tolist()
    assert [row["unit"] for row in deltas[:2]] == ["犬", "猫"]
    assert t.to_arrow().schema.field("value").type == "double"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"theta": np.zeros(3)}, r"theta has the shape \(3,\), but must have \(14,\)"),
        ({"x": np.zeros((7, 2))}, "x has the shape"),
        ({"y": np.zeros((6, 2))}, "y has the shape"),
        ({"x": np.zeros((0, 3)), "y": np.zeros((0, 2)), "s": None}, "no rows"),
        ({"x": np.full((7, 3), np.nan)}, "loss is nan"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(change, words):
    rows = case(Network((Dense(3, 2), Dense(2, 2)), SquaredError()), seed=0)
    with pytest.raises(ValueError, match=words):
        traced(replace(rows, **change))


def test_a_class_target_becomes_one_hot_and_smoothing_shows():
    rows = case(Network((Dense(3, 3),), CrossEntropy(smoothing=0.3)), seed=0)
    t = traced(rows)
    assert set(np.round(np.unique(t.yt), 12)) == {0.1, 0.8}
    np.testing.assert_allclose(t.yd, t.y - t.yt, rtol=1e-12, atol=1e-15)
    assert t.update.optimizer == SGD(0.0, False)
