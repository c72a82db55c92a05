import re

import pytest
from sklearn.datasets import load_iris

import jubako
from jubako.estimators.tracing import record
from jubako.explain.render.page import page
from jubako.explain.render.recording import recording_page
from jubako.explain.selection import choose
from jubako.i18n.numbers import format_significant

X, Y = load_iris(return_X_y=True, as_frame=True)
ROWS = [0, 60, 120]


@pytest.fixture(scope="module")
def model():
    options = {"max_iter": 5, "schedule": "cosine", "random_state": 0}
    return jubako.MLPClassifier((6,), **options).fit(X, Y)


@pytest.fixture(scope="module")
def film(model):
    return record(model, X, Y, steps=6)


@pytest.fixture
def show(browser, tmp_path):
    """Open a page; whatever goes wrong in the browser, or leaves the page, fails the test."""
    contexts, wrong = [], []

    def open_page(text, **options):
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        opened = context.new_page()
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("console", lambda message: wrong.append(message.text))
        opened.on(
            "request",
            lambda request: wrong.append(request.url) if request.url != path.as_uri() else None,
        )
        opened.goto(path.as_uri())
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def step(model):
    return jubako.trace(model, X.iloc[ROWS], Y.iloc[ROWS])


def test_a_number_opens_its_formula_and_that_leads_on(show, step):
    opened = show(page(step))
    opened.get_by_title("ud[2, h3]", exact=True).click()
    formula = opened.locator("[popover]:popover-open")
    assert formula.count() == 1
    assert formula.inner_text().split("\n")[:3] == [
        "ud[2, h3]",
        "=",
        format_significant(step.box(1).delta[1, 2], 6),
    ]
    formula.locator("table button").first.click()  # yd, of which it is made
    assert opened.locator("[popover]:popover-open").count() == 2
    assert "yd = y - yt" in opened.locator("[popover]:popover-open").last.inner_text()
    opened.keyboard.press("Escape")
    opened.keyboard.press("Escape")
    assert opened.locator("[popover]:popover-open").count() == 0


def test_units_of_the_picture_open_with_mouse_and_keyboard(show, step):
    opened = show(page(step))
    unit = opened.locator("svg .unit .r[data-f]:visible").nth(2)
    unit.locator(".fill").click()
    assert "u[1, h3]" in opened.locator("[popover]:popover-open").inner_text()
    opened.keyboard.press("Escape")
    unit.focus()
    assert opened.locator(".unit:focus-within .weight:visible").count() == 5  # 4 inputs, 1 bias
    opened.keyboard.press("Enter")
    assert "u[1, h3]" in opened.locator("[popover]:popover-open").inner_text()


def test_the_language_the_row_and_the_direction_are_changed_in_place(show, step):
    opened = show(page(step))
    heading = opened.locator("h1")
    assert heading.inner_text() == "One step of training"
    opened.get_by_label("日本語").check()
    assert heading.inner_text() == "学習の 1 ステップ"
    opened.get_by_label("行 2").check()
    value = opened.locator("svg .unit .r:visible .value").first
    assert value.text_content() == format_significant(X.iloc[60, 0])
    opened.get_by_label("逆伝播").check()
    deltas = opened.locator("svg:visible .unit .r:visible .value").all_text_contents()
    assert format_significant(step.box(1).delta[1, 0]) in deltas


def test_without_scripts_every_number_still_opens(show, step):
    opened = show(page(step), java_script_enabled=False)
    opened.get_by_title("dL/dv[sepal length (cm), h1]", exact=True).click()
    text = opened.locator("[popover]").filter(has_text="dL/dv[sepal length (cm), h1] =")
    assert text.first.is_visible()
    assert "✓" in text.first.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
def test_the_page_fits_its_window_in_light_and_dark(show, step, scheme, width, height):
    opened = show(page(step), viewport={"width": width, "height": height}, color_scheme=scheme)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = (
        sum(map(int, re.findall(r"\d+", color)[:3]))
        for color in opened.evaluate(
            "[getComputedStyle(document.querySelector('.jubako'))]"
            ".flatMap((style) => [style.color, style.backgroundColor])"
        )
    )
    assert (ink < 200 and paper > 600) if scheme == "light" else (ink > 600 and paper < 200)
    opened.get_by_title("a[1, h1]", exact=True).first.click()
    box = opened.locator("[popover]:popover-open").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height


