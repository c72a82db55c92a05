import copy
import datetime
import io
import pickle

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io

from jubako import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor
from jubako.data.column_encoding import COLUMNS
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor

N = 240
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(N, 3))
NUMBER = NUMBERS @ [3.0, -2.0, 1.0]
KIND = np.where(NUMBER > 0, "yes", "no")
FRAME = pd.DataFrame(NUMBERS, columns=["a", "b", "c"]).assign(
    color=np.resize(["red", "blue", None, "green"], N),
    level=pd.Categorical(
        np.resize(["low", "mid", "high"], N), ["low", "mid", "high"], ordered=True
    ),
    day=pd.date_range("2026-01-01", periods=N, freq="7h"),
    clock=[datetime.time(i % 24) for i in range(N)],
    trip=pd.to_timedelta(np.arange(N) % 7, "h"),
    price=np.resize(["12.5", "7", "35"], N),
    hour=np.arange(N) % 12,
    sold=NUMBERS[:, 0] > 0,
    same=1,
)
FRAME.loc[3, "a"] = np.nan
COUNTS = np.arange(N) % 3
MLP = {"hidden_layer_sizes": 4, "max_iter": 3, "n_iter_no_change": np.inf, "random_state": 0}
MODELS = {
    "MLPClassifier": lambda: MLPClassifier(**MLP).fit(NUMBERS, KIND),
    "MLPClassifier of labels": lambda: MLPClassifier(**MLP).fit(NUMBERS, NUMBERS > 0),
    "MLPRegressor": lambda: MLPRegressor(
        "huber", **MLP | {"hidden_layer_sizes": (4, 4)}, residual=True, dropout=0.1, n_networks=2
    ).fit(FRAME[["b", "c"]], NUMBER),
    "MLPRegressor by lbfgs": lambda: MLPRegressor("poisson", **MLP, solver="lbfgs").fit(
        NUMBERS, COUNTS
    ),
    "SingleNetworkClassifier": lambda: SingleNetworkClassifier(4, max_iter=3, random_state=0).fit(
        FRAME, KIND
    ),
    "SingleNetworkRegressor": lambda: SingleNetworkRegressor(4, max_iter=3, random_state=0).fit(
        FRAME, NUMBER
    ),
    "TabularClassifier": lambda: TabularClassifier("fast", n_folds=2, random_state=0).fit(
        FRAME, COUNTS
    ),
    "TabularRegressor": lambda: TabularRegressor("fast", n_folds=2, random_state=0).fit(
        FRAME, NUMBER
    ),
}
FITTED = {}


def test_every_kind_of_column_is_copied_here():
    assert {type(column) for column in fitted("TabularRegressor").columns_} == set(COLUMNS.values())


def fitted(name):
    """Return the model of that name; each is fitted once."""
    if name not in FITTED:
        FITTED[name] = MODELS[name]()
    return FITTED[name]


def by_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


def by_skops(model):
    data = skops.io.dumps(model)
    foreign = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("jubako.") for name in foreign), foreign
    return skops.io.loads(data, trusted=foreign)


COPIES = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "the oldest pickle": lambda model: pickle.loads(pickle.dumps(model, protocol=2)),
    "joblib": by_joblib,
    "cloudpickle": lambda model: pickle.loads(cloudpickle.dumps(model)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "skops": by_skops,
}


def rows_for(name):
    if not name.startswith("MLP"):
        return FRAME
    return FRAME[["b", "c"]] if hasattr(fitted(name), "feature_names_in_") else NUMBERS


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("how", COPIES)
def test_a_copy_predicts_the_same_bits(name, how):
    model, x = fitted(name), rows_for(name)
    other = COPIES[how](model)
    assert vars(other).keys() == vars(model).keys()
    assert other.get_params() == model.get_params()
    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    if hasattr(model, "predict_proba"):
        np.testing.assert_array_equal(other.predict_proba(x), model.predict_proba(x))
    assert other.n_features_in_ == model.n_features_in_


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("how", sorted(COPIES.keys() - {"copy"}))  # which shares the arrays
def test_a_copy_trains_on_as_the_model_would_have(name, how):
    model, x = fitted(name), rows_for(name)
    y = KIND if name == "MLPClassifier" else NUMBER
    other = COPIES[how](model)
    expected = copy.deepcopy(model).partial_fit(x, y)
    before = model.theta_.copy()
    np.testing.assert_array_equal(other.partial_fit(x, y).theta_, expected.theta_)
    np.testing.assert_array_equal(model.theta_, before)
    assert other.loss_curve_ == expected.loss_curve_
    assert np.shares_memory(other.coefs_[0], other.theta_)


@pytest.mark.parametrize("name", ["SingleNetworkRegressor", "TabularRegressor"])
def test_a_copy_by_skops_can_be_fitted_anew(name):
    other = by_skops(fitted(name)).fit(FRAME, NUMBER)
    np.testing.assert_array_equal(other.predict(FRAME), fitted(name).predict(FRAME))


def size_of_pickle(model):
    return len(pickle.dumps(model))


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("kind", [MLPClassifier, SingleNetworkClassifier])
def test_a_pickle_of_a_finished_fit_holds_the_weights_once(kind, early_stopping):
    model = kind((200, 200), max_iter=2, early_stopping=early_stopping, random_state=0)
    if kind is MLPClassifier:
        model.set_params(schedule="cosine")  # which has no end to warn of
    val = {"X_val": NUMBERS, "y_val": KIND} if early_stopping else {}
    model.fit(NUMBERS, KIND, **val)
    (network,) = model.model_.networks
    assert size_of_pickle(model) < 1.5 * network.theta.nbytes
    loaded = pickle.loads(pickle.dumps(model))
    assert size_of_pickle(loaded) < 1.5 * network.theta.nbytes


def test_a_pickle_of_a_search_holds_no_row_of_its_data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 2))
    model = TabularRegressor("fast", n_folds=2, time_limit=5, random_state=0).fit(x, x[:, 0])
    networks = [*model.model_.networks, model.model_.conformal.spread.network]
    weights = sum(network.theta.nbytes for network in networks)
    assert size_of_pickle(model) < weights + 8 * len(x)  # not even one number for each
