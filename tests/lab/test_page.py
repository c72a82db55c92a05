import re
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import jubako
from jubako.i18n.numbers import format_decimal
from jubako.lab.clients import Client
from jubako.lab.configuration import Box, Setup
from jubako.lab.lessons import LESSONS, begin
from jubako.lab.session import Session
from jubako.lab.tabs import TABS
from jubako.lab.trace_tab import next_step
from walk import do, wait_until

SHORT = Setup(data="xor", boxes=(Box(3, "tanh"),), epochs=30)


def query(setup):
    return f"&setup={setup.to_address()}"


def version(page):
    expect(page.locator("#main")).to_have_attribute("data-version", re.compile(r"\d+"))
    return page.locator("#main").get_attribute("data-version")


def until_news(page, before):
    expect(page.locator("#main")).not_to_have_attribute("data-version", before)


def act(page, action, answer=""):
    """Do on the page what a lesson's way says."""
    (kind, *words), before, epoch = action, version(page), page.inner_text("#s-epoch")
    if kind == "answer":
        page.fill("#answer", answer)
        page.press("#answer", "Enter")
        return
    target = page.locator(f"#{words[0]}")
    if kind == "choose":
        target.select_option(words[1])
    elif kind == "type":
        target.fill(words[1])
        target.press("Enter")
    else:
        target.click()
    if kind == "press" and words[0] == "run":
        end = int(page.input_value("#epochs")) + int(epoch)
        expect(page.locator("#s-epoch")).to_have_text(str(end), timeout=60_000)
        until_news(page, before)  # all of it, and not only what is shown at once
        expect(page.locator("#main")).to_have_attribute("data-running", "false")
    elif kind == "press" and words[0].startswith("tab-"):
        expect(target).to_have_attribute("aria-selected", "true")
    elif kind == "press" and re.fullmatch(r"t\d+-\d+", words[0]):
        layer, unit = words[0].removeprefix("t").split("-")
        expect(page.locator(f"#w-{int(layer) - 1}-b-0-{unit}")).to_be_visible()
    else:
        until_news(page, before)


def figures(session):
    last = session.points[-1]
    return format_decimal(last.loss), format_decimal(last.score, 3)


def shown(page):
    for name in ("#s-loss", "#s-score"):
        expect(page.locator(name)).not_to_be_empty()
    return page.inner_text("#s-loss"), page.inner_text("#s-score")


# Lessons


@pytest.mark.parametrize("key", LESSONS)
def test_a_lesson_is_walked_to_its_end(pupil, key):
    language, page = pupil
    alone, before = Client(Session(), language), version(page)
    page.select_option("#lesson", key)
    expect(page.locator("#h-lesson")).to_have_text(LESSONS[key].text(language).title)
    until_news(page, before)
    begin(alone, key)
    for action in LESSONS[key].solution:
        expect(page.locator("#done")).to_be_empty()
        do(alone, action)
        act(page, action, str(alone.answer).replace(".", "，" if language == "ja" else ","))
        # all that is shown is what the NumPy engine says, to the last digit shown
        assert shown(page) == figures(alone.session)
    expect(page.locator("#done")).not_to_be_empty()


# Training


def test_steps_forward_and_back_show_the_same_numbers(visit):
    page, alone = visit(query=query(SHORT)), Session(SHORT)
    page.click("#t1-0")
    weight = page.locator("#w-0-w-0-0")
    seen = [(*shown(page), weight.input_value())]
    for step in ("batch", "epoch", "batch"):
        act(page, ("press", f"step-{step}"))
        (alone.step_batch if step == "batch" else alone.step_epoch)()
        assert shown(page) == figures(alone)
        w = alone.layers[0].w(alone.net.views(alone.theta))[0, 0]
        expect(weight).to_have_value(f"{w:.6g}")
        seen.append((*shown(page), weight.input_value()))
    for before in seen[-2::-1]:
        act(page, ("press", "step-back"))
        expect(weight).to_have_value(before[-1])
        assert shown(page) == before[:2]


