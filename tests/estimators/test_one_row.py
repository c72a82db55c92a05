import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError

N = 60
RNG = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "a": np.where(np.arange(N) % 7, RNG.normal(size=N), np.nan),
        "b": RNG.integers(0, 9, N),
        "c": np.resize(["x", "y", None], N),
        "t": pd.date_range("2026-01-01", periods=N),
    }
)
Y = X["b"] + RNG.normal(size=N)


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor("fast", n_folds=2, random_state=0).fit(X, Y)


def test_a_row_is_predicted_as_among_others(regressor):
    expected = regressor.predict(X)
    intervals = regressor.predict_interval(X)
    for i in range(9):
        frame = X.iloc[[i]]
        for row in frame, frame[["t", "c", "b", "a"]].assign(more="text"), pa.table(frame):
            np.testing.assert_allclose(regressor.predict(row), expected[[i]], 1e-6)
            np.testing.assert_allclose(regressor.predict_interval(row), intervals[[i]], 1e-6)


def test_a_row_of_an_array_is_predicted_as_among_others():
    x = X[["a", "b"]].to_numpy()
    model = TabularClassifier("fast", n_folds=2, random_state=0).fit(x, Y > 4)
    expected = model.predict_proba(x)
    sets = model.predict_set(x)
    for i in range(9):
        for row in x[[i]], x[[i]].tolist():
            np.testing.assert_allclose(model.predict_proba(row), expected[[i]], 1e-6)
            np.testing.assert_array_equal(model.predict_set(row), sets[[i]])
    np.testing.assert_array_equal(model.predict(x[:1]), model.predict(x[:2])[:1])


def test_errors_are_those_of_more_rows(regressor):
    row = X.iloc[[0]]
    for wrong in row.drop(columns="a"), row.assign(a="text"), row.assign(a=np.inf), row[["a"]]:
        texts = []
        for x in wrong, pd.concat([wrong, wrong]):
            with pytest.raises(TableError) as caught:
                regressor.predict(x)
            texts.append(str(caught.value))
        assert texts[0].split(" is ")[0] == texts[1].split(" is ")[0]
    with pytest.raises(NotFittedError):
        TabularRegressor().predict(row)


def test_a_model_does_not_take_the_rows_that_it_has_predicted_along(regressor):
    kept = regressor.schema_.row_encoder.others
    regressor.predict(X.iloc[[0]])
    assert any(texts for _, _, texts in kept)
    copy = pickle.loads(pickle.dumps(regressor))
    assert not any(texts for _, _, texts in copy.schema_.row_encoder.others)
    np.testing.assert_array_equal(copy.predict(X[:1]), regressor.predict(X[:1]))
