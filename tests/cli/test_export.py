import numpy as np
import onnxruntime
import pandas as pd
import pytest

from command import jubako
from jubako import MLPRegressor
from jubako.estimators import SingleNetworkClassifier

FRAME = pd.DataFrame(
    {"size": np.arange(40) % 17 / 2, "color": np.resize(["red", "blue", None], 40)}
)
LABELS = np.where(FRAME["size"] > 4, "large", "small")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    SingleNetworkClassifier(4, max_iter=3, random_state=0).fit(FRAME, LABELS).save(
        folder / "m.jubako"
    )
    MLPRegressor(hidden_layer_sizes=4, max_iter=3, n_iter_no_change=np.inf, random_state=0).fit(
        FRAME[["size"]], FRAME["size"]
    ).save(folder / "array.jubako")
    return folder


@pytest.mark.parametrize("name", ["m", "array"])
def test_a_model_becomes_an_onnx_file_named_like_it(folder, name):
    done = jubako("export", f"{name}.jubako", "--format", "onnx", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    size = (folder / f"{name}.onnx").stat().st_size
    assert f"Written to {name}.onnx, {size / 1e3:.0f} kB." in done.stderr
    session = onnxruntime.InferenceSession(folder / f"{name}.onnx")
    assert session.get_inputs()[0].name == "size"


def test_a_model_becomes_a_python_file_and_its_numbers(folder):
    done = jubako("export", "m.jubako", "--format", "python", "-o", "p.py", cwd=folder)
    assert done.returncode == 0
    assert (folder / "p.npz").exists()
    again = jubako("export", "m.jubako", "--format", "python", "-o", "p.py", cwd=folder)
    assert again.returncode == 2
    (folder / "p.py").unlink()
    other = jubako("export", "m.jubako", "--format", "python", "-o", "p.py", cwd=folder)
    assert "'p.npz' exists" in other.stderr
    assert not (folder / "p.py").exists()


def test_a_model_becomes_a_page_in_the_language_of_the_command(folder):
    done = jubako("export", "m.jubako", "--format", "html", "--lang", "ja", cwd=folder)
    assert done.returncode == 0
    assert '<html lang="ja">' in (folder / "m.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("m.jubako", "--format", "onnx", "-o", "m.txt"), 2, "must end with .onnx"),
        (("m.jubako", "--format", "onnx", "-o", "old.onnx"), 2, "exists: choose another name"),
        (("m.jubako", "--format", "onnx", "--steps", "3"), 2, "--steps is for --format recording"),
        (("none.jubako", "--format", "onnx"), 4, "no model file"),
        (("array.jubako", "--format", "html"), 4, "needs a model for tables"),
    ],
)
def test_a_refusal_is_one_sentence(folder, arguments, code, message):
    (folder / "old.onnx").touch()
    done = jubako("export", *arguments, cwd=folder)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_format_that_there_is_not_is_refused_in_python(tmp_path):
    model = SingleNetworkClassifier(4, max_iter=1, random_state=0).fit(FRAME, LABELS)
    with pytest.raises(ValueError, match=r"the name must end with \.onnx / \.py / \.html"):
        model.export(tmp_path / "m.pt")
