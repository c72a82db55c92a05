import copy
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import jubako
from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor

N = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 4))
NAMES = ["a", "b", "c", "d"]
FRAME = pd.DataFrame(X, columns=NAMES)
NUMBER = X @ [3.0, -2.0, 1.0, 0.0]
KIND = np.where(NUMBER > 0, "yes", "no")
MAKERS = {
    "TabularClassifier": lambda: TabularClassifier("fast", n_folds=2, random_state=0),
    "TabularRegressor": lambda: TabularRegressor("fast", n_folds=2, random_state=0),
    "SingleNetworkClassifier": lambda: SingleNetworkClassifier(4, max_iter=5, random_state=0),
    "SingleNetworkRegressor": lambda: SingleNetworkRegressor(4, max_iter=5, random_state=0),
}
FITTED = {}
each = pytest.mark.parametrize("name", MAKERS)


def fitted(name, X):
    """Return the model of that name fitted on X, an array or a frame; each is fitted once."""
    key = name, type(X)
    if key not in FITTED:
        y = NUMBER if name.endswith("Regressor") else KIND
        FITTED[key] = MAKERS[name]().fit(X, y)
    return FITTED[key]


def outcome(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def quiet(call, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return call(*args)


@each
@pytest.mark.parametrize("width", [1, 3, 5])
@pytest.mark.parametrize("on", ["array", "frame"])
def test_an_array_of_another_width_is_refused_as_in_scikit_learn(name, width, on):
    model = fitted(name, X if on == "array" else FRAME)
    wrong = np.zeros((5, width))
    expected = f"X has {width} features, but {name} is expecting 4 features as input."
    for x in wrong, wrong.tolist(), wrong.astype(object):
        with pytest.raises(TableError) as caught:
            quiet(model.predict, x)
        assert str(caught.value) == expected
    y = NUMBER[:5] if name.endswith("Regressor") else KIND[:5]
    with pytest.raises(ValueError, match=expected):
        quiet(model.score, wrong, y)


@each
def test_an_array_is_taken_by_position_by_a_model_fitted_on_a_frame(name):
    model = fitted(name, FRAME)
    expected = outcome(model, FRAME)
    text = f"X does not have valid feature names, but {name} was fitted with feature names"
    for x in X, X.tolist(), pd.DataFrame(X), X.astype(object):
        with pytest.warns(UserWarning, match="feature names") as caught:
            got = outcome(model, x)
        assert [str(warning.message) for warning in caught] == [text]
        np.testing.assert_array_equal(got, expected)


@each
@pytest.mark.parametrize("names", [NAMES, ["x4", "x3", "y", "z"], ["x0", "x1", "x2", "x3"]])
def test_a_frame_is_taken_by_position_by_a_model_fitted_on_an_array(name, names):
    model = fitted(name, X)
    expected = outcome(model, X)
    text = f"X has feature names, but {name} was fitted without feature names"
    columns = dict(zip(names, X.T, strict=True))
    for frame in pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns):
        with pytest.warns(UserWarning, match="feature names") as caught:
            got = outcome(model, frame)
        assert [str(warning.message) for warning in caught] == [text]
        np.testing.assert_array_equal(got, expected)
    with pytest.raises(TableError, match="X has 3 features, but"):
        quiet(model.predict, pd.DataFrame(columns).iloc[:, :3])


@each
def test_a_frame_is_taken_by_name_in_any_order_and_with_more_columns(name):
    model = fitted(name, FRAME)
    expected = outcome(model, FRAME)
    wider = FRAME.assign(target=1, id="text")[["target", "d", "c", "id", "b", "a"]]
    for frame in wider, pl.from_pandas(wider), pa.Table.from_pandas(wider):
        np.testing.assert_array_equal(outcome(model, frame), expected)
    with pytest.raises(TableError, match="has no column 'b': did you mean 'B'"):
        model.predict(FRAME.rename(columns={"b": "B"}))


@each
def test_a_frame_without_names_is_like_an_array(name):
    numbered = pd.DataFrame(X)
    model = MAKERS[name]().fit(numbered, NUMBER if name.endswith("Regressor") else KIND)
    assert not hasattr(model, "feature_names_in_")
    expected = outcome(model, numbered)
    np.testing.assert_array_equal(outcome(model, X), expected)
    np.testing.assert_array_equal(outcome(model, numbered[[3, 1, 0, 2]]), expected)
    np.testing.assert_array_equal(outcome(model, numbered.set_axis([4, 5, 6, 7], axis=1)), expected)


@each
def test_names_are_remembered_only_where_there_are_such(name):
    model = fitted(name, FRAME)
    assert model.feature_names_in_.tolist() == NAMES
    assert model.n_features_in_ == 4
    model = fitted(name, X)
    assert not hasattr(model, "feature_names_in_")
    assert model.n_features_in_ == 4
    assert not hasattr(MAKERS[name](), "n_features_in_")
    with pytest.raises(AttributeError, match="call fit first"):
        _ = MAKERS[name]().n_features_in_
    model = MAKERS[name]().set_params(**model.get_params())
    y = NUMBER if name.endswith("Regressor") else KIND
    assert not hasattr(model.fit(FRAME, y).fit(X, y), "feature_names_in_")


@each
def test_a_saved_model_takes_arrays_and_frames_as_before(name, tmp_path):
    for x in X, FRAME:
        model = fitted(name, x)
        model.save(tmp_path / "model.jubako")
        loaded = jubako.load(tmp_path / "model.jubako")
        assert hasattr(loaded, "feature_names_in_") == hasattr(model, "feature_names_in_")
        for other in X, FRAME:
            np.testing.assert_array_equal(
                quiet(outcome, loaded, other), quiet(outcome, model, other)
            )
        (tmp_path / "model.jubako").unlink()


@each
def test_validation_data_are_found_like_those_of_predict(name):
    y = NUMBER if name.endswith("Regressor") else KIND
    expected = outcome(MAKERS[name]().fit(FRAME, y, X_val=FRAME, y_val=y), FRAME)
    model = MAKERS[name]()
    with pytest.warns(UserWarning, match="X_val does not have valid feature names"):
        model.fit(FRAME, y, X_val=X, y_val=y)
    np.testing.assert_array_equal(outcome(model, FRAME), expected)
    with pytest.raises(TableError, match="X_val has 3 features, but"):
        quiet(lambda: MAKERS[name]().fit(X, y, X_val=X[:, :3], y_val=y))


@pytest.mark.parametrize("name", ["SingleNetworkClassifier", "SingleNetworkRegressor"])
def test_a_warm_start_finds_the_columns_of_the_first_fit(name):
    y = NUMBER if name.endswith("Regressor") else KIND
    models = [MAKERS[name]().fit(FRAME, y).set_params(warm_start=True) for _ in range(2)]
    models[0].fit(FRAME[["d", "c", "b", "a"]], y)
    quiet(models[1].fit, X, y)
    np.testing.assert_array_equal(outcome(models[0], FRAME), outcome(models[1], FRAME))
    assert models[1].feature_names_in_.tolist() == NAMES
    with pytest.raises(TableError, match="X has 3 features, but"):
        quiet(models[1].fit, X[:, :3], y)


# What explainers and conformal predictors do


@each
@pytest.mark.parametrize("tool", ["lime", "shap"])
def test_perturbed_arrays_of_a_frame_are_explained(name, tool):
    """Arrays made from the frame go into predict; shap's KernelExplainer takes the names away."""
    model = copy.deepcopy(fitted(name, FRAME))
    background, row = FRAME.to_numpy()[:10], FRAME.to_numpy()[10]
    masked = np.tile(background, (4, 1))
    for i in range(4):
        masked[10 * i : 10 * (i + 1), i] = row[i]
    if tool == "shap":
        model.feature_names_in_ = None
        got = outcome(model, masked)  # without a warning
    else:
        got = quiet(outcome, model, masked)
    expected = outcome(model, pd.DataFrame(masked, columns=NAMES))
    np.testing.assert_array_equal(got, expected)


@each
def test_object_arrays_of_a_frame_with_texts_are_read_like_the_frame(name):
    frame = FRAME.assign(
        color=np.resize(["red", "blue", "green"], N), day=pd.date_range("2026", periods=N)
    )
    frame.loc[3, "color"] = None
    frame.loc[4, "a"] = np.nan
    y = NUMBER if name.endswith("Regressor") else KIND
    model = MAKERS[name]().fit(frame, y)
    expected = outcome(model, frame)
    np.testing.assert_array_equal(quiet(outcome, model, frame.to_numpy()), expected)
    np.testing.assert_array_equal(quiet(outcome, model, frame.to_numpy()[5:9]), expected[5:9])
