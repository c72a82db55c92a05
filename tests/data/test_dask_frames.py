"""A DataFrame of dask is a table: it is computed where its rows are needed."""

import numpy as np
import pandas as pd
import pytest

from jubako import TabularClassifier
from jubako.data.readers.frames import to_table
from jubako.estimators import SingleNetworkRegressor

dd = pytest.importorskip("dask.dataframe")

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"size": RNG.normal(size=90), "color": RNG.choice(["red", "blue"], 90), "n": range(90)}
)
FRAME["kind"] = np.where(FRAME["size"] > 0, "a", "b")
DASK = dd.from_pandas(FRAME, npartitions=4)


def test_a_frame_becomes_the_table_of_pandas():
    assert to_table(DASK).equals(to_table(FRAME))


def test_estimators_take_frames_of_dask(monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (3, 3))
    X, y = FRAME[["size", "color"]], FRAME["kind"]
    lazy_X, lazy_y = DASK[["size", "color"]], DASK["kind"]
    model = TabularClassifier("fast", n_folds=2, random_state=0)
    expected = model.fit(X, y).predict_proba(X)
    model.fit(lazy_X, lazy_y)
    assert model.feature_names_in_.tolist() == ["size", "color"]
    np.testing.assert_array_equal(model.predict_proba(lazy_X), expected)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    assert model.score(lazy_X, lazy_y) == model.score(X, y)


def test_one_network_takes_frames_of_dask():
    X, lazy_X = FRAME[["size", "color"]], DASK[["size", "color"]]
    expected = SingleNetworkRegressor(random_state=0, max_iter=3).fit(X, FRAME["n"]).predict(X)
    model = SingleNetworkRegressor(random_state=0, max_iter=3).fit(lazy_X, DASK["n"])
    np.testing.assert_array_equal(model.predict(lazy_X), expected)
