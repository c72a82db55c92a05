import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, csr_matrix
from sklearn.exceptions import DataConversionWarning

from jubako import MLPClassifier, MLPRegressor
from jubako.estimators.mlp_rows import split_rows

EASY = {
    "hidden_layer_sizes": 8,
    "learning_rate_init": 0.05,
    "max_iter": 30,
    "n_iter_no_change": np.inf,
    "random_state": 0,
}
CODES = np.resize([2, 0, 1, 0], 60)


def far_apart(codes, seed=0):
    """Draw X in which each class stands on a corner of its own."""
    corners = np.array([[4, 0], [0, 4], [-4, -4]])
    return corners[codes] + np.random.default_rng(seed).normal(size=(len(codes), 2))


LABELS = {
    "str": np.array(["pear", "apple", "fig"]),
    "object": np.array(["pear", "apple", "fig"], dtype=object),
    "bool": np.array([True, False]),
    "int": np.array([30, -7, 4]),
    "uint8": np.array([200, 3, 0], np.uint8),
    "float": np.array([2.0, -1.0, 7.0]),
    "two str": np.array(["yes", "no"]),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_come_back_as_they_were(name):
    labels = LABELS[name]
    codes = CODES % len(labels)
    X, y = far_apart(codes), labels[codes]
    model = MLPClassifier(**EASY).fit(X, y)
    got = model.predict(X)
    assert got.dtype == y.dtype
    np.testing.assert_array_equal(got, y)  # the classes stand 4 deviations apart
    np.testing.assert_array_equal(model.classes_, np.sort(labels))
    assert model.classes_.dtype == y.dtype
    assert model.score(X, y) == 1


@pytest.mark.parametrize("name", LABELS)
def test_a_list_of_labels_is_as_good_as_an_array(name):
    codes = CODES % len(LABELS[name])
    X, y = far_apart(codes), LABELS[name][codes]
    one, other = (MLPClassifier(**EASY).fit(X, labels) for labels in (y, y.tolist()))
    np.testing.assert_array_equal(one.theta_, other.theta_)
    np.testing.assert_array_equal(other.predict(X), y)


@pytest.mark.parametrize("dtype", ["category", "str", "object", "int64", "bool", "Int64"])
def test_pandas_labels_come_back(dtype):
    pd = pytest.importorskip("pandas")
    labels = {"Int64": [5, 3, 9], "int64": [5, 3, 9], "bool": [True, False]}
    labels = np.array(labels.get(dtype, ["pear", "apple", "fig"]))
    codes = CODES % len(labels)
    X, y = far_apart(codes), pd.Series(labels[codes]).astype(dtype)
    model = MLPClassifier(**EASY).fit(X, y)
    got = model.predict(X).tolist()
    assert got == y.tolist()
    assert model.classes_.tolist() == sorted(labels.tolist())
    if dtype != "Int64":  # whose labels scikit-learn's validation turns into floats
        assert {type(label) for label in got} == {type(label) for label in y.tolist()}


def test_two_classes_have_one_output_and_several_one_each():
    X = far_apart(CODES)
    two = MLPClassifier(**EASY).fit(X, CODES % 2)
    three = MLPClassifier(**EASY).fit(X, CODES)
    assert (two.n_outputs_, two.out_activation_) == (1, "logistic")
    assert (three.n_outputs_, three.out_activation_) == (3, "softmax")


@pytest.mark.parametrize("labels", [["no", "yes"], ["fig", "pear", "apple"]])
def test_probabilities_stand_in_the_order_of_classes_and_sum_to_one(labels):
    codes = CODES % len(labels)
    X, y = far_apart(codes), np.array(labels)[codes]
    model = MLPClassifier(**EASY).fit(X, y)
    p = model.predict_proba(X)
    assert p.shape == (60, len(labels))
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-12)  # float64, since the table is small
    np.testing.assert_array_equal(model.classes_[p.argmax(1)], y)
    np.testing.assert_array_equal(model.predict(X), model.classes_[p.argmax(1)])


def test_log_probabilities_are_the_logarithms_and_minus_infinity_for_zero():
    X = far_apart(CODES)
    for y in CODES, CODES % 2:
        model = MLPClassifier(**EASY).fit(X, y)
        np.testing.assert_array_equal(model.predict_log_proba(X), np.log(model.predict_proba(X)))
        assert np.isneginf(model.predict_log_proba(1e6 * X)).any()


# Several labels or numbers a row


def signs(dtype=int):
    X = np.random.default_rng(0).normal(size=(80, 3))
    return X, (X[:, :2] > 0).astype(dtype)


