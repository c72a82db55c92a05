import base64
import re
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jubako.data.readers.builtin import BUILT_IN
from jubako.i18n.language import Language
from jubako.lab import gradient_flow
from jubako.lab.configuration import Box, Setup
from jubako.lab.pictures.canvas import FINE, Canvas
from jubako.lab.pictures.curves import curve_changes, draw_curves
from jubako.lab.pictures.errors import draw_prediction_errors
from jubako.lab.pictures.histograms import draw_histograms
from jubako.lab.pictures.image import diverging, png
from jubako.lab.pictures.network import cut, draw_network, edge, network_changes
from jubako.lab.pictures.surface import draw_surface, surface_changes
from jubako.lab.session import Session
from jubako.lab.shapes import SHAPES
from jubako.lab.texts import TEXTS
from jubako.lab.translator import Translator
from jubako.lab.uploaded_table import prepare_upload

NASTY = "<b>&\"'x"


def well_formed(html):
    ElementTree.fromstring(f"<div>{html}</div>")


BOXES = Box(12, "relu"), Box(12, "tanh")
SETUPS = [Setup(data=name, boxes=BOXES, residual=True) for name in [*SHAPES, *BUILT_IN]]
SETUPS += [Setup(data="uploaded", target=target, boxes=()) for target in ("c", NASTY)]


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.data)
def test_every_picture_is_well_formed_for_every_table(setup):
    texts = {
        "b": ["x", "<y>", None] * 9,
        "c": ["u", "v", "w"] * 9,
        "d": ["¥1,200", None, "560"] * 9,
    }
    table = pa.table({NASTY: [1.5, 2.5, 4.0] * 9, **texts})
    session = Session(setup, prepare_upload(NASTY, table, "CSV"))
    session.step_batch()
    snapshot, translate = session.snapshot(), Translator(Language.ja)
    canvas = Canvas(snapshot)
    drawn = [draw_network(snapshot, translate), draw_surface(snapshot, canvas, translate)]
    drawn += [draw_curves(snapshot, translate), draw_prediction_errors(snapshot, translate)]
    drawn += [draw_histograms(snapshot, translate), gradient_flow.draw(snapshot, translate)]
    for html in drawn:
        well_formed(html)
        assert "<b>&" not in html
        assert not re.search(r"\bnan\b", html)
    changes = network_changes(snapshot, canvas) | surface_changes(snapshot, canvas)
    ids = set(re.findall(r'\bid="([^"]+)"', "".join(drawn)))
    assert (changes | curve_changes(snapshot)).keys() <= ids


@pytest.mark.parametrize("task", ["regress", "classify"])
@pytest.mark.parametrize("more", [{}, {"k": ["a", "b"] * 30}], ids=["alone", "with a category"])
def test_one_column_of_numbers_is_drawn_against_the_target(task, more):
    x = np.arange(60) + 0.5
    y = x**2 if task == "regress" else np.where(x < 20, "low", np.where(x < 40, "<mid>", "top"))
    table = pa.table({"x": x, **more, "y": y})
    session = Session(Setup(data="uploaded", target="y"), prepare_upload("t.csv", table, "CSV"))
    snapshot, translate = session.snapshot(), Translator(Language.en)
    canvas = Canvas(snapshot)
    assert canvas.axes == ("x", "")
    picture = draw_surface(snapshot, canvas, translate)
    well_formed(picture)
    assert ">x</text>" in picture
    assert ">y</text>" in picture
    root = ElementTree.fromstring(f"<div>{picture}</div>").find("svg")  # without the legend
    changes = surface_changes(snapshot, canvas)
    if task == "regress":
        assert set(changes) == {"line"}
        places = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter("circle")]
        left, right, bottom, top = canvas.edges
        for px, py in places:  # each point lies where its number and its target are
            at = left + px / 300 * (right - left)
            assert abs(top - py / 300 * (top - bottom) - at**2) < 25
    else:
        assert set(changes) == {"surface"}
        heights = [float(r.get("y")) for r in root.iter("rect") if r.get("width") == "6"]
        other = [float(c.get("cy")) for c in root.iter("circle")]
        assert max(heights) < min(other)  # classes lie over each other
    stripes = canvas.fine[:, 0].reshape(FINE, FINE)
    assert (stripes == stripes[0]).all()


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_an_image_holds_its_pixels(pixels):
    data = base64.b64decode(png(pixels).partition(",")[2])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + body
        )
        chunks[kind], at = body, at + 12 + length
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (pixels.shape[1], pixels.shape[0])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(len(pixels), -1)
    assert np.array_equal(rows[:, 1:].reshape(pixels.shape), pixels)


def test_white_is_zero_and_the_ends_are_orange_and_blue():
    low, middle, high = diverging(np.array([-1.0, 0.0, 1.0]))
    assert middle.tolist() == [255, 255, 255]
    assert low[0] > low[2]
    assert high[2] > high[0]
    assert diverging(np.array([np.nan, np.inf])).tolist()[0] == [255, 255, 255]


def test_weights_show_their_sign_without_colour():
    assert edge(-1.0, 1.0)["class"] == "minus"  # dashed, in the style
    assert float(edge(1.0, 1.0)["stroke-width"]) > float(edge(0.1, 1.0)["stroke-width"])


def test_long_names_are_cut_to_their_width():
    assert cut("petal_length") == "petal_length"
    assert cut("a very long name indeed") == "a very long…"
    assert cut("とても長い列の名前") == "とても長い…"


@pytest.mark.parametrize("key", TEXTS)
def test_texts_have_both_languages_and_the_same_values(key):
    english, japanese = TEXTS[key]
    assert english
    assert japanese
    holes = re.compile(r"\{(\w+)\}")
    assert set(holes.findall(english)) == set(holes.findall(japanese))
