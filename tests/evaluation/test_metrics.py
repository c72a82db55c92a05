import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

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
    assert found["recall"] == {"a": 0.5, "b": 1.0}


def test_unknown_labels_count_as_wrong_and_not_for_the_log_loss():
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    found = classification_metrics(np.array(["a", "c"]), probabilities, CLASSES)
    assert found["accuracy"] == 0.5
    assert found["log_loss"] == pytest.approx(-np.log(0.8))
    assert found["recall"] == {"a": 1.0, "b": None}
    assert classification_metrics(np.array(["c", "c"]), probabilities, CLASSES)["log_loss"] is None


def test_metrics_of_numbers():
    y = np.array([0.0, 1.0, 2.0, 3.0])
    found = regression_metrics(y, np.array([0.0, 1.0, 3.0, 0.0]))
    assert found["mean_absolute_error"] == 1.0
    assert found["r2"] == pytest.approx(1 - 10 / 5)
    assert found["error_within"]["half"] == 0.5
    assert found["error_within"]["all"] == 3.0
    assert regression_metrics(y[:1], y[:1])["r2"] is None


def test_a_model_is_evaluated_by_what_it_predicts():
    x = np.arange(8.0)[:, None]
    classifier = LogisticRegression().fit(x, x[:, 0] > 3)
    assert evaluate(classifier, x, x[:, 0] > 3) == classification_metrics(
        x[:, 0] > 3, classifier.predict_proba(x), classifier.classes_
    )
    regressor = LinearRegression().fit(x, x[:, 0])
    assert main_metric(evaluate(regressor, x, x[:, 0])) == pytest.approx(1)


def test_probabilities_are_better_if_their_log_loss_is_lower():
    assert has_better_probabilities({"log_loss": 0.1}, {"log_loss": 0.2}, 0.05)
    assert not has_better_probabilities({"log_loss": 0.1}, {"log_loss": 0.12}, 0.05)
    assert not has_better_probabilities({"log_loss": None}, {"log_loss": 0.2}, 0.05)
    assert not has_better_probabilities({"r2": 1.0}, {"r2": 0.5}, 0.05)