@pytest.mark.parametrize("dtype", [int, bool, float])
def test_several_labels_a_row_are_predicted_as_a_table_of_0_and_1(dtype):
    X, y = signs(dtype)
    model = MLPClassifier(**{**EASY, "max_iter": 150}).fit(X, y)
    got = model.predict(X)
    assert got.shape == y.shape
    assert set(np.unique(got)) == {0, 1}
    assert (got == y).mean() > 0.95
    assert (model.n_outputs_, model.out_activation_) == (2, "logistic")
    np.testing.assert_array_equal(model.classes_, [0, 1])
    p = model.predict_proba(X)
    assert p.shape == y.shape
    np.testing.assert_array_equal(p > 0.5, got)
    assert not np.allclose(p.sum(1), 1, atol=0.1)  # each label has a probability of its own
    assert model.score(X, y) == (got == y).all(1).mean()


@pytest.mark.parametrize("sparse", [csr_array, csr_matrix])
def test_sparse_labels_are_as_good_as_dense(sparse):
    X, y = signs()
    one, other = (MLPClassifier(**EASY).fit(X, labels) for labels in (y, sparse(y)))
    np.testing.assert_array_equal(one.theta_, other.theta_)
    model = MLPClassifier(**EASY, early_stopping=True).fit(X, sparse(y), X_val=X, y_val=sparse(y))
    # accuracy of float64 probabilities, counted in the same way
    assert model.best_validation_score_ == pytest.approx(model.score(X, y), rel=1e-12)


def test_three_labels_a_row_have_three_outputs_even_if_one_never_comes():
    X, y = signs()
    y = np.column_stack([y, np.zeros(len(y), int)])
    model = MLPClassifier(**EASY).fit(X, y)
    assert model.predict(X).shape == (80, 3)
    assert (model.predict_proba(X)[:, 2] < 0.5).all()


def test_several_numbers_a_row_are_predicted_as_a_table():
    X, _ = signs()
    y = np.column_stack([X[:, 0] + X[:, 1], X[:, 2], 1 - X[:, 0]])
    model = MLPRegressor("squared_error", (), learning_rate_init=0.05, random_state=0)
    model.set_params(max_iter=300, n_iter_no_change=np.inf).fit(X, y)
    assert model.predict(X).shape == (80, 3)
    assert model.n_outputs_ == 3
    assert model.score(X, y) > 0.99  # y is linear in X


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_numbers_of_any_type_are_predicted_as_floats(dtype):
    X, y = signs()
    got = MLPRegressor(**EASY).fit(X, y[:, 0].astype(dtype)).predict(X)
    assert got.shape == (80,)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, MLPRegressor(**EASY).fit(X, y[:, 0]).predict(X))


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_a_column_of_targets_is_taken_with_a_warning(cls):
    X, y = far_apart(CODES), CODES
    flat = cls(**EASY).fit(X, y)
    with pytest.warns(DataConversionWarning, match="column-vector"):
        column = cls(**EASY).fit(X, y[:, None])
    np.testing.assert_array_equal(flat.theta_, column.theta_)
    assert column.predict(X).shape == (60,)


def test_a_column_of_targets_does_not_hide_the_classes_passed_to_partial_fit():
    X, y = far_apart(CODES), CODES
    model = MLPClassifier(**EASY)
    with pytest.warns(DataConversionWarning):
        model.partial_fit(X[y < 2], y[y < 2][:, None], classes=[0, 1, 2])
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    assert model.predict_proba(X).shape == (60, 3)


def test_partial_fit_knows_all_classes_before_it_has_seen_them():
    X, y = far_apart(CODES), np.array(["a", "b", "c"])[CODES]
    model = MLPClassifier(**EASY)
    model.partial_fit(X[y == "a"], y[y == "a"], classes=["c", "a", "b"])
    assert model.classes_.tolist() == ["a", "b", "c"]
    for _ in range(40):
        model.partial_fit(X, y, classes=["b", "c", "a"])  # the same set, in another order
    assert model.score(X, y) == 1


def test_partial_fit_takes_several_labels_a_row_with_or_without_classes():
    X, y = signs()
    one, other = (MLPClassifier(**EASY).partial_fit(X, y, classes=[0, 1]) for _ in range(2))
    one.partial_fit(X, y)
    other.partial_fit(X, y, classes=[0, 1])
    np.testing.assert_array_equal(one.theta_, other.theta_)
    assert one.predict(X).shape == y.shape


