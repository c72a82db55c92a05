import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.data.errors import TableError
from jubako.data.target import ClassTarget, NumericTarget
from strategies import SEEDS


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (["b", "a", "b"], "binary"),
        ([3, 1, 2, 1], "multiclass"),
        ([True, False], "binary"),
        (np.array([[0, 1], [1, 1]]), "multilabel"),
    ],
)
def test_labels_are_decoded_as_they_were(y, kind):
    target = ClassTarget.fit(y)
    assert target.kind == kind
    codes = target.encode(y)
    np.testing.assert_array_equal(target.decode(codes), y)
    np.testing.assert_array_equal(target.decode(codes.astype(np.float64)), y)


def test_an_unknown_label_is_refused():
    with pytest.raises(TableError, match=r"`y_val` has classes .* \['c'\] is not among"):
        ClassTarget.fit(["a", "b"]).encode(["c"], "y_val")


def test_the_best_constant_output_of_classes_is_their_log_frequency():
    target = ClassTarget.fit(["a", "b", "c"])
    w = np.array([1.0, 2.0, 1.0])
    output = target.constant_output(target.encode(["a", "b", "a"]), w)
    np.testing.assert_allclose(np.exp(output), [0.5, 0.5, 1e-6])


@given(SEEDS, st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_numbers_are_standardized_and_decoded(seed, center, scale):
    rng = np.random.default_rng(seed)
    y, w = rng.normal(center, scale, 50), rng.uniform(0.1, 2, 50)
    target = NumericTarget.fit(y, w)
    codes = target.encode(y)
    assert codes.shape == (50, 1)
    assert abs(np.average(codes[:, 0], weights=w)) < 1e-6
    assert np.average(codes[:, 0] ** 2, weights=w) == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(target.decode(codes), y, rtol=1e-9, atol=1e-9 * scale)


def test_predictions_stay_within_the_range_of_the_target():
    y = np.array([1.0, 2.0, 4.0])
    target = NumericTarget.fit(y, np.ones(3))
    tenth = target.scale / 10
    assert y.min() - tenth <= target.low <= y.min()
    assert y.max() <= target.high <= y.max() + tenth
    outputs = np.array([[-100.0], [0.0], [100.0]])
    predictions = target.decode_predictions(outputs).tolist()
    assert predictions == [target.low, target.center, target.high]
    np.testing.assert_allclose(
        target.decode(np.array(target.encoded_range)[:, None]), [target.low, target.high]
    )


def test_a_constant_target_has_the_scale_one():
    target = NumericTarget.fit(np.full(5, 3.0), np.ones(5))
    assert (target.center, target.scale, target.low, target.high) == (3, 1, 3, 3)


def test_squares_of_huge_numbers_do_not_overflow():
    target = NumericTarget.fit(np.array([1e200, 2e200, 3e200]), np.ones(3))
    assert target.center == pytest.approx(2e200)
    assert target.scale == pytest.approx(np.sqrt(2 / 3) * 1e200)


def test_texts_are_read_the_same_way_later():
    target = NumericTarget.fit(np.array(["1,5", "2,5", "3,25"], object), np.ones(3))
    assert target.reading.decimal == ","
    np.testing.assert_allclose(target.decode(target.encode(np.array(["2,5"], object))), [2.5])