def test_the_trace_shows_the_next_step_as_the_numpy_engine_makes_it(visit):
    setup = SHORT.but(data="iris", batch=2)
    page, alone = visit(query=query(setup)), Session(setup)
    act(page, ("press", "step-batch"))
    alone.step_batch()
    step = next_step(alone, alone.data.inputs)
    table = page.locator(
        "#trace figure", has=page.locator("figcaption code", has_text=re.compile("^a$"))
    )
    cells = table.locator("td b").all_inner_texts()
    expected = [f"{value:.3g}".replace("-", "−") for value in step.layers[0].a.ravel() + 0.0]
    assert cells == expected
    alone.step_batch()
    after = step.layers[0].parts["w"].after
    assert abs(alone.layers[0].w(alone.net.views(alone.theta)) - after).max() < 1e-12


def test_any_number_of_the_trace_opens_its_formula(visit):
    page = visit(query=query(SHORT))
    button = page.locator("#trace section td > button").last
    button.click()
    opened = page.locator("#trace [popover]:popover-open")
    expect(opened).to_be_visible()
    expect(opened).to_contain_text("=")
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


def test_one_walks_through_the_parts_of_the_step(visit):
    page = visit(query=query(SHORT))
    seen = []
    for _ in range(5):
        seen.append(page.locator("#trace section:visible h2").all_inner_texts())
        part = page.locator("#trace").get_attribute("data-part")
        page.click("#walk-on")
        expect(page.locator("#trace")).not_to_have_attribute("data-part", part)
    assert [len(titles) for titles in seen] == [5, 2, 2, 2, 2]
    assert len({tuple(titles) for titles in seen}) == 5


def test_an_edited_weight_changes_what_follows_and_back_undoes_it(visit):
    page, alone = visit(query=query(SHORT)), Session(SHORT)
    first = shown(page)
    page.click("#t2-0")
    act(page, ("type", "w-1-w-2-0", "－２，５"))
    alone.edit(1, "w", (2, 0), -2.5)
    assert shown(page) == figures(alone)
    act(page, ("press", "step-back"))
    assert shown(page) == first


def test_a_reload_in_the_middle_finds_the_run_where_it_is(visit):
    page = visit(query=query(SHORT.but(epochs=1_000_000)))
    page.select_option("#pace", "medium")
    page.click("#run")
    expect(page.locator("#s-epoch")).to_have_text(re.compile(r"^\d\d+$"))
    before = int(page.inner_text("#s-epoch"))
    page.reload()
    expect(page.locator("#run")).to_have_attribute("data-running", "true")
    expect(page.locator("#s-epoch")).to_have_text(re.compile(r"^\d\d+$"))
    assert int(page.inner_text("#s-epoch")) >= before
    other = visit(context=page.context)  # a second tab sees the same
    expect(other.locator("#run")).to_have_attribute("data-running", "true")
    other.click("#run")
    expect(page.locator("#run")).to_have_attribute("data-running", "false")
    wait_until(lambda: page.inner_text("#s-epoch") == other.inner_text("#s-epoch"))


def test_a_tab_behind_others_gets_no_news_until_it_is_seen(visit):
    front = visit(query=query(SHORT))
    behind = front.context.new_page()
    behind.add_init_script("Object.defineProperty(document, 'hidden', {get: () => !window.seen})")
    behind.goto(front.url.partition("?")[0])
    expect(behind.locator("#s-epoch")).to_have_text("0")
    behind.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    behind.click("#tab-columns")  # answered after the page has been noted as hidden
    expect(behind.locator("#tab-columns")).to_have_attribute("aria-selected", "true")
    act(front, ("press", "step-epoch"))
    behind.wait_for_timeout(500)
    assert behind.inner_text("#s-epoch") == "0"
    behind.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
    expect(behind.locator("#s-epoch")).to_have_text("1")


def test_two_learners_do_not_see_each_other(visit):
    ann, ben = visit(), visit(query=query(SHORT))
    act(ann, ("press", "step-epoch"))
    act(ann, ("choose", "data", "spiral"))
    assert ben.inner_text("#s-epoch") == "0"
    assert ben.input_value("#data") == "xor"
    act(ben, ("press", "step-epoch"))
    assert ann.inner_text("#s-epoch") == "0"


