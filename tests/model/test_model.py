import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from jubako.core.layers import Dense
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.model.candidate import Candidate
from jubako.model.errors import ModelFileError
from jubako.model.features import Features
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import CHUNK, Model
from jubako.model.model_json import model_from_plain, model_to_plain
from jubako.model.schema import Schema
from jubako.model.training_log import TrainingLog
from jubako.model.training_step import TrainingStep

RNG = np.random.default_rng(0)
X = RNG.normal(size=(9, 3))
TABLE = pa.table({"a": X[:, 0], "b": X[:, 1], "color": np.resize(["red", "blue"], 9)})
SCHEMA = Schema.fit(Features(tuple(TABLE.column_names), named=True), TABLE, None, codes=True)
STEP = TrainingStep(None, 0.1, alpha=0.5, init="he")
LOG = TrainingLog("epochs")
TARGETS = {
    "two classes": (ClassTarget(np.array(["no", "yes"]), "binary"), BinaryCrossEntropy()),
    "three classes": (ClassTarget(np.array([1, 2, 5]), "multiclass"), CrossEntropy()),
    "labels": (ClassTarget(np.arange(2), "multilabel"), BinaryCrossEntropy()),
    "numbers": (UnscaledTarget(2), SquaredError()),
    "standardized": (NumericTarget(10.0, 2.0, 0.0, 20.0), SquaredError()),
}


def fitted(loss, n_in, n_out, weight=1.0, candidate=None, n_networks=2):
    """Return networks without a hidden layer, with random parameters."""
    net = Network((Dense(n_in, n_out),), loss)
    theta = RNG.normal(size=(n_networks, net.n_params))
    if candidate is None:
        return FittedNetwork(net, theta, STEP, weight=weight)
    net = candidate.network(n_in, 2, SCHEMA.levels, n_out, loss)
    theta = np.stack([net.init("he", RNG) for _ in range(n_networks)]).astype(np.float32)
    step = candidate.training_step(loss)
    return FittedNetwork(net, theta, step, candidate, weight, 0.5, 3, 2, 1.0)


def single(kind):
    target, loss = TARGETS[kind]
    n_out = getattr(target, "n_outputs", 1)
    return Model(target=target, networks=[fitted(loss, 3, n_out)], log=LOG)


def ensemble(task="classify"):
    target, loss = TARGETS["three classes" if task == "classify" else "standardized"]
    n_out = 3 if task == "classify" else 1
    candidates = Candidate((4,), "relu"), Candidate((), "identity", quantiles=False)
    networks = [
        fitted(loss, SCHEMA.n_inputs, n_out, weight, candidate)
        for weight, candidate in zip((0.25, 0.75), candidates, strict=True)
    ]
    temperature = 0.5 if task == "classify" else None
    return Model(target=target, networks=networks, log=LOG, schema=SCHEMA, temperature=temperature)


def outputs(network, x):
    """Compute the outputs of a network without a hidden layer, by hand."""
    parts = [network.net.views(theta)[0] for theta in network.theta]
    return np.stack([x @ p["w"] + p["b"] for p in parts])


def test_two_classes_have_the_probabilities_of_the_logistic_function():
    model = single("two classes")
    p = (1 / (1 + np.exp(-outputs(model.networks[0], X)))).mean(0)[:, 0]
    np.testing.assert_allclose(model.predict_proba(X), np.stack([1 - p, p], 1), rtol=1e-12)
    assert model.predict(X).tolist() == np.where(p > 0.5, "yes", "no").tolist()
    assert (model.task, model.output_names()) == ("classify", ["yes"])


def test_each_label_has_a_probability_of_its_own():
    model = single("labels")
    p = (1 / (1 + np.exp(-outputs(model.networks[0], X)))).mean(0)
    np.testing.assert_allclose(model.predict_proba(X), p, rtol=1e-12)
    np.testing.assert_array_equal(model.predict(X), p > 0.5)


def test_numbers_are_the_outputs():
    model = single("numbers")
    np.testing.assert_allclose(model.predict(X), outputs(model.networks[0], X).mean(0), rtol=1e-12)
    assert (model.task, model.classes) == ("regress", None)
    assert model.output_names("price") == ["price1", "price2"]


def test_standardized_numbers_are_predicted_in_the_target_s_unit_and_range():
    model = single("standardized")
    b = outputs(model.networks[0], X * 9).mean(0)[:, 0]
    expected = (10 + 2 * b).clip(0, 20)
    assert {0.0, 20.0} <= set(expected)
    np.testing.assert_allclose(model.predict(X * 9), expected, rtol=1e-12)


