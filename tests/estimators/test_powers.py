import re
import warnings

import numpy as np
import pytest
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning

from jubako import MLPClassifier, MLPRegressor
from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.core.layers import Dense, Dropout, Residual
from jubako.training.loop import Record
from jubako.training.native.engine import best_engine

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
SCORE = X @ [1, -1, 0.5] + 0.5 * RNG.normal(size=120)
Y = np.digitize(SCORE, [-0.7, 0.7])
HALF = np.arange(120) < 60


def classifier(**settings):
    """Make a small classifier that never stops by itself."""
    return MLPClassifier(**{**SMALL, **settings})


def regressor(loss="squared_error", **settings):
    return MLPRegressor(loss, **{**SMALL, **settings})


SMALL = {
    "hidden_layer_sizes": 8,
    "learning_rate_init": 0.02,
    "max_iter": 10,
    "n_iter_no_change": np.inf,
    "random_state": 0,
}

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


# Validation


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("n_networks", [1, 3])
def test_validation_rows_of_your_own_are_measured_each_epoch(early_stopping, n_networks):
    model = classifier(early_stopping=early_stopping, n_networks=n_networks)
    model.fit(X[HALF], Y[HALF], X_val=X[~HALF], y_val=Y[~HALF])
    for name in "val_loss", "val_score":
        assert len(model.history_[name]) == 10
        assert np.isfinite(model.history_[name]).all()
    assert model.t_ == 60 * 10  # no row was split off


def test_the_last_recorded_validation_is_that_of_the_fitted_network():
    w = np.random.default_rng(0).uniform(0.5, 2, 60)
    model = classifier().fit(X[HALF], Y[HALF], X_val=X[~HALF], y_val=Y[~HALF], sample_weight_val=w)
    p = model.predict_proba(X[~HALF])[np.arange(60), Y[~HALF]]
    # float64 sums in another order
    assert model.history_["val_loss"][-1] == pytest.approx(np.average(-np.log(p), weights=w))
    assert model.history_["val_score"][-1] == pytest.approx(model.score(X[~HALF], Y[~HALF], w))
    other = regressor().fit(X[HALF], SCORE[HALF], X_val=X[~HALF], y_val=SCORE[~HALF])
    expected = np.square(other.predict(X[~HALF]) - SCORE[~HALF]).mean() / 2
    assert other.history_["val_loss"][-1] == pytest.approx(expected)
    assert other.history_["val_score"][-1] == pytest.approx(other.score(X[~HALF], SCORE[~HALF]))


def test_without_early_stopping_validation_changes_nothing_bit_for_bit():
    plain = classifier().fit(X[HALF], Y[HALF])
    seen = classifier().fit(X[HALF], Y[HALF], X_val=X[~HALF], y_val=Y[~HALF])
    np.testing.assert_array_equal(plain.theta_, seen.theta_)
    assert seen.validation_scores_ is None
    assert seen.best_validation_score_ is None
    assert plain.history_["val_loss"] == [None] * 10


@pytest.mark.parametrize("make", [classifier, regressor])
def test_early_stopping_goes_back_to_the_best_epoch(make):
    y = Y if make is classifier else SCORE
    settings = {"early_stopping": True, "max_iter": 300, "n_iter_no_change": 5}
    model = make(hidden_layer_sizes=50, **settings, learning_rate_init=0.1)
    model.fit(X[HALF], y[HALF], X_val=X[~HALF], y_val=y[~HALF])
    assert model.n_iter_ < 300  # it stopped
    assert model.validation_scores_ == model.history_["val_score"]
    best = max(model.validation_scores_)
    assert model.validation_scores_[-1] < best  # and it went back
    assert model.best_validation_score_ == best
    # the same rows scored by scikit-learn's function
    assert model.score(X[~HALF], y[~HALF]) == pytest.approx(best, rel=1e-12)
    assert model.best_loss_ is None


def test_early_stopping_goes_back_to_the_best_epoch_in_a_warm_start_too():
    settings = {"early_stopping": True, "max_iter": 30, "warm_start": True}
    model = regressor(hidden_layer_sizes=50, **settings, learning_rate_init=0.1)
    val = {"X_val": X[~HALF], "y_val": SCORE[~HALF]}
    model.fit(X[HALF], SCORE[HALF], **val)
    first = model.best_validation_score_
    model.set_params(learning_rate_init=2.0).fit(X[HALF], SCORE[HALF], **val)
    assert max(model.validation_scores_[30:]) < first  # or this has tested nothing
    # the same rows scored by scikit-learn's function
    score = model.score(X[~HALF], SCORE[~HALF])
    assert score == pytest.approx(model.best_validation_score_, rel=1e-12)


