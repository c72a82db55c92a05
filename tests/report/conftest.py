"""Models and rows that the tests of reports share."""

import pytest

from house_prices import label_of, make_frame, price_of
from jubako import TabularClassifier, TabularRegressor


@pytest.fixture(scope="session")
def frame():
    return make_frame(0)


@pytest.fixture(scope="session")
def new():
    """Rows that the models have not seen."""
    return make_frame(1)


@pytest.fixture(scope="session")
def regressor(frame):
    return TabularRegressor("fast", n_folds=2, random_state=0).fit(frame, price_of(frame))


@pytest.fixture(scope="session")
def classifier(frame):
    return TabularClassifier("fast", n_folds=2, random_state=0).fit(frame, label_of(frame))


@pytest.fixture(scope="session")
def number_report(regressor, new):
    return regressor.report(new, price_of(new), rows=4)


@pytest.fixture(scope="session")
def class_report(classifier, new):
    return classifier.report(new, label_of(new), language="ja")
