import datetime
import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import jubako
from jubako.data.errors import TableError
from jubako.lab.configuration import Box, Setup
from jubako.lab.exports import lab_file, model_bytes, open_lab_file, python_lines
from jubako.lab.session import Session
from jubako.lab.uploaded_table import prepare_upload
from jubako.lab.uploads import read_upload

SETUPS = {
    "circle": Setup(seed=3),
    "raw": Setup(data="iris", scaled=False, rate=0.01, boxes=(Box(8, "relu"), Box(8, "tanh"))),
    "squares": Setup(data="iris", loss="squared_error", rate=0.01),
    "number": Setup(data="diabetes", loss="huber", solver="adam", rate=0.01, residual=True),
    "linear": Setup(data="wine", boxes=(), alpha=0.01),
    "uploaded": Setup(data="uploaded", target="kind", dropout=0.2, solver="nadam", rate=0.01),
}


def uploaded_fruit():
    table = pyarrow.csv.read_csv("docs/data/fruit.csv")
    return prepare_upload("docs/data/fruit.csv", table, "CSV, UTF-8")


@pytest.fixture(params=SETUPS)
def session(request):
    made = Session(SETUPS[request.param], uploaded_fruit() if request.param == "uploaded" else None)
    for _ in range(7):
        made.step_epoch()
    return made


def test_the_lines_of_python_lead_to_the_same_network(session, monkeypatch):
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")
    names = {}
    exec(python_lines(session), names)
    # both run the same lines; how BLAS adds up may depend on where an array lies in memory
    np.testing.assert_allclose(names["network"].theta_[0], session.theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(names["X"][names["train"]], session.data.x)


def test_the_model_file_predicts_what_the_lab_predicts(session, tmp_path):
    path = tmp_path / "model.jubako"
    path.write_bytes(model_bytes(session))
    model, data = jubako.load(path), session.data
    raw = isinstance(model, jubako.MLPClassifier | jubako.MLPRegressor)
    prediction = model.predict(data.x_test if raw else data.test.table)
    _, b = session.snapshot().outputs(data.x_test)
    if data.task == "regress":
        expected = b[:, 0] * data.scale + data.center
        np.testing.assert_allclose(prediction, expected, rtol=1e-6)  # encoded in float32 or 64
    elif prediction.ndim == 2:  # squares of classes
        assert np.array_equal(prediction.argmax(1), b.argmax(1))
    else:
        codes = b.argmax(1) if b.shape[1] > 1 else (b[:, 0] > 0.5).astype(int)
        assert np.array_equal(prediction, np.unique(data.y)[codes])


def test_a_lab_file_goes_on_to_the_last_bit(session):
    session.step_batch()
    saved = lab_file(session)
    other = Session()
    open_lab_file(other, saved)
    assert other.setup == session.setup
    assert other.points == session.points
    for made in (session, other):
        made.step_batch()
        made.step_epoch()
    assert np.array_equal(other.theta, session.theta)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 99),
        ("setup", {"rate": "fast"}),
        ("theta", [1.0, 2.0]),
        ("theta", None),
        ("order", [0, 0]),
        ("at", -1),
        ("steps", 1.5),
        ("points", []),
        ("table", {"name": "x", "parquet": "AAAA", "read_as": "", "n_rows": 1}),
    ],
)
def test_a_damaged_lab_file_is_refused_and_changes_nothing(name, value):
    session = Session(SETUPS["circle"])
    words = json.loads(lab_file(session))
    words[name] = value
    before = session.theta.copy()
    with pytest.raises((ValueError, TableError)):
        open_lab_file(session, json.dumps(words).encode())
    assert np.array_equal(session.theta, before)
    session.step_epoch()


def test_a_model_reads_values_as_the_lab_has_read_them(tmp_path):
    """1.234 was a thousand and more, and 03.04. the third of April: in the model file too."""
    rows = [f"1.{i:03d};{1 + i % 28:02d}.{1 + i % 12:02d}.2024;{i},5" for i in range(80)]
    content = "\n".join(["price;day;y", *rows, "2,25;31.12.2024;7,5"]).encode()
    uploaded = read_upload("shop.csv", content)
    session = Session(Setup(data="uploaded", target="y", boxes=(Box(3),)), uploaded)
    assert session.data.axes == ["price"]
    assert max(session.data.train.table["price"].to_pylist()) > 1000
    session.step_epoch()
    path = tmp_path / "m.jubako"
    path.write_bytes(model_bytes(session))
    model = jubako.load(path)
    as_written = pa.table({"price": ["1.005", "2,25"], "day": ["03.04.2024", "04.03.2024"]})
    typed = pa.table(
        {
            "price": [1005.0, 2.25],
            "day": pa.array([datetime.date(2024, 4, 3), datetime.date(2024, 3, 4)]),
        }
    )
    np.testing.assert_allclose(model.predict(as_written), model.predict(typed))
    other = Session()
    open_lab_file(other, lab_file(session))
    assert other.uploaded.readings == uploaded.readings
    path.write_bytes(model_bytes(other))
    assert jubako.load(path).columns_ == model.columns_
    (tmp_path / "shop.csv").write_bytes(content)
    program = python_lines(session)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert abs(float(done.stdout) - session.points[-1].test_score) < 1e-9


def test_an_uploaded_table_is_read(tmp_path):
    with open("docs/data/果物.csv", "rb") as file:
        uploaded = read_upload("../../果物.csv", file.read())
    assert uploaded.name == "果物.csv"
    assert uploaded.table.num_rows == uploaded.n_rows > 100


def test_an_uploaded_parquet_file_is_read(tmp_path):
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), path)
    assert read_upload("t.parquet", path.read_bytes()).table.column_names == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 100, b"a,b\n1,2,3\n", b"PAR1broken"])
def test_what_is_no_table_is_refused_in_one_sentence(content):
    with pytest.raises(TableError, match=r"^[^\n]+[.?]$"):
        read_upload("bad.csv", content)


def test_a_file_that_takes_too_long_is_given_up(monkeypatch):
    def slow(*_, timeout, **__):
        raise subprocess.TimeoutExpired("reader", timeout)

    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(TableError, match="more than 60 seconds"):
        read_upload("slow.csv", b"a,b\n1,2\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_a_file_that_takes_too_much_memory_is_given_up(monkeypatch):
    monkeypatch.setattr("jubako.lab.uploads.SECONDS", 30)
    rows = b"a,b\n" + b"1,2\n" * 100
    run = subprocess.run

    def poor(command, **options):
        code = (
            "import sys, jubako.lab.uploads as r; r.MEMORY = 1 << 20;"
            f"sys.exit(r.main(*{command[3:5]!r}))"
        )
        return run([sys.executable, "-c", code], **options)

    monkeypatch.setattr(subprocess, "run", poor)
    with pytest.raises(TableError, match="memory"):
        read_upload("large.csv", rows)
