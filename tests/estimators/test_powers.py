import numpy as np
import pytest

from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.core.layers import Dense, Dropout, Residual
from small import HALF, SCORE, X, Y, classifier, regressor

# What the network looks like


def test_each_layer_has_the_activation_told():
    model = classifier(hidden_layer_sizes=(4, 5), activation=["silu", "tanh"]).fit(X, Y)
    assert model.network_.layers == (Dense(3, 4, "silu"), Dense(4, 5, "tanh"), Dense(5, 3))
    u = X.astype(model.theta_.dtype)
    a = u @ model.coefs_[0] + model.intercepts_[0]
    b = np.tanh(a / (1 + np.exp(-a)) @ model.coefs_[1] + model.intercepts_[1])
    b = b @ model.coefs_[2] + model.intercepts_[2]
    # the same float64 sums and another formula of silu
    p = np.exp(b) / np.exp(b).sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), p, rtol=1e-10)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_activation_is_for_all_layers_and_each_learns(activation):
    model = classifier(hidden_layer_sizes=[6, 6], activation=activation, max_iter=40).fit(X, Y)
    assert [layer.activation for layer in model.network_.layers[:-1]] == [activation] * 2
    assert model.loss_ < model.loss_curve_[0]
    assert model.score(X, Y) > 0.5  # 0.4 are of the most frequent class


@pytest.mark.parametrize(
    ("sizes", "shapes"),
    [
        ((), [(3, 3)]),
        ([], [(3, 3)]),
        (7, [(3, 7), (7, 3)]),
        (np.int64(7), [(3, 7), (7, 3)]),
        ([7], [(3, 7), (7, 3)]),
        (np.array([7, 2]), [(3, 7), (7, 2), (2, 3)]),
    ],
)
def test_hidden_layer_sizes_may_be_a_number_or_a_list_or_empty(sizes, shapes):
    model = classifier(hidden_layer_sizes=sizes).fit(X, Y)
    assert [w.shape for w in model.coefs_] == shapes
    assert [b.shape for b in model.intercepts_] == [(n,) for _, n in shapes]
    assert model.n_layers_ == len(shapes) + 1
    assert model.predict(X).shape == (120,)


def test_dropout_stands_after_each_hidden_layer_or_where_told():
    model = classifier(hidden_layer_sizes=(4, 5), dropout=0.2).fit(X, Y)
    layers = Dense(3, 4, "relu"), Dropout(4, 0.2), Dense(4, 5, "relu"), Dropout(5, 0.2), Dense(5, 3)
    assert model.network_.layers == layers
    model = classifier(hidden_layer_sizes=(4, 5), dropout=[0, 0.5]).fit(X, Y)
    assert model.network_.layers == (*layers[:1], layers[2], Dropout(5, 0.5), layers[4])


def test_dropout_changes_training_but_not_prediction():
    plain, dropped = (classifier(dropout=rate).fit(X, Y) for rate in (0, 0.5))
    assert not np.array_equal(plain.theta_, dropped.theta_)
    np.testing.assert_array_equal(dropped.predict_proba(X), dropped.predict_proba(X))
    with_drop, without = (classifier(dropout=rate, max_iter=0).fit(X, Y) for rate in (0.5, 0))
    np.testing.assert_array_equal(with_drop.predict_proba(X), without.predict_proba(X))


def test_dropout_narrows_the_gap_between_training_and_validation():
    settings = {"hidden_layer_sizes": 64, "max_iter": 200, "learning_rate_init": 0.01}
    gap = {}
    for rate in 0, 0.6:
        model = classifier(**settings, dropout=rate)
        model.fit(X[HALF], Y[HALF], X_val=X[~HALF], y_val=Y[~HALF])
        gap[rate] = model.history_["val_loss"][-1]
    assert gap[0.6] < gap[0]


def test_residual_bridges_layers_as_wide_as_the_one_before():
    model = classifier(hidden_layer_sizes=(6, 6, 4, 4), residual=True, dropout=[0, 0.1, 0, 0])
    model.fit(X, Y)
    first, second, third, fourth, last = model.network_.layers
    assert first == Dense(3, 6, "relu")
    assert second == Residual((Dense(6, 6, "relu"), Dropout(6, 0.1)))
    assert third == Dense(6, 4, "relu")
    assert fourth == Residual((Dense(4, 4, "relu"),))
    assert last == Dense(4, 3)
    assert [w.shape for w in model.coefs_] == [(3, 6), (6, 6), (6, 4), (4, 4), (4, 3)]
    assert model.loss_ < model.loss_curve_[0]


def test_bridges_let_a_deep_network_learn():
    settings = {"hidden_layer_sizes": [8] * 20, "activation": "tanh", "max_iter": 30}
    deep, bridged = (classifier(**settings, residual=on).fit(X, Y) for on in (False, True))
    assert bridged.loss_ < deep.loss_ - 0.1


@pytest.mark.parametrize("init", INITIALIZERS)
def test_each_init_draws_by_its_rule_and_learns(init):
    model = classifier(hidden_layer_sizes=(200, 100), init=init, max_iter=0).fit(X, Y)
    w, b = model.coefs_[1], model.intercepts_[1]
    r = np.sqrt(6 / 300)
    spread = {"he": np.sqrt(2 / 200), "lecun": np.sqrt(1 / 200)}.get(init, r / np.sqrt(3))
    assert w.std() == pytest.approx(spread, rel=0.03)  # of 20,000 draws: 1 % is 2 deviations
    assert (b == 0).all() == (init != "sklearn")
    model = classifier(init=init).fit(X, Y)
    assert model.loss_ < model.loss_curve_[0]


