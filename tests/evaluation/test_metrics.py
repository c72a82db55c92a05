import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from jubako.evaluation.metrics import (
    classification_metrics,
    evaluate,
    has_better_probabilities,
    main_metric,
    regression_metrics,
)

CLASSES = np.array(["a", "b"])


def test_metrics_of_classes():
    y = np.array(["a", "a", "b", "b"])
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6], [0.1, 0.9], [0.3, 0.7]])
    found = classification_metrics(y, probabilities, CLASSES)
    assert found["accuracy"] == 0.75
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.9, 0.7]).mean())
    assert found["roc_auc"] == 1
    assert found["per_class"] == {
        "a": {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2},
        "b": {"precision": pytest.approx(2 / 3), "recall": 1.0, "f1": 0.8, "support": 2},
    }


def test_unknown_labels_count_as_wrong_and_not_for_the_log_loss():
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    found = classification_metrics(np.array(["a", "c"]), probabilities, CLASSES)
    assert found["accuracy"] == 0.5
    assert found["log_loss"] == pytest.approx(-np.log(0.8))
    assert found["roc_auc"] is None
    assert found["per_class"] == {
        "a": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1},
        "b": {"precision": 0.0, "recall": None, "f1": 0.0, "support": 0},
    }
    assert classification_metrics(np.array(["c", "c"]), probabilities, CLASSES)["log_loss"] is None


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_precision_recall_f1_and_roc_auc_are_those_of_scikit_learn(n_classes):
    rng = np.random.default_rng(n_classes)
    y, classes = rng.integers(n_classes, size=60), np.arange(n_classes)
    probabilities = rng.dirichlet(np.ones(n_classes), 60)
    found = classification_metrics(y, probabilities, classes)
    expected = precision_recall_fscore_support(y, probabilities.argmax(1), labels=classes)
    for label, values in zip(classes, np.transpose(expected), strict=True):
        assert list(found["per_class"][str(label)].values()) == pytest.approx(values)
    scores = probabilities[:, 1] if n_classes == 2 else probabilities
    area = roc_auc_score(y, scores, multi_class="ovr", labels=classes)
    assert found["roc_auc"] == pytest.approx(area)
    truths = (y[:, None] == classes)[:, 1:] if n_classes == 2 else y[:, None] == classes
    precisions = average_precision_score(truths, scores if n_classes > 2 else scores[:, None])
    assert found["pr_auc"] == pytest.approx(precisions)
    if n_classes == 2:
        assert found["brier"] == pytest.approx(brier_score_loss(y, scores))
    else:
        assert found["brier"] == pytest.approx(((probabilities - truths) ** 2).sum(1).mean())


def test_the_calibration_error_compares_probabilities_with_shares():
    y = np.repeat(["a", "b"], [60, 40])
    for p, error in ((0.6, 0.0), (0.75, 0.15), (1.0, 0.4)):
        found = classification_metrics(y, np.tile([p, 1 - p], (100, 1)), CLASSES)
        assert found["calibration_error"] == pytest.approx(error)
    none = classification_metrics(np.array(["c"]), np.array([[0.5, 0.5]]), CLASSES)
    assert none["brier"] is None
    assert none["calibration_error"] is None


def test_metrics_by_threshold_are_those_of_the_predictions_above_it():
    rng = np.random.default_rng(0)
    y, p = rng.choice(CLASSES, 50), rng.uniform(size=50)
    found = classification_metrics(y, np.c_[1 - p, p], CLASSES)["by_threshold"]
    assert [line["threshold"] for line in found] == pytest.approx(np.arange(1, 10) / 10)
    for line in found:
        prediction = CLASSES[(p > line["threshold"]).astype(int)]
        assert line["share"] == (prediction == "b").mean()
        expected = precision_recall_fscore_support(y, prediction, labels=["b"])
        for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
            assert line[name] == pytest.approx(value[0])
    three = classification_metrics(y, np.ones((50, 3)) / 3, np.array(["a", "b", "c"]))
    assert "by_threshold" not in three


def test_metrics_of_numbers():
    y = np.array([0.0, 1.0, 2.0, 3.0])
    found = regression_metrics(y, np.array([0.0, 1.0, 3.0, 0.0]))
    assert found["mae"] == 1.0
    assert found["rmse"] == pytest.approx(10**0.5 / 2)
    assert found["r2"] == pytest.approx(1 - 10 / 5)
    assert found["absolute_error"]["50%"] == 0.5
    assert found["absolute_error"]["max"] == 3.0
    assert regression_metrics(y[:1], y[:1])["r2"] is None


def test_a_model_is_evaluated_by_what_it_predicts():
    x = np.arange(8.0)[:, None]
    classifier = LogisticRegression().fit(x, x[:, 0] > 3)
    assert evaluate(classifier, x, x[:, 0] > 3) == classification_metrics(
        x[:, 0] > 3, classifier.predict_proba(x), classifier.classes_
    )
    regressor = LinearRegression().fit(x, x[:, 0])
    metrics = evaluate(regressor, x, x[:, 0])
    assert metrics[main_metric(metrics)] == pytest.approx(1)


def test_probabilities_are_better_if_their_log_loss_is_lower():
    assert has_better_probabilities({"log_loss": 0.1}, {"log_loss": 0.2}, 0.05)
    assert not has_better_probabilities({"log_loss": 0.1}, {"log_loss": 0.12}, 0.05)
    assert not has_better_probabilities({"log_loss": None}, {"log_loss": 0.2}, 0.05)
    assert not has_better_probabilities({"r2": 1.0}, {"r2": 0.5}, 0.05)