def test_validation_rows_of_your_own_are_not_ignored_by_lbfgs():
    model = classifier(solver="lbfgs").fit(X[HALF], Y[HALF], X_val=X[~HALF], y_val=Y[~HALF])
    assert len(model.history_["val_score"]) == 10
    assert None not in model.history_["val_score"]
    # the same rows scored by scikit-learn's function
    assert model.history_["val_score"][-1] == pytest.approx(model.score(X[~HALF], Y[~HALF]))


def test_early_stopping_may_begin_in_a_warm_start():
    model = classifier(warm_start=True, max_iter=3).fit(X, Y)
    model.set_params(early_stopping=True).fit(X, Y)
    assert 0 < model.best_validation_score_ <= 1


def test_a_split_keeps_every_class_in_training_even_one_of_a_single_row():
    y = np.array(["a"] * 10 + ["b"] * 9 + ["c"])
    x = np.column_stack([np.repeat([3.0, -3.0, 0], [10, 9, 1]), np.repeat([0.0, 0, 5], [10, 9, 1])])
    for seed in range(10):
        settings = {"early_stopping": True, "max_iter": 150, "validation_fraction": 0.2}
        model = classifier(**settings, hidden_layer_sizes=(), random_state=seed, tol=0)
        model.set_params(learning_rate_init=0.3, callbacks=[]).fit(x, y)
        assert model.classes_.tolist() == ["a", "b", "c"]
        assert model.t_ == 16 * model.n_iter_  # ceil(0.2 * 20) = 4 rows are held out
    model.set_params(early_stopping=False).fit(x, y)
    assert model.predict(x[-1:]).tolist() == ["c"]


def test_a_split_follows_the_random_state_and_takes_its_share():
    scores = set()
    for seed in 0, 0, 1:
        model = classifier(early_stopping=True, validation_fraction=0.25, random_state=seed)
        model.fit(X, Y)
        assert model.t_ == 90 * 10
        scores.add(tuple(model.validation_scores_))
    assert len(scores) == 2


# Going on


def test_a_warm_start_goes_on_and_a_cold_one_does_not():
    model = classifier(warm_start=True).fit(X, Y)
    before, theta = model.loss_, model.theta_.copy()
    model.fit(X, Y)
    assert len(model.loss_curve_) == 20
    assert model.n_iter_ == 10
    assert model.t_ == 20 * 120
    assert model.loss_curve_[10] < model.loss_curve_[0]
    assert model.loss_ < before
    cold = model.set_params(warm_start=False).fit(X, Y)
    np.testing.assert_array_equal(cold.theta_, theta)
    assert len(cold.loss_curve_) == 10


def test_a_warm_start_of_lbfgs_goes_on():
    model = regressor(solver="lbfgs", warm_start=True, max_iter=5).fit(X, SCORE)
    first = model.loss_
    assert model.fit(X, SCORE).loss_ < first


@pytest.mark.parametrize("how", ["warm_start", "partial_fit"])
@pytest.mark.parametrize("labels", [["a", "b", "c"], ["a", "b"], [1, 2, 3], [2.0, 3.0]])
def test_new_classes_are_refused_by_name(how, labels):
    y = np.array(labels)[Y % len(labels)]
    model = classifier(warm_start=True).fit(X, y)
    new = y.copy()
    new[:3] = "z" if y.dtype.kind == "U" else 9
    with pytest.raises(ValueError, match=re.escape("self.classes_")) as error:
        (model.fit if how == "warm_start" else model.partial_fit)(X, new)
    assert repr(new[:1].tolist()) in str(error.value)
    assert repr(sorted(set(y.tolist()))) in str(error.value)


def test_a_warm_start_without_one_of_the_classes_keeps_them_all():
    model = classifier(warm_start=True).fit(X, Y)
    model.fit(X[Y < 2], Y[Y < 2])
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (120, 3)


CHANGES = [
    {"hidden_layer_sizes": 9},
    {"activation": "tanh"},
    {"dropout": 0.1},
    {"n_networks": 3},
    {"label_smoothing": 0.3},
]


