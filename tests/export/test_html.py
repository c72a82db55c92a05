import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from axe_playwright_python.sync_playwright import Axe

from jubako import TabularClassifier, TabularRegressor
from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense
from jubako.core.losses import LOSSES, SquaredError
from jubako.core.network import Network
from jubako.data.casting.reading import cast
from jubako.data.casting.values import plain
from jubako.data.column_encoding import COLUMNS, fit_columns
from jubako.data.inference import infer_table
from jubako.export.html import html_page
from jubako.export.html_form import control
from jubako.model.errors import ModelFileError
from jubako.model.features import Features
from jubako.model.schema import Schema
from random_models import array_model, fitted_schema, random_model, random_table

N = 60
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(5, 2, N),
        "color": np.resize(["red", "<b>blue</b>", None, 'a"b'], N),
        "sold": RNG.uniform(size=N) > 0.5,
        "day": pd.date_range("2026-01-01", periods=N, freq="2D"),
        "moment": pd.date_range("2026-01-01", periods=N, freq="7h"),
        "clock": [pd.Timestamp(f"2026-01-01 {i % 24}:30").time() for i in range(N)],
        "trip": pd.to_timedelta(np.arange(N) % 7, "h"),
    }
)
NUMBER = FRAME["size"] * 100 + 30 * FRAME["sold"]


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor("fast", n_folds=2, random_state=0).fit(FRAME, NUMBER)


@pytest.fixture(scope="module")
def classifier():
    labels = np.resize(["low", "mid", "</script>"], N)
    return TabularClassifier("fast", n_folds=2, random_state=0).fit(FRAME, labels)


@pytest.fixture
def visit(browser, tmp_path):
    """Opens a page offline; errors and requests to anywhere fail the test."""
    contexts, wrong = [], []

    def open_page(model, target="", language="en", **options):
        path = tmp_path / "page.html"
        path.write_text(html_page(model, target, language), encoding="utf-8")
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: wrong.append(r.url) if not is_own(r.url, path) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def is_own(url, path):
    return url == path.as_uri()


def values_of(column, table):
    """Return a column as the script takes it."""
    values = cast(table[column.name], column.reading, column.name)
    if column.reading_kind == "numeric":
        return values.cast(pa.float64()).to_pylist()
    if column.reading_kind == "date":
        return [None if np.isnan(s) else float(s) for s in column.seconds(values)]
    return [None if v is None else str(v) for v in plain(table[column.name]).to_pylist()]


def predict_in(page, model, table):
    """Predict the rows of a table with the script of a page."""
    columns = {column.name: values_of(column, table) for column in model.columns}
    rows = [{name: v[i] for name, v in columns.items()} for i in range(table.num_rows)]
    return page.evaluate("rows => rows.map((row) => predict(model, row))", rows)


@pytest.mark.parametrize("seed", range(12))
def test_any_table_and_model_predict_the_same(visit, seed):
    rng = np.random.default_rng(seed)
    schema = fitted_schema(rng, random_table(rng, N), codes=bool(rng.integers(2)))
    model = random_model(rng, schema, "classify" if seed % 2 else "regress")
    page = visit(model)
    for table in (random_table(rng, N), random_table(rng, N, seen=False)):
        got = predict_in(page, model, table)
        if model.task == "regress":
            expected = model.predict(table)
            np.testing.assert_allclose([g["value"] for g in got], expected, rtol=1e-5, atol=3e-5)
        else:
            p = model.predict_proba(table)
            np.testing.assert_allclose([g["probabilities"] for g in got], p, rtol=1e-5, atol=1e-6)
            assert [g["value"] for g in got] == model.predict(table).tolist()


def test_every_layer_activation_loss_and_column_is_there(visit, regressor):
    page = visit(regressor.model_)
    names = page.evaluate("[LAYERS, ACTIVATIONS, MEANS, COLUMNS].map(Object.keys)")
    assert list(map(set, names)) == [set(t) for t in (LAYERS, ACTIVATIONS, LOSSES, COLUMNS)]
    a = np.r_[np.linspace(-9, 9, 181), -40, 40]
    for name, activation in ACTIVATIONS.items():
        got = page.evaluate(f"a => a.map((x) => ACTIVATIONS.{name}(x))", a.tolist())
        np.testing.assert_allclose(got, activation.value(a), rtol=1e-12, atol=1e-12)
    b = [0.3, -1.0, 2.0]
    for name, loss in LOSSES.items():
        got = page.evaluate(f"b => MEANS.{name}(b)", b)
        np.testing.assert_allclose(got, loss().mean(np.array(b)), rtol=1e-12)


