"""Install the wheel and the sdist in fresh environments, and run tests there: `make wheels`.

Run as `python tests/installed.py DIST PYTHON...`. The tests are those of the sdist: nothing of the
checkout is used.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TESTS = (
    "tests/core",
    "tests/training/engines/test_native.py",
    "tests/model",
    "tests/estimators/test_saving.py",
)
FOR_TESTS = "pytest", "hypothesis", "pandas", "polars", "cloudpickle", "skops"
NO_COMPILER = {"CC": "/nowhere", "CXX": "/nowhere"}


def run(*command, cwd, fails=False, **variables):
    """Run a command and return its output; exit if it fails (or succeeds, where it should fail)."""
    environment = {**os.environ, **variables}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )
    if (done.returncode != 0) != fails:
        sys.exit(
            f"{command} ended with {done.returncode}:\n{done.stdout[-5000:]}{done.stderr[-5000:]}"
        )
    return done.stdout


class Fresh:
    """A new virtual environment, in a folder with the tests of the sdist."""

    def __init__(self, python, sdist, folder):
        self.root = Path(folder)
        run(python, "-m", "venv", self.root / "venv", cwd=folder)
        self.bin = self.root / "venv" / ("Scripts" if os.name == "nt" else "bin")
        with tarfile.open(sdist) as archive:
            archive.extractall(self.root, filter="data")
        (self.sources,) = self.root.glob("jubako-*")
        (self.sources / "src").rename(self.sources / "src-unused")

    def install(self, *what, **variables):
        run(self.bin / "python", "-m", "pip", "install", "-q", *what, cwd=self.root, **variables)

    def version(self):
        return run(self.bin / "jubako", "--version", cwd=self.root).strip()

    def train(self):
        run(self.bin / "jubako", "train", "iris", "--hidden", "8", cwd=self.root)

    def test(self):
        self.install(*FOR_TESTS)
        command = self.bin / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS
        return run(*command, cwd=self.sources).splitlines()[-1]


def main(dist, *pythons):
    (sdist,) = Path(dist).resolve().glob("*.tar.gz")
    (wheel,) = Path(dist).resolve().glob("*manylinux*_x86_64.whl")
    oldest = Path(__file__).parent.parent / "requirements" / "oldest.txt"
    for python in pythons:
        name = run(python, "--version", cwd=".").strip()
        for old in (False, True) if name.startswith("Python 3.11") else (False,):
            with tempfile.TemporaryDirectory() as folder:
                fresh = Fresh(python, sdist, folder)
                fresh.install(*(["-r", oldest] if old else []), wheel)
                assert "engine: native" in fresh.version()
                print(f"{name}, wheel, {'oldest' if old else 'newest'}: {fresh.test()}", flush=True)
    python = pythons[0]
    with tempfile.TemporaryDirectory() as folder:
        fresh = Fresh(python, sdist, folder)
        fresh.install(sdist, JUBAKO_REQUIRE_NATIVE="1")
        assert "engine: native" in fresh.version()
        fresh.train()
        print(f"{name}, sdist with a compiler: {fresh.version()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Fresh(python, sdist, folder)
        pip = fresh.bin / "python", "-m", "pip", "install", "-q", sdist
        run(*pip, cwd=folder, fails=True, JUBAKO_REQUIRE_NATIVE="1", **NO_COMPILER)
        fresh.install(sdist, **NO_COMPILER)
        assert "the native engine was not compiled" in fresh.version()
        fresh.train()
        print(f"{name}, sdist without a compiler: {fresh.version()}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
