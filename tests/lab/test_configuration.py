import base64
import json
import zlib
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.activations import ACTIVATIONS
from jubako.lab.configuration import CHOICES, PARTS, Box, Setup
from jubako.lab.shapes import SHAPES

setups = st.builds(
    Setup,
    data=st.sampled_from([*SHAPES, "iris", "uploaded"]),
    target=st.text(max_size=10),
    noise=st.floats(0, 1),
    scaled=st.booleans(),
    boxes=st.lists(
        st.builds(Box, st.integers(1, 256), st.sampled_from([*ACTIVATIONS])), max_size=8
    ).map(tuple),
    loss=st.sampled_from(CHOICES["loss"]),
    solver=st.sampled_from(CHOICES["solver"]),
    rate=st.floats(1e-6, 100),
    seed=st.integers(0, 2**31 - 1),
    axes=st.tuples(st.text(max_size=5), st.text(max_size=5)),
    hide=st.lists(st.sampled_from(PARTS), unique=True).map(tuple),
)


@given(setups)
def test_an_address_brings_back_the_setup(setup):
    assert Setup.from_address(setup.to_address()) == setup


@given(setups)
def test_json_brings_back_the_setup(setup):
    assert Setup.from_plain(json.loads(json.dumps(setup.to_plain()))) == setup


def test_an_address_is_short_enough_to_send():
    boxes = (Box(128, "leaky_relu"),) * 8
    assert len(Setup(data="breast_cancer", boxes=boxes, seed=1).to_address()) < 200


@given(st.text(max_size=200))
def test_an_altered_address_is_refused_in_one_sentence(letters):
    with pytest.raises(ValueError, match=r"^The address holds no setup: [^\n]+$"):
        Setup.from_address(letters)


@pytest.mark.parametrize("name", ["rate", "seed", "boxes"])
def test_an_endless_number_in_an_address_is_refused_in_one_sentence(name):
    text = json.dumps({name: 10**400})
    letters = base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()
    with pytest.raises(ValueError, match=r"^The address holds no setup: [^\n]+$"):
        Setup.from_address(letters)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from([field.name for field in fields(Setup)]), json_values)
def test_nonsense_in_a_setup_is_refused(name, value):
    try:
        setup = Setup.from_plain({name: value})
    except ValueError:
        return
    assert isinstance(getattr(setup, name), type(getattr(Setup(), name)))


@pytest.mark.parametrize(
    "changes",
    [
        {"noise": 2.0},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"boxes": (Box(0),)},
        {"boxes": (Box(4, "magic"),)},
        {"boxes": (Box(4),) * 9},
        {"solver": "lbfgs"},
        {"hide": ("everything",)},
    ],
    ids=str,
)
def test_what_can_not_be_is_refused(changes):
    with pytest.raises(ValueError):  # noqa: PT011, the sentences differ
        Setup(**changes)


def test_the_usual_setup_is_an_empty_object():
    assert Setup().to_plain() == {}
    assert Setup.from_plain(asdict(Setup())) == Setup()
