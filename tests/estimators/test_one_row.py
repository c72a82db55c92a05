import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from small import regressor

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
def ensemble():
    return TabularRegressor("fast", n_folds=2, random_state=0).fit(X, Y)


def test_a_row_is_predicted_as_among_others(ensemble):
    expected = ensemble.predict(X)
    intervals = ensemble.predict_interval(X)
    for i in range(9):
        frame = X.iloc[[i]]
        for row in frame, frame[["t", "c", "b", "a"]].assign(more="text"), pa.table(frame):
            np.testing.assert_allclose(ensemble.predict(row), expected[[i]], 1e-6)
            np.testing.assert_allclose(ensemble.predict_interval(row), intervals[[i]], 1e-6)


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


def test_errors_are_those_of_more_rows(ensemble):
    row = X.iloc[[0]]
    for wrong in row.drop(columns="a"), row.assign(a="text"), row.assign(a=np.inf), row[["a"]]:
        texts = []
        for x in wrong, pd.concat([wrong, wrong]):
            with pytest.raises(TableError) as caught:
                ensemble.predict(x)
            texts.append(str(caught.value))
        assert texts[0].split(" is ")[0] == texts[1].split(" is ")[0]
    with pytest.raises(NotFittedError):
        TabularRegressor().predict(row)


def test_a_model_does_not_take_the_rows_that_it_has_predicted_along(ensemble):
    ensemble.predict(X.iloc[[0]])
    assert any(encoder.kept for encoder in ensemble.schema_.row_encoder.encoders)
    copy = pickle.loads(pickle.dumps(ensemble))
    assert not any(encoder.kept for encoder in copy.schema_.row_encoder.encoders)
    np.testing.assert_array_equal(copy.predict(X[:1]), ensemble.predict(X[:1]))


def test_a_table_of_one_row_needs_no_arrow_in_the_model_either(ensemble, monkeypatch):
    schema, table = ensemble.schema_, pa.table(X)
    expected = schema.encode_views(table, (False, True))
    wrong = table.slice(0, 1).drop_columns("a")
    with pytest.raises(TableError, match="'the request' has no column 'a'"):
        schema.encode(wrong, source="the request")
    schema.encode(table.slice(0, 3))
    for i in range(3):  # keep the levels
        schema.encode(table.slice(i, 1))
    monkeypatch.setattr("jubako.model.schema.encode_views", None)
    monkeypatch.setattr("jubako.data.row_encoding.encode_views", None)
    for i in range(9):
        for quantiles, x in schema.encode_views(table.slice(i, 1), (False, True)).items():
            np.testing.assert_array_equal(x, expected[quantiles][[i]])


FLAT = pd.DataFrame(RNG.normal(size=(N, 3)), columns=["a", "b", "c"])


@pytest.fixture(scope="module")
def mlp():
    return regressor().fit(FLAT, Y)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: x.astype("float32"),
        lambda x: x.astype({"a": "float32", "b": "int64"}),
        lambda x: x.astype({"a": bool}),
        lambda x: x.astype({"a": "Float64", "b": "Int64"}, errors="ignore"),
        lambda x: x.astype(object),
        lambda x: x.set_axis(list(range(5, 5 + len(x)))),
    ],
)
@pytest.mark.parametrize("n", [1, 5])
def test_a_frame_is_validated_as_its_numbers(mlp, change, n):
    x = change(FLAT[:n].round(0))
    plain = regressor().fit(FLAT.to_numpy(), Y)
    expected = plain.predict(x.to_numpy(float))
    np.testing.assert_allclose(mlp.predict(x), expected, 1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.rename(columns={"a": "z"}), "feature names should match"),
        (lambda x: x[["b", "a", "c"]], "feature names should match"),
        (lambda x: x[["a"]], "feature names should match"),
        (lambda x: x.assign(a=np.nan), "Input X contains NaN"),
        (lambda x: x.assign(a=np.inf), "Input X contains infinity"),
        (lambda x: x.assign(a=1e300), "which float32 can't hold"),
        (lambda x: x.assign(a="text"), "could not convert string to float"),
        (lambda x: x[:0], "0 sample"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused_as_in_scikit_learn(mlp, change, message):
    if "float32" in message:
        mlp = regressor(dtype="float32").fit(FLAT, Y)
    with pytest.raises(ValueError, match=message):
        mlp.predict(change(FLAT[:1]))