def test_a_blow_up_is_said_and_the_lab_lives_on(visit):
    page = visit(query=query(SHORT.but(data="waves", rate=100.0, boxes=(Box(8, "relu"),))))
    page.click("#run")
    expect(page.locator("#trouble")).to_contain_text("learning rate")
    act(page, ("type", "rate", "0.01"))
    expect(page.locator("#trouble")).to_be_empty()
    act(page, ("press", "run"))


def test_what_is_asked_for_in_quick_succession_is_done_in_that_order(visit):
    page = visit(query=query(SHORT.but(epochs=2, batch=1000)))
    rows = "\\n".join(f"{i % 7},{i % 11},{i % 3}" for i in range(30_000))
    page.evaluate(f"jubako.send(new File(['a,b,c\\n{rows}'], 'large.csv'))")
    expect(page.locator("#note")).to_contain_text("30000 rows")
    expect(page.locator("#target option[value=a]")).to_be_attached()  # else none can choose it
    page.evaluate(  # faster than any hand, and than the table is made ready
        """() => {
          for (const [id, value] of [["solver", "sgd"], ["target", "a"]]) {
            const field = document.getElementById(id);
            field.value = value;
            field.dispatchEvent(new Event("change", { bubbles: true }));
          }
          document.getElementById("run").click();
        }"""
    )
    expect(page.locator("#s-epoch")).to_have_text("2")
    assert page.input_value("#solver") == "sgd"
    assert page.input_value("#target") == "a"


def test_the_keyboard_is_enough(visit):
    page = visit(query=query(SHORT))
    page.locator("body").press(".")
    expect(page.locator("#s-epoch")).to_have_text(re.compile(r"^0\.\d+$"))
    page.keyboard.press("<")
    expect(page.locator("#s-epoch")).to_have_text("0")
    page.keyboard.press(">")
    expect(page.locator("#s-epoch")).to_have_text("1")
    page.keyboard.press("r")
    expect(page.locator("#s-epoch")).to_have_text("0")
    page.keyboard.press(" ")
    expect(page.locator("#s-epoch")).to_have_text("30")
    page.focus("#t1-1")
    page.keyboard.press("Enter")
    expect(page.locator("#unit-card")).to_be_visible()
    page.focus("#rate")
    page.keyboard.type(" ")  # typing is not a command
    expect(page.locator("#s-epoch")).to_have_text("30")


def test_the_focus_stays_where_it_was(visit):
    page = visit()
    act(page, ("type", "rate", "0.3"))
    expect(page.locator("#rate")).to_be_focused()
    act(page, ("press", "add-layer"))
    expect(page.locator("#add-layer")).to_be_focused()


def test_the_language_is_switched_in_place_while_training_goes_on(visit):
    page = visit(query=query(SHORT.but(epochs=1_000_000)))
    page.click("#run")
    page.click("#language")
    expect(page.locator("#run")).to_have_text("一時停止")
    expect(page.locator("#h-data")).to_have_text("データ")
    page.click("#run")
    page.click("#language")
    expect(page.locator("#run")).to_have_text("Run")


def test_numbers_are_read_as_people_type_them(visit):
    page = visit()
    for typed, value in (("０．２５", 0.25), ("0,25", 0.25), ("１e-3", 0.001), ("0，25", 0.25)):
        act(page, ("type", "rate", typed))
        assert float(page.input_value("#rate")) == value, typed
        act(page, ("type", "rate", "0.5"))


def test_nonsense_is_refused_in_one_sentence(visit):
    page = visit()
    for typed, said in (("fast", "not a number"), ("-1", "rate is -1")):
        page.fill("#rate", typed)
        page.press("#rate", "Enter")
        expect(page.locator("#note")).to_contain_text(said)
        act(page, ("press", "step-epoch"))


# PreparedData of one's uploaded, and what is taken away


