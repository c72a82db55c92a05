import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import jubako

ROOT = Path(__file__).parent.parent
SRC = Path(jubako.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # those not named like what is imported
EXTRAS = {"serve": {"serve"}, "lab": {"lab"}}  # by folder: what may be imported beside the rest


def name_of(requirement):
    return re.match(r"[A-Za-z0-9_-]+", requirement)[0].lower().replace("-", "_")


def declared(*extras):
    """Return the names that pyproject.toml lists, with those of some extras."""
    optional = PROJECT["optional-dependencies"]
    lists = [PROJECT["dependencies"], *(optional[extra] for extra in extras)]
    return {name_of(requirement) for listed in lists for requirement in listed}


def imported(path):
    """Return the distributions that a file imports, in functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
    names = {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"jubako"}
    return {name_of(DISTRIBUTIONS.get(name, name)) for name in names}


@pytest.mark.parametrize("folder", [path.name for path in SRC.iterdir() if path.is_dir()])
def test_every_import_is_declared(folder):
    found = {name for path in (SRC / folder).rglob("*.py") for name in imported(path)}
    assert found <= declared(*EXTRAS.get(folder, ()))


def test_every_dependency_is_imported():
    found = {name for path in SRC.rglob("*.py") for name in imported(path)}
    assert declared() <= found
    assert declared("lab") - declared() <= found
    assert declared("serve") - declared() - {"httptools"} <= found  # uvicorn finds it by itself


def test_the_lock_files_hold_every_dependency():
    for name, extras in {"oldest": PROJECT["optional-dependencies"]}.items():
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        locked = {name_of(line) for line in text.splitlines() if re.match(r"\w", line)}
        assert declared(*extras) <= locked


def test_oldest_is_the_lower_bound():
    text = (ROOT / "requirements" / "oldest.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", text, re.MULTILINE))
    for requirement in PROJECT["dependencies"]:
        name, version = requirement.split(">=")
        assert locked[name].removesuffix(".0").startswith(version.removesuffix(".0")), "make lock"


def test_the_citation_has_the_version_and_date_of_the_changelog():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    version, published = re.search(r"^## (\S+) \((.+)\)$", changelog, re.MULTILINE).groups()
    assert f"\nversion: {version}\n" in citation
    assert version == jubako.__version__
    dates = re.findall(r"^date-released: (.+)$", citation, re.MULTILINE)
    assert dates == ([] if published == "not yet published" else [published])