# What holds the weights back


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("name", ["weight_decay", "alpha"])
def test_decay_and_penalty_shrink_the_weights(name, solver):
    settings = {"solver": solver, "max_iter": 100, "alpha": 0}
    free = classifier(**settings).fit(X, Y)
    held = classifier(**{**settings, name: 1.0 if name == "weight_decay" else 30}).fit(X, Y)
    length = lambda model: np.sqrt(sum(np.square(w).sum() for w in model.coefs_))
    assert length(held) < 0.7 * length(free)


def test_max_grad_norm_bounds_the_step_of_sgd():
    settings = {"solver": "sgd", "momentum": 0, "batch_size": 120, "max_iter": 1, "alpha": 0}
    start = classifier(**settings | {"max_iter": 0}).fit(X, Y).theta_
    step = lambda m: np.linalg.norm(
        classifier(**settings, max_grad_norm=m).fit(X, Y).theta_ - start
    )
    assert step(None) > 2 * 0.02 * 0.01
    assert step(0.01) == pytest.approx(0.02 * 0.01, rel=1e-6)  # rate times length, float64
    assert step(1e6) == step(None)


# Learning rates


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_schedules_and_warmup_change_the_recorded_rate_as_told(solver):
    # batch_size=60 makes two steps an epoch; the second of epoch e is at t = (e - 1/2) / 10
    settings = {"solver": solver, "batch_size": 60, "max_iter": 10}
    t = (np.arange(10) + 0.5) / 10
    expected = {
        "constant": np.ones(10),
        "cosine": (1 + np.cos(np.pi * t)) / 2,
        "coslog4": (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t))) / 2,
    }
    for schedule, factors in expected.items():
        got = classifier(schedule=schedule, **settings).fit(X, Y).history_["learning_rate"]
        np.testing.assert_allclose(got, 0.02 * factors, rtol=1e-12)  # float64 cosines
        model = classifier(schedule=schedule, warmup_fraction=0.4, **settings).fit(X, Y)
        warm = 0.02 * factors * np.minimum(1, t / 0.4)
        np.testing.assert_allclose(model.history_["learning_rate"], warm, rtol=1e-12)


def test_invscaling_and_adaptive_change_the_recorded_rate_as_told():
    sgd = {"solver": "sgd", "power_t": 0.3}
    model = classifier(learning_rate="invscaling", **sgd).fit(X, Y)
    seen = 120 * np.arange(10)
    # float64 powers
    expected = 0.02 / (seen + 1) ** 0.3
    np.testing.assert_allclose(model.history_["learning_rate"], expected, rtol=1e-12)
    model = classifier(learning_rate="adaptive", **sgd, tol=10, n_iter_no_change=1)
    model.set_params(max_iter=40).fit(X, Y)
    # nothing improves by 10: a fifth after the third epoch (the first always improves), then after
    # every second, until it is below 1e-6
    rates = model.history_["learning_rate"]
    assert rates[:6] == pytest.approx([0.02, 0.02, 0.02, 0.004, 0.004, 0.0008], rel=1e-12)
    assert model.n_iter_ < 40
    assert rates[-1] <= 1e-6


def test_learning_rate_is_for_sgd_only():
    model = classifier(learning_rate="invscaling").fit(X, Y)
    assert set(model.history_["learning_rate"]) == {0.02}


# Losses

FREE = {
    "hidden_layer_sizes": (),
    "alpha": 0,
    "max_iter": 400,
    "schedule": "cosine",
    "batch_size": 60,
    "learning_rate_init": 0.1,
}


def skewed():
    """Draw numbers whose mean, median and quantiles differ, and an X that says nothing of them."""
    y = np.random.default_rng(3).exponential(size=400)
    return np.zeros((400, 1)), y


def test_each_loss_predicts_what_it_should():
    zeros, y = skewed()

    def predict(loss, **settings):
        model = regressor(loss, **{**FREE, "batch_size": 400}, **settings)
        return model.fit(zeros, y).predict(zeros)[0]

    # 400 full-batch steps whose rate falls to zero; the three differ by more than 0.2
    assert predict("squared_error") == pytest.approx(y.mean(), abs=0.01)
    assert predict("absolute_error") == pytest.approx(np.median(y), abs=0.01)
    assert predict("quantile", quantile=0.9) == pytest.approx(np.quantile(y, 0.9), abs=0.05)
    assert predict("poisson") == pytest.approx(y.mean(), abs=0.01)
    assert np.median(y) < predict("huber", huber_delta=0.5) < y.mean()
    assert predict("huber", huber_delta=100) == pytest.approx(y.mean(), abs=0.01)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_a_share_q_of_the_rows_lies_below_the_quantile(q):
    model = regressor("quantile", quantile=q, max_iter=300, schedule="cosine").fit(X, SCORE)
    # 8 units may fit noise a little: a few of 120 rows
    assert (model.predict(X) > SCORE).mean() == pytest.approx(q, abs=0.06)


def test_huber_and_absolute_error_resist_outliers():
    wild = SCORE.copy()
    wild[::10] += 100
    error = {}
    for loss in "squared_error", "huber", "absolute_error":
        model = regressor(loss, **FREE).fit(X, wild)
        error[loss] = np.abs(model.predict(X) - SCORE).mean()
    assert error["huber"] < 0.7 < 5 < error["squared_error"]
    assert error["absolute_error"] < 0.7


def test_poisson_predicts_positive_numbers_and_takes_zeros():
    y = np.random.default_rng(0).poisson(np.exp(SCORE - 1))
    assert (y == 0).any()
    model = regressor("poisson", max_iter=100).fit(X, y)
    assert (model.predict(100 * np.sign(X)) > 0).all()
    assert model.out_activation_ == "exp"
    assert model.score(X, y) > 0.3
