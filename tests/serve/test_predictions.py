"""The same rows by JSON, CSV and Arrow get exactly what `jubako predict` writes for a file."""

import csv
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from command import jubako
from http_client import ARROW, CSV, stream
from jubako import load


def predicted(folder, model, data, *options):
    done = jubako("predict", f"{model}.jubako", data, *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def post(client, body, kind, query="", accept=CSV):
    headers = {"Content-Type": kind, "Accept": accept}
    answer = client.post(f"/predict{query}", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(accept)
    return answer


def table_of(folder):
    options = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
    parse = pyarrow.csv.ParseOptions(delimiter=";")
    table = pyarrow.csv.read_csv(folder / "table.csv", parse_options=parse, convert_options=options)
    return table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))


@pytest.mark.parametrize(
    ("model", "options", "query"),
    [
        ("price", ("--interval", "0.5,0.9"), "?interval=0.5,0.9"),
        ("class", ("--proba", "--interval", "0.8"), "?proba=true&interval=0.8"),
    ],
)
def test_csv_json_and_arrow_are_predicted_as_the_file(client_of, folder, model, options, query):
    client = client_of(folder / f"{model}.jubako")
    expected = predicted(folder, model, "table.csv", *options)
    body = (folder / "table.csv").read_bytes()
    assert post(client, body, CSV, query).text == expected
    cp1252 = body.decode().encode("cp1252")
    assert post(client, cp1252, "text/csv; charset=cp1252", query).text == expected
    table = table_of(folder)
    rows = table.to_pylist()
    assert post(client, json.dumps(rows), "application/json", query).text == expected
    columns = json.dumps(table.to_pydict())
    assert post(client, columns, "application/json", query).text == expected
    assert post(client, stream(table), ARROW, query).text == expected
    file = io.BytesIO()
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    kind = "application/vnd.apache.arrow.file"
    assert post(client, file.getvalue(), kind, query).text == expected


def test_typed_values_are_predicted_as_those_of_a_parquet_file(client_of, folder, tmp_path):
    n = 40
    table = pa.table(
        {
            "Art": pa.array(["Apfel", "Birne"] * 20).dictionary_encode(),
            "Gewicht": pa.array(np.linspace(1, 9, n)),
            "Anteil": pa.array(["12%"] * n),
            "Tag": pa.array(np.arange(20200, 20200 + n), pa.int32()).cast(pa.date32()),
            "reif": pa.array([True, None] * 20),
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "typed.parquet")
    expected = predicted(folder, "price", tmp_path / "typed.parquet")
    client = client_of(folder / "price.jubako")
    assert post(client, stream(table), ARROW).text == expected
    rows = [row | {"Tag": row["Tag"].strftime("%d.%m.%Y")} for row in table.to_pylist()]
    assert post(client, json.dumps(rows), "application/json").text == expected


def test_numbers_of_json_are_the_shortest_that_give_the_float32(price, folder):
    body = (folder / "table.csv").read_bytes()
    answer = post(price, body, CSV, accept="application/json").json()
    expected = csv.DictReader(io.StringIO(predicted(folder, "price", "table.csv")))
    assert [str(row["Preis"]) for row in answer["predictions"]] == [
        str(float(row["Preis"])) for row in expected
    ]
    assert answer["notes"] == []


def test_arrow_comes_back_as_a_stream(classes, folder):
    body = (folder / "table.csv").read_bytes()
    answer = post(classes, body, CSV, "?proba=true", ARROW)
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column_names == ["Klasse", "p(billig)", "p(teuer)"]
    assert table.num_rows == 90


@pytest.mark.parametrize("model", ["price", "class"])
def test_contributions_are_those_of_the_model(client_of, folder, rows, model):
    client = client_of(folder / f"{model}.jubako")
    answer = client.post("/predict?contributions=1", json=rows).json()["predictions"]
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    expected = load(folder / f"{model}.jubako").model_.contributions(table)
    for name, changes in expected.items():
        found = [row[f"contribution({name})"] for row in answer]
        np.testing.assert_allclose(found, changes, rtol=1e-6)


def test_one_row_and_many_get_the_same_prediction(price, rows):
    many = price.post("/predict", json=rows).json()["predictions"]
    alone = [price.post("/predict", json=[row]).json()["predictions"][0] for row in rows]
    expected = [row["Preis"] for row in alone]
    np.testing.assert_allclose([row["Preis"] for row in many], expected, rtol=1e-6)


def test_values_not_seen_in_training_are_noted_in_the_language_of_the_client(price, rows):
    row = rows[1] | {"Art": "Kiwi"}
    english = price.post("/predict", json=[row]).json()["notes"]
    assert english == ["1 row with a 'Art' that was not seen in training, such as 'Kiwi'."]
    japanese = price.post("/predict", json=[row], headers={"Accept-Language": "ja"}).json()
    assert "Kiwi" in japanese["notes"][0]
    assert "学習" in japanese["notes"][0]


def test_threads_that_predict_at_once_get_the_same_bits(client_of, folder, rows):
    from concurrent.futures import ThreadPoolExecutor

    from jubako.serve.model_file import load_model
    from jubako.serve.options import Options
    from jubako.serve.prediction import answer
    from jubako.serve.requests import JSON, Body

    loaded, options = load_model(folder / "price.jubako"), Options((0.9,), False, True)
    bodies = [Body(json.dumps(rows[i : i + 1 + i % 3]).encode(), JSON) for i in range(5)] * 3
    arguments = [(loaded, body, options, 100, JSON, "en") for body in bodies]
    expected = [answer(*given) for given in arguments[:5]] * 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda given: answer(*given), arguments)) == expected
