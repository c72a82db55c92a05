from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from jubako.core.layers import LAYERS, Dense, forward
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, SquaredError
from jubako.core.network import Network, loss_and_grad
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import CHUNK, NumpyEngine
from jubako.training.lbfgs import train_lbfgs
from jubako.training.loop import train
from jubako.training.optimizers import OPTIMIZERS, SGD, Update
from jubako.training.state import TrainState
from strategies import SEEDS, every_loss, network, targets

leads = pytest.mark.parametrize("lead", [(), (1,), (3,)])
each_layer = pytest.mark.parametrize("layer", LAYERS)
each_size = pytest.mark.parametrize("n_rows", [5, CHUNK, CHUNK + 1, 2 * CHUNK + 137])


def problem(net, n_rows=30, alpha=0.0, seed=0):
    rng = np.random.default_rng(seed)
    n_in, n_out = net.layers[0].n_in, net.layers[-1].n_out
    x = rng.normal(size=(n_rows, n_in)) * (rng.random((n_rows, n_in)) < 0.6)
    y = targets(net.loss, rng, (n_rows, n_out))
    return Problem(net, x, y, rng.uniform(0.5, 2, n_rows), alpha)


def weights(net, lead=(), seed=1):
    return np.random.default_rng(seed).normal(size=(*lead, net.n_params)) / 2


def both(problem, theta, engine=None):
    grad = np.full_like(theta, np.nan)
    return (engine or NumpyEngine()).loss_and_grad(problem, theta, grad), grad


@leads
@each_layer
@each_size
def test_loss_in_chunks_is_the_loss_in_one_pass(layer, n_rows, lead):
    net = network(layer, "tanh", SquaredError())
    some, theta = problem(net, n_rows), weights(net, lead)
    grad = np.empty_like(theta)
    s = some.w / some.w.sum()
    loss = loss_and_grad(net, net.views(theta), some.x, some.y, s, net.views(grad))
    found_loss, found = both(some, theta)
    assert found_loss.shape == lead
    # sums of some thousand rows, in another order
    np.testing.assert_allclose(found_loss, loss, rtol=1e-12)
    np.testing.assert_allclose(found, grad, rtol=0, atol=1e-12)


@leads
@each_layer
@each_size
def test_prediction_in_chunks_is_the_prediction_in_one_pass(layer, n_rows, lead):
    net = network(layer, "tanh", CrossEntropy(), n_out=3)
    x, theta = problem(net, n_rows).x, weights(net, lead)
    b = NumpyEngine().predict(net, theta, x)
    assert b.shape == (*lead, n_rows, 3)
    # a matrix product of another height may add up in another order
    np.testing.assert_allclose(b, forward(net.layers, net.views(theta), x)[0], 0, atol=1e-13)


@leads
def test_sparse_rows_are_dense_rows(lead):
    net = network("dense", "relu", SquaredError())
    dense, theta = problem(net, CHUNK + 137, alpha=0.1), weights(net, lead)
    sparse = Problem(net, csr_array(dense.x), dense.y, dense.w, dense.alpha)
    for a, b in zip(both(dense, theta), both(sparse, theta), strict=True):
        np.testing.assert_array_equal(a, b)
    predict = NumpyEngine().predict
    np.testing.assert_array_equal(predict(net, theta, dense.x), predict(net, theta, sparse.x))


def test_rows_keep_their_precision():
    net = network("dense", "relu", SquaredError())
    some = problem(net)
    x, theta = some.x.astype(np.float32), weights(net).astype(np.float32)
    assert NumpyEngine().predict(net, theta, x).dtype == np.float32
    assert NumpyEngine().predict(net, theta.astype(float), some.x).dtype == np.float64


@pytest.mark.parametrize("convert", [np.asarray, csr_array])
def test_only_some_rows_are_those_rows(convert):
    some, rows = problem(network("dense", "relu", SquaredError()), alpha=0.3), np.array([7, 2, 9])
    part = Problem(some.net, convert(some.x), some.y, some.w, some.alpha).only(rows)
    assert part.net == some.net
    assert part.alpha == 0.3
    x = part.x.toarray() if convert is csr_array else part.x
    for found, expected in (x, some.x), (part.y, some.y), (part.w, some.w):
        np.testing.assert_array_equal(found, expected[rows])


@leads
def test_penalty_is_half_alpha_over_total_times_the_squared_weights(lead):
    net = network("residual", "tanh", SquaredError())
    theta = weights(net, lead)
    total, is_weight = np.array(17.0), net.is_weight
    penalty = problem(net, alpha=0.7).penalize(theta, np.zeros_like(theta), total, is_weight)
    expected = (
        0.7
        / 2
        / 17
        * sum(
            (part**2).sum((-2, -1))
            for parts in net.views(theta)
            for name, part in parts.items()
            if name.endswith("w")
        )
    )
    # a sum of 60 terms in another order
    np.testing.assert_allclose(penalty, expected, rtol=1e-13)


