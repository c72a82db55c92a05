"""Whatever can't be predicted is refused in one sentence, in the language of the client."""

import json
import re
import threading

import pyarrow as pa
import pytest

from http_client import ARROW, CSV, stream
from jubako.serve import prediction
from jubako.serve.errors import language_of
from jubako.serve.limits import Limits

JSON = "application/json"


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    return answer.json()["error"]


ROW = '{"Art": "Apfel", "Gewicht": 1, "Anteil": "5%", "Tag": "31.12.2025", "reif": true}'


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "'request body' is not JSON: line 1, character 1 can't be read."),
        ("[", "not JSON: line 1"),
        ("[" * 100_000, "must be a list of rows"),
        ("7", "must be a list of rows"),
        ("{}", "has no column 'Art'"),
        ("[]", "'request body' has no rows."),
        ("[1]", "Row 1 is not an object"),
        ("[[]]", "Row 1 is not an object"),
        ("[{}]", "'request body' has no column 'Art': the model was trained with it."),
        (f"[{ROW.replace('Gewicht', 'gewicht')}]", "no column 'Gewicht': did you mean 'gewicht'?"),
        (f"[{ROW}, {{}}]", "Row 2 has no 'Art', but others have: write null"),
        (f"[{ROW}, {ROW[:-1]}, 1, 2]", "not JSON"),
        (f"[{ROW}, {ROW.replace('1,', 'NaN,')}]", "NaN is not allowed in JSON"),
        (f"[{ROW.replace('1,', '1e999,')}]", "Column 'Gewicht', row 1: a number is infinite"),
        (f"[{ROW.replace('1,', '1' + '0' * 400 + ',')}]", "a number is infinite"),
        (f"[{ROW.replace('1,', '9' * 5000 + ',')}]", "a number has too many digits"),
        (f"[{ROW.replace('1,', '[1],')}]", "'Gewicht', row 1: a list or an object"),
        (f"[{ROW}, {ROW.replace('1,', chr(34) + 'x' + chr(34) + ',')}]", 'row 2: "x" is not of'),
        (f"[{ROW.replace('1,', chr(34) + 'x' + chr(34) + ',')}]", "row 1: 'x' is not a number"),
        (f"[{ROW}, {ROW.replace('5%', '5')}]", "Column 'Anteil', row 2: '5' lacks the sign %"),
        (f"[{ROW.replace('31.12.2025', '2025-31-12')}]", "Column 'Tag', row 1"),
        (f"[{ROW.replace('Apfel', chr(92) + 'ud800')}]", "lone surrogate"),
        (ROW.replace("{", '[{"Art": "Birne", ') + "]", "the name 'Art' twice"),
        ('{"Art": [], "Gewicht": 1}', "has no column 'Anteil'"),
        (json.dumps(dict.fromkeys(["Art", "Gewicht", "Anteil", "Tag", "reif"], 1)), "as in"),
        (
            json.dumps({"Art": [1], "Gewicht": [], "Anteil": [1], "Tag": [1], "reif": [1]}),
            "has 0 values",
        ),
    ],
)
def test_json_that_is_no_rows(price, body, sentence):
    answer = price.post("/predict", content=body, headers={"Content-Type": JSON})
    assert sentence in refused(answer, 422)
    answer = price.post(
        "/predict", content=body, headers={"Content-Type": JSON, "Accept-Language": "ja"}
    )
    assert re.search("[ぁ-ん]", refused(answer, 422))


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        (b"", CSV, "'request body' is empty"),
        (b"Art;Gewicht\n", CSV, "has no column|has a header but no rows"),
        (b"PAR1xxxxxxxxxxxxxxxxxxxxxxxx", CSV, "not CSV"),
        (b'{"a": 1}\n', CSV, "not CSV"),
        (b"a,b\n1\n2,3,4\n", CSV, "fields, but the header has"),
        (b"x", ARROW, "was sent as an Arrow stream, but is not one"),
        (b"", ARROW, "was sent as an Arrow stream, but is not one"),
        (b"\xff\xff\xff\xff\x10\0\0\0" + b"\1" * 40, ARROW, "damaged"),
        (b"ARROW1\0\0\xff\xff\xff\xff", ARROW, "damaged"),
    ],
)
def test_csv_and_arrow_that_are_no_rows(price, body, kind, sentence):
    answer = price.post("/predict", content=body, headers={"Content-Type": kind})
    assert re.search(sentence, refused(answer, 422))


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_arrow_that_would_expand(price, compression):
    tables = [pa.table({"Art": ["x" * 1000] * 100})]
    tables.append(pa.table({"Art": tables[0]["Art"].dictionary_encode()}))
    for table in tables:
        answer = price.post(
            "/predict", content=stream(table, compression), headers={"Content-Type": ARROW}
        )
        assert "compressed buffers" in refused(answer, 422)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("intervall=0.9", "There is no parameter 'intervall': there are interval, proba"),
        ("interval=2", "interval='2' is not a coverage"),
        ("interval=x", "interval='x' is not a coverage"),
        ("interval=nan", "interval='nan' is not a coverage"),
        ("interval=" + ",".join(["0.9"] * 50), "is not a coverage"),
        ("interval=0.999999", "0.999999|held-out"),
        ("contributions=perhaps", "contributions='perhaps' must be true or false."),
        ("proba=true", "this model is a regressor"),
    ],
)
def test_parameters(price, query, sentence):
    answer = price.post(f"/predict?{query}", content=f"[{ROW}]", headers={"Content-Type": JSON})
    assert re.search(sentence, refused(answer, 400))


