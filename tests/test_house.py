import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import jubako

SRC = Path(jubako.__file__).parent
FLOORS = {
    "core": 1,
    "i18n": 1,
    "training": 2,
    "data": 2,
    "search": 4,
    "explain": 4,
    "model": 3,
    "evaluation": 4,
    "export": 5,
    "report": 5,
    "estimators": 6,
    "serve": 7,
    "cli": 8,
    "lab": 8,
}
OUTSIDE = {  # the first floors import little from outside; the others what pyproject.toml lists
    "core": {"numpy", "scipy.special"},
    "training": {"numpy", "scipy"},
}
ENTRANCES = {"__init__", "__main__", "_version"}  # jubako itself, and `python -m jubako`

MODULES = sorted(SRC.rglob("*.py"))
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(SRC)) for path in MODULES]
)


def package(path):
    """Return the name below jubako that a module belongs to."""
    return path.relative_to(SRC).with_suffix("").parts[0]


def imports(source, inside):
    """Return the full names that a source imports, given the names of the packages it is in."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = inside[: len(inside) - node.level + 1] if node.level else ()
            base = [*base, *([node.module] if node.module else [])]
            found |= {".".join([*base, alias.name]) for alias in node.names}
    return found


def imports_of(path):
    return imports(path.read_text(encoding="utf-8"), ["jubako", *path.relative_to(SRC).parts[:-1]])


def floor(name):
    """Return the floor of jubako.name, which may be a package or one of the public names."""
    if name in ("__version__", "_version"):
        return 0
    return FLOORS["estimators"] if name in jubako.__all__ else FLOORS.get(name, 9)


def complaints(name, found):
    """Return which of the names a module of package `name` must not import."""
    wrong = []
    for full in found:
        top, *rest = full.split(".")
        if top == "jubako":
            below = rest[0] if rest else "jubako"
            fine = below == name or floor(below) < FLOORS[name]
        else:
            allowed = OUTSIDE.get(name)
            fine = allowed is None or top in sys.stdlib_module_names
            fine |= any(f"{full}.".startswith(f"{prefix}.") for prefix in allowed or ())
        if not fine:
            wrong.append(full)
    return sorted(wrong)


@each_module
def test_every_module_has_a_floor(path):
    assert package(path) in FLOORS.keys() | ENTRANCES, f"give {package(path)!r} a floor in FLOORS"


@each_module
def test_imports_go_down_only(path):
    if package(path) not in ENTRANCES:
        assert complaints(package(path), imports_of(path)) == []


@pytest.mark.parametrize(
    ("name", "line", "wrong"),
    [
        ("core", "from jubako.training import loop", ["jubako.training.loop"]),
        ("core", "from ..training.loop import TrainConfig", ["jubako.training.loop.TrainConfig"]),
        ("core", "from .. import data", ["jubako.data"]),
        ("core", "import scipy.sparse", ["scipy.sparse"]),
        ("core", "def f():\n    import sklearn.base", ["sklearn.base"]),
        ("core", "import math\nfrom scipy.special import expit\nfrom .layers import Dense", []),
        ("training", "from jubako.data import split", ["jubako.data.split"]),
        ("data", "from jubako.training import loop", ["jubako.training.loop"]),
        ("training", "from scipy.optimize import minimize\nfrom jubako.core.layers import x", []),
        ("training", "import sklearn", ["sklearn"]),
        ("estimators", "import sklearn\nfrom jubako.training import loop", []),
        ("search", "from jubako.explain import x", ["jubako.explain.x"]),
        ("cli", "from jubako.lab import x", ["jubako.lab.x"]),
        ("serve", "from jubako.cli import x", ["jubako.cli.x"]),
        ("lab", "from jubako.cli import x", ["jubako.cli.x"]),
        ("cli", "from jubako import MLPClassifier, __version__", []),
        ("explain", "from jubako import MLPClassifier", ["jubako.MLPClassifier"]),
        ("core", "import jubako", ["jubako"]),
    ],
)
def test_the_rule_of_floors_finds_what_it_should(name, line, wrong):
    assert complaints(name, imports(line, ["jubako", name])) == wrong


def files_imported_by(path):
    """Return the files of ours that a file imports, in functions too, but itself."""
    found = set()
    for name in imports_of(path):
        parts = name.split(".")[1:] if name.split(".")[0] == "jubako" else []
        while parts and not (known := file_of(parts)):  # what is left are names in a module
            parts = parts[:-1]
        if parts and known != path:
            found.add(known)
    return found


def file_of(parts):
    """Return the file of a module or a package below jubako, if there is one."""
    here = SRC.joinpath(*parts)
    return next((p for p in (here.with_suffix(".py"), here / "__init__.py") if p.exists()), None)


def in_circles(arrows):
    """Return the nodes that lie in a circle: those left when what leads nowhere is taken away."""
    left = {node: set(targets) for node, targets in arrows.items()}
    while ends := [node for node, targets in left.items() if not targets & left.keys()]:
        for node in ends:
            del left[node]
    while starts := left.keys() - set().union(*left.values()):
        for node in starts:
            del left[node]
    return sorted(left)


def test_files_import_in_one_direction():
    assert in_circles({path: files_imported_by(path) for path in MODULES}) == []


@pytest.mark.parametrize(
    ("arrows", "circle"),
    [
        ({"a": "b", "b": "c", "c": ""}, []),
        ({"a": "b", "b": "c", "c": "b", "d": ""}, ["b", "c"]),
        ({"a": "ab", "b": ""}, ["a"]),
    ],
)
def test_circles_are_found(arrows, circle):
    assert in_circles({node: set(targets) for node, targets in arrows.items()}) == circle


@each_module
def test_no_module_is_a_drawer_for_everything(path):
    parts = path.relative_to(SRC).with_suffix("").parts
    assert not {"utils", "util", "helpers", "common", "misc"} & set(parts)


@each_module
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_public_name_is_there():
    for name in jubako.__all__:
        assert getattr(importlib.import_module("jubako"), name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = jubako.no_such_name


def test_the_first_floors_do_not_load_scikit_learn():
    code = (
        "import sys, jubako.core.network, jubako.training.loop, jubako.training.lbfgs\n"
        "sys.exit(any(m.split('.')[0] in ('sklearn', 'pyarrow', 'pandas') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