@given(seed=SEEDS, alpha=st.floats(0, 10), total=st.floats(0.1, 100))
def test_penaltys_gradient_agrees_with_differences(seed, alpha, total):
    net, h = network("residual", "tanh", SquaredError()), 1e-2
    some, theta, total = problem(net, alpha=alpha), weights(net, seed=seed), np.array(total)

    def penalize(theta, grad):
        return some.penalize(theta, grad, total, net.is_weight)

    grad = np.ones_like(theta)
    penalize(theta, grad)  # adds to what is there
    direction = weights(net, seed=seed + 1)
    low, high = (penalize(theta + step * direction, np.zeros_like(theta)) for step in (-h, h))
    # a difference of squares has no error of its own; rounding of sums up to 1e3 * 100, over h
    slope = (high - low) / (2 * h)
    assert (grad - 1) @ direction == pytest.approx(slope, rel=1e-9, abs=1e-10)
    np.testing.assert_array_equal(grad[net.is_weight == 0], 1)


@each_layer
@pytest.mark.parametrize("loss", every_loss(), ids=repr)
def test_gradient_over_all_rows_agrees_with_differences(layer, loss):
    net, h = network(layer, "tanh", loss), 1e-6
    some, theta = problem(net, alpha=3.0), weights(net)
    _, grad = both(some, theta)
    direction = np.random.default_rng(0).choice([-1.0, 1.0], theta.shape)
    low, high = (both(some, theta + step * direction)[0] for step in (-h, h))
    # rounding of losses near 1, over h; no prediction is within h of a kink with these seeds
    error = abs((high - low) / (2 * h) - grad @ direction)
    assert error <= 1e-6 * np.linalg.norm(grad)


@pytest.mark.parametrize("alpha", [0, 2.0])
def test_one_batch_of_all_rows_has_the_loss_of_all_rows(alpha):
    net = network("dense", "tanh", SquaredError())
    some, theta = problem(net, alpha=alpha), weights(net, (2,))
    expected = both(some, theta)
    state = TrainState.start(theta.copy(), SGD(0.0).init(theta), [1, 2], 0.1)
    order = np.stack([np.arange(30), np.arange(30)[::-1]])
    found = NumpyEngine().run_epoch(some, Update(SGD(0.0)), state, order, 30, np.full((1, 2), 0.1))
    for a, b in zip(found, expected, strict=True):
        # rows in another order
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-13)
    np.testing.assert_allclose(state.theta, theta - 0.1 * expected[1], rtol=0, atol=1e-13)


def test_epoch_goes_through_the_rows_in_the_order_given():
    net = Network((Dense(3, 1),), SquaredError())
    some, theta = problem(net, 10, alpha=0.5), weights(net, (1,))
    order = np.random.default_rng(5).permutation(10)
    state = TrainState.start(theta.copy(), SGD(0.0).init(theta), [1], 0.1)
    lrs = np.array([[0.3], [0.1], [0.2]])
    losses, _ = NumpyEngine().run_epoch(some, Update(SGD(0.0)), state, order[None], 4, lrs)
    mean = 0
    for i, lr in enumerate(lrs[:, 0]):
        rows = order[4 * i : 4 * i + 4]
        batch = Problem(net, some.x[rows], some.y[rows], some.w[rows], some.alpha)
        loss, grad = both(batch, theta[0])
        theta[0] -= lr * grad
        mean += loss * len(rows) / 10
    # rounding of three steps on numbers near 1
    np.testing.assert_allclose(state.theta, theta, rtol=0, atol=1e-13)
    np.testing.assert_allclose(losses, [mean], rtol=1e-13)


# L-BFGS


def linear(alpha=0.5):
    """Return a linear problem, and the theta that solves it."""
    net = Network((Dense(4, 2),), SquaredError())
    some = problem(net, 60, alpha)
    x = np.hstack([some.x, np.ones((60, 1))])
    a = x.T @ (some.w[:, None] * x) + alpha * np.diag([1, 1, 1, 1, 0])
    return some, np.linalg.solve(a, x.T @ (some.w[:, None] * some.y)).ravel()


def lbfgs(some, theta, tol=1e-6, max_iter=500, max_fun=1000, **settings):
    return train_lbfgs(
        some, theta, NumpyEngine(), tol=tol, max_iter=max_iter, max_fun=max_fun, **settings
    )


@pytest.mark.parametrize("tol", [1e-3, 1e-5, 1e-7])
@pytest.mark.parametrize("alpha", [0, 0.5])
def test_lbfgs_solves_a_linear_problem_to_its_tolerance(alpha, tol):
    some, solution = linear(alpha)
    theta = weights(some.net)
    outcome = lbfgs(some, theta, tol)
    _, grad = both(some, theta)
    assert outcome.reason == "converged"
    assert np.abs(grad).max() <= tol
    # the curvature of the loss is at least 0.2 here, so theta errs by at most 5 gradients
    np.testing.assert_allclose(theta, solution, rtol=0, atol=20 * tol)


@pytest.mark.parametrize("tol", [1e-2, 1e-4])
@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), CrossEntropy()], ids=repr)
def test_lbfgs_converges_to_its_tolerance(loss, tol):
    net = Network((Dense(3, 4, "tanh"), Dense(4, 3)), loss)
    some, theta = problem(net, 60, alpha=3.0), weights(net)
    outcome = lbfgs(some, theta, tol)
    assert outcome.reason == "converged"
    assert np.abs(both(some, theta)[1]).max() <= tol