def test_formats_and_compression(price):
    assert "send one of application/json" in refused(price.post("/predict", content="a"), 415)
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    assert "compressed" in refused(price.post("/predict", content="a", headers=headers), 415)


def test_pages_and_methods(price):
    assert "no page '/x': POST rows to /predict" in refused(price.get("/x"), 404)
    assert refused(price.get("/predict"), 405) == "'/predict' is not for GET, but for POST."
    assert price.request("DELETE", "/health").headers["allow"]


def test_limits(client_of, folder):
    client = client_of(folder / "price.jubako", Limits(rows=3, megabytes=0.001))
    rows = json.dumps([json.loads(ROW)] * 4)
    answer = client.post("/predict", content=rows, headers={"Content-Type": JSON})
    assert "more than 3 rows" in refused(answer, 413)
    answer = client.post("/predict", content=rows * 5, headers={"Content-Type": JSON})
    assert "more than 0.001" in refused(answer, 413)
    text = "Art;Gewicht;Anteil;Tag;reif\n" + "Apfel;1;5%;31.12.2025;yes\n" * 4
    answer = client.post("/predict", content=text, headers={"Content-Type": CSV})
    assert "more than 3 rows" in refused(answer, 413)


def test_a_service_that_is_busy_or_slow(client_of, folder, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(prediction, "predicted", lambda *_: go_on.wait(20))
    client = client_of(folder / "price.jubako", Limits(seconds=0.5, waiting=1))
    threading.Timer(1, go_on.set).start()
    asked = "POST", "/predict", {"content": f"[{ROW}]", "headers": {"Content-Type": JSON}}
    slow, busy = client.at_once(asked, asked)
    assert "The service is busy: 1 requests" in refused(busy, 503)
    assert busy.headers["retry-after"] == "1"
    assert "longer than 0.5 s" in refused(slow, 503)


def test_an_internal_error_is_one_sentence_too(client_of, folder, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(prediction, "predicted", fail)
    client = client_of(folder / "price.jubako", raise_errors=False)
    answer = client.post("/predict", content=f"[{ROW}]", headers={"Content-Type": JSON})
    assert refused(answer, 500).startswith("Internal error (ZeroDivisionError).")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,en;q=0.5", "ja"),
        ("en,ja;q=0.5", "en"),
        ("fr", "en"),
        ("ja;q=0", "en"),
        ("ja;q=x", "en"),
        (";;,,q=1", "en"),
        ("ja;q=0.1,en;q=0.10.1", "ja"),
    ],
)
def test_the_language_of_a_client(accepted, language):
    assert language_of(accepted) == language
