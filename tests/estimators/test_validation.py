import numpy as np
import pytest

from small import HALF, SCORE, X, Y, classifier, regressor


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


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
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
