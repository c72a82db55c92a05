"""A replaced file is loaded again; a broken replacement keeps the model."""

import os
import shutil

import pytest

from jubako import MLPRegressor
from jubako.i18n.language import Language
from jubako.model.errors import ModelFileError
from jubako.serve.model_file import ModelFile, load_model


@pytest.fixture
def path(folder, tmp_path):
    return shutil.copy(folder / "price.jubako", tmp_path / "model.jubako")


def replace(path, source):
    shutil.copy(source, f"{path}.part")
    os.replace(f"{path}.part", path)


def test_a_replacement_is_used(client_of, folder, path, rows):
    messages = []
    client = client_of(path, report=messages.append)
    before = client.post("/predict", json=rows).json()["predictions"]
    client.file.look()
    assert messages == []
    replace(path, folder / "class.jubako")
    client.file.look()
    after = client.post("/predict", json=rows).json()["predictions"]
    assert [list(row) for row in before + after] == [["Preis"]] * 5 + [["Klasse"]] * 5
    assert len(messages) == 1
    assert messages[0].endswith("was replaced: its model is used.")
    assert 'reloads{result="success"} 1.0' in client.get("/metrics").text


@pytest.mark.filterwarnings("ignore:The loss was still falling")
@pytest.mark.parametrize("damage", ["half", "text", "gone", "arrays"])
def test_what_is_no_model_is_not_used(client_of, path, rows, damage):
    messages = []
    client = client_of(path, report=messages.append)
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "arrays":
        MLPRegressor(max_iter=1).fit([[0.0], [1.0]], [0, 1]).save(path)
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "half" else b"no model")
    client.file.look()
    client.file.look()
    assert client.post("/predict", json=rows).status_code == 200
    refusal = client.get("/health").json()["refused"]
    assert "The model loaded before is kept." in refusal
    assert messages == [refusal]
    japanese = client.get("/health", headers={"Accept-Language": "ja"}).json()["refused"]
    assert "使い続けます" in japanese
    path.write_bytes(whole)
    client.file.look()
    assert client.get("/health").json()["refused"] is None


@pytest.mark.filterwarnings("ignore:The loss was still falling")
def test_a_model_for_arrays_is_refused(tmp_path):
    path = tmp_path / "m.jubako"
    MLPRegressor(max_iter=1).fit([[0.0], [1.0]], [0, 1]).save(path)
    with pytest.raises(ModelFileError, match="a service needs a model for tables"):
        ModelFile(path, print)


def test_the_page_is_written_once(path):
    loaded = load_model(path)
    assert loaded.page(Language.en) is loaded.page(Language.en)
