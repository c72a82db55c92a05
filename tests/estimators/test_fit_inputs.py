import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import DataConversionWarning

from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from jubako.data.readers.frames import to_table
from jubako.data.target import target_numbers
from jubako.data.validation import as_target
from jubako.estimators.fit_inputs import open_rows
from jubako.estimators.single_network import SingleNetworkClassifier, SingleNetworkRegressor
from refusals import told

NUMBERS = np.random.default_rng(0).normal(size=60)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        ({"a": [1, 2]}, r"\(N, n\): got dict\."),
        ([{"a": 1}, {"a": 2}], r"got list of shape \(2,\)"),
        (np.zeros(3), r"got ndarray of shape \(3,\)"),
        (pd.Series([1, 2]), r"got Series of shape \(2,\)"),
        (csr_array(np.eye(2)), r"X is sparse: pass X.toarray\(\)"),
        (pd.DataFrame(index=range(3)), "X has no columns"),
        (np.zeros((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\) while a minimum of 1 is required"),
        (np.zeros(3), r"Reshape your data: X\.reshape\(-1, 1\)"),
        (np.eye(2) * 1j, r"Complex data not supported: .* Pass X\.real"),
        (pa.table({}), "X has no columns"),
    ],
)
def test_what_is_no_table_is_refused(X, words):
    with pytest.raises(TableError, match=words):
        to_table(X)


def test_intervals_and_periods_are_read_as_what_they_say():
    cut = pd.cut(pd.Series([1.0, 2.0, None]), [0, 1.5, 3])
    frame = pd.DataFrame({"cut": cut, "month": pd.period_range("2026-01", periods=3, freq="M")})
    assert to_table(frame).to_pydict() == {
        "cut": ["(0.0, 1.5]", "(1.5, 3.0]", None],
        "month": ["2026-01", "2026-02", "2026-03"],
    }


def test_an_interval_is_a_category():
    X = pd.DataFrame({"cut": pd.cut(NUMBERS, [-9, -1, 0, 1, 9])})
    model = TabularClassifier(preset="fast", n_folds=2, random_state=0).fit(X, NUMBERS > 0)
    assert model.score(X, NUMBERS > 0) == 1


def test_classes_may_be_true_and_false_as_objects():
    y = np.array([bool(v > 0) for v in NUMBERS], dtype=object)
    model = TabularClassifier(preset="fast", n_folds=2, random_state=0).fit(NUMBERS[:, None], y)
    assert model.classes_.tolist() == [False, True]
    assert np.mean(model.predict(NUMBERS[:, None]) == y) > 0.9


@pytest.mark.parametrize(
    "model", [SingleNetworkRegressor(max_iter=1), TabularRegressor(preset="fast")]
)
@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.where(NUMBERS > 0, "1", "low"), r"y, row \d+: 'low' is not a number: classes"),
        (pd.date_range("2026-01-01", periods=60), "y holds dates, and not numbers"),
        (np.array([b"1"] * 60), "Column 'y' holds values of type binary, but must be numbers"),
        (np.r_[NUMBERS[:-1], np.inf], "y, row 60: inf is not a number"),
    ],
)
def test_what_a_regressor_can_not_predict_is_refused(model, y, words):
    with pytest.raises(TableError, match=words):
        model.fit(NUMBERS[:, None], y)


def test_numbers_may_come_as_texts():
    expected = np.array([1234.5, -3.0])
    for y in (["1,234.5", "-3"], ["￥１２３４．５", "△3"], np.array(["1234.5", "-3"], object)):
        np.testing.assert_array_equal(target_numbers(as_target(y)), expected)
    model = TabularRegressor(preset="fast", n_folds=2, random_state=0)
    model.fit(NUMBERS[:, None], NUMBERS.astype(str))
    assert model.score(NUMBERS[:, None], NUMBERS) > 0.9


@pytest.mark.parametrize(
    "model", [SingleNetworkClassifier(max_iter=1), TabularClassifier(preset="fast")]
)
def test_rows_to_judge_by_must_have_as_many_targets(model):
    x, y = NUMBERS[:, None], NUMBERS > 0
    with pytest.raises(ValueError, match="X_val has 9 rows, but y_val has 8 values"):
        model.fit(x, y, X_val=x[:9], y_val=y[:8])
    with pytest.raises(TableError, match="y_val lacks 1 of 9 values, the first in row 9"):
        model.fit(x, y, X_val=x[:9], y_val=[*y[:8], None])


@pytest.mark.parametrize("y", [np.arange(3)[:, None], pd.DataFrame({"y": [1, 2, 3]})])
def test_a_column_vector_as_target_is_taken_with_scikit_learn_s_warning(y):
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed when a 1d array"):
        assert open_rows(np.eye(3), y)[1].shape == (3,)


def test_a_target_that_was_not_passed_is_named():
    with pytest.raises(TableError, match="requires y to be passed, but the target y is None"):
        open_rows(np.eye(3), None)
    with pytest.raises(TableError, match="requires y_val to be passed, but the target y_val is"):
        open_rows(np.eye(3), None, "_val")


def test_validation_rows_are_read_as_the_others_whatever_their_type():
    X = pd.DataFrame({"a": ["1,5", "2,5", "3"] * 10, "b": [*"xyz"] * 10})
    y = np.arange(30.0) % 3
    typed = pd.DataFrame({"a": [1.5, 2.5, 3.0], "b": [*"xyz"]})
    with pytest.warns(UserWarning, match="with ',' as the decimal mark"):
        first, second = (
            TabularRegressor("fast", random_state=0).fit(X, y, X_val=val, y_val=y[:3])
            for val in (X[:3], typed)
        )
    np.testing.assert_array_equal(first.predict(X[:3]), second.predict(typed))
    wrong, model = typed.assign(a=["1", "two", "3"]), TabularRegressor("fast")
    with pytest.warns(UserWarning, match="decimal mark"):
        error = told(lambda: model.fit(X, y, X_val=wrong, y_val=y[:3]))
    assert "'X_val': Column 'a', row 2: 'two' is not a number" in error


def test_declared_types_override_what_is_inferred():
    X = pd.DataFrame({"code": [3, 1, 2] * 20, "id": range(60)})
    y = np.resize([5.0, -7.0, 30.0], 60)
    model = SingleNetworkRegressor(
        4, max_iter=1, column_types={"code": "categorical", "id": "drop"}
    )
    (column,) = model.fit(X, y).columns_
    assert column.levels == ("1", "2", "3")
    assert [(one.name, one.reason) for one in model.dropped_] == [("id", "as declared")]
    with pytest.raises(TableError, match=r"no column 'cod' .* Did you mean 'code'"):
        model.set_params(column_types={"cod": "numeric"}).fit(X, y)
    with pytest.raises(TableError, match=r"to learn from: 'a' \(constant\), 'b' \(empty\)"):
        SingleNetworkRegressor(4).fit(pa.table({"a": [1] * 9, "b": pa.nulls(9)}), np.arange(9))
    counter = SingleNetworkRegressor(4, max_iter=1).fit(np.arange(60.0)[:, None], y)
    assert [column.name for column in counter.columns_] == ["x1"]


@pytest.mark.parametrize("model", [TabularClassifier(preset="fast"), TabularRegressor("fast")])
def test_no_rows_to_validate_on_are_refused(model):
    y = (NUMBERS > 0).astype(int)
    with pytest.raises(TableError, match="X_val has no rows"):
        model.fit(NUMBERS[:, None], y, X_val=NUMBERS[:0, None], y_val=y[:0])
