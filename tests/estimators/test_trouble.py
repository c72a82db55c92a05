import re
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from small import SCORE, X, Y, classifier, regressor

LONG = np.tile(100 * X / np.linalg.norm(X, axis=1, keepdims=True), (5, 1))  # rows of length 100
TARGET = LONG @ [0.01, -0.01, 0.005]


def overcome(**settings):
    """Fit so that the first two epochs blow up and later ones do not.

    One step changes a row's error by the factor 1 - rate * |x|² = -4, -1.5 and then -0.25. The
    target is exact and needs no bias, so the weights are found, whatever row comes last.
    """
    settings |= {"solver": "sgd", "momentum": 0, "batch_size": 1, "dtype": "float32"}
    settings |= {"learning_rate_init": 5e-4, "hidden_layer_sizes": (), "max_iter": 8}
    settings |= {"init": "he", "alpha": 0}
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
    assert model.score(LONG, TARGET) > 0.99


def test_a_blow_up_is_told_by_partial_fit_and_overcome():
    model = overcome()
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match="halved"):
            model.partial_fit(LONG, TARGET)
    for _ in range(6):
        model.partial_fit(LONG, TARGET)
    assert model.score(LONG, TARGET) > 0.99


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
    assert model.score(LONG, TARGET) > 0.99
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
def test_a_hopeless_run_says_so_and_leaves_weights_that_predict(
    make, n_networks, dtype, rate, validated
):
    y = Y if make is classifier else SCORE
    settings = {"solver": "sgd", "learning_rate_init": rate, "dtype": dtype, "max_iter": 100}
    model = make(**settings, n_networks=n_networks, early_stopping=validated == "stopping")
    text = r"Solver produced non-finite parameter weights.* Training has stopped: .* Scale X"
    val = {"X_val": 100 * X, "y_val": y} if validated else {}
    raised = False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        try:
            model.fit(100 * X, y, **val)
            said = str(caught[-1].message)
        except ValueError as error:
            said = str(error)
            raised = True
    assert re.match(text, said)
    # as in scikit-learn, where early stopping has a best epoch to go back to
    assert raised == (model.best_validation_score_ is None)
    assert model.stopped_ == "diverged"
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
