import numpy as np
import pytest

import jubako
from jubako import TabularClassifier, TabularRegressor
from jubako.core.errors import ParameterError
from jubako.model.errors import ModelFileError
from jubako.search.conformal import FEWEST

FAST = {"preset": "fast", "n_folds": 3, "random_state": 0}
RNG = np.random.default_rng(0)


def noisy(n):
    """Return rows, and targets whose noise grows with the first column."""
    x = RNG.uniform(0, 1, size=(n, 2))
    return x, 10 * x[:, 1] + (0.2 + 3 * x[:, 0]) * RNG.normal(size=n)


def labelled(n):
    """Return rows, and classes that overlap."""
    x = RNG.normal(size=(n, 2))
    return x, np.digitize(x[:, 0] + 0.7 * RNG.normal(size=n), [-0.7, 0.7])


X, Y = noisy(600)
X_NEW, Y_NEW = noisy(4000)


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor(**FAST).fit(X, Y)


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier(**FAST).fit(*labelled(600))


def coverage_of(intervals, y):
    return ((intervals[:, 0] <= y) & (y <= intervals[:, 1])).mean()


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95])
def test_new_rows_are_covered_as_promised(regressor, coverage):
    """To three standard errors: of the 600 rows that set it, and of the 4,000 that measure it."""
    error = np.sqrt(coverage * (1 - coverage) * (1 / 600 + 1 / 4000))
    assert abs(coverage_of(regressor.predict_interval(X_NEW, coverage), Y_NEW) - coverage) < (
        3 * error + 0.01
    )


def test_intervals_are_wide_where_the_numbers_are_uncertain(regressor):
    low, high = regressor.predict_interval([[0.05, 0.5], [0.95, 0.5]], 0.8).T
    narrow, wide = high - low
    assert wide > 2 * narrow


def test_intervals_hold_the_prediction_and_grow_with_the_coverage(regressor):
    intervals = regressor.predict_interval(X_NEW, [0.5, 0.9])
    assert intervals.shape == (4000, 2, 2)
    prediction = regressor.predict(X_NEW)
    assert (intervals[:, 0] <= prediction[:, None]).all()
    assert (prediction[:, None] <= intervals[:, 1]).all()
    assert (intervals[:, 0, 1] <= intervals[:, 0, 0]).all()
    np.testing.assert_array_equal(regressor.predict_interval(X_NEW, 0.9), intervals[..., 1])
    assert (intervals >= Y.min() - Y.std() / 10).all()


def test_sets_of_classes_are_covered_as_promised(classifier):
    x, y = labelled(4000)
    sets = classifier.predict_set(x, [0.9, 0.95])
    assert sets.dtype == bool
    assert sets.shape == (4000, 3, 2)
    for i, coverage in enumerate((0.9, 0.95)):
        assert sets[np.arange(4000), y, i].mean() > coverage - 0.035
    assert sets[..., 0].sum(1).mean() < 1.9
    assert sets[np.arange(4000), classifier.predict_proba(x).argmax(1)].all()


def test_a_saved_model_gives_the_same_intervals_and_sets(regressor, classifier, tmp_path):
    for model, method in ((regressor, "predict_interval"), (classifier, "predict_set")):
        model.save(tmp_path / "m.jubako")
        loaded = jubako.load(tmp_path / "m.jubako")
        for coverage in (0.5, 0.9):
            np.testing.assert_array_equal(
                getattr(loaded, method)(X_NEW, coverage), getattr(model, method)(X_NEW, coverage)
            )


def test_held_out_rows_of_any_kind_set_the_intervals():
    """Your own rows, and the latest: both judge all networks."""
    settings = {"X_val": X_NEW[:300], "y_val": Y_NEW[:300]}, {"time": np.arange(600)}
    for more, n_rows in zip(settings, (300, 120), strict=True):
        model = TabularRegressor(**{**FAST, "n_folds": 5}).fit(X, Y, **more)
        assert model.model_.conformal.scores.n_rows == n_rows
        assert abs(coverage_of(model.predict_interval(X_NEW, 0.8), Y_NEW) - 0.8) < 0.13


def test_few_rows_have_intervals_of_one_width_and_very_few_none():
    x, y = noisy(FEWEST - 1)
    model = TabularRegressor(**FAST).fit(x, y)
    assert model.model_.conformal.spread is None
    target = model.model_.target
    raw = model.predict_interval(X_NEW, 0.5)
    inside = (raw[:, 0] > target.low) & (raw[:, 1] < target.high)
    np.testing.assert_allclose(np.diff(raw[inside], axis=1), np.diff(raw[inside], axis=1)[0, 0])
    with pytest.raises(ParameterError, match=f"with {FEWEST - 1} held-out rows, the highest is"):
        model.predict_interval(X_NEW, 0.99)
    alone = TabularRegressor(**FAST).fit(X, Y, X_val=X_NEW[:3], y_val=Y_NEW[:3])
    with pytest.raises(ModelFileError, match="too few held-out rows"):
        alone.predict_interval(X_NEW)


def test_a_constant_target_has_intervals():
    model = TabularRegressor(**FAST).fit(X[:100], np.full(100, 7.0))
    np.testing.assert_allclose(model.predict_interval(X_NEW), 7, atol=1e-3)


@pytest.mark.parametrize("coverage", ["much", None, [[0.5, "x"]], 0, 1.5, [0.5, -1], []])
def test_what_is_no_coverage_is_refused(regressor, classifier, coverage):
    for method in (regressor.predict_interval, classifier.predict_set):
        with pytest.raises(ParameterError, match="coverage="):
            method(X_NEW, coverage)


def test_a_time_limit_holds_with_intervals():
    x, y = noisy(20_000)
    model = TabularRegressor(time_limit=3, random_state=0).fit(x, y)
    assert model.seconds_ < 3.3 + 1  # a second for a busy machine
    assert coverage_of(model.predict_interval(X_NEW, 0.9), Y_NEW) > 0.85


def test_ctrl_c_while_the_expected_errors_are_learned_loses_nothing(monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("jubako.search.conformal.cross_validate", interrupt)
    model = TabularRegressor(**FAST).fit(X, Y)
    assert model.stopped_ == "interrupted"
    assert model.model_.conformal.spread is None
    assert coverage_of(model.predict_interval(X_NEW, 0.9), Y_NEW) > 0.85


def test_predictions_with_intervals_are_those_alone():
    x, y = noisy(80)
    fitted = TabularRegressor(**FAST).fit(x, y)
    table = fitted.find_features(x)
    predictions, intervals = fitted.model_.predict_with_intervals(table, [0.5, 0.9])
    np.testing.assert_array_equal(predictions, fitted.predict(x))
    np.testing.assert_array_equal(intervals, fitted.predict_interval(x, [0.5, 0.9]))
