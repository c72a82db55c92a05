import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense
from jubako.core.losses import LOSSES, SquaredError
from jubako.core.network import Network
from jubako.data.casting.reading import cast
from jubako.data.casting.values import plain
from jubako.data.column_encoding import COLUMNS
from jubako.data.target import ClassTarget
from jubako.export import standalone
from jubako.export.formats import export_model
from jubako.model.errors import ModelFileError
from random_models import array_model, fitted_schema, random_model, random_table
from strategies import SEEDS, case, networks

N_TESTED = 60
RUN = """
import importlib.util, json, sys
sys.modules["jubako"] = None
spec = importlib.util.spec_from_file_location("model", sys.argv[1])
model = importlib.util.module_from_spec(spec)
spec.loader.exec_module(model)
ours = {"numpy", "json", "model", "importlib"}
for name in sys.modules:
    assert name.split(".")[0] not in ("scipy", "sklearn", "pyarrow", "pandas", "onnx"), name
for rows in json.load(sys.stdin):
    proba = model.predict_proba(rows).tolist() if model.model()[0]["task"] == "classify" else None
    print(json.dumps([model.predict(rows).tolist(), proba]))
"""


def values_of(column, table):
    """Return a column as a list that JSON can hold."""
    values = cast(table[column.name], column.reading, column.name)
    if column.reading_kind == "numeric":
        return values.cast(pa.float64()).to_pylist()
    if column.reading_kind == "date":
        return [None if np.isnan(s) else round(s * 1e6) for s in column.seconds(values)]
    return plain(table[column.name]).to_pylist()


def predict_with_numpy(path, requests):
    """Predict in a process that has NumPy and no Jubako."""
    command = [sys.executable, "-I", "-c", RUN, str(path)]
    given = json.dumps(requests)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(model, got, x):
    prediction, p = got
    expected = model.predict(x)
    if model.task == "regress":
        scale = getattr(model.target, "scale", 1.0)
        np.testing.assert_allclose(prediction, expected, rtol=1e-5, atol=1e-5 * scale)
        return
    np.testing.assert_allclose(p, model.predict_proba(x), rtol=1e-5, atol=1e-6)
    assert prediction == expected.tolist()


def test_every_layer_activation_loss_and_column_is_there():
    assert set(standalone.COLUMNS) == set(COLUMNS)
    assert set(standalone.LAYERS) == set(LAYERS)
    assert set(standalone.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(standalone.MEANS) == set(LOSSES)
    b = np.random.default_rng(0).normal(size=(5, 3))
    for name, loss in LOSSES.items():
        np.testing.assert_allclose(standalone.MEANS[name](b), loss().mean(b), rtol=1e-12)


def test_the_file_can_be_read_in_one_sitting():
    lines = Path(standalone.__file__).read_text(encoding="utf-8").splitlines()
    assert len(lines) < 300
    assert max(map(len, lines)) <= 100


@settings(max_examples=10)
@given(SEEDS)
def test_any_table_and_model_predict_the_same(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    schema = fitted_schema(rng, random_table(rng, N_TESTED), codes=bool(rng.integers(2)))
    model = random_model(rng, schema, "classify" if rng.integers(2) else "regress")
    path = tmp_path_factory.mktemp("python") / "model.py"
    export_model(model, path)
    tables = [random_table(rng, n, seen) for n in (N_TESTED, 1, 0) for seen in (True, False)]
    requests = [{c.name: values_of(c, table) for c in model.columns} for table in tables]
    for got, table in zip(predict_with_numpy(path, requests), tables, strict=True):
        if table.num_rows:
            compare(model, got, table)
        else:
            assert got[0] == []


@given(networks(), SEEDS)
def test_any_network_predicts_the_same(tmp_path_factory, net, seed):
    n_out = net.layers[-1].n_out
    target = None
    if net.loss.target == "class":
        target = ClassTarget(np.arange(n_out), "binary" if n_out == 2 else "multiclass")
    elif net.loss.target == "binary":
        target = ClassTarget(np.arange(n_out), "multilabel")
    drawn = case(net, seed, m=5, lead=(3,), shared=True, dtype=np.float32)
    model = array_model(net, drawn.theta, target)
    path = tmp_path_factory.mktemp("python") / "model.py"
    export_model(model, path)
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    names = {"__name__": "model", "__file__": str(path)}
    exec(code, names)
    rows = {"X": drawn.x}
    p = names["predict_proba"](rows) if model.task == "classify" else None
    compare(model, (names["predict"](rows).tolist(), p), drawn.x)


@pytest.mark.parametrize("arguments", [(), ("none.csv",)])
def test_the_program_states_how_it_is_used(tmp_path, arguments):
    net = Network((Dense(1, 1),), SquaredError())
    export_model(array_model(net, np.array([[2.0, 1.0]])), tmp_path / "m.py")
    done = subprocess.run(
        [sys.executable, "m.py", *arguments], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 1
    assert "python THIS_FILE table.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_names_of_columns_are_no_code(tmp_path):
    net = Network((Dense(1, 1),), SquaredError())
    name = '"""\nraise SystemExit(1)\n"""'
    export_model(array_model(net, np.array([[2.0, 1.0]]), names=(name,)), tmp_path / "m.py")
    ((prediction, _),) = predict_with_numpy(tmp_path / "m.py", [{name: [3.0]}])
    assert prediction == [7.0]


def test_what_has_no_exporter_is_refused_by_name(monkeypatch, tmp_path):
    monkeypatch.delitem(standalone.ACTIVATIONS, "tanh")
    net = Network((Dense(2, 1, "tanh"),), SquaredError())
    with pytest.raises(ModelFileError, match="there is no exporter of the activation 'tanh'"):
        export_model(array_model(net, np.zeros((1, 3))), tmp_path / "m.py")
    monkeypatch.delitem(standalone.MEANS, "squared_error")
    with pytest.raises(ModelFileError, match="there is no exporter of the loss 'squared_error'"):
        export_model(array_model(net, np.zeros((1, 3))), tmp_path / "m.py")
    assert list(tmp_path.iterdir()) == []
