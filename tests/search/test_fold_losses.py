"""The loss by fold: its mean is the out-of-fold loss, whatever the rows and the metric."""

from itertools import permutations

import numpy as np
import pytest

from jubako import TabularClassifier, TabularRegressor, load

N = 300
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3))
NUMBERS = X[:, 0] * X[:, 1] + 0.1 * RNG.normal(size=N)
LABELS = np.where(NUMBERS > 0, "high", "low")


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (4, 4))


def fit(y, n_folds=5, seed=0, **given):
    of_class = TabularClassifier if y is LABELS else TabularRegressor
    metric = given.pop("eval_metric", None)
    model = of_class("fast", n_folds=n_folds, eval_metric=metric, random_state=seed)
    return model.fit(X, y, **given)


@pytest.mark.parametrize("metric", [None, "r2", "accuracy", "neg_mean_absolute_error"])
@pytest.mark.parametrize("n_folds", [2, 5])
def test_the_mean_over_folds_of_the_same_size_is_the_out_of_fold_loss(metric, n_folds):
    y = LABELS if metric == "accuracy" else NUMBERS
    log = fit(y, n_folds, eval_metric=metric).model_.log
    assert len(log.fold_losses) == n_folds
    if metric != "r2":  # whose reference is the mean of the fold
        np.testing.assert_allclose(np.mean(log.fold_losses), log.loss, rtol=1e-5)
    assert np.ptp(log.fold_losses) > 0


def test_weights_and_groups_and_a_saved_model_keep_it(tmp_path):
    w, groups = RNG.uniform(0.5, 2, N), np.arange(N) % 3
    model = fit(NUMBERS, sample_weight=w, groups=groups)
    log = model.model_.log
    by_group = [w[groups == g].sum() for g in range(3)]
    assert len(log.fold_losses) == 3
    assert any(
        np.isclose(np.average(log.fold_losses, weights=weights), log.loss, rtol=1e-5)
        for weights in permutations(by_group)
    )
    model.save(tmp_path / "m.jubako")
    assert load(tmp_path / "m.jubako").model_.log.fold_losses == log.fold_losses


def test_there_are_none_without_folds_or_where_the_metric_is_undefined():
    assert fit(NUMBERS, time=np.arange(N)).model_.log.fold_losses == []
    assert fit(NUMBERS, X_val=X[:50], y_val=NUMBERS[:50]).model_.log.fold_losses == []
    groups = np.where(LABELS == "high", 0, np.arange(N) % 2)  # one fold has only "low"
    assert fit(LABELS, groups=groups, eval_metric="roc_auc").model_.log.fold_losses == []
