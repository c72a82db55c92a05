"""scikit-learn's own checks of estimators, and those that fail here on purpose, with the reason."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import BaggingRegressor, StackingClassifier
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from jubako import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor

RAW = [
    SingleNetworkClassifier(8, max_iter=20, random_state=0),
    SingleNetworkRegressor(32, max_iter=100, random_state=0),
    TabularClassifier("fast", n_folds=2, random_state=0),
    TabularRegressor("fast", n_folds=2, random_state=0),
]
WEIGHTS_AND_REPEATS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight 2 is one row in a batch, or in a fold, where two rows are two: the "
        "networks start from the same weights but see other batches. MLPClassifier and "
        "MLPRegressor pass this check, because they train on all 15 rows at once."
    ),
}


def expected_failures(estimator):
    return WEIGHTS_AND_REPEATS if isinstance(estimator, tuple(map(type, RAW))) else {}


CHECKS = parametrize_with_checks(
    [MLPClassifier(), MLPRegressor(), *RAW], expected_failed_checks=expected_failures
)
names, cases = CHECKS.args  # scikit-learn 1.6 gives an iterator, which pytest 9.1 refuses


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:y has only one class"
)
@pytest.mark.parametrize(names, list(cases), **CHECKS.kwargs)
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)


# What the tags promise


@pytest.mark.parametrize("model", RAW, ids=lambda model: type(model).__name__)
def test_raw_tables_may_hold_missing_values_categories_and_texts(model):
    tags = get_tags(model).input_tags
    assert tags.allow_nan
    assert tags.categorical
    assert tags.string
    assert not tags.sparse


def table_with_holes():
    x = np.random.default_rng(0).normal(size=(40, 3))
    x[3, 0] = x[7, 2] = np.nan
    return x


@pytest.mark.parametrize("as_table", [np.asarray, pd.DataFrame], ids=["array", "frame"])
def test_sequential_feature_selection_takes_missing_values(as_table):
    x = table_with_holes()
    chosen = SequentialFeatureSelector(
        SingleNetworkRegressor((), max_iter=1000, random_state=0), n_features_to_select=1, cv=2
    ).fit(as_table(x), x[:, 1])
    assert chosen.get_support().tolist() == [False, True, False]


def test_ensembles_of_scikit_learn_take_missing_values_and_texts():
    x = table_with_holes()
    bagged = BaggingRegressor(
        SingleNetworkRegressor(4, max_iter=3, random_state=0), 2, random_state=0
    )
    assert bagged.fit(x, x[:, 1]).predict(x).shape == (40,)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(color=np.resize(["red", "blue"], 40))
    stacked = StackingClassifier(
        [(name, SingleNetworkClassifier(4, max_iter=3, random_state=0)) for name in "ab"], cv=2
    )
    assert stacked.fit(frame, x[:, 1] > 0).predict(frame).shape == (40,)
