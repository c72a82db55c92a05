"""Install the wheel and the sdist in fresh environments, and run tests there: `make wheels`.

Run as `python tests/installed.py UV DIST TESTS PYTHON...`: UV is the program uv, and TESTS are
the folders and files to test, in one argument. The tests are those of the sdist: nothing of the
checkout is used.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

NO_COMPILER = {"CC": "/nowhere", "CXX": "/nowhere"}


def run(*command, cwd, fails=False, **variables):
    """Run a command and return its output; exit if it fails (or succeeds, where it should fail)."""
    environment = {**os.environ, **variables}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )
    if (done.returncode != 0) != fails:
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stdout[-9000:]}")
    return done.stdout


class Fresh:
    """A new virtual environment, beside the tests of the sdist."""

    def __init__(self, uv, python, sdist, folder):
        self.uv, self.root = uv, Path(folder)
        run(uv, "venv", "-q", "--python", python, self.root / "venv", cwd=folder)
        self.bin = self.root / "venv" / ("Scripts" if os.name == "nt" else "bin")
        # a copy, since uv keeps what it has built of a file, with or without a compiler
        self.sdist = shutil.copy(sdist, self.root)
        with tarfile.open(sdist) as archive:
            archive.extractall(self.root, filter="data")
        (self.sources,) = self.root.glob("jubako-*/")
        (self.sources / "src").rename(self.root / "src-unused")  # else the tests would find it

    def install(self, *what, **options):
        pip = self.uv, "pip", "install", "-q", "--python", self.bin / "python"
        run(*pip, *what, cwd=self.sources, **options)

    def version(self):
        return run(self.bin / "jubako", "--version", cwd=self.root).strip()

    def train(self):
        return run(self.bin / "jubako", "train", "iris", "--hidden", "8", cwd=self.root)

    def test(self, tests):
        pytest = self.bin / "python", "-m", "pytest", "-q", "-n", "2", *tests.split()
        return run(*pytest, cwd=self.sources).splitlines()[-1]


def test_wheel(fresh, wheel, dependencies, tests):
    """Install the wheel with locked dependencies and all that the tests need, and run the tests."""
    extras = f"jubako[cluster,lab,onnx,serve] @ {wheel.as_uri()}"
    fresh.install(extras, "--constraints", f"requirements/{dependencies}.txt", "--group", "test")
    assert "engine: native" in fresh.version()
    return fresh.test(tests)


def test_sdist(fresh):
    """Compile the sdist, and train with it; return what `jubako --version` states."""
    fresh.install(fresh.sdist, JUBAKO_REQUIRE_NATIVE="1")
    assert "engine: native" in fresh.version()
    fresh.train()
    return fresh.version()


def test_sdist_without_compiler(fresh):
    """Install the sdist where nothing compiles: the NumPy engine trains, and says why."""
    fresh.install(fresh.sdist, fails=True, JUBAKO_REQUIRE_NATIVE="1", **NO_COMPILER)
    fresh.install(fresh.sdist, **NO_COMPILER)
    assert "the native engine was not compiled" in fresh.version()
    assert "the native engine was not compiled" in fresh.train()
    return fresh.version()


def main(uv, dist, tests, *pythons):
    uv = Path(uv).absolute()  # commands run in other folders
    (sdist,) = Path(dist).resolve().glob("*.tar.gz")
    (wheel,) = Path(dist).resolve().glob("*manylinux*_x86_64.whl")

    def report(what, test, *options):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{what}: ", end="", flush=True)
            print(test(Fresh(uv, python, sdist, folder), *options), flush=True)

    for python in pythons:
        name = run(python, "--version", cwd=".").strip()
        report(f"{name}, sdist with a compiler", test_sdist)
        report(f"{name}, sdist without a compiler", test_sdist_without_compiler)
        report(f"{name}, wheel, newest dependencies", test_wheel, wheel, "newest", tests)
        if name.startswith("Python 3.11"):
            report(f"{name}, wheel, oldest dependencies", test_wheel, wheel, "oldest", tests)


if __name__ == "__main__":
    main(*sys.argv[1:])
