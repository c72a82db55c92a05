import json
import os

import numpy as np
import pytest
from safetensors.numpy import save

from jubako.model.atomic import whole_or_not_at_all
from jubako.model.errors import ModelFileError
from jubako.model.model_file import VERSION, fingerprint, read_file, write_file

WORDS = {"estimator": "X", "列": ["赤", 0.1, 1e-300, None, True]}
ARRAYS = {"theta": np.linspace(-1, 1, 7, dtype=np.float32)[None], "more": np.arange(3.0)}


@pytest.fixture
def path(tmp_path):
    write_file(tmp_path / "a.jubako", WORDS, ARRAYS)
    return tmp_path / "a.jubako"


def refused(path):
    with pytest.raises(ModelFileError) as caught:
        read_file(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_what_was_written_is_read_bit_for_bit(path):
    words, arrays = read_file(path)
    assert words == WORDS
    assert arrays.keys() == ARRAYS.keys()
    for name, array in arrays.items():
        assert array.dtype == ARRAYS[name].dtype
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_a_file_that_was_cut_off_anywhere_is_refused(path):
    data = path.read_bytes()
    for length in {0, 1, 7, 8, 9, 100, len(data) // 2, len(data) - 5, len(data) - 1}:
        path.write_bytes(data[:length])
        refused(path)


def test_a_byte_changed_anywhere_is_noticed(path):
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.choice(len(data), 200, replace=False):
        changed = bytearray(data)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            words, arrays = read_file(path)
        except ModelFileError:
            continue
        # padding and the order of words carry no meaning: then nothing that counts has changed
        assert words == WORDS
        assert all((arrays[name] == ARRAYS[name]).all() for name in ARRAYS)


def test_a_newer_version_is_refused_with_advice(path):
    text = json.dumps(WORDS)
    newer = {"format": "jubako", "format_version": str(VERSION + 1), "description": text}
    path.write_bytes(save(ARRAYS, newer | {"sha256": fingerprint(text, ARRAYS)}))
    assert "update Jubako" in refused(path)


def test_an_older_version_is_refused_with_advice(path):
    text = json.dumps(WORDS)
    older = {"format": "jubako", "format_version": "1", "description": text}
    path.write_bytes(save(ARRAYS, older | {"sha256": fingerprint(text, ARRAYS)}))
    assert "train the model again" in refused(path)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"PK\x03\x04" + bytes(100), save(ARRAYS, {"format": "pt"})]
)
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    refused(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    refused(tmp_path / "nowhere.jubako")
    refused(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"a": NaN', '{"a": NaN}', '{"a": 1e999}']
)
def test_a_description_that_is_no_json_is_refused_even_with_the_right_fingerprint(path, text):
    metadata = {"format": "jubako", "format_version": str(VERSION), "description": text}
    path.write_bytes(save(ARRAYS, metadata | {"sha256": fingerprint(text, ARRAYS)}))
    assert "invalid model" in refused(path)


def test_a_lone_surrogate_is_neither_read_nor_written(path):
    text = json.dumps({"label": "a\ud800"})
    metadata = {"format": "jubako", "format_version": str(VERSION), "description": text}
    path.write_bytes(save(ARRAYS, metadata | {"sha256": fingerprint(text, ARRAYS)}))
    assert "invalid model" in refused(path)
    before = path.read_bytes()
    with pytest.raises(ModelFileError, match=r"lone surrogate.*after '.*big'"):
        write_file(path, {"label": "big\ud800"}, ARRAYS)
    assert path.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path):
    before = path.read_bytes()

    def fail():
        with whole_or_not_at_all(path) as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["a.jubako"]


def test_a_place_that_can_not_be_written_is_named(tmp_path):
    with pytest.raises(OSError, match=r"can.t be saved as .*nowhere"):
        write_file(tmp_path / "nowhere" / "a.jubako", WORDS, ARRAYS)