def test_an_own_table_is_learned_from(visit):
    page = visit()
    page.set_input_files("#file", "docs/data/果物.csv")
    expect(page.locator("#note")).to_contain_text("240 rows")
    assert page.input_value("#target") == "値段"
    act(page, ("type", "epochs", "20"))
    act(page, ("press", "run"))
    act(page, ("choose", "target", "種類"))
    act(page, ("press", "run"))
    assert float(page.inner_text("#s-score")) > 0.8
    page.click("#tab-columns")
    expect(page.locator("#panel")).to_contain_text("numeric, dropped: identifier")
    expect(page.locator("#panel")).to_contain_text("'種類' has 3 classes")


def test_how_a_table_was_read_is_said(visit):
    page = visit()
    rows = "".join(f"{i};{i % 9},5;{'ab'[i % 2]}\\n" for i in range(60))
    page.evaluate(f"jubako.send(new File(['u;v;y\\n{rows}'], 'a.csv'))")
    expect(page.locator("#note")).to_contain_text("60 rows")
    page.click("#tab-columns")
    expect(page.locator("#panel li").first).to_contain_text("is read as")
    page.click("#language")
    expect(page.locator("#panel li").first).to_contain_text("読み")


def test_a_file_that_is_no_table_is_refused_in_one_sentence(visit):
    page = visit()
    page.locator("#panel").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.evaluate("jubako.send(new File(['a,b\\n1,2,3\\n'], 'bad.csv'))")
    expect(page.locator("#note")).to_contain_text("3 fields")
    expect(page.locator("#note")).to_be_in_viewport()  # wherever the learner looks
    act(page, ("press", "step-epoch"))


ENGLISH = re.compile("[A-Za-z]{2,} [a-z]{2,}|[a-z]{2,} [A-Za-z]{2,}")


def test_all_that_the_page_says_of_an_own_table_is_japanese(visit):
    page = visit()
    page.click("#language")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.set_input_files("#file", "docs/data/果物.csv")
    expect(page.locator("#note")).to_contain_text("240 行")
    page.click("#tab-columns")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("数値、除外 (識別子)")
    expect(panel).to_contain_text("「値段」は 26 から 1855 までの数値で")
    refused = [
        ("jubako.send(new File(['a,b\\n1,2,3\\n'], 'bad.csv'))", "項目が 3 個"),
        ("jubako.send(new File(['a,b\\n'], 'bad.csv'))", "行がありません"),
        ("jubako.send(new File([new Uint8Array(51 << 20)], 'huge.csv'))", "50 MB まで"),
        ("jubako.send(new File(['{\"format\": \"jubako-lab\"}'], 'lab.json'))", "壊れています"),
    ]
    for code, said in refused:
        page.evaluate(code)
        expect(page.locator("#note")).to_contain_text(said)
    for key, typed in (("rate", "fast"), ("rate", "-1"), ("units-0", "999"), ("target", "種類")):
        if key == "target":
            page.select_option("#target", typed)
            expect(panel).to_contain_text("3 個のクラス")
            continue
        page.fill(f"#{key}", typed)
        page.press(f"#{key}", "Enter")
        expect(page.locator("#note")).to_contain_text(typed)
        assert not ENGLISH.search(page.inner_text("#note"))
    assert not ENGLISH.search(panel.inner_text())


def test_a_lab_file_goes_on_elsewhere(visit, tmp_path):
    page = visit(query=query(SHORT))
    act(page, ("press", "run"))
    page.click("#tab-export")
    with page.expect_download() as download:
        page.click("#save-lab")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    other = visit()
    other.set_input_files("#file", path)
    expect(other.locator("#s-epoch")).to_have_text("30")
    assert shown(other) == shown(page)
    act(page, ("press", "step-epoch"))
    act(other, ("press", "step-epoch"))
    assert shown(other) == shown(page)


def test_the_model_file_is_one_that_jubako_reads(visit, tmp_path):
    page = visit(query=query(SHORT.but(data="iris")))
    act(page, ("press", "run"))
    page.click("#tab-export")
    with page.expect_download() as download:
        page.click("#save-model")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "iris.jubako"
    assert jubako.load(path).classes_.tolist() == ["setosa", "versicolor", "virginica"]


