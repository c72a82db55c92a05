import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, make_scorer

import jubako
from jubako import TabularClassifier
from jubako.core.errors import ParameterError
from jubako.evaluation.metrics import evaluate
from jubako.model.decision import cheapest, costs_of_threshold, threshold_of_costs

FAST = {"preset": "fast", "n_folds": 3, "random_state": 0}
RNG = np.random.default_rng(0)
F1 = make_scorer(f1_score, pos_label="yes")


def rare(n):
    """Return rows, of which one in 15 is of the second class, where the first column is large."""
    x = RNG.normal(size=(n, 2))
    return x, np.where(x[:, 0] + 0.8 * RNG.normal(size=n) > 1.9, "yes", "no")


X, Y = rare(1000)
X_NEW, Y_NEW = rare(3000)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier(**FAST).fit(X, Y)


def test_a_threshold_decides_and_leaves_the_probabilities(classifier):
    p = classifier.predict_proba(X_NEW)
    assert classifier.threshold_ == 0.5
    for threshold in (0.1, 0.5, 0.8):
        model = TabularClassifier(**FAST, threshold=threshold).fit(X, Y)
        np.testing.assert_array_equal(model.predict_proba(X_NEW), p)
        np.testing.assert_array_equal(model.predict(X_NEW) == "yes", p[:, 1] > threshold)
        assert model.threshold_ == pytest.approx(threshold)


def test_costs_decide_by_the_lowest_expected_cost():
    costs = np.array([[0, 1, 4], [2, 0, 1], [9, 3, 0.5]])
    model = TabularClassifier(**FAST, cost_matrix=costs).fit(X, THREE)
    p = model.predict_proba(X_NEW)
    np.testing.assert_array_equal(model.predict(X_NEW), (p @ costs).argmin(1))
    assert model.threshold_ is None
    assert (model.predict(X_NEW) != p.argmax(1)).any()


def test_a_threshold_is_a_pair_of_costs():
    p = RNG.uniform(size=200)
    for threshold in (0.03, 0.5, 0.9):
        costs = costs_of_threshold(threshold)
        assert threshold_of_costs(costs) == pytest.approx(threshold)
        np.testing.assert_array_equal(cheapest(np.c_[1 - p, p], costs), p > threshold)
        np.testing.assert_array_equal(cheapest(np.c_[1 - p, p], 7 * costs), p > threshold)


def test_the_metric_chooses_a_threshold_that_is_better_on_new_rows(classifier):
    model = TabularClassifier(**FAST, eval_metric=F1, threshold="auto").fit(X, Y)
    before, after = (
        f1_score(Y_NEW, m.predict(X_NEW), pos_label="yes") for m in (classifier, model)
    )
    assert 0.05 < model.threshold_ < 0.5
    assert after > before + 0.02


@pytest.mark.parametrize("metric", ["balanced_accuracy", "matthews_corrcoef"])
def test_a_metric_may_be_the_same_for_high_and_low_thresholds(metric):
    model = TabularClassifier(**FAST, eval_metric=metric, threshold="auto").fit(X, Y)
    assert 0.05 < model.threshold_ < 0.5


def test_accuracy_chooses_a_threshold_near_one_half():
    x = RNG.normal(size=(1000, 2))
    y = (x[:, 0] + 0.5 * RNG.normal(size=1000) > 0).astype(int)
    model = TabularClassifier(**FAST, eval_metric="accuracy", threshold="auto").fit(x, y)
    assert 0.3 < model.threshold_ < 0.7


def test_decisions_are_saved_and_measured(tmp_path):
    model = TabularClassifier(**FAST, cost_matrix=[[0, 1], [5, 0]]).fit(X, Y)
    model.save(tmp_path / "m.jubako")
    loaded = jubako.load(tmp_path / "m.jubako")
    np.testing.assert_array_equal(loaded.predict(X_NEW), model.predict(X_NEW))
    assert loaded.threshold_ == pytest.approx(1 / 6)
    accuracy = evaluate(loaded, pd.DataFrame(X_NEW), Y_NEW)["accuracy"]
    assert accuracy == (model.predict(X_NEW) == Y_NEW).mean()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"threshold": "auto"}, "needs an eval_metric that compares predicted classes"),
        ({"threshold": "auto", "eval_metric": "roc_auc"}, "which no threshold changes"),
        ({"threshold": 0}, r"a number in \(0, 1\) or 'auto'"),
        ({"threshold": "f1"}, r"a number in \(0, 1\) or 'auto'"),
        ({"threshold": 0.5, "cost_matrix": np.eye(2)}, "give one of them"),
        ({"cost_matrix": "high"}, "an array of shape"),
        ({"cost_matrix": [[0, 1, 1], [1, 0, 1]]}, "2 rows of 2 finite numbers"),
        ({"cost_matrix": [[0, np.nan], [1, 0]]}, "2 rows of 2 finite numbers"),
        ({"cost_matrix": [[0, "a"], [1, 0]]}, "2 rows of 2 finite numbers"),
        (
            {"cost_matrix": [[0, 1], [0, 0]]},
            r"cost_matrix\[1, 0\] is 0, but an error must cost more",
        ),
    ],
)
def test_what_can_not_decide_is_refused_before_training(wrong, words):
    with pytest.raises(ParameterError, match=words):
        TabularClassifier(**FAST, **wrong).fit(X, Y)


def test_a_threshold_is_for_two_classes():
    with pytest.raises(ParameterError, match="is for two classes, and y has 3"):
        TabularClassifier(**FAST, threshold=0.3).fit(X, THREE)
