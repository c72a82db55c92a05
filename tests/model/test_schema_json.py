import json

import numpy as np
import pytest

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense, Residual
from jubako.core.losses import SquaredError
from jubako.core.network import Network
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import (
    COLUMNS,
    Boolean,
    Categorical,
    Date,
    Discrete,
    Duration,
    Numeric,
    Ordinal,
    TimeOfDay,
)
from jubako.model.schema_json import from_plain, network_from_plain, network_to_plain, to_plain
from strategies import every_loss, example

FITTED = [
    Numeric("長さ", 0.1, 1e-300, missing=True),
    Categorical("color", ("red", "赤", ""), rare=True),
    Boolean("ok"),
    Date("when", -1.5e9, 86400.0, -2e9, 0.0, times=True, order="day first", zoned=True),
    TimeOfDay("at", 40_000.0, 3600.0),
    Duration("span", 60.0, 5.0, order="duration"),
    Numeric("price", 1.0, 2.0, reading=Reading("numeric", ",", ".", "€", ("--", "n/a"))),
    Ordinal("grade", Reading("categorical", levels=("low", "high"), declared=True)),
    Discrete("hour", (-0.5, 0.0, 7.0)),
]


def through_json(words):
    return json.loads(json.dumps(words, allow_nan=False))


def dense(**changes):
    return to_plain(Dense(4, 3, "relu")) | changes


def deep(n):
    words = dense(n_out=4)
    for _ in range(n):
        words = {"layer": "residual", "layers": [words]}
    return words


@pytest.mark.parametrize("loss", every_loss(), ids=repr)
@pytest.mark.parametrize("name", LAYERS)
def test_networks_come_back_equal(name, loss):
    for activation in ACTIVATIONS:
        net = Network((Dense(2, 4, activation), example(name, 4, activation)), loss)
        assert network_from_plain(through_json(network_to_plain(net))) == net


@pytest.mark.parametrize("column", FITTED, ids=repr)
def test_columns_come_back_equal(column):
    assert from_plain("column", through_json(to_plain(column))) == column


def test_every_kind_of_column_is_tried_here():
    assert {type(column) for column in FITTED} == set(COLUMNS.values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"layer": "os.system"}, "no layer 'os.system'"),
        ({"layer": "__class__"}, "no layer"),
        (dense(activation="eval"), "no activation 'eval'"),
        (dense(command="ls"), "has no 'command'"),
        ({"layer": "dense", "n_in": 4}, "lacks its 'n_out'"),
        (dense(n_in=4.0), "must be of type int"),
        (dense(n_in=True), "must be of type int"),
        (dense(n_in="4"), "must be of type int"),
        (dense(n_in=-4), "-4 inputs"),
        (dense(n_out=0), "0 outputs"),
        (dense(n_out=1 << 40), "outputs"),
        ({"layer": "dropout", "n": 4, "rate": 1.0}, "has the rate 1.0"),
        ({"layer": "dropout", "n": 4, "rate": float("nan")}, "must be of type float"),
        ({"layer": "embedding", "n_in": 2, "levels": [3, -1]}, "tables of .3, -1. levels"),
        ({"layer": "embedding", "n_in": 2, "levels": [3, 1 << 40]}, "levels"),
        ({"layer": "embedding", "n_in": 2, "levels": [3, 3, 3]}, "3, 3, 3"),
        ({"layer": "embedding", "n_in": 2, "levels": [3.0]}, "must be of type int"),
        ({"layer": "embedding", "n_in": 2, "levels": []}, "an embedding can't"),
        ({"layer": "embedding", "n_in": 2, "levels": [3], "most": 0}, "an embedding can't"),
        (deep(20), "more than 10 deep"),
        ({"layer": "residual", "layers": [dense(n_out=4)] * 1000}, "a network of 1001 layers"),
        ({"layer": "residual", "layers": []}, "no layers"),
        ({"layer": "residual", "layers": [dense()]}, "wider or narrower"),
        ({"layer": "residual", "layers": "dense"}, "must be a list"),
    ],
)
def test_words_that_make_no_sense_are_refused(words, said):
    with pytest.raises(ValueError, match=said):
        network_from_plain({"layers": [words], "loss": to_plain(SquaredError())})


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_column_without_a_scale_is_refused(scale):
    words = to_plain(Numeric("a", 0.0, 1.0)) | {"scale": scale}
    with pytest.raises(ValueError, match="scale"):
        from_plain("column", words)


@pytest.mark.parametrize(
    "words",
    [
        {"loss": "huber", "threshold": -1.0},
        {"loss": "quantile", "q": 1.0},
        {"loss": "cross_entropy", "smoothing": 1.0},
    ],
)
def test_a_loss_with_a_setting_out_of_range_is_refused(words):
    with pytest.raises(ValueError, match=f"{words['loss']}.* has the "):
        from_plain("loss", words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "eval"}, "[Nn]o type of column 'eval'"),
        ({"kind": "date"}, "is read as 'date'"),
        ({"decimal": ";"}, "can't have the marks"),
        ({"grouping": "."}, "can't have the marks"),
        ({"order": "week first"}, "no order of dates"),
        ({"levels": ["a", "a"]}, "appears twice"),
        ({"missing": [1]}, "must be of type str"),
        ({"unit": None}, "must be of type str"),
        ({"command": "ls"}, "no reading"),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(changes, words):
    described = to_plain(Numeric("a", 0.0, 1.0))
    described["reading"] |= changes
    with pytest.raises(ValueError, match=words):
        from_plain("column", described)
    described["reading"] = "numeric"
    with pytest.raises(ValueError, match="no reading"):
        from_plain("column", described)


def test_a_rank_needs_levels():
    words = to_plain(Ordinal("a", Reading("categorical", levels=("low", "high"))))
    words["reading"]["levels"] = ["low"]
    with pytest.raises(ValueError, match="no levels"):
        from_plain("column", words)


def test_layers_that_do_not_meet_are_refused():
    layers = [to_plain(Dense(4, 3)), to_plain(Dense(5, 1))]
    with pytest.raises(ValueError, match="3 outputs meet 5 inputs"):
        network_from_plain({"layers": layers, "loss": to_plain(SquaredError())})


def test_a_stack_in_a_stack_comes_back():
    inside = Residual((Dense(4, 4, "tanh"), Residual((Dense(4, 4),))))
    net = Network((inside,), SquaredError())
    assert network_from_plain(through_json(network_to_plain(net))) == net
    assert np.isfinite(net.init("he", np.random.default_rng(0))).all()
