import re

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from small import SCORE, X, Y, classifier, regressor

# a warm start warns that it has not converged even where n_iter_no_change=inf asks for all epochs
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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


@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_warm_start_that_has_not_converged_warns_each_time(make, solver):
    y = Y if make is classifier else SCORE
    model = make(solver=solver, warm_start=True, max_iter=3)
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match="max_iter=3"):
            model.fit(X, y)
        assert model.n_iter_ == 3


def test_lbfgs_has_no_early_stopping_or_schedule_that_would_keep_it_from_warning():
    for settings in {"early_stopping": True}, {"schedule": "cosine"}:
        with pytest.warns(ConvergenceWarning, match="max_iter=3"):
            classifier(solver="lbfgs", max_iter=3, n_iter_no_change=10, **settings).fit(X, Y)
