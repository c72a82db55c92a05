"""The code of the how-to pages runs and prints what the pages show."""

import doctest
import http.client
import importlib
import io
import math
import re
import shlex
import shutil
import subprocess
import sys
import traceback
from contextlib import ExitStack, redirect_stdout
from pathlib import Path

import pytest

from command import jubako

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "how-to"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if not path.stem.endswith(".ja"))
LIBRARIES = {  # large ones: these pages run in the environment of `make test-how-to`
    "from-lightgbm": "lightgbm",
    "from-pytorch": "torch",
    "mlflow": "mlflow",
    "optuna": "optuna",
    "shap-values": "shap",
}
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.M | re.S)
DECIMAL = r"-?\d+\.\d+(?:e[+-]?\d+)?"


def blocks(name):
    """Return the language and the code of each block of a page."""
    return BLOCK.findall((FOLDER / f"{name}.md").read_text(encoding="utf-8"))


def steps(language, code):
    """Return the statements or commands of a block, each with the output that the page shows."""
    if language == "console":
        commands = re.split(r"^\$ ", code, flags=re.M)[1:]
        return [tuple(command.partition("\n")[::2]) for command in commands]
    examples = doctest.DocTestParser().get_examples(code)
    return [(example.source, example.want) for example in examples] or [(code, "")]


def is_same(want, got):
    """Compare as doctest does with ELLIPSIS, but decimals to a tenth: processors round differently.

    An output with "..." at its end may go on.
    """
    want, got = " ".join(want.split()), " ".join(got.split())
    parts = re.split(rf"({DECIMAL}|\.\.\.)", want)
    pattern = ""
    for part in parts:
        decimal = re.fullmatch(DECIMAL, part)
        pattern += ".*?" if part == "..." else f"({DECIMAL})" if decimal else re.escape(part)
    found = re.fullmatch(pattern, got, re.S)
    wanted = [float(part) for part in parts if re.fullmatch(DECIMAL, part)]
    return found is not None and all(
        math.isclose(a, float(b), rel_tol=0.1, abs_tol=0.05)
        for a, b in zip(wanted, found.groups(), strict=True)
    )


class Session:
    """What the blocks of a page share: a folder, the names in Python, and a service."""

    def __init__(self, folder):
        self.folder = folder
        self.names = {"__name__": "__main__"}
        self.services = ExitStack()
        self.port = None

    def run(self, language, source):
        """Run a statement or a command, and return what it prints."""
        if language == "python":
            return self.python(source)
        words = shlex.split(source, comments=True)
        if words[-1] == "&":
            return self.service(words[:-1])
        if words[0] == "curl":
            return self.curl(words)
        if words[0] == "jubako":
            done = jubako(*words[1:], cwd=self.folder)
            assert done.returncode == 0, done.stderr
            return done.stderr + done.stdout
        words[0] = {"python": sys.executable}.get(words[0], words[0])
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout

    def python(self, source):
        """Run a statement as the interpreter does, or several of them."""
        try:
            code = compile(source, "<page>", "single")
        except SyntaxError:
            code = compile(source, "<page>", "exec")
        with redirect_stdout(io.StringIO()) as printed:
            try:
                exec(code, self.names)
            except Exception as error:
                printed.write("Traceback (most recent call last):\n...\n")
                printed.write("".join(traceback.format_exception_only(error)))
        return printed.getvalue()

    def service(self, words):
        """Start `jubako serve` at a free port."""
        command = [sys.executable, "-m", *words, "--port", "0"]
        process = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.services.enter_context(process)
        self.services.callback(process.terminate)
        addresses = (re.search(r"http://[^:]+:(\d+)", line) for line in process.stderr)
        self.port = int(next(filter(None, addresses))[1])
        return ""

    def curl(self, words):
        """Return the answer to a request with JSON."""
        path = "/" + words[1].split("/", 3)[3]
        body = words[words.index("--json") + 1].encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer


@pytest.mark.parametrize("name", PAGES)
def test_the_code_of_a_page_prints_what_the_page_shows(name, tmp_path, monkeypatch):
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    shutil.copytree(ROOT / "docs" / "data", tmp_path / "docs" / "data")
    monkeypatch.chdir(tmp_path)
    session = Session(tmp_path)
    with session.services:
        for language, code in blocks(name):
            for source, want in steps(language, code):
                got = session.run(language, source)
                assert is_same(want, got), f"{source}\nshown:\n{want}\nprinted:\n{got}"


@pytest.mark.parametrize("name", PAGES)
def test_the_japanese_page_has_the_same_code_and_sections(name):
    english = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    japanese = (FOLDER / f"{name}.ja.md").read_text(encoding="utf-8")
    assert BLOCK.findall(japanese) == BLOCK.findall(english)
    outlines = [re.findall(r"^(#+) ", BLOCK.sub("", text), re.M) for text in (english, japanese)]
    assert outlines[0] == outlines[1]
