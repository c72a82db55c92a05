import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from jubako.core.layers import Dense, Dropout, Residual, Scale
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.explain.formula import Reader
from jubako.explain.messages import WORDS
from jubako.explain.render.html_writer import find_scales
from jubako.explain.render.network_svg import draw
from jubako.explain.render.notebook import DisplayedTrace
from jubako.explain.render.page import body, fragment, new_writer, page
from jubako.explain.selection import choose
from jubako.explain.trace_index import all_cells
from jubako.explain.tracer import trace
from jubako.i18n.numbers import format_significant
from jubako.training.optimizers import OPTIMIZERS, Update
from strategies import SEEDS, case, networks

VOID = {"input", "meta", "br", "path", "rect", "circle"}
STACK = (
    Dense(3, 4, "tanh"),
    Residual((Dense(4, 5, "silu"), Dropout(5, 0.4), Dense(5, 4))),
    Scale(4),
    Dense(4, 2),
)


def traced(net, numbers=0, **options):
    rows = case(net, numbers)
    return trace(rows.net, rows.theta, rows.x, rows.y, **options)


class Elements(HTMLParser):
    """All elements of a page, with their attributes and the text directly in them."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.found.append({"tag": tag, "text": "", **dict(attributes)})
        if tag not in VOID:
            self.open.append(self.found[-1])

    def handle_startendtag(self, tag, attributes):
        self.found.append({"tag": tag, "text": "", **dict(attributes)})

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if self.open:
            self.open[-1]["text"] += data


def elements(text):
    return Elements(text).found


@settings(max_examples=10)
@given(net=networks(), numbers=SEEDS)
def test_the_page_is_well_formed_and_every_way_leads_somewhere(net, numbers):
    found = elements(page(traced(net, numbers, seed=1)))
    ids = Counter(one["id"] for one in found if "id" in one)
    assert max(ids.values()) == 1
    popovers = {one["id"] for one in found if "popover" in one}
    ways = {one[key] for one in found for key in ("popovertarget", "data-f") if key in one}
    assert ways == popovers


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_needs_nothing_from_elsewhere(language):
    text = page(traced(Network(STACK, CrossEntropy())), language=language)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"\n\s*//.*", "", text))
    assert not [one for one in elements(text) if one.keys() & {"src", "href", "srcset", "action"}]
    assert text.startswith(f'<!doctype html><html lang="{language}">')


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_number_on_the_page_is_that_of_its_cell(loss, optimizer):
    net = Network((*STACK[:3], Dense(4, 3)), LOSSES[loss]())
    t = traced(net, update=Update(OPTIMIZERS[optimizer]()))
    reader = Reader(t)
    numbers = {}
    for cell in all_cells(t):
        value = float(reader.tables[cell.layer][cell.quantity][0][cell.index])
        numbers.setdefault(reader.symbol(cell, with_row=True), set()).add(format_significant(value))
    found = elements(fragment(t))
    seen = 0
    for one, following in pairwise(found):
        if one["tag"] == "button" and "title" in one:
            assert following["text"] in numbers[one["title"]], one["title"]
            seen += 1
        if one["tag"] == "g" and one.get("class", "").startswith("r "):
            value = next(x for x in found[found.index(one) :] if x.get("class") == "value")
            assert value["text"] in numbers[one["aria-label"]]
    assert seen > 100


def test_each_number_is_written_in_the_place_that_the_sheet_says():
    writer = new_writer(traced(Network(STACK, CrossEntropy())), None, "en", None)
    found = elements(body(writer))
    texts = [one for one in found if "data-n" in one and "data-m" not in one]
    assert len(texts) > 500
    for one in texts:
        assert one["text"] == writer.numbers[int(one["data-n"])]
    for one in found:
        if "data-m" in one:
            text = writer.numbers[int(one["data-n"])]
            assert ("data-s" in one) == text.startswith("−")  # never by colour alone
            size = float(one["style"].removeprefix("--t:"))
            value = abs(float(text.replace("−", "-")))
            # the number is written with three digits, the size with three decimals
            assert size * float(one["data-m"]) == pytest.approx(value, rel=0.01, abs=2e-3)


def test_terms_that_are_shown_add_up_to_the_sum():
    net = Network((Dense(3, 30, "relu"), Dense(30, 2)), SquaredError())
    t = traced(net)
    text = fragment(t)
    tables = re.findall(r"<div popover.*?<table>(.*?)</table>", text, re.DOTALL)
    sums = 0
    for table in tables:
        total = 0.0
        for row in re.findall(r"<tr.*?</tr>", table):
            last = re.sub("<.*?>", "", row.rpartition("<td>")[2]).replace("−", "-")
            value = float(unescape(last).strip("= ()"))
            if 'class="sum"' in row:
                assert value == pytest.approx(total, rel=1e-4, abs=1e-5)  # six digits are shown
                total, sums = 0.0, sums + 1
            else:
                total += value
    assert sums > 20
    assert "20 more terms" in text  # ten of thirty units are shown


def test_names_can_not_break_the_page():
    bad = ['<script>alert("1")</script>', "a & b", "'\"><img>"]
    t = traced(
        Network((Dense(3, 2, "tanh"), Dense(2, 3)), CrossEntropy()), features=bad, outputs=bad
    )
    text = page(t)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert all(one["tag"] != "img" for one in elements(text))


def test_both_languages_are_on_the_page():
    found = elements(page(traced(Network(STACK, CrossEntropy()))))
    count = Counter(one["lang"] for one in found if "lang" in one and one["tag"] != "html")
    assert count["en"] == count["ja"] > 20
    assert all(en.strip() and ja.strip() and en != ja for en, ja in WORDS.values())


def test_a_trace_shows_itself_in_a_notebook():
    t = traced(Network(STACK, CrossEntropy()))
    assert DisplayedTrace.of(t)._repr_html_() == fragment(t)
    assert repr(t).startswith("Trace(dense, residual, scale, dense; 7 rows; loss ")


def test_the_most_active_units_come_first_and_pages_hold_the_rest():
    t = traced(Network((Dense(3, 25, "relu"), Dense(25, 2)), SquaredError()))
    views = [choose(t, page=i) for i in range(3)]
    assert [len(view.units["1"]) for view in views] == [10, 10, 5]
    assert sorted(unit for view in views for unit in view.units["1"]) == list(range(25))
    size = abs(t.box(1).v).mean(0)
    assert size[list(views[0].units["1"])].min() >= size[list(views[1].units["1"])].max()
    assert all(view.units[""] == (0, 1, 2) for view in views)  # what is small is always whole
    assert choose(t, page=9).page == 2
    with pytest.raises(ValueError, match="There is no row 7"):
        choose(t, rows=[7])


def test_both_ends_of_a_bridge_show_the_same_units():
    inside = Dense(30, 30, "relu"), Dense(30, 30)
    t = traced(
        Network((Dense(3, 30, "relu"), Residual(inside), Scale(30), Dense(30, 2)), SquaredError())
    )
    units = choose(t).units
    assert units["1"] == units["2"] == units["2.2"] == units["3"] != units["2.1"]


@pytest.mark.parametrize("flow", ["forward", "backward"])
def test_the_picture_has_every_weight_and_bias_as_a_line(flow):
    t = traced(
        Network((Dense(3, 4, "tanh"), Dense(4, 2)), CrossEntropy()), features=["a", "b", "c"]
    )
    writer = new_writer(t, choose(t, rows=[0]), "en", None)
    found = elements(draw(writer, flow))
    edges = [one for one in found if one.get("class") == "edge"]
    assert len(edges) == 3 * 4 + 4 + 4 * 2 + 2
    state = "before" if flow == "forward" else "grad"
    values = [getattr(part, state) for box in t.boxes for part in box.parts.values()]
    wanted = Counter(
        format_significant(value) for array in values for value in array.ravel().tolist()
    )
    weights = [one["text"] for one in found if one.get("class") == "weight"]
    assert Counter(weights) == wanted
    names = [one["text"] for one in found if one["tag"] == "text"]
    assert {"a", "b", "c", "y1", "y2", "h4"} <= set(names)


def test_scales_are_the_largest_numbers_of_all_traces():
    one, two = (traced(Network(STACK, CrossEntropy()), seed) for seed in (0, 1))
    scales = find_scales([one, two])
    assert scales["1", "a"] == max(abs(one.box(1).a).max(), abs(two.box(1).a).max())
    assert np.isfinite(list(scales.values())).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_too_far_has_a_page_too(loss):
    t = traced(Network((Dense(3, 4, "relu"), Dense(4, 2)), LOSSES[loss]()), lr=1e200)
    text = page(t)
    assert "--t:nan" not in text
    assert elements(text)