# Classes that count more, labels that count less


def rare(seed=0):
    """Draw two classes that overlap, of which the second has a tenth of the rows."""
    y = (np.arange(400) % 10 == 0).astype(int)
    X = np.random.default_rng(seed).normal(size=(400, 2)) + 1.2 * y[:, None]
    return X, np.array(["often", "rare"])[y]


def recall(class_weight, y_map=lambda y: y):
    X, y = rare()
    model = MLPClassifier(**EASY, class_weight=class_weight).fit(X, y)
    return float((model.predict(X) == "rare")[y == "rare"].mean())


@pytest.mark.parametrize("class_weight", ["balanced", {"rare": 9}, {"often": 0.1, "rare": 1.0}])
def test_class_weight_finds_more_of_a_rare_class(class_weight):
    assert recall(None) < 0.6
    assert recall(class_weight) >= 0.7


def test_class_weight_multiplies_sample_weight_bit_for_bit():
    X, y = rare()
    w = np.random.default_rng(0).uniform(0.5, 2, len(y))
    by_class = MLPClassifier(**EASY, class_weight={"rare": 9, "often": 0.5}).fit(X, y, w)
    by_row = MLPClassifier(**EASY).fit(X, y, w * np.where(y == "rare", 9, 0.5))
    np.testing.assert_array_equal(by_class.theta_, by_row.theta_)


def test_balanced_classes_weigh_the_same_in_sum():
    X, y = rare()
    w = np.random.default_rng(0).uniform(0.5, 2, len(y))
    balanced = MLPClassifier(**EASY, class_weight="balanced").fit(X, y, w)
    mass = {label: w[y == label].sum() for label in ("often", "rare")}
    factor = {label: w.sum() / (2 * mass[label]) for label in mass}
    by_dict = MLPClassifier(**EASY, class_weight=factor).fit(X, y, w)
    # the same sums, rounded in another order, over 30 epochs of adam
    np.testing.assert_allclose(balanced.theta_, by_dict.theta_, rtol=1e-6, atol=1e-9)


def test_balanced_takes_batches_in_which_a_class_is_missing():
    X, y = far_apart(CODES), CODES
    model = MLPClassifier(**EASY, class_weight="balanced")
    model.partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2])
    model = MLPClassifier(**EASY, class_weight="balanced")
    model.fit(X, y, X_val=X[y < 2], y_val=y[y < 2])
    assert np.isfinite(model.history_["val_loss"]).all()


def test_a_class_of_weight_zero_counts_like_rows_of_weight_zero():
    X, y = far_apart(CODES), CODES
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = MLPClassifier(**EASY, class_weight={0: 0}, batch_size=1).fit(X, y)
    assert np.isfinite(model.loss_curve_).all()
    assert (model.predict(X[y > 0]) == y[y > 0]).all()


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_label_smoothing_pulls_probabilities_inwards(kind):
    X, y = (far_apart(CODES), CODES) if kind == "multiclass" else signs()
    y = y[:, 0] if kind == "binary" else y
    n = 3 if kind == "multiclass" else 2
    highest = []
    for e in 0.0, 0.2, 0.6:
        model = MLPClassifier(**{**EASY, "max_iter": 300}, label_smoothing=e).fit(X, y)
        highest.append(np.quantile(model.predict_proba(X), 0.9))
        if e:  # the optimum for a row whose class is sure, which most rows here are
            assert highest[-1] == pytest.approx(1 - e + e / n, abs=0.07)
    assert highest[0] > 0.98
    assert highest == sorted(highest, reverse=True)


# Rows held out


@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=6),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_split_leaves_every_class_in_training_and_holds_out_its_share(sizes, fraction, seed):
    codes = np.repeat(np.arange(len(sizes)), sizes)
    n = len(codes)
    n_val = min(int(np.ceil(fraction * n)), n - len(sizes))
    if n_val < 2:
        with pytest.raises(ValueError, match="too small"):
            split_rows(codes[:, None], n, fraction, np.random.default_rng(seed))
        return
    kept, held = split_rows(codes[:, None], n, fraction, np.random.default_rng(seed))
    assert sorted([*kept, *held]) == list(range(n))
    assert len(held) == n_val
    assert set(codes[kept]) == set(range(len(sizes)))
    if fraction < 0.5 and min(sizes) > 3:  # no class has to keep more than its share
        shares = np.bincount(codes[held], minlength=len(sizes))
        # each to within one row, and one more for where the threshold falls
        assert (np.abs(shares - fraction * np.array(sizes)) < 2).all()