def saved_and_loaded(target):
    model = replace(ensemble("regress"), target=target)
    return model_from_plain(*model_to_plain(model)).target


def test_how_the_texts_of_a_target_are_read_is_saved_with_it():
    target = NumericTarget.fit(np.array(["1.234,5", "2.345,5", "10,5", "20,5"]), np.ones(4))
    again = saved_and_loaded(target)
    assert again == target
    assert again.encode(np.array(["1.234"])) == (1234 - target.center) / target.scale


def test_a_target_that_came_as_numbers_has_no_reading():
    target = NumericTarget.fit(np.array([1.5, 2, 3, 4]), np.ones(4))
    assert target.reading is None
    assert saved_and_loaded(target) == target
    words, arrays = model_to_plain(ensemble("regress"))
    assert "reading" not in words["target"]
    assert model_from_plain(words, arrays).target.reading is None


@pytest.mark.parametrize(
    "reading", [{"kind": "date"}, {"decimal": "x"}, {"other": 1}, 1, "numeric"]
)
def test_a_target_can_not_be_read_as_anything_else(reading):
    words, arrays = model_to_plain(ensemble("regress"))
    words["target"]["reading"] = reading
    with pytest.raises(ValueError, match=r"reading|marks|read as"):
        model_from_plain(words, arrays)


def test_an_ensemble_predicts_the_weighted_mean_of_its_networks():
    model = ensemble("regress")
    alone = [
        Model(target=model.target, networks=[network], log=LOG, schema=SCHEMA).predict_raw(TABLE)
        for network in model.networks
    ]
    mean = 0.25 * alone[0].astype(float) + 0.75 * alone[1].astype(float)
    np.testing.assert_allclose(model.predict_raw(TABLE), mean, rtol=1e-12)
    assert model.strongest is model.networks[1]


def test_a_temperature_below_one_makes_probabilities_sharper():
    model = ensemble()
    p = model.predict_raw(TABLE)
    np.testing.assert_allclose(
        model.predict_proba(TABLE), p**2 / (p**2).sum(1, keepdims=True), rtol=1e-9
    )
    assert model.predict(TABLE).tolist() == model.classes[p.argmax(1)].tolist()


def test_a_long_table_is_predicted_as_its_parts_are():
    model = ensemble("regress")
    rows = np.arange(CHUNK + 5) % 9
    np.testing.assert_array_equal(model.predict(TABLE.take(rows)), model.predict(TABLE)[rows])
    assert model.predict(TABLE.slice(0, 0)).shape == (0,)


def test_a_prediction_that_is_not_finite_is_refused():
    model = single("numbers")
    model.networks[0].theta[...] = 1e308
    with pytest.raises(ModelFileError, match="row 1 is not finite"):
        model.predict(X)


def test_a_step_has_the_rows_as_the_strongest_network_takes_them():
    model = ensemble()
    problem = model.problem(TABLE, [1, 2, 5] * 3)
    assert problem.net is model.strongest.net
    np.testing.assert_array_equal(problem.x, SCHEMA.encode(TABLE))
    np.testing.assert_array_equal(problem.y, np.arange(9)[:, None] % 3)
    assert model.input_names == ["a", "b", "color"]
    assert single("numbers").problem(X, X[:, :2]).alpha == 0.5


@pytest.mark.parametrize("kind", [*TARGETS, "ensemble", "ensemble of numbers"])
def test_a_description_makes_the_same_model(kind):
    if kind in TARGETS:
        model, x, step = single(kind), X, STEP
    else:
        model, x, step = ensemble("regress" if "numbers" in kind else "classify"), TABLE, None
    words, arrays = model_to_plain(model)
    again = model_from_plain(json.loads(json.dumps(words)), arrays, step)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert model_to_plain(again)[0] == words
    assert (again.schema, again.temperature) == (model.schema, model.temperature)
    assert repr(again.log) == repr(LOG)  # since NaN is not NaN from Python 3.13 on


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"temperature": 0.001}, "the temperature 0.001"),
        ({"networks": []}, "positive with the sum one"),
        ({"schema": None}, "levels"),
        ({"feature_names": ["a", "b"]}, "feature names"),
        ({"target": {"coding": "unscaled", "n_outputs": 3, "counts": False}}, "does not suit"),
        ({"target": {"coding": "other"}}, "no coding"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(change, reason):
    words, arrays = model_to_plain(ensemble())
    with pytest.raises(ValueError, match=reason):
        model_from_plain(words | change, arrays)
