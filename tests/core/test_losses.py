import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logsumexp

from jubako.core.losses import AbsoluteError, BinaryCrossEntropy, CrossEntropy, Huber, Quantile
from strategies import SEEDS, every_loss, targets

each = pytest.mark.parametrize("loss", every_loss(), ids=repr)
each_binary = pytest.mark.parametrize(
    "loss", [loss for loss in every_loss() if loss.target == "binary"], ids=repr
)
each_class = pytest.mark.parametrize(
    "loss", [loss for loss in every_loss() if loss.target == "class"], ids=repr
)
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
n_outs = pytest.mark.parametrize("n_out", [1, 2, 5])
raw = arrays(np.float64, (4, 3), elements=st.floats(-1e4, 1e4))


def perfect(loss, y, n_out):
    """Return the b that predicts y, or what smoothing makes of it; and the least value there."""
    e = getattr(loss, "smoothing", 0)
    if loss.target == "real":
        return y, 0
    if loss.target == "count":  # exp(-1e3) is 0
        return np.where(y > 0, np.log(np.maximum(y, 1)), -1e3), 0
    if loss.target == "binary":
        b = 1e3 * (2 * y - 1) if e == 0 else np.log((1 - e / 2) / (e / 2)) * (2 * y - 1)
        entropy = -sum(t * np.log(t) for t in (e / 2, 1 - e / 2) if t)
        return b, n_out * entropy
    one_hot = y == np.arange(n_out)
    t = np.where(one_hot, 1 - e + e / n_out, e / n_out)
    b = np.where(one_hot, 0, -1e3) if e == 0 else np.log(np.maximum(t, 1e-300))
    return b, -(t * np.log(np.maximum(t, 1e-300))).sum(-1)


@each
@n_outs
def test_delta_is_the_gradient_of_value(loss, n_out):
    rng, h = np.random.default_rng(n_out), 1e-6
    b = 2 * rng.normal(size=(200, n_out))
    y = targets(loss, rng, b.shape)
    slopes = [
        (loss.value(b + step, y) - loss.value(b - step, y)) / (2 * h) for step in h * np.eye(n_out)
    ]
    # the difference errs by h² f'''/6 < 1e-9 (f''' is exp(b), at most 2000) and by rounding of
    # values up to 2000: 1e-13 / h. No b is within h of a kink of these losses with these seeds.
    np.testing.assert_allclose(loss.delta(b, y), np.stack(slopes, -1), rtol=0, atol=1e-6)


@each
@n_outs
def test_perfect_prediction_has_the_least_value_and_no_delta(loss, n_out):
    rng = np.random.default_rng(n_out)
    y = targets(loss, rng, (50, n_out))
    b, least = perfect(loss, y, n_out)
    # rounding of a few operations on numbers up to 30
    np.testing.assert_allclose(loss.value(b, y), np.broadcast_to(least, 50), rtol=0, atol=1e-13)
    np.testing.assert_allclose(loss.delta(b, y), 0, rtol=0, atol=1e-13)
    other = b + rng.normal(size=b.shape)
    assert (loss.value(other, y) >= least - 1e-13).all()


@each
@given(b=arrays(np.float64, (4, 3), elements=st.floats(-30, 30)), seed=SEEDS)
def test_value_is_never_negative(loss, b, seed):
    y = targets(loss, np.random.default_rng(seed), b.shape)
    # Poisson's terms, each up to y * 30, cancel where b is log y; the others' cannot go below 0
    assert (loss.value(b, y) >= -1e-12).all()


@each
@each_dtype
@n_outs
def test_shapes_and_precision_stay(loss, dtype, n_out):
    rng = np.random.default_rng(0)
    b = rng.normal(size=(3, 6, n_out)).astype(dtype)
    y = targets(loss, rng, b.shape, dtype)
    assert loss.value(b, y).shape == (3, 6)
    assert loss.delta(b, y).shape == loss.mean(b).shape == b.shape
    assert loss.value(b, y).dtype == loss.delta(b, y).dtype == loss.mean(b).dtype == dtype


@each_class
@each_dtype
def test_class_numbers_may_be_integers(loss, dtype):
    rng = np.random.default_rng(0)
    b = rng.normal(size=(6, 4)).astype(dtype)
    y = targets(loss, rng, b.shape, np.int64)
    for function in loss.value, loss.delta:
        assert function(b, y).dtype == dtype
        np.testing.assert_array_equal(function(b, y), function(b, y.astype(dtype)))


