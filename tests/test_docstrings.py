"""Public functions and classes have numpydoc sections for their parameters and results.

A function whose body is a single statement needs no sections: its first line describes the
statement. `Returns` is not needed for None, nor for a bool whose first line is "Return whether
...".
"""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import jubako

SRC = Path(jubako.__file__).parent
PACKAGES = ["core", "training", "model", "data", "search", "evaluation", "export", "report"]
PACKAGES += ["serve"]
FILES = [
    path
    for package in PACKAGES
    for path in sorted((SRC / package).rglob("*.py"))
    if path.name != "standalone.py"  # a lesson that is exported as it is, of at most 300 lines
]
HEADING = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)
ENTRY = re.compile(r"^([\w*]+(?:, [\w*]+)*)(?: : .+)?$", re.MULTILINE)


def sections(docstring):
    """Return the text of each numpydoc section by its heading."""
    _, *parts = HEADING.split(docstring)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def documented(docstring):
    """Return the names in the section Parameters, in their order."""
    entries = ENTRY.findall(sections(docstring).get("Parameters", ""))
    return [name for entry in entries for name in entry.split(", ")]


def parameters(definition):
    """Return the names of the parameters of a function or class."""
    if inspect.isclass(definition):
        named_tuple = issubclass(definition, tuple) and definition.__base__ is tuple
        if not (named_tuple or "__init__" in vars(definition)) or is_protocol(definition):
            return []
    kinds = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    found = inspect.signature(definition).parameters.values()
    return [kinds.get(parameter.kind, "") + parameter.name for parameter in found]


def is_protocol(definition):
    return getattr(definition, "_is_protocol", False)


def missing(node, definition):
    """Return what the docstring of a function or class lacks, as a list of sentences."""
    docstring = ast.get_docstring(node) or ""
    names, complaints = parameters(definition), []
    statements = len(node.body) - bool(docstring)
    exempt = isinstance(node, ast.FunctionDef) and statements == 1
    if names != documented(docstring) and not (exempt and "Parameters" not in sections(docstring)):
        complaints.append(f"Parameters are {names}, documented are {documented(docstring)}")
    if isinstance(node, ast.FunctionDef) and not exempt:
        annotation = ast.unparse(node.returns) if node.returns else "None"
        whether = annotation == "bool" and docstring.startswith("Return whether ")
        described = whether or sections(docstring).keys() & {"Returns", "Yields"}
        if annotation not in ("None", "NoReturn") and not described:
            complaints.append(f"no Returns, but it returns {annotation}")
    return complaints


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(SRC)) for path in FILES])
def test_parameters_and_returns_are_documented(path):
    module = importlib.import_module(
        ".".join(["jubako", *path.relative_to(SRC).with_suffix("").parts])
    )
    found = {
        node.name: complaints
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if (complaints := missing(node, getattr(module, node.name)))
    }
    assert found == {}


def test_what_is_missing_is_found():
    source = '''
def f(rows, *rest, scale=1.0) -> list:
    """Return rows.

    Parameters
    ----------
    rows : array, shape (N,)
        See above.
    """
    rows = rows * scale
    return rows
'''
    scope = {}
    exec(source, scope)
    assert missing(ast.parse(source).body[0], scope["f"]) == [
        "Parameters are ['rows', '*rest', 'scale'], documented are ['rows']",
        "no Returns, but it returns list",
    ]