def test_a_recording_steps_forward_and_back_to_the_same_numbers(show, film):
    view = choose(film.traces[-1], rows=[0, 50, 100])
    opened = show(recording_page(film, view))

    def numbers():
        return opened.locator("td, svg .value").all_text_contents()

    first = numbers()
    opened.get_by_label("Step forward").click()
    second = numbers()
    assert second != first
    assert opened.locator("output").inner_text() == "1 / 6"
    weight = opened.get_by_title("w_new[h1, 0]", exact=True)
    assert weight.inner_text() == format_significant(film.traces[1].box(2).parts["w"].after[0, 0])
    opened.get_by_label("Step back").click()
    assert numbers() == first
    opened.locator("h1").click()  # nothing that has keys of its own
    for _ in range(9):
        opened.keyboard.press("ArrowRight")
    assert opened.locator("output").inner_text() == "6 / 6"  # the last
    last = numbers()
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("ArrowRight")
    assert numbers() == last


def test_a_recorded_step_looks_like_the_page_of_its_trace(show, film):
    view = choose(film.traces[-1], rows=[0, 50, 100])
    opened = show(recording_page(film, view))
    for _ in range(4):
        opened.get_by_label("Step forward").click()
    stepped = opened.locator("section").all_inner_texts()
    alone = show(page(film.traces[4], view=view)).locator("section").all_inner_texts()
    assert stepped == alone


def test_a_recording_plays_to_its_end(show, film):
    opened = show(recording_page(film, choose(film.traces[-1])))
    opened.get_by_label("Play").click()
    opened.wait_for_function("document.querySelector('output').value === '6 / 6'")
    opened.wait_for_function(
        "document.querySelector('[data-do=play]').getAttribute('aria-pressed') === 'false'"
    )


# Large layers, part by part


@pytest.fixture(scope="module")
def wide():
    options = {"max_iter": 5, "schedule": "cosine", "random_state": 0}
    return jubako.MLPClassifier((24,), **options).fit(X, Y)


def units(opened):
    """The hidden units that the page shows."""
    return {text for text in opened.locator("th").all_inner_texts() if re.fullmatch(r"h\d+", text)}


def test_all_units_of_a_large_layer_are_on_the_page(show, wide):
    step = jubako.trace(wide, X.iloc[ROWS], Y.iloc[ROWS])
    opened = show(page(step))
    seen = [units(opened)]
    opened.get_by_role("radio", name="Backward").check()
    for n in (2, 3):
        opened.get_by_label("Next units").click()
        opened.wait_for_function(f"document.querySelector('p.few').innerText.includes('part {n}')")
        seen.append(units(opened))
    assert [len(names) for names in seen] == [10, 10, 4]
    assert set.union(*seen) == {f"h{i}" for i in range(1, 25)}
    name = min(seen[2], key=lambda name: int(name[1:]))
    opened.get_by_title(f"ud[1, {name}]", exact=True).first.click()
    formula = opened.locator("[popover]:popover-open")
    assert format_significant(step.box(1).delta[0, int(name[1:]) - 1], 6) in formula.inner_text()
    opened.keyboard.press("Escape")
    assert opened.get_by_role("radio", name="Backward").is_checked()  # as the reader had chosen
    opened.locator(".parts select").select_option("0")
    opened.wait_for_function("document.querySelector('p.few').innerText.includes('most active')")
    assert units(opened) == seen[0]


def test_a_recording_shows_the_same_step_of_other_units(show, wide):
    film = record(wide, X, Y, steps=6)
    first = choose(film.traces[-1], rows=[0, 50, 100])
    opened = show(recording_page(film, first))
    for _ in range(4):
        opened.get_by_label("Step forward").click()
    opened.get_by_label("Next units").click()
    opened.wait_for_function("document.querySelector('p.few').innerText.includes('part 2')")
    assert opened.locator("output").inner_text() == "4 / 6"
    view = choose(film.traces[-1], rows=[0, 50, 100], page=1)
    alone = show(page(film.traces[4], view=view))
    # which part is the most active one is said of the last step
    shown = opened.locator("section td").all_inner_texts()
    assert shown == alone.locator("section td").all_inner_texts()
    opened.get_by_label("Step forward").click()
    assert opened.locator("section td").all_inner_texts() != shown


def test_small_probabilities_fit_into_their_compartments(show):
    x = X.to_numpy()[:100]
    model = jubako.MLPClassifier((3,), max_iter=500, learning_rate_init=0.1, random_state=2)
    model.fit(x, Y[:100])
    opened = show(page(jubako.trace(model, x[[0, 60]], Y[[0, 60]])))
    longest, wider = opened.evaluate("""() => {
        const numbers = [...document.querySelectorAll("svg text.value")]
        const cells = numbers.map(text => text.closest("g.r").querySelector("rect"))
        const over = text => text.getBBox().x < cells[numbers.indexOf(text)].getBBox().x
        return [Math.max(...numbers.map(text => text.textContent.length)),
                numbers.filter(over).map(text => text.textContent)]
    }""")
    assert longest > 7  # 4.11e−05
    assert not wider
