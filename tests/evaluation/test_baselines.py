import numpy as np
import pytest

from jubako.evaluation.baselines import LINEAR, MAJORITY, MEAN, baselines

X = np.random.default_rng(0).normal(size=(60, 2))


def test_the_majority_class_and_a_linear_model_for_classes():
    y = np.where(X[:, 0] > 0.5, "a", "b")
    found = baselines(X[:40], y[:40], X[40:], y[40:], classify=True)
    assert list(found) == [MAJORITY, LINEAR]
    assert found[MAJORITY]["accuracy"] == np.mean(y[40:] == "b")
    assert found[LINEAR]["accuracy"] >= 0.9


def test_the_mean_and_a_linear_model_for_numbers():
    y = X @ [1.0, -2.0]
    found = baselines(X[:40], y[:40], X[40:], y[40:], classify=False)
    assert list(found) == [MEAN, LINEAR]
    expected = abs(y[40:] - y[:40].mean()).mean()
    assert found[MEAN]["mae"] == pytest.approx(expected)
    assert found[LINEAR]["r2"] > 0.99