def test_the_address_holds_the_setup(visit):
    page = visit()
    act(page, ("press", "add-layer"))
    act(page, ("choose", "data", "spiral"))
    expect(page).not_to_have_url(re.compile("token"))
    letters = page.url.partition("setup=")[2]
    other = visit(query=f"&setup={letters}")
    assert other.input_value("#data") == "spiral"
    expect(other.locator("#units-2")).to_be_visible()


def test_an_address_that_was_altered_is_said(visit):
    page = visit(query="&setup=nonsense")
    expect(page.locator("#note")).to_contain_text("The address holds no setup")


def test_an_address_replaces_a_network_that_has_learned_only_if_asked_to(visit):
    page = visit(query=query(SHORT))
    act(page, ("press", "run"))
    trained = shown(page)
    other = visit(context=page.context, query=query(SHORT.but(data="spiral")))
    assert shown(other) == trained
    assert other.input_value("#data") == "xor"
    other.click("#leave-offer")
    expect(other.locator("#leave-offer")).to_have_count(0)
    assert shown(other) == trained
    again = visit(context=page.context, query=query(SHORT.but(data="spiral")))
    again.click("#take-offer")
    expect(again.locator("#s-epoch")).to_have_text("0")
    assert again.input_value("#data") == "spiral"


def test_two_quick_presses_of_run_are_run_and_pause(visit):
    page = visit(query=query(SHORT.but(epochs=1_000_000)))
    builds = page.locator("#main").get_attribute("data-builds")
    page.evaluate(  # the first while the network is being built
        """() => {
          document.getElementById("reset").click();
          document.getElementById("run").click();
          document.getElementById("run").click();
        }"""
    )
    expect(page.locator("#main")).not_to_have_attribute("data-builds", builds)
    page.wait_for_timeout(500)
    expect(page.locator("#run")).to_have_attribute("data-running", "false")
    page.click("#run")
    expect(page.locator("#run")).to_have_attribute("data-running", "true")
    page.click("#run")


def test_training_pauses_when_the_last_page_is_closed(visit_hasty):
    page = visit_hasty(query=query(SHORT.but(epochs=1_000_000)))
    page.click("#run")
    expect(page.locator("#run")).to_have_attribute("data-running", "true")
    context = page.context
    for absence in (3, 6, 12, 19):  # a busy server notices late that the page was closed
        page.close()
        time.sleep(absence)
        page = visit_hasty(context=context)
        if page.inner_text("#note"):
            break
    expect(page.locator("#note")).to_contain_text("no page of the lab was open")
    expect(page.locator("#run")).to_have_attribute("data-running", "false")
    assert float(page.inner_text("#s-epoch")) > 0


def test_a_teacher_can_hide_controls(visit):
    page = visit(query=query(SHORT.but(hide=("data", "network", "tabs"))))
    expect(page.locator("#run")).to_be_visible()
    for name in ("data", "add-layer", "units-0", "tab-inside"):
        expect(page.locator(f"#{name}")).to_have_count(0)
    act(page, ("press", "run"))
    page.click("#show-all")
    expect(page.locator("#data")).to_be_visible()


# Trust


def refused(request):
    """Return the status with which a request is refused."""
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)
    error.value.close()
    return error.value.code


@pytest.mark.parametrize("path", ["", "file", "_nicegui_ws/socket.io/", "docs", "openapi.json"])
def test_without_the_token_there_is_nothing(lab, path):
    assert refused(lab.partition("?")[0] + path) == 401


def test_another_host_name_is_refused(lab):
    assert refused(urllib.request.Request(lab, headers={"Host": "evil.example"})) == 403


def test_the_lab_listens_on_this_machine_only(lab):
    port = int(re.search(r":(\d+)/", lab)[1])
    with socket.socket() as other:
        # on every other address of this machine the port is free
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.2", port))


def test_a_file_that_is_too_large_is_refused_at_once(visit):
    page = visit()
    page.evaluate("jubako.send(new File([new Uint8Array(51 << 20)], 'huge.csv'))")
    expect(page.locator("#note")).to_contain_text("50 MB")
    act(page, ("press", "step-epoch"))