def test_lbfgs_never_goes_uphill():
    net = network("dense", "tanh", CrossEntropy(), n_out=3)
    some, theta = problem(net, 60), weights(net)
    first, _ = both(some, theta)
    losses = [record.train_loss for record in lbfgs(some, theta, max_iter=30).records]
    assert losses[0] < first
    assert (np.diff(losses) <= 0).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_lbfgs_records_each_iteration(layer):
    net = network(layer, "tanh", CrossEntropy(), n_out=3)
    some, theta, seen = problem(net, 60, alpha=0.1), weights(net), []
    outcome = lbfgs(some, theta, tol=0, max_iter=6, observe=seen.append)
    assert outcome.reason == "epochs"
    assert outcome.records == seen
    assert [record.epoch for record in seen] == [1, 2, 3, 4, 5, 6]
    loss, grad = both(some, theta)
    # the same computation at the same theta
    assert seen[-1].train_loss == pytest.approx(float(loss), rel=1e-15)
    views = [parts for parts in net.views(grad) if parts]
    norms = [np.sqrt(sum((part**2).sum() for part in parts.values())) for parts in views]
    np.testing.assert_allclose(seen[-1].grad_norms, norms, rtol=1e-12)  # sums of 20 squares
    assert all(record.learning_rate is record.val_loss is None for record in seen)


def test_lbfgs_ends_at_the_limit_of_evaluations():
    some, _ = linear()
    outcome = lbfgs(some, weights(some.net), tol=0, max_fun=3)
    assert outcome.reason == "epochs"
    assert 1 <= len(outcome.records) <= 3


def stop(record):
    return record.epoch == 3


def interrupt(record):
    if record.epoch == 3:
        raise KeyboardInterrupt


@pytest.mark.parametrize(("observe", "reason"), [(stop, "callback"), (interrupt, "interrupted")])
def test_lbfgs_keeps_what_it_has_when_it_is_stopped(observe, reason):
    some, _ = linear()
    theta, same = weights(some.net), weights(some.net)
    outcome = lbfgs(some, theta, observe=observe)
    assert outcome.reason == reason
    assert len(outcome.records) == 3
    lbfgs(some, same, max_iter=3)
    np.testing.assert_array_equal(theta, same)


def test_lbfgs_says_that_it_diverged_and_leaves_finite_weights():
    net = Network((Dense(4, 1),), SquaredError())
    some, theta = problem(net), np.full(net.n_params, 1e200)
    outcome = lbfgs(some, theta)
    assert outcome.reason == "diverged"
    assert np.isfinite(theta).all()


def test_lbfgs_works_in_single_precision():
    some, solution = linear()
    single = Problem(
        some.net, *(a.astype(np.float32) for a in (some.x, some.y, some.w)), some.alpha
    )
    theta = weights(some.net).astype(np.float32)
    lbfgs(single, theta)
    # its line search sees losses that are rounded to 1e-7, so theta errs by about the root of that
    np.testing.assert_allclose(theta, solution, rtol=0, atol=2e-3)


class HalvesStepper:
    """Average the gradients of two halves of each batch, as two machines would."""

    def __init__(self, problem, update, state):
        half = replace(problem, alpha=problem.alpha / 2)  # of the penalty: one half each
        self.w = problem.w
        self.halves = [NumpyEngine().stepper(half, update, state) for _ in range(2)]
        self.whole = NumpyEngine().stepper(problem, update, state)
        self.grad = self.whole.grad

    def gradient(self, rows, step):
        loss = 0
        self.grad[...] = 0
        total = self.w[rows].sum(-1)
        parts = np.array_split(rows, 2, axis=-1)
        for stepper, part in zip(self.halves, parts, strict=True):
            share = self.w[part].sum(-1) / total
            loss += share * stepper.gradient(part, step)
            self.grad += share[:, None] * stepper.grad
        return loss

    def update(self, lr):
        self.whole.update(lr)


class HalvesEngine(NumpyEngine):
    def stepper(self, problem, update, state):
        return HalvesStepper(problem, update, state)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_averaged_gradients_of_half_batches_are_those_of_whole_batches(optimizer):
    net = Network((Dense(3, 5, "tanh"), Dense(5, 2)), SquaredError())
    table, theta = problem(net, 24, alpha=0.3), weights(net, (2,))
    config = TrainConfig(Update(OPTIMIZERS[optimizer](), 0.1, 0.5), epochs=4, batch_size=8)
    results = []
    for engine in NumpyEngine(), HalvesEngine():
        state = TrainState.start(theta.copy(), config.update.optimizer.init(theta), [1, 2], 0.05)
        results.append((train(table, state, config, engine), state))
    (whole, first), (halves, second) = results
    # sums in another order, over twelve steps
    np.testing.assert_allclose(second.theta, first.theta, rtol=0, atol=1e-10)
    losses, expected = ([record.train_loss for record in run.records] for run in (halves, whole))
    np.testing.assert_allclose(losses, expected, rtol=1e-10)
