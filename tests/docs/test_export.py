"""What docs/export.md shows runs, where there is no Jubako."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jubako.estimators import PlainRegressor

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
BLOCKED = "import sys; sys.modules['jubako'] = None\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the exports of a model of fruit.csv."""
    folder = tmp_path_factory.mktemp("fruit")
    fruit = pd.read_csv(ROOT / "docs" / "data" / "fruit.csv").drop(columns="number")
    model = PlainRegressor(4, max_iter=2, random_state=0).fit(fruit, fruit.pop("price"))
    model.export(folder / "fruit.onnx")
    model.save(folder / "fruit.jubako")
    return folder


def example(first):
    """Return the Python code on the page that begins with a line."""
    (code,) = (c for c in re.findall(r"```python\n(.*?)```", PAGE, re.S) if c.startswith(first))
    return code


def test_the_example_of_onnx_runs_without_jubako(folder):
    code = BLOCKED + example("import numpy as np\nimport onnxruntime")
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    inputs, numbers = done.stdout.split("\n", 1)
    assert "('shipped', 'tensor(int64)')" in inputs
    assert np.isfinite(np.fromstring(numbers.strip().strip("[]"), sep=" ")).all()


@pytest.mark.filterwarnings("ignore:The loss was still falling")
def test_the_example_of_pipelines_runs():
    exec(example("import numpy as np\nfrom skl2onnx"), {})
