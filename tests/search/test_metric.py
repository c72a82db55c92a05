"""The metric is checked before anything is trained, whatever is wrong with it."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    fbeta_score,
    make_scorer,
    max_error,
    mean_squared_log_error,
    r2_score,
)

from jubako import TabularClassifier, TabularRegressor
from jubako.core.errors import ParameterError

N = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 2))
TWO = np.where(X[:, 0] > 0, "yes", "no")
FIVE = (np.arange(N) + (X[:, 0] > 0)) % 5
PRICE = 3 + X[:, 0]
FAST = {"preset": "fast", "n_folds": 2, "random_state": 0}


@pytest.fixture
def no_training(monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("something is trained")

    monkeypatch.setattr("jubako.search.workers.cross_validate", fail)
    monkeypatch.setattr("jubako.search.budget.seconds_per_epoch", fail)


def raises(estimator, X, y, **kwargs):
    raise RuntimeError("no such luck.\nTry again")


@pytest.mark.parametrize(
    ("model", "y", "metric", "words"),
    [
        (TabularClassifier, TWO, "roc_acu", r"named 'roc_acu'. Did you mean 'roc_auc'\?$"),
        (TabularClassifier, TWO, "£", r"named '£'. See sklearn.metrics.get_scorer_names\(\)\.$"),
        (TabularClassifier, FIVE, "roc_auc", r"does not fit this target: .*such as 'roc_auc_ovr',"),
        (TabularClassifier, FIVE, "f1", "such as 'f1_.*'"),
        (TabularClassifier, TWO, "f1", r"pos_label=1 is not a valid label.*'f1_macro'"),
        (TabularClassifier, FIVE, "r2", "it is for numbers, and these are classes.*'neg_log_loss'"),
        (
            TabularClassifier,
            FIVE,
            make_scorer(r2_score),
            "for numbers, and these are classes. Pass",
        ),
        (TabularClassifier, TWO, "neg_mean_absolute_error", "it is for numbers"),
        (TabularRegressor, PRICE, "roc_auc", "target: the model has none of .* predict_proba"),
        (TabularRegressor, PRICE, "accuracy", "continuous is not supported.*such as 'r2'"),
        (TabularRegressor, np.arange(N) % 7, "accuracy", "mix of multiclass and continuous.*'r2'"),
        (
            TabularRegressor,
            PRICE,
            "neg_log_loss",
            "has none of the following attributes: predict_p",
        ),
        (TabularRegressor, PRICE, "roc_auc", "'r2'"),
        (TabularRegressor, -PRICE, "neg_mean_squared_log_error", "'r2'"),
        (
            TabularClassifier,
            TWO,
            accuracy_score,
            r"eval_metric=accuracy_score does .* Pass a scorer, .*\.make_scorer makes one",
        ),
        (TabularClassifier, TWO, raises, r": no such luck. Pass a scorer"),
        (TabularClassifier, TWO, lambda m, X, y, sample_weight: None, "NoneType"),
        (TabularClassifier, TWO, lambda m, X, y, sample_weight: "good", "could not convert string"),
    ],
)
def test_a_metric_that_does_not_fit_is_refused_before_training(
    model, y, metric, words, no_training
):
    with pytest.raises(ParameterError, match=words) as told:
        model(eval_metric=metric, time_limit=60, **FAST).fit(X, y)
    assert "\n" not in str(told.value)


def test_a_metric_that_does_not_fit_the_rows_that_judge_is_refused(no_training):
    with pytest.raises(ParameterError, match="does not fit this target"):
        TabularClassifier(eval_metric="roc_auc_ovr", **FAST).fit(
            X, FIVE, X_val=X[:9], y_val=np.zeros(9, int)
        )


@pytest.mark.parametrize(
    ("model", "y", "metric"),
    [
        (TabularClassifier, FIVE, "roc_auc_ovr"),
        (TabularClassifier, TWO, "roc_auc"),
        (TabularClassifier, TWO, make_scorer(fbeta_score, beta=2, pos_label="yes")),
        (TabularClassifier, TWO, lambda model, X, y: (model.predict(X) == y).mean()),
        (TabularRegressor, PRICE, make_scorer(max_error, greater_is_better=False)),
        (TabularRegressor, PRICE, "neg_max_error"),
    ],
)
def test_a_metric_that_fits_chooses(model, y, metric):
    fit = model(eval_metric=metric, callbacks=[lambda now: now.epoch == 2], **FAST).fit(X, y)
    assert np.isfinite(fit.loss_)


def test_a_metric_without_weights_is_refused_where_rows_differ_in_weight(no_training):
    w = 1.0 + np.arange(N) % 2
    with pytest.raises(ParameterError, match="no parameter sample_weight, and rows differ"):
        TabularRegressor(eval_metric="neg_max_error", **FAST).fit(X, PRICE, w)


@pytest.mark.parametrize("n_right", [1, 2, 4])
@pytest.mark.parametrize("answer", [None, np.nan, np.inf])
def test_a_metric_that_fails_later_loses_nothing(n_right, answer, tmp_path):
    asked = []

    def fails(model, X, y):
        asked.append(0)
        if len(asked) > n_right:
            if answer is not None:
                return answer
            raise ValueError("out of luck")
        return r2_score(y, model.predict(X))

    def stop(now):
        return now.epoch == 2

    with pytest.warns(UserWarning, match="which counts as the worst: (out of luck|it returned)"):
        model = TabularRegressor(eval_metric=fails, callbacks=[stop], **FAST).fit(X, PRICE)
    assert np.isfinite(model.predict(X)).all()
    model.save(tmp_path / "m.jubako")


def test_counts_are_judged_by_a_metric_for_counts():
    counts = np.arange(N) % 4
    metric = make_scorer(mean_squared_log_error, greater_is_better=False)
    TabularRegressor(eval_metric=metric, **FAST).fit(X, 5 + counts)


def test_rows_to_judge_beyond_the_range_of_the_target_are_judged_as_they_are():
    seen = []

    def spy(model, X, y):
        seen.append(y)
        return r2_score(y, model.predict(X))

    far = PRICE[40:] + 100
    TabularRegressor(eval_metric=spy, callbacks=[lambda now: True], **FAST).fit(
        X[:40], PRICE[:40], X_val=X[40:], y_val=far
    )
    np.testing.assert_allclose(seen[-1], far)
