import json

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given, settings

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense
from jubako.core.losses import LOSSES, SquaredError
from jubako.core.network import Network
from jubako.data.casting.reading import Reading, cast
from jubako.data.casting.values import plain
from jubako.data.column_encoding import COLUMNS
from jubako.data.target import ClassTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.export.formats import export_model
from jubako.export.onnx import activations, columns, layers
from jubako.export.onnx.model import to_onnx
from jubako.model.errors import ModelFileError
from jubako.model.features import Features
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.model.schema import Schema
from jubako.model.training_log import TrainingLog
from jubako.model.training_step import TrainingStep
from random_models import array_model, fitted_schema, random_model, random_table
from strategies import SEEDS, case, networks

N_TESTED = 60
MISSING_TIME = -(2**63)


def values_of(column, table):
    """Return a column as the inputs of the exported model, shape (N, 1)."""
    values = cast(table[column.name], column.reading, column.name)
    if column.reading_kind == "numeric":
        return np.array(values.cast(pa.float64()).to_numpy(), float)[:, None]
    if column.reading_kind == "date":
        counts = [MISSING_TIME if np.isnan(s) else round(s * 1e6) for s in column.seconds(values)]
        return np.array(counts, np.int64)[:, None]
    texts = ["" if value is None else str(value) for value in plain(table[column.name]).to_pylist()]
    return np.array(texts, object)[:, None]


def session_of(exported):
    """Open an exported model with onnxruntime."""
    return onnxruntime.InferenceSession(exported.SerializeToString())


def run(session, given):
    """Predict with onnxruntime, and return the outputs by name."""
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, given), strict=True))


def check_parity(model, session, table):
    """Compare predictions with those of the model."""
    got = run(session, {column.name: values_of(column, table) for column in model.columns})
    compare(model, got, table)


def compare(model, got, x):
    if model.task == "regress":
        expected = model.predict(x)
        assert got["prediction"].shape == expected.shape
        assert got["prediction"].dtype == np.float64
        scale = getattr(model.target, "scale", 1.0)
        np.testing.assert_allclose(got["prediction"], expected, rtol=1e-5, atol=1e-5 * scale)
        return
    p = model.predict_proba(x)
    assert got["probabilities"].shape == p.shape
    np.testing.assert_allclose(got["probabilities"], p, rtol=1e-5, atol=1e-6)
    expected = model.predict(x)
    if model.target.kind != "multilabel":
        expected = np.array([str(label) for label in expected.tolist()], object)
    clear = abs(p - 0.5).min(axis=1) > 1e-5 if p.shape[1] < 3 else np.ptp(p, axis=1) >= 0
    assert got["prediction"].shape == expected.shape
    assert (got["prediction"] == expected)[clear].all()


# What there must be


def test_every_layer_activation_loss_and_column_has_an_exporter():
    assert set(activations.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(layers.LAYERS) == set(LAYERS.values())
    assert set(layers.LOSSES) == set(LOSSES.values())
    assert set(columns.COLUMNS) | set(columns.TOGETHER) == set(COLUMNS.values())


def test_what_has_no_exporter_is_refused_by_name(monkeypatch):
    monkeypatch.delitem(activations.ACTIVATIONS, "tanh")
    net = Network((Dense(2, 1, "tanh"),), SquaredError())
    with pytest.raises(ModelFileError, match="there is no exporter of the activation 'tanh'"):
        to_onnx(array_model(net, np.zeros((1, 3))))


# The same predictions


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_keep_their_digits_far_from_zero_too(name):
    net = Network((Dense(1, 1, name),), SquaredError())
    model = array_model(net, np.array([[1.0, 0.0]], np.float32))
    x = np.r_[np.linspace(-100, 100, 2001), -1e4, 1e4, -1e-6, 1e-6].astype(np.float32)[:, None]
    got = run(session_of(to_onnx(model)), {"X": x.astype(float)})["prediction"]
    expected = ACTIVATIONS[name].value(x.astype(float))[:, 0]
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)


