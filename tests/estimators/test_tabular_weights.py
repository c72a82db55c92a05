"""Rows that count as nothing or as much, and rows that only judge."""

import warnings
from contextlib import contextmanager

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from jubako.estimators.single_network import SingleNetworkClassifier, SingleNetworkRegressor

N = 120
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3))
KIND = np.where(X[:, 0] > 0.4, "yes", np.where(X[:, 1] > 0, "no", "maybe"))
PRICE = X[:, 0] + X[:, 1] ** 2
FAST = {"preset": "fast", "n_folds": 2, "random_state": 0}


@contextmanager
def no_divergence():
    """Fail where a candidate diverges, which the search warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        yield


@pytest.mark.parametrize("weight", [1e-50, 1e-320, 1e-39])
def test_rows_of_tiny_weight_count_like_none(weight):
    # on rows of all classes, so that the same columns, classes and folds are found
    w, none = np.where(np.arange(N) % 3, 1.0, weight), np.where(np.arange(N) % 3, 1.0, 0.0)
    with no_divergence():
        tiny = TabularClassifier(**FAST).fit(X, KIND, w)
    zero = TabularClassifier(**FAST).fit(X, KIND, none)
    np.testing.assert_array_equal(tiny.predict_proba(X), zero.predict_proba(X))


@pytest.mark.parametrize("factor", [1e300, 1e-300, 1e-310])
def test_only_ratios_of_weights_count(factor):
    w = RNG.integers(1, 4, N).astype(float)
    one = TabularRegressor(**FAST).fit(X, PRICE, w)
    other = TabularRegressor(**FAST).fit(X, PRICE, w * factor)
    np.testing.assert_allclose(one.predict(X), other.predict(X), atol=1e-3)


@pytest.mark.parametrize("no_weight", [{"no": 0}, {"no": 0.0, "maybe": 1e-60}])
def test_a_class_of_weight_zero_is_left_out_and_nearly_never_predicted(no_weight):
    with no_divergence():
        model = TabularClassifier(class_weight=no_weight, **FAST).fit(X, KIND)
    assert model.classes_.tolist() == ["maybe", "no", "yes"]
    p = model.predict_proba(X)
    kept = ~np.isin(KIND, list(no_weight))
    assert p[:, np.isin(model.classes_, list(no_weight))].max() < 0.01
    assert (model.predict(X)[kept] == KIND[kept]).mean() > 0.9


def test_training_does_not_diverge_where_most_rows_are_of_a_class_of_weight_zero():
    x = RNG.normal(size=(400, 2))
    y = np.where(np.arange(400) % 20, "no", np.where(x[:, 0] > 0, "yes", "maybe"))
    with no_divergence():
        model = TabularClassifier(class_weight={"no": 0}, **FAST).fit(x, y)
    assert np.isfinite(model.predict_proba(x)).all()


def test_rows_to_judge_of_a_class_of_weight_zero_do_not_judge():
    model = TabularClassifier(class_weight={"no": 0}, **FAST)
    model.fit(X[:90], KIND[:90], X_val=X[90:], y_val=KIND[90:])
    assert np.isfinite(model.loss_)
    with pytest.raises(TableError, match="All rows of X_val are of classes whose class_weight is"):
        model.fit(X[:90], KIND[:90], X_val=X[KIND == "no"], y_val=KIND[KIND == "no"])


def test_too_few_rows_that_count_are_refused():
    w = np.where(np.arange(N) < 3, 1.0, 1e-60)
    with pytest.raises(TableError, match="3 rows are too few"):
        TabularRegressor(**FAST).fit(X, PRICE, w)


@pytest.mark.parametrize("model", [TabularClassifier(**FAST), SingleNetworkClassifier(max_iter=1)])
@pytest.mark.parametrize(
    ("y", "y_val", "words"),
    [
        (KIND, np.arange(30) % 2, r"`y_val` has classes .*: \[0, 1\] is not among .* of one type"),
        (KIND, np.full(30, "Yes"), r"`y_val` has classes .*: \['Yes'\] is not among \['maybe'"),
        (np.arange(N) % 3, np.array(["0", "1"] * 15), r"\['0', '1'\] is not among \[0, 1, 2\]"),
        (np.arange(N) % 3, np.full(30, 3), r"\[3\] is not among \[0, 1, 2\]\."),
        (np.arange(N) % 3, np.arange(30) / 2, r"\[0\.5, 1\.5, .* and \d+ more is not among"),
    ],
)
def test_rows_to_judge_of_other_classes_are_refused(model, y, y_val, words):
    with pytest.raises(TableError, match=words):
        model.fit(X, y, X_val=X[:30], y_val=y_val)


def test_labels_that_are_equal_may_differ_in_type():
    y = np.arange(N) % 2
    one = TabularClassifier(**FAST).fit(X, y, X_val=X[:30], y_val=y[:30])
    other = TabularClassifier(**FAST).fit(X, y, X_val=X[:30], y_val=y[:30].astype(float))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_rows_that_only_judge_do_not_say_how_the_target_is_scaled():
    far = PRICE[90:] + 1000
    near, moved = (
        TabularRegressor(**FAST).fit(X[:90], PRICE[:90], X_val=X[90:], y_val=y)
        for y in (PRICE[90:], far)
    )
    assert near.target_ == moved.target_
    assert moved.predict(X).max() < PRICE[:90].max() + PRICE[:90].std()


def test_rows_that_only_judge_do_not_say_how_common_classes_are():
    def interrupt(now):
        raise KeyboardInterrupt

    model = TabularClassifier("fast", random_state=0, callbacks=[interrupt])
    y = np.arange(N) % 2
    with warnings.catch_warnings():
        model.fit(X[:100], y[:100], X_val=X[100:], y_val=np.zeros(20, int))
    np.testing.assert_allclose(model.predict_proba(X).mean(0), 0.5, atol=0.1)


@pytest.mark.parametrize("model", [SingleNetworkRegressor, TabularRegressor])
def test_rows_without_weight_have_no_influence(model):
    settings = FAST if model is TabularRegressor else {"max_iter": 5, "random_state": 0}
    w = (np.arange(N) % 4 > 0).astype(float)
    x, y = np.where(w[:, None] > 0, X, 1e6), np.where(w > 0, PRICE, 1e6)
    weighted = model(**settings).fit(x, y, w)
    without = model(**settings).fit(X[w > 0], PRICE[w > 0])
    np.testing.assert_array_equal(weighted.predict(X), without.predict(X))


def test_texts_to_judge_are_read_as_those_to_learn_from():
    # alone, the second column of texts could as well be whole numbers with grouping
    y = [f"{value:.3f}".replace(".", ",") for value in PRICE]
    val = [text if len(text.split(",")[0]) == 1 else "1,234" for text in y[90:]]
    texts = TabularRegressor(**FAST).fit(X[:90], y[:90], X_val=X[90:], y_val=val)
    numbers = TabularRegressor(**FAST).fit(
        X[:90],
        [float(text.replace(",", ".")) for text in y[:90]],
        X_val=X[90:],
        y_val=[float(text.replace(",", ".")) for text in val],
    )
    assert texts.loss_ == numbers.loss_


def test_values_to_judge_that_are_no_numbers_are_named():
    with pytest.raises(TableError, match="'y_val', row 3: 'many' is not a number"):
        TabularRegressor(**FAST).fit(X, PRICE, X_val=X[:3], y_val=["1", "2", "many"])