@each
def test_rows_do_not_see_each_other(loss):
    rng = np.random.default_rng(0)
    b = rng.normal(size=(6, 3))
    y = targets(loss, rng, b.shape)
    np.testing.assert_array_equal(loss.value(b, y)[2:3], loss.value(b[2:3], y[2:3]))
    np.testing.assert_array_equal(loss.delta(b, y)[2:3], loss.delta(b[2:3], y[2:3]))
    np.testing.assert_array_equal(loss.mean(b)[2:3], loss.mean(b[2:3]))


@each_class
@given(b=raw)
def test_softmax_gives_probabilities(loss, b):
    p = loss.mean(b)
    assert (p >= 0).all()
    # rounding of three divisions
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-15)
    np.testing.assert_allclose(p, np.exp(b - logsumexp(b, -1, keepdims=True)), atol=1e-11)


@each_binary
@given(b=arrays(np.float64, (4, 3), elements=st.floats(-30, 30)))
def test_logistic_gives_probabilities(loss, b):
    p = loss.mean(b)
    assert ((p > 0) & (p < 1)).all()
    # b and -b are the two classes; rounding of one division each
    np.testing.assert_allclose(p + loss.mean(-b), 1, rtol=1e-15)


@each_class
@each_dtype
@given(b=raw, seed=SEEDS)
def test_cross_entropy_is_logsumexp_without_overflow(loss, dtype, b, seed):
    b = b.astype(dtype)
    y = targets(loss, np.random.default_rng(seed), b.shape, dtype)
    t = (1 - loss.smoothing) * (y == np.arange(3)) + loss.smoothing / 3
    wide = b.astype(np.float64)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, delta = loss.value(b, y), loss.delta(b, y)
    # a few roundings of numbers up to 2e4
    atol = 2e4 * 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(value, logsumexp(wide, -1) - (t * wide).sum(-1), 0, atol)
    assert np.isfinite(delta).all()


@each_binary
@each_dtype
@given(b=raw, seed=SEEDS)
def test_binary_cross_entropy_is_logsumexp_without_overflow(loss, dtype, b, seed):
    b = b.astype(dtype)
    y = targets(loss, np.random.default_rng(seed), b.shape, dtype)
    t = (1 - loss.smoothing) * y + loss.smoothing / 2
    wide = b.astype(np.float64)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, delta = loss.value(b, y), loss.delta(b, y)
    known = logsumexp(np.stack([0 * wide, wide]), 0) - t * wide
    # a few roundings of numbers up to 3e4
    np.testing.assert_allclose(value, known.sum(-1), 0, 3e4 * 4 * np.finfo(dtype).eps)
    assert np.isfinite(delta).all()


def test_two_class_cross_entropies_agree():
    rng = np.random.default_rng(0)
    b, y = rng.normal(size=(50, 1)), rng.integers(2, size=(50, 1))
    both = np.hstack([0 * b, b])
    for e in 0, 0.2:
        one, two = BinaryCrossEntropy(e), CrossEntropy(e)
        # rounding of a few operations on numbers near 1
        np.testing.assert_allclose(one.value(b, y), two.value(both, y), rtol=0, atol=1e-14)
        np.testing.assert_allclose(one.delta(b, y), two.delta(both, y)[:, 1:], rtol=0, atol=1e-14)
    np.testing.assert_allclose(expit(b), CrossEntropy().mean(both)[:, 1:], rtol=0, atol=1e-14)


def test_median_is_half_the_absolute_error():
    rng = np.random.default_rng(0)
    b, y = rng.normal(size=(2, 50, 3))
    # halving is exact, the sums round alike
    np.testing.assert_allclose(Quantile(0.5).value(b, y), AbsoluteError().value(b, y) / 2, 1e-15)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.8])
def test_quantile_is_least_where_a_share_q_lies_below(q):
    y = np.linspace(0, 1, 1001)[:, None]
    grid = np.linspace(0, 1, 201)
    sums = [Quantile(q).value(np.full_like(y, b), y).sum() for b in grid]
    # the grid's step
    assert grid[np.argmin(sums)] == pytest.approx(q, abs=1 / 200)


def test_huber_is_squared_near_and_linear_far():
    b = np.array([[0.5], [2.0], [-3.0]])
    value = Huber(1.0).value(b, np.zeros_like(b))
    np.testing.assert_array_equal(value, [0.125, 1.5, 2.5])
