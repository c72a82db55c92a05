import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from jubako.core.activations import ACTIVATIONS

KNOWN = {  # f(-1) and f(1), from the definitions in the papers, computed with Python's math
    "identity": (-1.0, 1.0),
    "relu": (0.0, 1.0),
    "leaky_relu": (-0.01, 1.0),
    "elu": (-0.6321205588285577, 1.0),
    "selu": (-1.1113307378125625, 1.0507009873554805),
    "gelu": (-0.15865525393145707, 0.8413447460685429),
    "silu": (-0.2689414213699951, 0.7310585786300049),
    "mish": (-0.30340146137410895, 0.8650983882673103),
    "softplus": (0.31326168751822286, 1.3132616875182228),
    "tanh": (-0.7615941559557649, 0.7615941559557649),
    "logistic": (0.2689414213699951, 0.7310585786300049),
}

each = pytest.mark.parametrize("name", ACTIVATIONS)
away_from_the_kink = st.floats(1e-3, 10) | st.floats(-10, -1e-3)


@pytest.mark.parametrize("name", KNOWN)
def test_value_is_the_known_one(name):
    v = ACTIVATIONS[name].value(np.array([-1.0, 1.0]))
    # a few roundings of numbers near 1
    np.testing.assert_allclose(v, KNOWN[name], rtol=0, atol=1e-15)


@each
@given(a=away_from_the_kink)
def test_slope_is_the_derivative_of_value(name, a):
    f, h = ACTIVATIONS[name], 1e-5
    low, high = f.value(np.array([a - h, a + h]))
    point = np.array([a])
    # the difference errs by h² f'''/6 < 1e-10, and by rounding of numbers up to 10: 1e-15 / h
    np.testing.assert_allclose(
        f.slope(point, f.value(point)), (high - low) / (2 * h), rtol=0, atol=1e-9
    )


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_stays(name, dtype):
    f, a = ACTIVATIONS[name], np.linspace(-3, 3, 7, dtype=dtype)
    v = f.value(a)
    dv = np.ones_like(a)
    assert v.dtype == dtype
    assert (dv * f.slope(a, v)).dtype == dtype


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_sums_neither_overflow_nor_turn_into_nan(name, dtype):
    f, a = ACTIVATIONS[name], np.array([-1e4, -100, 0, 100, 1e4], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        v = f.value(a)
        slope = f.slope(a, v)
    assert np.isfinite(v).all()
    # no slope here is steeper than selu's 1.76 left of zero
    assert (np.abs(np.asarray(slope, float)) < 2).all()


@each
def test_far_right_is_linear_or_flat(name):
    f, a = ACTIVATIONS[name], np.array([1e3, 1e4])
    v = f.value(a)
    # exp(-1000) is 0 in double precision, so only the last digit is left to differ
    np.testing.assert_allclose(f.slope(a, v), (v[1] - v[0]) / 9e3, rtol=1e-14)


@each
def test_value_leaves_its_input_alone(name):
    a = np.linspace(-3, 3, 7)
    ACTIVATIONS[name].value(a)
    np.testing.assert_array_equal(a, np.linspace(-3, 3, 7))
