"""Nothing is imported before it is needed: by the library, and by each command."""

import json
import os
import subprocess
import sys

import pytest

import command

LATE = {
    *("filelock", "jubako.cli", "jubako.evaluation", "jubako.explain.trace", "jubako.export"),
    *("jubako.lab", "jubako.report", "jubako.serve", "nicegui", "onnx", "pyarrow.dataset"),
    *("pyarrow.json", "pyarrow.parquet", "sklearn.datasets", "sklearn.dummy", "sklearn.ensemble"),
    *("sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection", "sklearn.neighbors"),
    *("sklearn.preprocessing", "starlette"),
}
NEEDED = {  # of these, by each command
    "--help": set(),
    "--version": set(),
    "train --help": set(),
    "check t.csv": set(),
    "inspect m.jubako": {"jubako.evaluation"},
    "predict m.jubako t.csv": set(),
    "predict m.jubako t.csv --out p.parquet": {"pyarrow.parquet"},
    "trace m.jubako t.csv": {"jubako.explain.trace"},
    "evaluate m.jubako t.csv": {"jubako.evaluation", "sklearn.metrics", "sklearn.preprocessing"},
    "explain m.jubako t.csv": {"jubako.evaluation", "sklearn.metrics", "sklearn.preprocessing"},
    "export m.jubako --format python": {"jubako.export"},
}
LIGHT = [arguments for arguments in NEEDED if arguments[:2] == "--" or arguments[-6:] == "--help"]
BY_PYARROW = {"pyarrow.dataset"}  # for joins and Parquet

RUN = """
import json, os, sys
commands, light = json.loads(sys.argv[1]), json.loads(sys.argv[2])
for arguments in sorted(commands, key=lambda arguments: arguments not in light):
    if arguments not in light:
        import pyarrow, sklearn  # once for all that are forked from here
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0, arguments
        continue
    sys.argv = ["jubako", *arguments.split()]
    from jubako.__main__ import main
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        print(json.dumps([arguments, sorted(sys.modules)]), file=sys.stderr, flush=True)
        os._exit(end.code or 0)
"""


def run(code, *arguments, **options):
    """Return the lines of standard error of a process that runs this code."""
    given = [sys.executable, "-c", code, *map(json.dumps, arguments)]
    done = subprocess.run(given, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The modules that each command has loaded at its end."""
    folder = tmp_path_factory.mktemp("startup")
    lines = [f"{i % 7},{i % 5},{'yes' if i % 3 else 'no'}" for i in range(60)]
    (folder / "t.csv").write_text("\n".join(["a,b,y", *lines]))
    train = "train", "t.csv", "--target", "y", "--plain", "--epochs", "2", "--out", "m.jubako"
    assert command.jubako(*train, cwd=folder).returncode == 0
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path if place)
    env = {**os.environ, "PYTHONPATH": path}
    lines = run(RUN, list(NEEDED), LIGHT, cwd=folder, env=env)
    return {
        arguments: set(modules)
        for arguments, modules in (json.loads(line) for line in lines if line[:2] == '["')
    }


@pytest.mark.parametrize("arguments", NEEDED)
def test_a_command_loads_what_it_needs_and_nothing_else(arguments, loaded):
    modules = loaded[arguments] & LATE - {"jubako.cli"} - BY_PYARROW
    assert modules == NEEDED[arguments]


@pytest.mark.parametrize("arguments", LIGHT)
def test_help_and_version_load_no_library_of_numbers(arguments, loaded):
    assert not loaded[arguments] & {"numpy", "pandas", "pyarrow", "scipy", "sklearn"}


def test_the_library_loads_what_every_model_needs_and_nothing_else():
    code = """
import json, sys
import sklearn, pyarrow
before = set(sys.modules)
from jubako import MLPRegressor, TabularClassifier, load, trace
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""
    modules = set(json.loads(run(code)[-1]))
    assert "jubako.estimators.tabular" in modules
    assert not modules & LATE
    # those of scikit-learn are its protocol of callbacks, which loads rich
    assert {module.partition(".")[0] for module in modules} <= {
        *("colorsys", "fractions", "glob", "jubako", "pyarrow", "rich", "safetensors", "sklearn")
    }
