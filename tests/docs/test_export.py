"""The examples of docs/export.md run where there is no Jubako."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jubako.estimators import SingleNetworkRegressor

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the exports of a model of fruit.csv."""
    folder = tmp_path_factory.mktemp("fruit")
    fruit = pd.read_csv(ROOT / "docs" / "data" / "fruit.csv").drop(columns="number")
    model = SingleNetworkRegressor(4, max_iter=2, random_state=0).fit(fruit, fruit.pop("price"))
    model.export(folder / "fruit.onnx")
    model.export(folder / "fruit.py")
    return folder


def example(first):
    """Return the Python code on the page that begins with a line."""
    (code,) = (c for c in re.findall(r"```python\n(.*?)```", PAGE, re.S) if c.startswith(first))
    return code


def run(code, folder):
    """Run code where there is no Jubako, and return what it prints."""
    code = f"import sys; sys.modules['jubako'] = None; sys.path.insert(0, '')\n{code}"
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_of_onnx_runs_without_jubako(folder):
    inputs, numbers = run(example("import numpy as np\nimport onnxruntime\n\n"), folder).split(
        "\n", 1
    )
    assert "('shipped', 'tensor(int64)')" in inputs
    assert np.isfinite(np.fromstring(numbers.strip().strip("[]"), sep=" ")).all()


def test_the_example_of_python_runs_without_jubako(folder):
    numbers = np.fromstring(run(example("import fruit"), folder).strip().strip("[]"), sep=" ")
    assert numbers.shape == (3,)
    by_file = subprocess.run(
        [sys.executable, "-I", "fruit.py", ROOT / "docs" / "data" / "fruit.csv"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(by_file.stdout.splitlines()) == 240


@pytest.mark.filterwarnings("ignore:The loss was still falling")
def test_the_example_of_pipelines_runs():
    exec(example("import numpy as np\nimport onnxruntime\nfrom skl2onnx"), {})