@given(networks(), SEEDS)
def test_any_network_predicts_the_same(net, seed):
    n_out = net.layers[-1].n_out
    target = None
    if net.loss.target == "class":
        kind = "binary" if n_out == 2 else "multiclass"
        target = ClassTarget(np.arange(n_out), kind)
    elif net.loss.target == "binary":
        target = ClassTarget(np.arange(n_out), "multilabel")
    for lead in ((1,), (3,)):
        for dtype in (np.float32, np.float64):
            drawn = case(net, seed, m=5, lead=lead, shared=True, dtype=dtype)
            model = array_model(net, drawn.theta, target)
            session = session_of(to_onnx(model))
            for x in (drawn.x, drawn.x[:1], drawn.x[:0]):
                got = run(session, {"X": x.astype(float)})
                if len(x):
                    compare(model, got, x)
                assert len(got["prediction"]) == len(x)


@settings(max_examples=30)
@given(SEEDS)
def test_any_table_and_model_predict_the_same(seed):
    rng = np.random.default_rng(seed)
    schema = fitted_schema(rng, random_table(rng, N_TESTED), codes=bool(rng.integers(2)))
    model = random_model(rng, schema, "classify" if rng.integers(2) else "regress")
    session = session_of(to_onnx(model))
    for n in (N_TESTED, 1, 0):
        check_parity(model, session, random_table(rng, n))
        check_parity(model, session, random_table(rng, n, seen=False))


@pytest.mark.parametrize("quantiles", [False, True])
def test_inputs_are_the_same_also_between_and_beyond_knots(quantiles):
    rng = np.random.default_rng(0)
    values = np.r_[rng.normal(size=500), [0.25] * 100, [1e300, -1e300]]
    table = pa.table(
        {"a": values, "b": np.round(values.clip(-9, 9)), "c": np.round(values.clip(-1, 1))}
    )
    schema = Schema.fit(Features(("a", "b", "c"), named=True), table, None, codes=True)
    n = schema.n_inputs
    net = Network((Dense(n, n),), SquaredError())
    theta = np.concatenate([np.eye(n).ravel(), np.zeros(n)])[None].astype(np.float32)
    candidate = random_model(rng, schema, "regress").networks[0].candidate
    fitted = FittedNetwork(
        net, theta, TrainingStep(None, 0.1), type(candidate)(quantiles=quantiles)
    )
    model = Model(
        target=UnscaledTarget(n), networks=[fitted], log=TrainingLog("epochs"), schema=schema
    )
    knots = np.array(schema.columns[0].knots)
    asked = np.r_[knots, (knots[1:] + knots[:-1]) / 2, values, np.inf, np.nan][: 2 * len(values)]
    asked = asked[~np.isinf(asked)]
    table = pa.table({name: pa.array(asked) for name in "abc"})
    got = run(session_of(to_onnx(model)), {name: asked[:, None] for name in "abc"})["prediction"]
    np.testing.assert_allclose(got, model.predict(table), rtol=2e-7, atol=1e-12)


def test_a_million_rows_predict_the_same():
    rng = np.random.default_rng(0)
    table = pa.table({"a": rng.normal(size=1_000_000), "b": np.resize(["x", "y", "z"], 1_000_000)})
    schema = Schema.fit(Features(("a", "b"), named=True), table[:1000], None, codes=True)
    model = random_model(rng, schema, "classify")
    check_parity(model, session_of(to_onnx(model)), table)


# The contract


