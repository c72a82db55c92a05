import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError

import jubako
from jubako.estimators import (
    MLPClassifier,
    MLPRegressor,
    SingleNetworkClassifier,
    SingleNetworkRegressor,
)
from jubako.estimators.tracing import record

X, Y = load_iris(return_X_y=True)


def classifier(**options):
    given = {"max_iter": 20, "schedule": "cosine", "random_state": 0, "learning_rate_init": 0.01}
    return MLPClassifier(**{"hidden_layer_sizes": (6,), **given, **options})


def test_the_prediction_in_the_trace_is_the_model_s():
    model = classifier().fit(X, Y)
    t = jubako.trace(model, X[::40], Y[::40])
    # the model predicts in its own order of sums
    np.testing.assert_allclose(t.y, model.predict_proba(X[::40]), rtol=1e-12)
    assert t.outputs == ("0", "1", "2")
    assert t.features == ("x1", "x2", "x3", "x4")
    np.testing.assert_array_equal(t.layers[0].parts["w"].before, model.coefs_[0])


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_the_step_is_what_a_first_partial_fit_does(solver):
    model = classifier(solver=solver, schedule="constant", max_iter=0, shuffle=False)
    model.partial_fit(X, Y, classes=[0, 1, 2])
    t = jubako.trace(model, X, Y)
    model._checkpoint = None  # forget what Adam remembers, as the trace does
    model.set_params(batch_size=len(X)).partial_fit(X, Y)
    for box, coef, intercept in zip(t.layers, model.coefs_, model.intercepts_, strict=True):
        np.testing.assert_allclose(box.parts["w"].after, coef, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(box.parts["b"].after[0], intercept, rtol=1e-9, atol=1e-12)
    assert t.loss == pytest.approx(model.loss_, rel=1e-12)


def test_the_model_stays_as_it_is():
    model = classifier().fit(X, Y)
    before = model.theta_.copy()
    jubako.trace(model, X, Y)
    np.testing.assert_array_equal(model.theta_, before)


def test_columns_give_the_features_their_names():
    shop = pd.DataFrame(
        {
            "色": ["赤", "青", None, "赤"] * 10,
            "size": [1.0, 2.0, None, 9.0] * 10,
            "day": pd.to_datetime(["2024-01-05", "2024-06-01", None, "2025-01-01"] * 10),
            "new": [True, False, True, True] * 10,
        }
    )
    fruit = ["りんご", "桃", "桃", "りんご"] * 10
    model = SingleNetworkClassifier((5,), max_iter=3, random_state=0).fit(shop, fruit)
    t = jubako.trace(model, shop[:2], fruit[:2])
    assert t.features == (
        "size",
        "size missing",
        "色=赤",
        "色=青",
        "色 missing",
        "day",
        "day sin year",
        "day cos year",
        "day sin week",
        "day cos week",
        "new",
    )
    assert t.outputs == ("桃",)  # of two classes, the one whose probability it is
    assert [box.kind for box in t.layers] == ["dense", "dense"]  # nothing is dropped
    dropping = jubako.trace(model, shop[:2], fruit[:2], dropout_seed=1)
    assert [box.kind for box in dropping.layers] == ["dense", "dropout", "dense"]


def test_numbers_to_predict_are_named_and_scaled_as_the_network_learns_them():
    table = pd.DataFrame({"a": np.arange(40) % 7, "b": np.arange(40) % 3})
    y = 100.0 + 5 * table["a"].to_numpy()
    model = SingleNetworkRegressor((4,), max_iter=3, random_state=0).fit(table, y)
    t = jubako.trace(model, table[:3], y[:3], target="price")
    assert t.outputs == ("price",)
    np.testing.assert_allclose(t.yt[:, 0], (y[:3] - model.target_.center) / model.target_.scale)
    two = MLPRegressor(hidden_layer_sizes=(), max_iter=1, schedule="cosine").fit(X, X[:, :2])
    assert jubako.trace(two, X[:2], X[:2, :2]).outputs == ("y1", "y2")


def test_one_of_several_networks_is_traced():
    model = classifier(n_networks=2).fit(X, Y)
    t = jubako.trace(model, X[:2], Y[:2], network=1, learning_rate=0.5)
    np.testing.assert_array_equal(t.theta, model.theta_[1])
    assert t.lr == 0.5
    with pytest.raises(ValueError, match="network=2, but there are 2"):
        jubako.trace(model, X[:2], Y[:2], network=2)


def test_what_the_model_does_not_know_is_refused_as_in_predict():
    model = classifier().fit(X, Y)
    with pytest.raises(ValueError, match="3 features"):
        jubako.trace(model, X[:2, :3], Y[:2])
    with pytest.raises(ValueError, match=r"\[7\] is not among"):
        jubako.trace(model, X[:2], [0, 7])
    with pytest.raises(
        ValueError, match="'learning_rate' parameter of trace must be None or a number"
    ):
        jubako.trace(model, X[:2], Y[:2], learning_rate=-1)
    with pytest.raises(ValueError, match="'dropout_seed' parameter of trace"):
        jubako.trace(model, X[:2], Y[:2], dropout_seed=0.5)
    with pytest.raises(NotFittedError):
        jubako.trace(MLPClassifier(), X, Y)


def test_a_recording_starts_where_the_training_did():
    model = classifier(max_iter=0).fit(X, Y)
    film = record(model, X, Y, steps=2)
    np.testing.assert_array_equal(film.traces[0].theta, model.theta_[0])
    assert len(film.losses) == 3


def test_the_penalty_of_a_table_s_model_does_not_depend_on_the_rows_of_the_step():
    table = pd.DataFrame(X, columns=list("abcd"))
    model = SingleNetworkClassifier((4,), max_iter=2, random_state=0).fit(table, Y)
    few, all_rows = (jubako.trace(model, table[:n], Y[:n]) for n in (3, 150))
    assert few.penalty == pytest.approx(all_rows.penalty)
    # as in training: all weights squared, over the number of rows
    weights = np.concatenate([coef.ravel() for coef in model.mlp_.coefs_]).astype(float)
    assert few.penalty == pytest.approx((weights**2).sum() / 150)


def test_sparse_rows_and_several_labels_are_traced_like_others():
    labels = np.stack([Y == 0, Y == 2], axis=1).astype(int)
    model = classifier().fit(X, labels)
    dense, sparse = (jubako.trace(model, rows[:4], labels[:4]) for rows in (X, csr_array(X)))
    np.testing.assert_array_equal(dense.yd, sparse.yd)
    assert dense.outputs == ("0", "1")
    np.testing.assert_array_equal(dense.yt, labels[:4])
