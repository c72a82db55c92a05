"""The pages besides predictions: health, description, metrics, form; tokens and hosts."""

from base64 import b64encode

import pytest

ROUTES = "/health", "/schema", "/openapi.json", "/metrics", "/"


def test_health(price):
    words = price.get("/health").json()
    assert words["status"] == "ok"
    assert words["model"] == "price.jubako"
    assert words["refused"] is None


def test_the_description_has_columns_levels_and_outputs(price, classes):
    words = price.get("/schema").json()
    assert price.get("/openapi.json").json() == words
    assert words["openapi"] == "3.1.0"
    row = words["components"]["schemas"]["Row"]
    assert row["required"] == ["Art", "Gewicht", "Anteil", "Tag", "reif"]
    assert row["properties"]["Art"]["anyOf"][0] == {"enum": ["Apfel", "Birne", "NA", None]}
    assert row["properties"]["Anteil"]["examples"] == ["50%"]
    assert row["properties"]["Tag"]["description"].startswith("date, ")
    post = words["paths"]["/predict"]["post"]
    assert {parameter["name"] for parameter in post["parameters"]} == {"contributions", "interval"}
    words = classes.get("/schema").json()
    properties = words["components"]["schemas"]["Prediction"]["properties"]
    assert properties == {"Klasse": {"enum": ["billig", "teuer"]}}


def test_every_reference_of_the_description_is_there(price):
    words = price.get("/schema").json()

    def references(part):
        if isinstance(part, dict):
            yield from [part["$ref"]] if "$ref" in part else []
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                yield from references(inner)

    found = set(references(words))
    assert found
    for reference in found:
        place = words
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_metrics_count_requests_and_rows(price, rows):
    price.post("/predict", json=rows)
    price.post("/predict", content="x")
    price.get("/nowhere")
    text = price.get("/metrics").text
    assert 'jubako_requests_total{path="/predict",status="200"} 1.0' in text
    assert 'jubako_requests_total{path="/predict",status="415"} 1.0' in text
    assert 'jubako_requests_total{path="other",status="404"} 1.0' in text
    assert f"jubako_rows_total {len(rows)}.0" in text
    assert 'jubako_request_seconds_count{path="/predict"} 2.0' in text


def test_the_page_is_that_of_the_export(price):
    page = price.get("/", headers={"Accept-Language": "ja"})
    assert '<html lang="ja"' in page.text
    assert 'data-column="Gewicht"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_page_works_under_its_policy(price, browser):
    answer, wrong = price.get("/"), []
    page = browser.new_page()
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    served = {"headers": dict(answer.headers), "body": answer.text}
    page.route("**/*", lambda route: route.fulfill(**served))
    page.goto("http://localhost:8000/")
    before = page.inner_text("#prediction")
    page.fill("[data-column=Gewicht]", "8.5")
    page.wait_for_function("text => prediction.textContent !== text", arg=before)
    page.close()
    assert wrong == []


def test_a_token_protects_all_but_health(client_of, folder, rows):
    client = client_of(folder / "price.jubako", token="sësam")
    for route in ROUTES[1:]:
        answer = client.get(route)
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["www-authenticate"]
        assert answer.json()["error"].startswith("The service needs its token")
    assert client.get("/health").status_code == 200
    assert client.post("/predict", json=rows).status_code == 401
    token = "Bearer sësam".encode()
    assert client.post("/predict", json=rows, headers={"Authorization": token}).status_code == 200
    password = "Basic " + b64encode("anybody:sësam".encode()).decode()
    assert client.get("/", headers={"Authorization": password}).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic !", "Basic eDp5", "Digest sesame", "sesame"]
)
def test_wrong_tokens(client_of, folder, header):
    client = client_of(folder / "price.jubako", token="sesame")
    assert client.get("/", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:80", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("localhost.evil.example:80", 421),
        ("", 421),
        ("localhost:x", 421),
    ],
)
def test_a_local_service_is_not_reached_by_other_names(price, host, status):
    assert price.get("/health", headers={"Host": host}).status_code == status


def test_a_service_for_others_has_any_name(client_of, folder):
    client = client_of(folder / "price.jubako", local=False)
    assert client.get("/health", headers={"Host": "example.com"}).status_code == 200
