"""Malformed requests: each is answered, or refused in one sentence; none is an internal error.

`tests/fuzzing.py` runs the cases.
"""

import json
import warnings

import numpy as np
import pyarrow as pa
import pyarrow.csv

from http_client import ARROW, CSV, Client, stream
from jubako import TabularClassifier
from jubako.serve.app import build
from jubako.serve.limits import Limits
from jubako.serve.model_file import ModelFile

VALUES = [
    *(None, True, 0, -1, 1.5, 1e300, 10**30, 10**400, "", " ", "a", "b", "NA", "1,5", "50%"),
    *("2026-01-05", "31.12.2025", "\ud800", "\0", "x" * 3000, "赤", [], [1], {}, {"a": 1}, "NaN"),
]
QUERIES = ["", "", "", "?interval=0.9", "?proba=1", "?contributions=true", "?interval=", "?x=1"]
QUERIES += ["?interval=0.9,1e-300", "?proba=%00", "?interval=%ff", "?contributions=1&proba=1"]
KINDS = ["application/json", CSV, ARROW, "application/vnd.apache.arrow.file"]
CHARSETS = "utf-8", "cp932", "utf-16", "klingon", "utf-7", "rot13", "base64", "idna", ""


def prepare(folder):
    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "n": rng.normal(size=60).round(2),
            "c": ["a", "b", "NA"] * 20,
            "d": pa.array(np.arange(20000, 20060), pa.int32()).cast(pa.date32()),
            "t": [True, False, None] * 20,
            "s": [f"{i}%" for i in range(60)],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = TabularClassifier("fast", n_folds=2, random_state=0).fit(table, ["x", "y"] * 30)
    model.save(folder / "m.jubako")
    app = build(ModelFile(folder / "m.jubako", print), Limits(rows=50, megabytes=0.2))
    return Client(None, app), table


def attempt(prepared, rng):
    client, table = prepared
    kind = str(rng.choice(KINDS))
    body = damaged(rng, body_of(rng, kind, table))
    sent = str(rng.choice(KINDS)) if rng.uniform() < 0.1 else kind
    if rng.uniform() < 0.2:
        sent += f"; charset={rng.choice(CHARSETS)}"
    headers = {"Content-Type": sent, "Accept": str(rng.choice([*KINDS, "*/*", ";q=", "a/b;q=x"]))}
    headers["Accept-Language"] = str(rng.choice(["ja", "en", "", "ja;q=,,", "*"]))
    query = str(rng.choice(QUERIES))
    answer = client.post(f"/predict{query}", content=body, headers=headers)
    assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.text
    if answer.status_code != 200:
        assert list(answer.json()) == ["error"]
        assert answer.json()["error"]
    elif answer.headers["content-type"] == "application/json":
        json.loads(answer.content, parse_constant=lambda word: 1 / 0)


def body_of(rng, kind, table):
    """Draw rows, some of them with wrong values, names or shapes."""
    rows = table.slice(int(rng.integers(60)), int(rng.choice([0, 1, 2, 7, 60])))
    if kind == "application/json":
        records = json.loads(json.dumps(rows.to_pylist(), default=str))
        for record in records:
            if rng.uniform() < 0.5:
                record[str(rng.choice(["n", "c", "d", "t", "s", "z", ""]))] = drawn(rng)
            if rng.uniform() < 0.1:
                record.pop("n", None)
        if rng.uniform() < 0.2 and records:
            records = {name: [record.get(name) for record in records] for name in records[0]}
        if rng.uniform() < 0.1:
            records = drawn(rng)
        return json.dumps(records).encode()
    for i in range(rows.num_columns):
        if rng.uniform() < 0.1:
            texts = [str(drawn(rng)).replace("\ud800", "?") for _ in range(len(rows))]
            values = pa.array(texts, pa.string())
            rows = rows.set_column(i, str(rng.choice([rows.column_names[i], "n", "q"])), values)
    if kind == CSV:
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(rows, sink)
        return sink.getvalue().to_pybytes()
    return stream(rows, [None, None, None, "zstd"][rng.integers(4)])


def drawn(rng):
    value = VALUES[rng.integers(len(VALUES))]
    return value if value != "\ud800" or rng.uniform() < 0.5 else "ok"


def damaged(rng, body):
    """Return the bytes as they are, or cut, or with some changed, doubled or left out."""
    body = bytearray(body)
    for _ in range(int(rng.choice([0, 0, 1, 1, 2, 8]))):
        at, n = (int(x) for x in rng.integers(0, max(1, len(body)), 2))
        match rng.integers(5):
            case 0:
                del body[at:]
            case 1 if body:
                body[at] = int(rng.integers(256))
            case 2:
                body[at:at] = body[at : at + n % 50]
            case 3:
                del body[at : at + n % 50]
            case 4:
                marks = [b"{", b"[", b'"', b";", b",", b"\n", b"\0", b"\xff", b"NaN", b"\\ud800"]
                body[at:at] = marks[rng.integers(len(marks))]
    return bytes(body)