def test_the_form_begins_with_typical_values_and_predicts_what_is_typed(visit, regressor):
    page = visit(regressor.model_, "price")
    assert page.locator("h1").inner_text() == "Prediction of price"
    page.get_by_label("size", exact=True).fill("7.5")
    page.get_by_label("color").select_option("<b>blue</b>")
    page.get_by_label("sold").select_option("yes")
    page.get_by_label("day").fill("2026-02-03")
    page.get_by_label("moment").fill("2026-01-05T10:30:00")
    page.get_by_label("clock").fill("09:15")
    page.get_by_label("trip").fill("7200")
    row = FRAME[:1].copy()
    row.loc[0, "size"], row.loc[0, "color"], row.loc[0, "sold"] = 7.5, "<b>blue</b>", True
    row.loc[0, "day"], row.loc[0, "moment"] = "2026-02-03", "2026-01-05 10:30"
    row.loc[0, "clock"] = pd.Timestamp("2026-01-01 09:15").time()
    row.loc[0, "trip"] = pd.Timedelta("2h")
    expected = f"{float(regressor.predict(row)[0]):.5g}"
    page.wait_for_function(f"document.querySelector('#prediction').textContent === '{expected}'")
    low, high = regressor.predict_interval(row, 0.9)[0]
    shown = [float(x.replace("−", "-")) for x in page.inner_text("#interval").split(" … ")]
    np.testing.assert_allclose(shown, [low, high], rtol=1e-4)
    changes = page.locator("#contributions li")
    assert changes.count() == len(FRAME.columns)
    names = [changes.nth(i).locator("span").first.inner_text() for i in range(changes.count())]
    median = row.assign(size=[regressor.columns_[0].center])
    change = regressor.predict(row)[0] - regressor.predict(median)[0]
    text = changes.nth(names.index("size")).locator("b").inner_text()
    np.testing.assert_allclose(float(text.replace("−", "-")), change, rtol=1e-3)


def test_an_empty_field_is_a_missing_value(visit, regressor):
    page = visit(regressor.model_)
    page.get_by_label("size", exact=True).fill("")
    page.get_by_label("color").select_option("red")
    row = page.evaluate("currentRow()")
    assert (row["size"], row["color"], row["sold"]) == (None, "red", None)


def test_a_value_that_can_not_be_read_gives_no_answer(visit, regressor):
    page = visit(regressor.model_)
    field = page.get_by_label("size", exact=True)
    field.fill("1e999")
    page.get_by_role("alert").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("1e3")
    page.get_by_role("alert").wait_for(state="hidden")
    assert page.get_by_text("Outside of the range").first.is_visible()


def test_classes_have_probabilities_and_a_set(visit, classifier):
    page = visit(classifier.model_, "level", "ja")
    page.get_by_label("size", exact=True).fill("4.5")
    items = page.locator("#probabilities li")
    assert items.count() == 3
    shown = [float(items.nth(i).locator("b").inner_text().rstrip(" %")) for i in range(3)]
    assert sum(shown) == pytest.approx(100, abs=0.2)
    assert shown == sorted(shown, reverse=True)
    assert page.inner_text("#prediction") == items.nth(0).locator("span").first.inner_text()
    assert re.search("[ぁ-ん]", page.inner_text("h1"))
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.get_by_text("English").click()
    assert page.inner_text("h1") == "Prediction of level"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(visit, classifier, scheme):
    page = visit(classifier.model_, "level", color_scheme=scheme)
    page.get_by_label("size", exact=True).fill("1e3")
    page.get_by_text("Outside of the range").first.wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_of_many_levels_names_are_completed_and_others_are_unknown(visit):
    table = pa.table({"code": [f"c{i // 4:03}" for i in range(1200)], "x": np.arange(1200) % 7})
    schema = Schema.fit(Features(("code", "x"), named=True), table, None, codes=True)
    model = random_model(np.random.default_rng(0), schema, "regress")
    page = visit(model)
    assert page.locator("datalist option").count() == 300
    for word in ("c123", "unknown"):
        page.get_by_label("code").fill(word)
        page.get_by_label("x", exact=True).fill("5")
        expected = model.predict(pa.table({"code": [word], "x": [5.0]}))[0]
        got = page.evaluate("predict(model, currentRow()).value")
        assert got == pytest.approx(expected, rel=1e-5)


def test_another_level_can_be_chosen_where_there_are_rare_ones(visit):
    words = [*["a", "bb"] * 20, "rare 1", "rare 2"]
    table = pa.table({"kind": words, "x": np.arange(42) % 7})
    schema = Schema.fit(Features(("kind", "x"), named=True), table, None, codes=True)
    model = random_model(np.random.default_rng(0), schema, "regress")
    page = visit(model, language="ja")
    page.get_by_label("kind").select_option("(その他)")
    page.get_by_label("x", exact=True).fill("5")
    expected = model.predict(pa.table({"kind": ["rare 1"], "x": [5.0]}))[0]
    assert page.evaluate("predict(model, currentRow()).value") == pytest.approx(expected, rel=1e-5)


def test_a_model_for_arrays_has_no_page():
    net = Network((Dense(2, 1),), SquaredError())
    with pytest.raises(ModelFileError, match="needs a model for tables"):
        html_page(array_model(net, np.zeros((1, 3))))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [1200, 390])
def test_the_page_fits_the_screen(visit, regressor, classifier, pictures, scheme, language, width):
    for name, model in (("number", regressor), ("class", classifier)):
        size = {"width": width, "height": 900}
        page = visit(model.model_, "price", language, viewport=size, color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if pictures:
            path = pictures / f"form-{name}-{language}-{scheme}-{width}.png"
            page.screenshot(path=path, full_page=True)


def test_the_field_of_a_column_of_zeros_and_ones_begins_with_the_more_frequent_one():
    table = pa.table({"workingday": pa.array([0.0] * 30 + [1.0] * 70)})
    (column,), _ = fit_columns(table, False, infer_table(table).readings)
    assert 'value="1"' in control(column, {})