def example():
    table = pa.table(
        {
            "length": pa.array(["1 kg", "2 kg", "4 kg"] * 9),
            "code": pa.array(["7", "8", None] * 9),
            "sold": pa.array([True, False, True] * 9),
            "day": pa.array(["2026-01-01", "2026-02-03", None] * 9),
        }
    )
    readings = {
        "length": Reading("numeric", unit="kg"),
        "code": Reading("categorical", declared=True),
        "sold": Reading("boolean"),
        "day": Reading("date", order="year first"),
    }
    schema = Schema.fit(Features(tuple(readings), named=True), table, readings, codes=True)
    return random_model(np.random.default_rng(2), schema, "classify"), table


def test_inputs_and_outputs_are_as_promised():
    model, _ = example()
    session = session_of(to_onnx(model))
    assert {i.name: (i.type, i.shape) for i in session.get_inputs()} == {
        "length": ("tensor(double)", ["N", 1]),
        "code": ("tensor(string)", ["N", 1]),
        "sold": ("tensor(string)", ["N", 1]),
        "day": ("tensor(int64)", ["N", 1]),
    }
    n_classes = len(model.classes)
    assert [(o.name, o.type, o.shape) for o in session.get_outputs()] == [
        ("prediction", "tensor(string)", ["N"]),
        ("probabilities", "tensor(double)", ["N", n_classes]),
    ]
    entries = session.get_modelmeta().custom_metadata_map
    assert json.loads(entries["classes"]) == model.classes.tolist()
    by_name = {entry["name"]: entry for entry in json.loads(entries["columns"])}
    assert by_name["length"] == {"name": "length", "type": "numeric", "unit": "kg"}
    assert by_name["day"]["zone"] == "local time, as if it were UTC"


def operators(graph):
    """Yield the operator set of each node, in subgraphs too."""
    for node in graph.node:
        yield node.domain
        for attribute in node.attribute:
            yield from operators(attribute.g)


def test_only_standard_operators_are_used_and_the_file_is_valid(tmp_path):
    model, _ = example()
    export_model(model, tmp_path / "a.onnx")
    onnx.checker.check_model(str(tmp_path / "a.onnx"), full_check=True)
    exported = onnx.load(tmp_path / "a.onnx")
    assert {o.domain: o.version for o in exported.opset_import} == {"": 20, "ai.onnx.ml": 4}
    assert set(operators(exported.graph)) <= {"", "ai.onnx.ml"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.onnx"]


def test_what_can_not_be_read_gives_no_answer():
    model, table = example()
    given = {column.name: values_of(column, table) for column in model.columns}
    given["length"][0], given["sold"][1] = np.inf, "perhaps"
    got = run(session_of(to_onnx(model)), given)
    assert np.isnan(got["probabilities"][:2]).all()
    assert np.isfinite(got["probabilities"][2:]).all()
    assert (got["prediction"][:2] == "").all()
    assert (got["prediction"][2:] != "").all()


def test_features_of_arrays_have_inputs_of_their_own_if_they_have_names():
    net = Network((Dense(2, 1, "tanh"),), SquaredError())
    model = array_model(net, np.array([[1.0, 2, 0.5]]), names=("長さ", "b c"))
    x = np.array([[0.1, 0.2], [0.3, -1]])
    got = run(session_of(to_onnx(model)), {"長さ": x[:, :1], "b c": x[:, 1:]})
    compare(model, got, x)


@pytest.mark.parametrize("name", ["prediction", "probabilities"])
def test_a_column_that_is_called_like_an_output_is_refused(name):
    net = Network((Dense(1, 1),), SquaredError())
    model = array_model(net, np.zeros((1, 2)), names=(name,))
    with pytest.raises(ModelFileError, match=f"an output is called '{name}': rename"):
        to_onnx(model)


def test_names_inside_give_way_to_those_of_columns():
    table = pa.table({"Cast_1": [1.0, 2, 3] * 9, "constant_1": [1.0, 5, 3] * 9})
    schema = Schema.fit(Features(tuple(table.column_names), named=True), table, None, codes=True)
    model = random_model(np.random.default_rng(0), schema, "regress")
    check_parity(model, session_of(to_onnx(model)), table)
