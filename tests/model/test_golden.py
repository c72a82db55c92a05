import json
import re
from importlib import util
from pathlib import Path

import numpy as np
import pytest

import jubako
from jubako.model.errors import ModelFileError
from jubako.model.model_file import VERSION

GOLDEN = Path(__file__).parent / "golden"
MODELS = sorted(GOLDEN.glob("format-*-*.jubako"))
BEFORE_THE_FIRST_RELEASE = range(1, 5)

spec = util.spec_from_file_location("golden", GOLDEN / "make.py")
make = util.module_from_spec(spec)
spec.loader.exec_module(make)


@pytest.mark.parametrize("path", MODELS, ids=[path.stem for path in MODELS])
def test_a_model_file_of_each_released_format_predicts_as_it_did(path):
    version, name = re.fullmatch(r"format-(\d+)-(.+)", path.stem).groups()
    expected = json.loads((GOLDEN / f"format-{version}.json").read_text(encoding="utf-8"))[name]
    model, (frame, _, _) = jubako.load(path), make.table()
    X = make.numbers_of(frame) if name.startswith("mlp") else frame
    found = make.predictions(model, X)
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        if isinstance(values[0], str):
            assert found[key] == values
        else:  # processors and libraries of another time may round otherwise
            np.testing.assert_allclose(found[key], values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("version", BEFORE_THE_FIRST_RELEASE)
def test_a_format_from_before_the_first_release_is_refused_in_a_sentence(version):
    with pytest.raises(ModelFileError, match=f"saved by an older Jubako .format {version}, this"):
        jubako.load(GOLDEN / f"format-{version}.jubako")


def test_there_are_golden_files_of_every_format_since_then():
    versions = {int(path.stem.split("-")[1]) for path in MODELS}
    assert versions == set(range(5, VERSION + 1)), "python tests/model/golden/make.py"