def test_a_file_may_have_any_name(visit):
    page = visit()
    names = "iris", "-", "漢" * 95 + ".csv", "<img src=x onerror=alert(1)>", "a\\ud800b.csv"
    for n_rows, name in enumerate(names, start=60):
        rows = "".join(f"{i % 7},{i % 5},{'ab'[i % 2]}\\n" for i in range(n_rows))
        before = version(page)
        page.evaluate(f"jubako.send(new File(['u,v,y\\n{rows}'], '{name}'))")
        expect(page.locator("#note")).to_contain_text(f"{n_rows} rows")
        expect(page.locator("#note")).to_contain_text(name.partition("\\")[0][:90])
        until_news(page, before)  # else what is clicked may be replaced under the mouse
        assert page.input_value("#data") == "uploaded"
        assert page.input_value("#target") == "y"
        page.click("#tab-export")
        expect(page.locator("#python")).to_contain_text("read_table(")
        with page.expect_download() as download:
            page.click("#save-model")
        assert download.value.suggested_filename.endswith(".jubako")
        assert page.locator("img[src=x]").count() == 0


def test_names_in_a_file_are_never_run(visit):
    page = visit()
    name = "<img src=x onerror=alert(1)>"
    rows = "".join(f"{i % 7},{i % 5},{'ab'[i % 2]}\\n" for i in range(60))
    page.evaluate(
        f"jubako.send(new File(['{name},<script>alert(2)</script>,y\\n{rows}'], 'x.csv'))"
    )
    expect(page.locator("#note")).to_contain_text("60 rows")
    for tab in TABS:
        page.click(f"#tab-{tab}")
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
    assert page.locator("img[src=x]").count() == 0


# Looks


FIVE = Setup(data="iris", boxes=(Box(16, "logistic"),) * 5, epochs=5)


def test_five_layers_fit_a_usual_screen(visit):
    page = visit(query=query(FIVE), viewport={"width": 1400, "height": 900})
    frame = page.locator(".scroll", has=page.locator("#network"))
    assert frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    expect(page.locator(".scroll-hint").first).to_be_hidden()
    heads, tiles = page.locator(".layer-head"), page.locator("#network .box")
    for i in range(5):  # each head stands over its layer
        head, box = heads.nth(i + 1).bounding_box(), tiles.nth(i).bounding_box()
        assert abs(head["x"] + head["width"] / 2 - box["x"] - box["width"] / 2) < 2


@pytest.mark.parametrize("width", [800, 390])
def test_what_does_not_fit_says_so_and_is_scrolled_by_keyboard(visit, width):
    page = visit(query=query(FIVE), viewport={"width": width, "height": 900})
    frame = page.locator(".scroll", has=page.locator("#network"))
    expect(frame).to_have_attribute("data-more", "right")
    expect(page.locator(".scroll-hint").first).to_be_visible()

    def is_scrolled():
        frame.focus()
        page.keyboard.press("ArrowRight")
        return frame.evaluate("e => e.scrollLeft") > 0

    wait_until(is_scrolled)
    expect(frame).to_have_attribute("data-more", "left right")
    page.focus("#t5-0")  # the last layer comes into view
    expect(page.locator("#t5-0")).to_be_in_viewport()
    page.set_viewport_size({"width": 1400, "height": 900})
    expect(page.locator(".scroll-hint").first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_read_it(visit, pictures, width, scheme):
    # elements of each kind and tables wider than a telephone, but few elements: axe is slow
    page = visit(
        query=query(Setup(data="iris", boxes=(Box(2, "relu"),), epochs=20, batch=2)),
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.select_option("#theme", "auto")
    act(page, ("press", "run"))
    page.click("#t1-0")
    for tab in TABS:
        page.click(f"#tab-{tab}")
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
        part = None if tab == "inside" else "#panel"  # the others change this part of the page
        found = Axe().run(page, part).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in serious] == []
        # nothing sticks out of the page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if pictures:
            page.screenshot(path=Path(pictures, f"{width}-{scheme}-{tab}.png"), full_page=True)
