"""The columns of a table of predictions, their types and their names."""

import numpy as np
import pyarrow as pa
import pytest

from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from jubako.model.prediction_table import prediction_table

from .test_model import TABLE, ensemble

RNG = np.random.default_rng(0)
ROWS = pa.table({"x": RNG.normal(size=120), "id": np.arange(120)})
NUMBERS = 10 + ROWS["x"].to_numpy() + RNG.normal(size=120) / 10
FAST = {"n_folds": 2, "random_state": 0}


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor("fast", **FAST).fit(ROWS.select(["x"]), NUMBERS)


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier("fast", **FAST).fit(ROWS.select(["x"]), NUMBERS > 10)


def test_columns_that_are_kept_stand_first():
    found = prediction_table(ensemble("regress"), TABLE, "price", kept=["color", "a"])
    assert found.column_names == ["color", "a", "price"]
    assert found["color"].to_pylist() == TABLE["color"].to_pylist()


def test_numbers_are_in_float32():
    found = prediction_table(ensemble("regress"), TABLE, "price")["price"]
    assert found.type == pa.float32()


@pytest.mark.parametrize(("center", "scale"), [(1.7e9, 10.0), (-1.7e9, 10.0), (0.0, 1e31)])
def test_numbers_that_float32_can_not_represent_are_in_float64(center, scale):
    model = ensemble("regress")
    target = type(model.target)(center, scale, center - scale, center + scale)
    model = type(model)(target=target, networks=model.networks, log=model.log, schema=model.schema)
    found = prediction_table(model, TABLE, "price")["price"]
    assert found.type == pa.float64()
    np.testing.assert_array_equal(found.to_numpy(), model.predict(TABLE))


def test_labels_keep_their_type():
    model = ensemble()
    found = prediction_table(model, TABLE, "class")
    assert found.column_names == ["class"]
    assert found["class"].to_pylist() == model.predict(TABLE).tolist()
    assert found["class"].type == pa.int64()


def test_each_class_has_a_column_of_probabilities():
    model = ensemble()
    found = prediction_table(model, TABLE, "class", proba=True)
    assert found.column_names == ["class", "p(1)", "p(2)", "p(5)"]
    p = np.stack([found[name].to_numpy() for name in found.column_names[1:]], 1)
    np.testing.assert_array_equal(p, model.predict_proba(TABLE).astype(np.float32))
    assert found["class"].to_pylist() == model.predict(TABLE).tolist()


def test_a_prediction_does_not_replace_a_column_of_the_same_name():
    found = prediction_table(ensemble("regress"), TABLE, "a", kept=["a"])
    assert found.column_names == ["a", "predicted a"]
    assert found["a"].equals(TABLE["a"])


def test_intervals_stand_beside_the_prediction(regressor):
    model = regressor.model_
    found = prediction_table(model, ROWS, "y", kept=["id"], coverages=[0.5, 0.8])
    names = ["lower(0.5)", "upper(0.5)", "lower(0.8)", "upper(0.8)"]
    assert found.column_names == ["id", "y", *names]
    ends = model.predict_interval(ROWS, [0.5, 0.8]).astype(np.float32)
    for name, expected in zip(names, ends.transpose(2, 1, 0).reshape(4, -1), strict=True):
        np.testing.assert_array_equal(found[name].to_numpy(), expected)
    y = found["y"].to_numpy()
    np.testing.assert_array_equal(y, model.predict(ROWS).astype(np.float32))
    assert (ends[:, 0, 1] <= y).all()
    assert (y <= ends[:, 1, 1]).all()


def test_sets_list_their_classes(classifier):
    model = classifier.model_
    found = prediction_table(model, ROWS, "is high", coverages=[0.95])
    assert found.column_names == ["is high", "set(0.95)"]
    expected = {(False, False): "", (True, False): "False", (False, True): "True"}
    expected[True, True] = "False | True"
    sets = model.predict_set(ROWS, [0.95])[..., 0]
    assert found["set(0.95)"].to_pylist() == [expected[tuple(row)] for row in sets.tolist()]
    assert found["is high"].type == pa.bool_()


def test_a_table_without_a_column_of_the_model_is_refused():
    with pytest.raises(TableError, match="'color'"):
        prediction_table(ensemble(), TABLE.drop_columns(["color"]), "class")
