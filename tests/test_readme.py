"""The commands of both READMEs, run as they stand."""

import http.client
import json
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from command import jubako
from jubako import load

ROOT = Path(__file__).parents[1]
SECTIONS = {
    "README.md": "## Use what you have trained",
    "README.ja.md": "## 学習したモデルを使う",
}
MACHINES = {"README.md": "## More than one machine", "README.ja.md": "## 複数のコンピュータ"}


def section(name, headings=SECTIONS):
    text = (ROOT / name).read_text("utf-8")
    return text.partition(headings[name] + "\n")[2].partition("\n## ")[0]


def commands_of(text):
    return [shlex.split(line, comments=True) for line in re.findall(r"^\$ (.+)$", text, re.M)]


@contextmanager
def service(words, folder):
    """The command of a service, at a free port."""
    command = [sys.executable, "-m", *words, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = (re.search(r"http://[^:]+:(\d+)", line) for line in process.stderr)
            yield int(next(filter(None, told))[1])
        finally:
            process.terminate()


def curl(words, port, folder):
    """What `curl` asks for: JSON, or a file with its type."""
    path = urlsplit(words[1]).path
    if "--json" in words:
        kind, body = "application/json", words[words.index("--json") + 1].encode()
    else:
        kind = words[words.index("-H") + 1].removeprefix("Content-Type: ")
        body = (folder / words[words.index("--data-binary") + 1].removeprefix("@")).read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    status, told = answer.status, answer.read()
    connection.close()
    return status, json.loads(told)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_command_on_the_use_of_a_model_runs(name, tmp_path):
    shutil.copytree(ROOT / "docs" / "data", tmp_path / "docs" / "data")
    text = section(name)
    *commands, serve, ask = commands_of(text)
    assert [words[:2] for words in (serve, ask)] == [["jubako", "serve"], ["curl", ask[1]]]
    for words in commands:
        quick = ["--preset", "fast"] if words[1] == "train" else []
        done = jubako(*words[1:], *quick, cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
    files = {path.name for path in tmp_path.iterdir()}
    assert files >= {"report.html", "small.jubako", "small.onnx", "small.py", "small.html"}
    for script in re.findall(r"```python\n(.+?)```", text, re.S):
        alone = "import sys; sys.modules['jubako'] = None\n" + script
        run = [sys.executable, "-c", alone]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        predicted = float(re.search(r"array\(\[([\d.]+)", done.stdout)[1])
    with service(serve, tmp_path) as port:
        status, answer = curl(ask, port, tmp_path)
    assert status == 200, answer
    assert set(answer["predictions"][0]) == {"price" if name == "README.md" else "値段"}
    if name == "README.md":
        assert answer["predictions"][0]["price"] == pytest.approx(predicted, rel=1e-5)


@pytest.fixture(scope="module")
def scheduler():
    """The address of a Dask scheduler with a worker."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_every_command_on_more_machines_runs(scheduler, tmp_path):
    shutil.copytree(ROOT / "docs" / "data", tmp_path / "docs" / "data")
    here = {"tcp://127.0.0.1:8786": scheduler, "/shared/price": str(tmp_path / "shared")}
    models = []
    for words in commands_of(section("README.md", MACHINES)):
        quick = ["--preset", "fast", "--force"] if words[1] == "train" else []
        done = jubako(*(here.get(word, word) for word in words[1:]), *quick, cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
        models += [load(tmp_path / "fruit.jubako").model_] if words[1] == "train" else []
    alone, on_the_cluster = models
    for one, other in zip(alone.networks, on_the_cluster.networks, strict=True):
        assert (one.theta == other.theta).all()


def test_the_japanese_commands_on_more_machines_are_the_same():
    english = {"docs/data/果物.csv": "docs/data/fruit.csv", "値段": "price"}
    japanese = commands_of(section("README.ja.md", MACHINES))
    translated = [[english.get(word, word) for word in words] for words in japanese]
    assert translated == commands_of(section("README.md", MACHINES))