@pytest.mark.parametrize("how", ["warm_start", "partial_fit"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_going_on_with_another_network_is_refused(how, change):
    model = classifier(warm_start=True).fit(X, Y).set_params(**change)
    with pytest.raises(ValueError, match="changed"):
        (model.fit if how == "warm_start" else model.partial_fit)(X, Y)


@pytest.mark.parametrize("change", [{"loss": "poisson"}, {"loss": "huber"}, {"n_networks": 2}])
def test_going_on_with_another_loss_or_number_of_networks_is_refused(change):
    model = regressor(warm_start=True).fit(X, np.abs(SCORE)).set_params(**change)
    with pytest.raises(ValueError, match="changed"):
        model.fit(X, np.abs(SCORE))


@pytest.mark.parametrize("solvers", [("adam", "sgd"), ("sgd", "adam"), ("lbfgs", "adam")])
def test_partial_fit_goes_on_with_another_solver(solvers):
    model = classifier(solver=solvers[0]).fit(X, Y)
    before = model.theta_.copy()
    model.set_params(solver=solvers[1]).partial_fit(X, Y)
    assert np.isfinite(model.theta_).all()
    assert not np.array_equal(model.theta_, before)


# Telling


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_callbacks_are_called_each_epoch_and_stop_training_by_true(solver):
    seen, also = [], []

    def stop_after_four(record):
        seen.append(record)
        return record.epoch == 4

    callbacks = [stop_after_four, lambda record: also.append(record.epoch)]
    model = classifier(solver=solver, callbacks=callbacks).fit(X, Y)
    assert [record.epoch for record in seen] == also == [1, 2, 3, 4]
    assert all(type(record) is Record for record in seen)
    assert [record.train_loss for record in seen] == model.loss_curve_
    assert model.n_iter_ == 4


def test_a_callback_stops_only_by_true_itself():
    model = classifier(callbacks=[lambda record: 1, lambda record: "yes"]).fit(X, Y)
    assert model.n_iter_ == 10


def test_partial_fit_calls_callbacks_and_prints_too(capsys):
    seen = []
    model = classifier(callbacks=[seen.append], verbose=True)
    for _ in range(3):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    assert [record.epoch for record in seen] == [1, 2, 3]
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "Iteration 1",
        "Iteration 2",
        "Iteration 3",
    ]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_verbose_prints_the_lines_of_scikit_learn(capsys, early_stopping):
    settings = {"max_iter": 3, "early_stopping": early_stopping, "verbose": True}
    settings |= {"n_iter_no_change": 100, "random_state": 0}
    with pytest.warns(ConvergenceWarning):
        theirs.MLPClassifier(8, **settings | {"early_stopping": False}).fit(X, Y)
    if early_stopping:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            capsys.readouterr()
            theirs.MLPClassifier(8, **settings).fit(X, Y)
    there = capsys.readouterr().out
    classifier(**settings | {"n_iter_no_change": np.inf}).fit(X, Y)
    here = capsys.readouterr().out
    # the random numbers differ, not the words and the places after the point
    blank = lambda text: re.sub(r"\d+\.(\d+)", lambda m: "#" * len(m[1]), text)
    assert blank(here) == blank(there)
    assert here.count("Iteration") == 3
    assert here.count("Validation score: 0.") == 3 * early_stopping
    classifier().fit(X, Y)
    assert capsys.readouterr().out == ""


def test_history_makes_a_data_frame():
    pd = pytest.importorskip("pandas")
    model = classifier(early_stopping=True, warm_start=True, hidden_layer_sizes=(4, 4)).fit(X, Y)
    table = pd.DataFrame(model.fit(X, Y).history_)
    names = "epoch train_loss val_loss val_score learning_rate grad_norms seconds message"
    assert list(table.columns) == names.split()
    assert len(table) == 20
    assert table["seconds"][:10].is_monotonic_increasing
    assert table["train_loss"].tolist() == model.loss_curve_
    assert {len(norms) for norms in table["grad_norms"]} == {3}


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("n_networks", [1, 2])
def test_what_a_fit_leaves_behind_agrees(solver, n_networks):
    model = classifier(solver=solver, n_networks=n_networks).fit(X, Y)
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.n_iter_ == len(model.loss_curve_) <= 10
    assert model.t_ == model.n_iter_ * 120
    assert model.engine_ == ("plain" if solver == "lbfgs" else best_engine().name)
    assert all(np.shares_memory(part, model.theta_) for part in model.coefs_ + model.intercepts_)
    assert sum(part.size for part in model.coefs_ + model.intercepts_) == model.theta_.size
    p = model.predict_proba(X)[np.arange(120), Y]
    if solver == "lbfgs" and n_networks == 1:  # there the loss is that after the last step
        penalty = 0.0001 / 2 * sum(np.square(w).sum() for w in model.coefs_) / 120
        # float64 sums in another order
        assert model.loss_ == pytest.approx(-np.log(p).mean() + penalty, rel=1e-9)


# When it goes wrong


LONG = np.tile(100 * X / np.linalg.norm(X, axis=1, keepdims=True), (5, 1))  # rows of length 100
TARGET = np.tile(SCORE, 5)


def overcome(**settings):
    """Fit so that the first two epochs blow up and later ones do not.

    One step changes a row's error by the factor 1 - rate * |x|² = -4, -1.5 and then -0.25.
    """
    settings |= {"solver": "sgd", "momentum": 0, "batch_size": 1, "dtype": "float32"}
    settings |= {"learning_rate_init": 5e-4, "hidden_layer_sizes": (), "max_iter": 8}
    return regressor(**settings)


def test_a_blow_up_is_told_and_overcome():
    model = overcome()
    with pytest.warns(ConvergenceWarning, match="stopped being finite in epoch .* halved") as told:
        model.fit(LONG, TARGET)
    assert len(told) == 2
    assert [bool(message) for message in model.history_["message"]] == [True] * 2 + [False] * 6
    rates = np.array(model.history_["learning_rate"])
    # float32
    np.testing.assert_allclose(rates, [5e-4, 2.5e-4, *[1.25e-4] * 6], rtol=1e-6)
    assert model.n_iter_ == 8
    assert model.score(LONG, TARGET) > 0.5


def test_a_blow_up_is_told_by_partial_fit_and_overcome():
    model = overcome()
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match="halved"):
            model.partial_fit(LONG, TARGET)
    for _ in range(6):
        model.partial_fit(LONG, TARGET)
    assert model.score(LONG, TARGET) > 0.5


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_best_loss_does_not_suffer_from_an_epoch_that_was_undone():
    model = overcome().fit(LONG, TARGET)
    assert np.isnan(model.loss_curve_[0])
    assert model.best_loss_ == np.nanmin(model.loss_curve_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_blow_up_with_validation_is_overcome_too(early_stopping):
    model = overcome(early_stopping=early_stopping)
    model.fit(LONG, TARGET, X_val=LONG[:60], y_val=TARGET[:60])
    assert model.score(LONG, TARGET) > 0.3
    scores = np.array(model.history_["val_score"])
    assert np.isnan(scores[:2]).all()
    assert np.isfinite(scores[2:]).all()
    if early_stopping:
        assert model.best_validation_score_ == scores[2:].max()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize("n_networks", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [1e4, 1e6])
@pytest.mark.parametrize("validated", [None, "watched", "stopping"])
def test_a_hopeless_run_raises_and_leaves_weights_that_predict(
    make, n_networks, dtype, rate, validated
):
    y = Y if make is classifier else SCORE
    settings = {"solver": "sgd", "learning_rate_init": rate, "dtype": dtype, "max_iter": 100}
    model = make(**settings, n_networks=n_networks, early_stopping=validated == "stopping")
    with pytest.raises(ValueError, match=r"Training has stopped: .* Scale X"):
        model.fit(100 * X, y, **({"X_val": 100 * X, "y_val": y} if validated else {}))
    predict = model.predict_proba if make is classifier else model.predict
    assert np.isfinite(predict(100 * X)).all()
    assert np.isfinite(model.theta_).all()
    assert len(model.loss_curve_) == model.n_iter_ >= 3


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("make", [classifier, regressor])
def test_a_run_of_which_no_epoch_was_finite_raises_and_leaves_the_initial_weights(make):
    settings = {"solver": "sgd", "learning_rate_init": 1e30, "dtype": "float32", "batch_size": 1}
    y = Y if make is classifier else SCORE
    for early_stopping in False, True:
        model = make(**settings, early_stopping=early_stopping)
        with pytest.raises(ValueError, match="Training has stopped"):
            model.fit(100 * X, y)
        assert np.isnan(model.loss_curve_).all()
        start = make(**settings | {"max_iter": 0}, early_stopping=early_stopping).fit(100 * X, y)
        np.testing.assert_array_equal(model.theta_, start.theta_)
        assert model.n_iter_ == 3


def test_max_iter_zero_leaves_the_initial_weights_without_a_warning():
    for solver in "adam", "sgd", "lbfgs":
        model = classifier(solver=solver, max_iter=0, n_iter_no_change=10).fit(X, Y)
        one = classifier(solver=solver, max_iter=1).fit(X, Y)
        assert model.n_iter_ == 0
        assert model.t_ == 0
        assert model.loss_curve_ == []
        assert model.predict(X).shape == (120,)
        assert not np.array_equal(model.theta_, one.theta_)
    many = classifier(max_iter=0, hidden_layer_sizes=2000).fit(X, Y)
    assert np.abs(many.coefs_[0]).max() <= np.sqrt(6 / 2003)  # nothing has been added


def test_a_run_that_ends_too_early_says_so_and_what_to_do():
    with pytest.warns(ConvergenceWarning, match="max_iter=10 epochs: raise max_iter"):
        classifier(n_iter_no_change=10).fit(X, Y)


def test_a_run_that_ends_too_early_advises_scaling_if_columns_differ_wildly():
    for wild in X * [1, 1, 1e5], X + np.array([0, 1e4, 0]):
        with pytest.warns(ConvergenceWarning, match="StandardScaler"):
            classifier(n_iter_no_change=10, learning_rate_init=1e-5).fit(wild, Y)


def test_a_run_that_goes_up_and_down_is_advised_to_go_slower():
    with pytest.warns(ConvergenceWarning, match="lower learning_rate_init"):
        classifier(n_iter_no_change=100, learning_rate_init=0.5, batch_size=2, max_iter=25).fit(
            X, Y
        )


def test_a_run_that_converged_says_nothing():
    model = classifier(n_iter_no_change=2, tol=0.01, max_iter=500).fit(X, Y)
    assert model.n_iter_ < 500
    settings = {"solver": "lbfgs", "n_iter_no_change": 10, "max_iter": 1000}
    assert classifier(**settings, hidden_layer_sizes=(), alpha=1).fit(X, Y).n_iter_ < 1000


# scikit-learn's callbacks


class Watch:
    """A FitCallback that notes what it is told, and stops after some epochs."""

    def __init__(self, last=np.inf):
        self.last, self.told, self.scores = last, [], []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.told.append(f"end {context.task_name}")
        self.scores.append(fitted_estimator.score(X, y))
        return context.task_name == "epoch" and context.task_id + 1 >= self.last


def test_scikit_learn_s_callbacks_hear_of_each_epoch():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    model = classifier(max_iter=3).set_callbacks(watch).fit(X, Y)
    epoch = ["begin epoch", "end epoch"]
    assert watch.told == ["setup", "begin fit", *3 * epoch, "end fit", "teardown"]
    assert watch.scores[-1] == model.score(X, Y)
    assert len(set(watch.scores)) > 1  # each epoch's own weights were scored


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scikit_learn_s_callbacks_stop_training_by_true(solver):
    pytest.importorskip("sklearn.callback")
    assert classifier(solver=solver).set_callbacks(Watch(4)).fit(X, Y).n_iter_ == 4


def test_scikit_learn_s_callbacks_are_set_up_and_torn_down_by_partial_fit_too():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    model = classifier().set_callbacks(watch).partial_fit(X, Y, classes=[0, 1, 2])
    assert watch.told.count("setup") == watch.told.count("teardown")
    assert not hasattr(model, "_callback_fit_ctx")


def test_scikit_learn_s_callbacks_hear_of_each_iteration_of_several_networks_by_lbfgs():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    classifier(solver="lbfgs", n_networks=2, max_iter=5).set_callbacks(watch).fit(X, Y)
    assert watch.told.count("end epoch") == 10


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")  # Watch scores weights of 1e150
def test_scikit_learn_s_callbacks_are_torn_down_after_a_hopeless_run():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    model = classifier(solver="sgd", learning_rate_init=1e6, max_iter=100).set_callbacks(watch)
    with pytest.warns(ConvergenceWarning), pytest.raises(ValueError, match="Scale X"):
        model.fit(100 * X, Y)
    assert watch.told[-1] == "teardown"


def test_scoring_monitor_logs_a_row_each_epoch():
    callback = pytest.importorskip("sklearn.callback")
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = classifier(early_stopping=False).set_callbacks(monitor).fit(X, Y)
    log = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert [row["task_id"] for row in log] == list(range(10))
    assert log[-1]["accuracy"] == model.score(X, Y)


def test_progress_bar_runs(capsys):
    callback = pytest.importorskip("sklearn.callback")
    classifier().set_callbacks(callback.ProgressBar()).fit(X, Y)
    assert "MLPClassifier" in capsys.readouterr().out


def test_scikit_learn_s_callbacks_pass_through_a_grid_search():
    callback = pytest.importorskip("sklearn.callback")
    from sklearn.model_selection import GridSearchCV

    monitor = callback.ScoringMonitor(scoring="accuracy")
    stopper = Watch(2)
    model = classifier(max_iter=4).set_callbacks(monitor, stopper)
    search = GridSearchCV(model, {"alpha": [0.1, 1]}, cv=2).fit(X, Y)
    log = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    # two values in two folds, and once more with the better, two epochs each
    assert len(log) == (2 * 2 + 1) * 2
    assert search.best_estimator_.n_iter_ == 2
