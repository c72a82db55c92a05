"""The code blocks of a page of the documentation, run in order as a reader would run them.

A block is one of

- ```` ```console ````: commands after `$`, each with what it prints;
- ```` ```python ````: statements after `>>>` with what they print, or a program;
- ```` ```text ````: no code, such as formulas and files.

A comment before a block, which pages do not show, states what a reader has or knows:
`<!-- setup: CODE -->` is Python that runs before it, and `<!-- not run: REASON -->` and
`<!-- tested: FILE -->` skip it.
"""

import atexit
import doctest
import http.client
import io
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
from contextlib import ExitStack, redirect_stdout
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from command import jubako

FENCE = re.compile(
    r"(?:^<!-- (?P<word>setup|not run|tested): (?P<note>[^>]*?) -->\n)?"
    r"^(?P<fence>`{3,})(?P<language>[^\n]*)\n(?P<code>.*?)^(?P=fence)$",
    re.M | re.S,
)
DECIMAL = r"-?\d+\.\d+(?:e[+-]?\d+)?"
DATA = Path(__file__).parents[1] / "docs" / "data"
QUICK = ["--preset", "fast"]


class Block(NamedTuple):
    """A block of code, with the comment before it."""

    language: str
    code: str
    word: str = ""
    note: str = ""


def blocks(text):
    """Return the blocks of a page, without directives of the site."""
    found = [
        Block(match["language"], match["code"], match["word"] or "", match["note"] or "")
        for match in FENCE.finditer(text)
    ]
    return [block for block in found if not block.language.startswith("{")]


def steps(block):
    """Return the statements or commands of a block, each with the output that the page shows."""
    if block.language == "console":
        commands = re.split(r"^\$ ", block.code, flags=re.M)[1:]
        joined = [command.replace("\\\n", "") for command in commands]
        pairs = [command.partition("\n")[::2] for command in joined]
        return [(command, shown or "...") for command, shown in pairs]
    examples = doctest.DocTestParser().get_examples(block.code)
    return [(example.source, example.want) for example in examples] or [(block.code, "...")]


def is_same(want, got):
    """Compare as doctest does with ELLIPSIS, but decimals to a tenth: processors differ."""
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

    def check(self, block):
        """Run a block, and compare what it prints with what the page shows."""
        if block.word == "setup":
            self.python(block.note)
        for source, want in steps(block):
            outputs = self.run(block.language, source)
            quick = is_slow(shlex.split(source)) if block.language == "console" else False
            if not quick and not any(is_same(want, got) for got in outputs):
                raise AssertionError(f"{source}\nshown:\n{want}\nprinted:\n{outputs[0]}")

    def run(self, language, source):
        """Run a statement or a command; return what it prints, its streams in either order."""
        if language == "python":
            return [self.python(source.replace(":8000", f":{self.port or 8000}"))]
        words = shlex.split(source, comments=True)
        if words[:2] == ["jubako", "serve"]:
            return [self.service(words)]
        if words[0] == "curl":
            return [self.curl(words)]
        if words[0] == "jubako":
            done = self.command(words)
        else:
            words[0] = {"python": sys.executable}.get(words[0], words[0])
            done = subprocess.run(
                words, cwd=self.folder, capture_output=True, text=True, check=False
            )
        assert done.returncode == 0, (words, done.stderr)
        return [done.stderr + done.stdout, done.stdout + done.stderr, done.stdout]

    def command(self, words):
        """Run a command of ours; a training that others have run too is copied."""
        quick = QUICK if is_slow(words) else []
        written_here = words[1] == "train" and words[2] in os.listdir(self.folder)
        if words[1] != "train" or "--run" in words or written_here:
            return jubako(*words[1:], *quick, cwd=self.folder)
        done, models = trained(*words[1:], *quick)
        for model in models:
            shutil.copy(model, self.folder)
        return done

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
        command = [sys.executable, "-m", *(word for word in words if word != "&"), "--port", "0"]
        process = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.services.enter_context(process)
        self.services.callback(process.terminate)
        addresses = (re.search(r"http://[^:]+:(\d+)", line) for line in process.stderr)
        self.port = int(next(filter(None, addresses))[1])
        return ""

    def curl(self, words):
        """Return the answer to a request with JSON, or with a file and its headers."""
        headers = dict(words[i + 1].split(": ") for i, word in enumerate(words) if word == "-H")
        body = None
        if "--json" in words:
            headers["Content-Type"] = "application/json"
            body = words[words.index("--json") + 1].encode()
        elif "--data-binary" in words:
            name = words[words.index("--data-binary") + 1].removeprefix("@")
            body = (Path(self.folder) / name).read_bytes()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST" if body else "GET", urlsplit(words[1]).path, body, headers)
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer


@cache
def trained(*words):
    """Return how a training ended, and the model files."""
    folder = Path(tempfile.mkdtemp(prefix="jubako-pages-"))
    atexit.register(shutil.rmtree, folder)
    shutil.copytree(DATA, folder / "docs" / "data")
    return jubako(*words, cwd=folder), list(folder.glob("*.jubako"))


def is_slow(words):
    """Return whether a command trains more networks than a test needs."""
    return words[:2] == ["jubako", "train"] and not {"--preset", "--hidden", "--plain"} & {*words}
