"""What the issue promises: equalities, most of them bit for bit."""

import inspect
import pickle

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy.special import expit, softmax
from sklearn import neural_network as theirs
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

from jubako import MLPClassifier, MLPRegressor
from jubako.estimators.validation import RULES

LOSSES = ["squared_error", "absolute_error", "huber", "quantile", "poisson"]
KINDS = ["binary", "multiclass", "multilabel", *LOSSES]
SOLVERS = ["adam", "sgd", "lbfgs"]
BOTH = [MLPClassifier, MLPRegressor]

quiet = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
kinds = pytest.mark.parametrize("kind", KINDS)
both = pytest.mark.parametrize("cls", BOTH)


def rows(kind="multiclass", n=40, seed=0):
    """Draw X (n, 3) and targets that depend on it."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    score = X @ [1, -1, 0.5] + 0.5 * rng.normal(size=n)
    y = {
        "binary": lambda: (score > 0).astype(int),
        "multiclass": lambda: np.digitize(score, [-0.7, 0.7]),
        "multilabel": lambda: (X + rng.normal(size=X.shape) > 0).astype(int),
        "poisson": lambda: rng.poisson(np.exp(score / 2)).astype(float),
    }
    return X, y.get(kind, lambda: score)()


def make(kind="multiclass", **settings):
    """Make an estimator that trains for a few epochs, and never stops by itself."""
    settings = {
        "hidden_layer_sizes": 6,
        "max_iter": 5,
        "batch_size": 16,
        "learning_rate_init": 0.01,
        "random_state": 1,
        "n_iter_no_change": np.inf,
        **settings,
    }
    if settings.get("solver") == "lbfgs":
        settings["batch_size"] = "auto"
    if kind in LOSSES:
        return MLPRegressor(loss=kind, **settings)
    return MLPClassifier(**settings)


def check_same_bits(one, other):
    """Compare all parameters and losses of two fitted estimators."""
    np.testing.assert_array_equal(one.theta_, other.theta_)
    np.testing.assert_array_equal(one.loss_curve_, other.loss_curve_)
    assert one.theta_.dtype == other.theta_.dtype


# Weights


@kinds
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", ["auto", "float32", "float64"])
def test_weights_of_one_are_no_weights_bit_for_bit(kind, solver, dtype):
    X, y = rows(kind)
    settings = {"solver": solver, "dtype": dtype}
    without = make(kind, **settings).fit(X, y)
    check_same_bits(without, make(kind, **settings).fit(X, y, np.ones(len(X))))
    other = make(kind, **settings).fit(X, y, np.linspace(0.5, 2, len(X)))
    assert not np.array_equal(without.theta_, other.theta_)  # or weights are ignored


COUNTS = np.resize([1, 2, 3, 1, 0], 40)


def predictions(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@kinds
@pytest.mark.parametrize("solver", SOLVERS)
def test_integer_weights_equal_repeated_rows(kind, solver):
    X, y = rows(kind)
    many, y_many = np.repeat(X, COUNTS, 0), np.repeat(y, COUNTS, 0)
    # alpha: the penalty is divided by the sum of the weights, which is the number of the rows
    settings = {"solver": solver, "dtype": "float64", "alpha": 0.5, "shuffle": False}
    n = int((COUNTS > 0).sum())
    weighted = make(kind, **settings, batch_size=n, max_iter=20).fit(X, y, COUNTS)
    repeated = make(kind, **settings, batch_size=len(many), max_iter=20).fit(many, y_many)
    # The same sums in another order: 1e-16 in each step, which 20 steps let grow; adam divides by
    # sqrt(v), and lbfgs looks at differences of gradients, which is why not less than 1e-6.
    np.testing.assert_allclose(predictions(weighted, X), predictions(repeated, X), atol=1e-6)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@pytest.mark.parametrize("class_weight", ["balanced", {0: 3.0, 1: 0.5}])
def test_integer_weights_equal_repeated_rows_with_class_weight(kind, class_weight):
    X, y = rows(kind)
    many, y_many = np.repeat(X, COUNTS, 0), np.repeat(y, COUNTS, 0)
    settings = {"class_weight": class_weight, "dtype": "float64", "shuffle": False, "max_iter": 20}
    n = int((COUNTS > 0).sum())
    weighted = make(kind, **settings, batch_size=n).fit(X, y, COUNTS)
    repeated = make(kind, **settings, batch_size=len(many)).fit(many, y_many)
    # as above
    np.testing.assert_allclose(predictions(weighted, X), predictions(repeated, X), atol=1e-6)


@kinds
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"solver": "sgd", "n_networks": 2, "dropout": 0.2},
        {"solver": "lbfgs"},
        {"early_stopping": True, "validation_fraction": 0.25},
        {"dtype": "float32", "alpha": 0.1},
    ],
    ids=str,
)
def test_a_row_of_weight_zero_is_no_row_bit_for_bit(kind, settings):
    X, y = rows(kind)
    w = np.resize([1.0, 0.0, 2.0, 0.5], len(X))
    X_wild = X.copy()
    X_wild[w == 0] = 1e6  # would be seen if it were
    weighted = make(kind, **settings).fit(X_wild, y, w)
    dropped = make(kind, **settings).fit(X[w > 0], y[w > 0], w[w > 0])
    check_same_bits(weighted, dropped)
    assert weighted.t_ == dropped.t_
    assert weighted.validation_scores_ == dropped.validation_scores_


@pytest.mark.parametrize("class_weight", ["balanced", {0: 2.0}])
def test_a_row_of_weight_zero_is_no_row_to_class_weight_either(class_weight):
    X, y = rows()
    w = np.resize([1.0, 0.0, 2.0, 0.5], len(X))
    weighted = make(class_weight=class_weight).fit(X, y, w)
    check_same_bits(weighted, make(class_weight=class_weight).fit(X[w > 0], y[w > 0], w[w > 0]))


def test_a_row_of_weight_zero_is_no_row_to_partial_fit_either():
    X, y = rows()
    w = np.resize([1.0, 0.0, 2.0], len(X))
    weighted, dropped = make(), make()
    for _ in range(3):
        weighted.partial_fit(X, y, w, classes=[0, 1, 2])
        dropped.partial_fit(X[w > 0], y[w > 0], w[w > 0], classes=[0, 1, 2])
    check_same_bits(weighted, dropped)


def test_a_row_of_weight_zero_is_no_row_to_the_validation_either():
    X, y = rows()
    w = np.resize([1.0, 0.0, 2.0], len(X))
    weighted, dropped = make(early_stopping=True), make(early_stopping=True)
    weighted.fit(X, y, X_val=X, y_val=y, sample_weight_val=w)
    dropped.fit(X, y, X_val=X[w > 0], y_val=y[w > 0], sample_weight_val=w[w > 0])
    check_same_bits(weighted, dropped)
    assert weighted.history_["val_loss"] == dropped.history_["val_loss"]
    assert weighted.validation_scores_ == dropped.validation_scores_


@given(factor=st.floats(1e-3, 1e3))
@settings(max_examples=10)
def test_a_factor_on_all_weights_is_a_divisor_of_alpha(factor):
    X, y = rows("binary")
    small = {"dtype": "float64", "solver": "lbfgs", "max_iter": 3}
    scaled = make("binary", alpha=factor, **small).fit(X, y, np.full(len(X), factor))
    plain = make("binary", alpha=1.0, **small).fit(X, y)
    # one rounding in each weight, which three steps of lbfgs let grow
    np.testing.assert_allclose(scaled.theta_, plain.theta_, rtol=1e-6)


# Passes and epochs

PASSES = [
    {"solver": "sgd", "momentum": 0.9},
    {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "invscaling"},
    {"solver": "adam"},
    {"solver": "adam", "dropout": 0.3, "n_networks": 3},
    {"solver": "sgd", "dropout": [0.3], "n_networks": 3},
    {"solver": "adam", "schedule": "cosine", "warmup_fraction": 0.4, "weight_decay": 0.1},
    {"solver": "adam", "dtype": "float32", "max_grad_norm": 0.1, "shuffle": False},
]
passes = pytest.mark.parametrize("settings", PASSES, ids=str)


def check_passes(kind, settings, between=lambda model: model):
    X, y = rows(kind)
    fitted = make(kind, tol=0, **settings).fit(X, y)
    model = make(kind, tol=0, **settings)
    for _ in range(fitted.n_iter_):
        first = {"classes": np.unique(y)} if kind == "multiclass" else {}
        model = between(model.partial_fit(X, y, **first))
    check_same_bits(model, fitted)
    for one, other in zip(model.coefs_, fitted.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.t_ == fitted.t_
    assert model.history_["learning_rate"] == fitted.history_["learning_rate"]


@passes
@pytest.mark.parametrize("kind", ["multiclass", "squared_error"])
def test_k_passes_of_partial_fit_are_k_epochs_of_fit_bit_for_bit(kind, settings):
    check_passes(kind, settings)


@passes
def test_passes_go_on_after_pickling_bit_for_bit(settings):
    check_passes("multiclass", settings, lambda model: pickle.loads(pickle.dumps(model)))


@passes
def test_partial_fit_goes_on_where_fit_ended_bit_for_bit(settings):
    X, y = rows()
    model = make(**{**settings, "schedule": "constant", "warmup_fraction": 0}).fit(X, y)
    whole = make(**{**settings, "schedule": "constant", "warmup_fraction": 0, "max_iter": 7})
    for _ in range(2):
        model.partial_fit(X, y)
    check_same_bits(model, whole.fit(X, y))


# Networks


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "squared_error", "poisson"])
def test_networks_predict_the_mean_of_what_each_predicts(kind):
    X, y = rows(kind)
    model = make(kind, n_networks=3, activation="tanh", dtype="float64").fit(X, y)
    link = {"binary": expit, "multilabel": expit, "poisson": np.exp}
    link["multiclass"] = lambda b: softmax(b, axis=-1)
    alone = []
    for k in range(3):
        u = np.tanh(X @ model.coefs_[0][k] + model.intercepts_[0][k])
        b = u @ model.coefs_[1][k] + model.intercepts_[1][k]
        alone.append(link.get(kind, lambda b: b)(b))
    expected = np.mean(alone, 0)
    if kind == "binary":
        expected = np.hstack([1 - expected, expected])
    got = predictions(model, X)
    # float64 sums in another order
    np.testing.assert_allclose(got, expected.reshape(got.shape), rtol=1e-10, atol=1e-12)
    assert not np.allclose(alone[0], alone[1], rtol=0.01)  # or the mean would prove nothing


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_first_of_several_networks_is_the_one_trained_alone_bit_for_bit(solver):
    X, y = rows()
    one = make(solver=solver, dropout=0 if solver == "lbfgs" else 0.2).fit(X, y)
    three = make(solver=solver, dropout=0 if solver == "lbfgs" else 0.2, n_networks=3).fit(X, y)
    np.testing.assert_array_equal(three.theta_[0], one.theta_[0])
    assert three.theta_.shape == (3, one.theta_.shape[1])


@passes
def test_the_same_random_state_gives_the_same_bits_and_another_gives_others(settings):
    X, y = rows()
    one = make(**settings).fit(X, y)
    check_same_bits(one, make(**settings).fit(X, y))
    check_same_bits(one, one.fit(X, y))
    instance = make(**{**settings, "random_state": np.random.RandomState(1)}).fit(X, y)
    check_same_bits(one, instance)
    other = make(**{**settings, "random_state": 2}).fit(X, y)
    assert (one.theta_ != other.theta_).any(-1).all()


def test_without_random_state_two_fits_differ():
    X, y = rows()
    one, other = (make(random_state=None).fit(X, y) for _ in range(2))
    assert not np.array_equal(one.theta_, other.theta_)


# Without hidden layers: scikit-learn's linear models, which minimize the same function if the
# penalty is put in their units. Ours is alpha / 2 * |w|², divided by the sum of the weights W.

CONVEX = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "tol": 1e-9,
    "max_iter": 10_000,
    "random_state": 0,
}
# The gradient ends near 1e-9, or where the loss no longer changes in its 16 digits: then the
# coefficients are good to about the square root of that, 1e-8, times what the curvature makes of it
NEAR = {"rtol": 1e-5, "atol": 1e-5}
weights = pytest.mark.parametrize("weighted", [False, True])


def draw_weights(weighted, n):
    return np.random.default_rng(5).uniform(0.2, 3, n) if weighted else None


@weights
@pytest.mark.parametrize("alpha", [0.1, 10.0])
def test_two_classes_without_hidden_layers_are_logistic_regression(alpha, weighted):
    X, y = rows("binary", 200)
    w = draw_weights(weighted, 200)
    model = MLPClassifier(alpha=alpha, **CONVEX).fit(X, y, w)
    exact = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000).fit(X, y, w)
    np.testing.assert_allclose(model.coefs_[0].T, exact.coef_, **NEAR)
    np.testing.assert_allclose(model.intercepts_[0], exact.intercept_, **NEAR)
    np.testing.assert_allclose(model.predict_proba(X), exact.predict_proba(X), **NEAR)


@weights
@pytest.mark.parametrize("alpha", [0.1, 10.0])
def test_three_classes_without_hidden_layers_are_multinomial_regression(alpha, weighted):
    X, y = rows("multiclass", 200)
    w = draw_weights(weighted, 200)
    model = MLPClassifier(alpha=alpha, **CONVEX).fit(X, y, w)
    exact = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000).fit(X, y, w)
    np.testing.assert_allclose(model.coefs_[0].T, exact.coef_, **NEAR)
    b = model.intercepts_[0]  # the softmax does not see a constant added to all
    np.testing.assert_allclose(b - b.mean(), exact.intercept_ - exact.intercept_.mean(), **NEAR)
    np.testing.assert_allclose(model.predict_proba(X), exact.predict_proba(X), **NEAR)


def test_class_weight_without_hidden_layers_is_that_of_logistic_regression():
    X, y = rows("multiclass", 200)
    for class_weight in "balanced", {0: 3.0, 2: 0.5}:
        model = MLPClassifier(alpha=1.0, class_weight=class_weight, **CONVEX).fit(X, y)
        exact = LogisticRegression(class_weight=class_weight, tol=1e-10, max_iter=10_000)
        np.testing.assert_allclose(model.coefs_[0].T, exact.fit(X, y).coef_, **NEAR)


@weights
@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("alpha", [0.1, 10.0])
def test_squared_error_without_hidden_layers_is_ridge(alpha, n_outputs, weighted):
    X, y = rows("squared_error", 200)
    w = draw_weights(weighted, 200)
    if n_outputs == 2:
        y = np.column_stack([y, X[:, 0] - 2])
    model = MLPRegressor(alpha=alpha, **CONVEX).fit(X, y, w)
    exact = Ridge(alpha=alpha).fit(X, y, w)
    np.testing.assert_allclose(model.coefs_[0].T, np.atleast_2d(exact.coef_), **NEAR)
    np.testing.assert_allclose(model.intercepts_[0], exact.intercept_, **NEAR)
    np.testing.assert_allclose(model.predict(X), exact.predict(X), **NEAR)


@weights
@pytest.mark.parametrize("alpha", [0.1, 10.0])
def test_poisson_without_hidden_layers_is_poisson_regression(alpha, weighted):
    X, y = rows("poisson", 200)
    w = draw_weights(weighted, 200)
    total = 200 if w is None else w.sum()  # PoissonRegressor does not divide the penalty by W
    model = MLPRegressor("poisson", alpha=alpha, **CONVEX).fit(X, y, w)
    exact = PoissonRegressor(alpha=alpha / total, tol=1e-10, max_iter=10_000).fit(X, y, w)
    np.testing.assert_allclose(model.coefs_[0][:, 0], exact.coef_, **NEAR)
    np.testing.assert_allclose(model.intercepts_[0], exact.intercept_, **NEAR)
    np.testing.assert_allclose(model.predict(X), exact.predict(X), **NEAR)


@pytest.mark.parametrize(("solver", "rate"), [("adam", 0.3), ("sgd", 1.0)])
def test_steps_reach_the_optimum_that_lbfgs_reaches(solver, rate):
    X, y = rows("binary", 200)
    exact = MLPClassifier(alpha=1.0, **CONVEX).fit(X, y)
    steps = {"max_iter": 800, "learning_rate_init": rate, "n_iter_no_change": np.inf}
    model = MLPClassifier(
        alpha=1.0, batch_size=200, schedule="cosine", **{**CONVEX, "solver": solver, **steps}
    ).fit(X, y)
    np.testing.assert_allclose(model.coefs_[0], exact.coefs_[0], **NEAR)


# scikit-learn's names


@both
def test_every_parameter_of_scikit_learn_is_here_with_its_default_and_place(cls):
    here = inspect.signature(cls).parameters
    there = inspect.signature(getattr(theirs, cls.__name__)).parameters
    assert {n: p.default for n, p in there.items()} == {n: here[n].default for n in there}
    positional = lambda ps: [n for n, p in ps.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional(here) == positional(there)


@both
def test_every_parameter_has_a_rule_and_a_default_that_keeps_it(cls):
    for name, value in cls().get_params().items():
        RULES[name].check(cls.__name__, name, value)


def fitted_attributes(model):
    """Find what a fit has left: values of the names that end in _ and do not start with it."""
    names = [n for n in dir(model) if n.endswith("_") and not n.startswith("_")]
    return {name: getattr(model, name) for name in names if hasattr(model, name)}


def nature(value):
    """Say what kind of value it is, numbers of Python and NumPy being the same."""
    if isinstance(value, (bool, np.bool_, str)) or value is None:
        return value
    if isinstance(value, (int, np.integer)):
        return int
    if isinstance(value, (float, np.floating)):
        return float
    if isinstance(value, np.ndarray):
        return value.shape
    return [nature(item) for item in value]


@quiet
@both
@pytest.mark.parametrize(
    "settings", [{}, {"early_stopping": True}, {"solver": "lbfgs"}, {"solver": "sgd"}], ids=str
)
@pytest.mark.parametrize("frame", [False, True])
def test_every_fitted_attribute_of_scikit_learn_is_here_after_the_same_fit(cls, settings, frame):
    X, y = rows("multiclass" if cls is MLPClassifier else "squared_error")
    if frame:
        X = pytest.importorskip("pandas").DataFrame(X, columns=["a", "b", "c"])
    settings = {"max_iter": 4, "random_state": 0, "hidden_layer_sizes": (5, 4), **settings}
    there = fitted_attributes(getattr(theirs, cls.__name__)(**settings).fit(X, y))
    here = fitted_attributes(cls(**settings).fit(X, y))
    assert {"coefs_", "n_iter_", "loss_", "out_activation_"} <= set(there)
    for name, value in there.items():
        assert name in here, name
        assert nature(here[name]) == nature(value), name
    for name in "n_iter_", "n_layers_", "n_outputs_", "n_features_in_", "out_activation_":
        assert here[name] == there[name], name
    if settings.get("solver") != "lbfgs":
        assert here["t_"] == there["t_"]


@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "predict_proba", "score"])
@both
def test_every_argument_of_scikit_learn_s_methods_is_here_and_in_place(cls, method):
    if not hasattr(cls(), method):
        pytest.skip("a regressor has no probabilities")
    here = list(inspect.signature(getattr(cls(), method)).parameters)
    there = list(inspect.signature(getattr(getattr(theirs, cls.__name__)(), method)).parameters)
    shared = [name for name in here if name in there]
    assert shared == there


@example(n_epochs=1)
@given(n_epochs=st.integers(0, 6))
@settings(max_examples=5)
def test_history_has_a_row_for_each_epoch(n_epochs):
    X, y = rows()
    model = make(max_iter=n_epochs).fit(X, y)
    assert {len(column) for column in model.history_.values()} == {n_epochs}
    assert model.n_iter_ == n_epochs
    assert model.t_ == n_epochs * len(X)
